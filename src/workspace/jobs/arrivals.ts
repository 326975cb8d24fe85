import { defined } from "../../defined";
import type { Clock } from "../clock";
import type { JsonObject } from "../errors";
import type { Collection, Store } from "../store";
import { asArray, asNumber, asObject, text } from "./json";
import type { Arrival, Run } from "./run-model";
import { activeTriggers, type JobRecord } from "./settings";

/** The events that a job's triggers have observed since they last fired. */
interface Seen {
  /** The time of the last event; absent if no event is pending. */
  readonly last?: number;
  /** The folders with new files. */
  readonly folders?: string[];
  /** The tables that changed. */
  readonly tables?: string[];
  /**
   * The last change of each table. The version is a counter, because tables have no versions here.
   */
  readonly commits?: NonNullable<Arrival["tables"]>;
  readonly fired?: number;
}

/**
 * Starts jobs when files arrive or tables change. The platform polls about once a minute; here, a
 * trigger fires immediately.
 */
export class Arrivals {
  private readonly watched = new Map<number, readonly JsonObject[]>();
  private readonly timers = new Map<number, () => void>();
  /** A copy of the stored events, updated before the write is durable. */
  private readonly seen = new Map<number, Seen>();
  private readonly kept: Collection<Seen>;

  constructor(
    store: Store,
    private readonly clock: Clock,
    private readonly find: (id: number) => JobRecord | undefined,
    /** Starts a run; `also` is executed in the write that stores the run. */
    private readonly fire: (
      job: JobRecord,
      trigger: Run["trigger"],
      arrival: Arrival,
      inWrite: () => void,
    ) => void,
  ) {
    this.kept = store.collection("job_arrivals");
  }

  /**
   * Starts watching a job. Call it for every job at startup, and after a job was created or
   * changed.
   */
  watch(job: JobRecord): void {
    this.drop(job.job_id);
    const triggers = activeTriggers(job.settings).filter(
      (trigger) => trigger.file_arrival !== undefined || tablesOf(trigger) !== undefined,
    );
    if (triggers.length === 0) return;
    this.watched.set(job.job_id, triggers);
    if (!this.seen.has(job.job_id)) this.seen.set(job.job_id, this.kept.get(job.job_id) ?? {});
    this.plan(job.job_id);
  }

  /** Stops watching a job that was paused, changed or deleted. */
  drop(id: number): void {
    this.watched.delete(id);
    this.timers.get(id)?.();
    this.timers.delete(id);
  }

  /** Deletes the stored events of a job. Call only inside `store.write`. */
  forget(id: number): void {
    this.seen.delete(id);
    this.kept.remove(id);
  }

  close(): void {
    for (const id of [...this.timers.keys()]) this.drop(id);
  }

  /** Records a new file. Call only inside `store.write`. */
  file(address: string): void {
    for (const [id, triggers] of this.watched) {
      const found = triggers.map(folderOf).filter((url) => url !== "" && isUnder(address, url));
      if (found.length > 0)
        this.note(id, { folders: [...new Set([...(this.seen.get(id)?.folders ?? []), ...found])] });
    }
  }

  /** Records that a table was created or written. Call only inside `store.write`. */
  table(name: string): void {
    const tableName = name.toLowerCase();
    for (const [id, triggers] of this.watched)
      if (triggers.some((trigger) => tablesOf(trigger)?.names.includes(tableName) === true)) {
        const { tables, commits } = this.seen.get(id) ?? {};
        const version = (commits?.[tableName]?.version ?? 0) + 1;
        this.note(id, {
          tables: [...new Set(tables).add(tableName)],
          commits: { ...commits, [tableName]: { version, at: this.clock.now() } },
        });
      }
  }

  private note(id: number, more: Pick<Seen, "folders" | "tables" | "commits">): void {
    this.keep(id, { ...this.seen.get(id), ...more, last: this.clock.now() });
    this.plan(id);
  }

  /** Stores the events of a job. Call only inside `store.write`. */
  private keep(id: number, seen: Seen): void {
    this.seen.set(id, seen);
    this.kept.put(id, seen);
  }

