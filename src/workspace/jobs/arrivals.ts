import type { Clock } from "../clock";
import type { JsonObject } from "../errors";
import type { Collection, Store } from "../store";
import { asArray, asNumber, asObject, text } from "./json";
import type { Arrival, Run } from "./run-model";
import type { JobRecord } from "./settings";

/** What a job's trigger has observed since it last fired. */
interface Seen {
  /** The newest change; absent if none is pending. */
  readonly last?: number;
  /** The tables that changed. */
  readonly tables?: string[];
  /** The newest change of each table, as a counter: tables have no versions here. */
  readonly commits?: NonNullable<Arrival["tables"]>;
  readonly fired?: number;
}

/** Fires jobs for new files and changed tables. The platform polls about once a minute; here it is immediate. */
export class Arrivals {
  private readonly watched = new Map<number, JsonObject>();
  private readonly timers = new Map<number, () => void>();
  /** Mirrors the store, and is ahead of it until the write is durable. */
  private readonly seen = new Map<number, Seen>();
  private readonly kept: Collection<Seen>;

  constructor(
    store: Store,
    private readonly clock: Clock,
    private readonly find: (id: number) => JobRecord | undefined,
    /** Starts a run; `also` is added to the write that stores it. */
    private readonly fire: (job: JobRecord, trigger: Run["trigger"], arrival: Arrival, also: () => void) => void,
  ) {
    this.kept = store.collection("job_arrivals");
  }

  /** Call it for every job at startup, and after it was created or changed. */
  watch(job: JobRecord): void {
    this.drop(job.job_id);
    const trigger = asObject(job.settings.trigger);
    if (trigger === undefined || trigger.pause_status === "PAUSED") return;
    if (trigger.file_arrival === undefined && tablesOf(trigger) === undefined) return;
    this.watched.set(job.job_id, trigger);
    if (!this.seen.has(job.job_id)) this.seen.set(job.job_id, this.kept.get(job.job_id) ?? {});
    this.plan(job.job_id);
  }

  /** The job is paused, changed or deleted. */
  drop(id: number): void {
    this.watched.delete(id);
    this.timers.get(id)?.();
    this.timers.delete(id);
  }

  /** Inside a write. */
  forget(id: number): void {
    this.seen.delete(id);
    this.kept.remove(id);
  }

  close(): void {
    for (const id of [...this.timers.keys()]) this.drop(id);
  }

  /** A new file. Inside a write. */
  file(address: string): void {
    for (const [id, trigger] of this.watched) {
      const url = text(asObject(trigger.file_arrival)?.url);
      if (url !== "" && isUnder(address, url)) this.note(id, {});
    }
  }

  /** A table was created or written. Inside a write. */
  table(name: string): void {
    const full = name.toLowerCase();
    for (const [id, trigger] of this.watched)
      if (tablesOf(trigger)?.names.includes(full) === true) {
        const { tables, commits } = this.seen.get(id) ?? {};
        const version = (commits?.[full]?.version ?? 0) + 1;
        this.note(id, {
          tables: [...new Set(tables).add(full)],
          commits: { ...commits, [full]: { version, at: this.clock.now() } },
        });
      }
  }

  private note(id: number, more: Pick<Seen, "tables" | "commits">): void {
    this.keep(id, { ...this.seen.get(id), ...more, last: this.clock.now() });
    this.plan(id);
  }

  /** Inside a write. */
  private keep(id: number, seen: Seen): void {
    this.seen.set(id, seen);
    this.kept.put(id, seen);
  }

  private plan(id: number): void {
    this.timers.get(id)?.();
    this.timers.delete(id);
    const due = this.due(id);
    if (due === undefined) return;
    const stop = this.clock.setTimer(Math.max(0, due - this.clock.now()), () => this.go(id));
    this.timers.set(id, stop);
  }

  /** When the trigger fires for its pending events. */
  private due(id: number): number | undefined {
    const [trigger, seen] = [this.watched.get(id), this.seen.get(id)];
    if (trigger === undefined || seen?.last === undefined) return undefined;
    const tables = tablesOf(trigger);
    if (tables?.all === true && !tables.names.every((name) => seen.tables?.includes(name))) return undefined;
    const how = asObject(trigger.file_arrival) ?? asObject(trigger.table_update) ?? asObject(trigger.table) ?? {};
    const quiet = seen.last + asNumber(how.wait_after_last_change_seconds) * 1000;
    return seen.fired === undefined ? quiet : Math.max(quiet, seen.fired + asNumber(how.min_time_between_triggers_seconds) * 1000);
  }

  private go(id: number): void {
    this.timers.delete(id);
    const [job, trigger] = [this.find(id), this.watched.get(id)];
    if (job === undefined || trigger === undefined) return;
    const { tables = [], commits } = this.seen.get(id) ?? {};
    const seen: Seen = { fired: this.clock.now(), ...(commits === undefined ? {} : { commits }) };
    this.seen.set(id, seen);
    const also = (): void => this.kept.put(id, this.seen.get(id) ?? seen);
    if (trigger.file_arrival !== undefined) this.fire(job, "FILE_ARRIVAL", { location: text(asObject(trigger.file_arrival)?.url) }, also);
    else
      this.fire(
        job,
        "TABLE",
        { tables: Object.fromEntries(Object.entries(commits ?? {}).filter(([name]) => tables.includes(name))) },
        also,
      );
  }
}

function tablesOf(trigger: JsonObject): { readonly names: string[]; readonly all: boolean } | undefined {
  const how = asObject(trigger.table_update) ?? asObject(trigger.table);
  if (how === undefined) return undefined;
  return { names: asArray(how.table_names).map((name) => text(name).toLowerCase()), all: how.condition === "ALL_UPDATED" };
}

/** Whether an address is inside another; volume paths contain catalog names, which are case-insensitive. */
function isUnder(address: string, url: string): boolean {
  const plain = (path: string): string => {
    const parts = path
      .replace(/^dbfs:(?=\/Volumes\/)/, "")
      .replace(/\/+$/, "")
      .split("/");
    return parts[1] === "Volumes" ? [...parts.slice(0, 5).map((part) => part.toLowerCase()), ...parts.slice(5)].join("/") : parts.join("/");
  };
  return `${plain(address)}/`.startsWith(`${plain(url)}/`);
}