  private plan(id: number): void {
    this.timers.get(id)?.();
    this.timers.delete(id);
    const [first] = (this.watched.get(id) ?? [])
      .flatMap((trigger) => {
        const at = dueTime(trigger, this.seen.get(id));
        return at === undefined ? [] : [{ at, trigger }];
      })
      .sort((a, b) => a.at - b.at);
    if (first === undefined) return;
    const stop = this.clock.setTimer(Math.max(0, first.at - this.clock.now()), () =>
      this.go(id, first.trigger),
    );
    this.timers.set(id, stop);
  }

  private go(id: number, trigger: JsonObject): void {
    this.timers.delete(id);
    const job = this.find(id);
    if (job === undefined) return;
    const { tables = [], folders = [], last, commits } = this.seen.get(id) ?? {};
    const watchedTables = tablesOf(trigger)?.names ?? [];
    // Events that the job's other triggers have not fired for yet.
    const waiting = {
      tables: tables.filter((name) => !watchedTables.includes(name)),
      folders: folders.filter((url) => url !== folderOf(trigger)),
    };
    const isWaiting = waiting.tables.length + waiting.folders.length > 0;
    const seen: Seen = {
      fired: this.clock.now(),
      ...defined({ commits }),
      ...(isWaiting && last !== undefined ? { ...waiting, last } : {}),
    };
    this.seen.set(id, seen);
    const inWrite = (): void => this.kept.put(id, this.seen.get(id) ?? seen);
    if (trigger.file_arrival !== undefined)
      this.fire(job, "FILE_ARRIVAL", { location: folderOf(trigger) }, inWrite);
    else {
      const changed = tables.filter((name) => watchedTables.includes(name));
      const found = Object.fromEntries(
        Object.entries(commits ?? {}).filter(([name]) => changed.includes(name)),
      );
      this.fire(job, "TABLE", { tables: found }, inWrite);
    }
    if (isWaiting) this.plan(id);
  }
}

/** Returns when the trigger fires for its pending events. */
function dueTime(trigger: JsonObject, seen: Seen | undefined): number | undefined {
  if (seen?.last === undefined) return undefined;
  const tables = tablesOf(trigger);
  const isPending = (name: string): boolean => seen.tables?.includes(name) === true;
  if (
    tables === undefined
      ? seen.folders?.includes(folderOf(trigger)) !== true
      : !tables.names[tables.all ? "every" : "some"](isPending)
  )
    return undefined;
  const eventTrigger =
    asObject(trigger.file_arrival) ??
    asObject(trigger.table_update) ??
    asObject(trigger.table) ??
    {};
  const quietUntil = seen.last + asNumber(eventTrigger.wait_after_last_change_seconds) * 1000;
  return seen.fired === undefined
    ? quietUntil
    : Math.max(
        quietUntil,
        seen.fired + asNumber(eventTrigger.min_time_between_triggers_seconds) * 1000,
      );
}

/** Returns the folder that a trigger watches, or "". */
const folderOf = (trigger: JsonObject): string => text(asObject(trigger.file_arrival)?.url);

function tablesOf(
  trigger: JsonObject,
): { readonly names: string[]; readonly all: boolean } | undefined {
  const eventTrigger = asObject(trigger.table_update) ?? asObject(trigger.table);
  if (eventTrigger === undefined) return undefined;
  return {
    names: asArray(eventTrigger.table_names).map((name) => text(name).toLowerCase()),
    all: eventTrigger.condition === "ALL_UPDATED",
  };
}

/**
 * Whether an address is inside a folder. Volume paths are compared case-insensitively, because they
 * contain catalog names.
 */
function isUnder(address: string, url: string): boolean {
  const normalized = (path: string): string => {
    const parts = path
      .replace(/^dbfs:(?=\/Volumes\/)/, "")
      .replace(/\/+$/, "")
      .split("/");
    return parts[1] === "Volumes"
      ? [...parts.slice(0, 5).map((part) => part.toLowerCase()), ...parts.slice(5)].join("/")
      : parts.join("/");
  };
  return `${normalized(address)}/`.startsWith(`${normalized(url)}/`);
}
