import { defined } from "../../defined";
import type { Clock } from "../clock";
import type { JsonObject } from "../errors";
import type { Collection, Store } from "../store";
import { asArray, asNumber, asObject, asText } from "./json";
import type { Arrival, Run } from "./run-model";
import { activeTriggers, type JobRecord } from "./settings";

/** The events that a job's triggers have observed since they last fired. */
interface JobEvents {
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
  /** The time when one of the triggers fired last. */
  readonly fired?: number;
}

/**
 * Starts jobs when files arrive or tables change. The platform polls about once a minute; here, a
 * trigger fires as soon as its wait times allow.
 */
export class Arrivals {
  private readonly triggersByJob = new Map<number, readonly JsonObject[]>();
  private readonly timers = new Map<number, () => void>();
  /** A copy of the stored events, updated before the write is durable. */
  private readonly eventsByJob = new Map<number, JobEvents>();
  private readonly storedEvents: Collection<JobEvents>;

  constructor(
    store: Store,
    private readonly clock: Clock,
    private readonly findJob: (id: number) => JobRecord | undefined,
    /** Starts a run. `inWrite` is called in the write that stores the run. */
    private readonly startRun: (
      job: JobRecord,
      trigger: Run["trigger"],
      arrival: Arrival,
      inWrite: () => void,
    ) => void,
  ) {
    this.storedEvents = store.collection("job_arrivals");
  }

  /**
   * Starts watching a job. Call it for every job at startup, and after a job was created or
   * changed.
   */
  watch(job: JobRecord): void {
    this.unwatch(job.job_id);
    const triggers = activeTriggers(job.settings).filter(
      (trigger) => trigger.file_arrival !== undefined || tablesOf(trigger) !== undefined,
    );
    if (triggers.length === 0) return;
    this.triggersByJob.set(job.job_id, triggers);
    if (!this.eventsByJob.has(job.job_id))
      this.eventsByJob.set(job.job_id, this.storedEvents.get(job.job_id) ?? {});
    this.schedule(job.job_id);
  }

  /** Stops watching a job. */
  unwatch(id: number): void {
    this.triggersByJob.delete(id);
    this.timers.get(id)?.();
    this.timers.delete(id);
  }

  /** Deletes the stored events of a job. Call only inside `store.write`. */
  deleteEvents(id: number): void {
    this.eventsByJob.delete(id);
    this.storedEvents.remove(id);
  }

  close(): void {
    for (const id of [...this.timers.keys()]) this.unwatch(id);
  }

  /** Records a new file. Call only inside `store.write`. */
  recordFile(address: string): void {
    for (const [id, triggers] of this.triggersByJob) {
      const folders = triggers
        .map(folderOf)
        .filter((url) => url !== "" && isInFolder(address, url));
      if (folders.length > 0)
        this.recordEvents(id, {
          folders: [...new Set([...(this.eventsByJob.get(id)?.folders ?? []), ...folders])],
        });
    }
  }

  /** Records that a table was created or written. Call only inside `store.write`. */
  recordTable(name: string): void {
    const tableName = name.toLowerCase();
    for (const [id, triggers] of this.triggersByJob)
      if (triggers.some((trigger) => tablesOf(trigger)?.names.includes(tableName) === true)) {
        const { tables, commits } = this.eventsByJob.get(id) ?? {};
        const version = (commits?.[tableName]?.version ?? 0) + 1;
        this.recordEvents(id, {
          tables: [...new Set(tables).add(tableName)],
          commits: { ...commits, [tableName]: { version, at: this.clock.now() } },
        });
      }
  }

  private recordEvents(
    id: number,
    newEvents: Pick<JobEvents, "folders" | "tables" | "commits">,
  ): void {
    this.storeEvents(id, { ...this.eventsByJob.get(id), ...newEvents, last: this.clock.now() });
    this.schedule(id);
  }

  /** Stores the events of a job. Call only inside `store.write`. */
  private storeEvents(id: number, events: JobEvents): void {
    this.eventsByJob.set(id, events);
    this.storedEvents.put(id, events);
  }

  private schedule(id: number): void {
    this.timers.get(id)?.();
    this.timers.delete(id);
    const [next] = (this.triggersByJob.get(id) ?? [])
      .flatMap((trigger) => {
        const due = dueTime(trigger, this.eventsByJob.get(id));
        return due === undefined ? [] : [{ due, trigger }];
      })
      .sort((left, right) => left.due - right.due);
    if (next === undefined) return;
    const stop = this.clock.setTimer(Math.max(0, next.due - this.clock.now()), () =>
      this.fireTrigger(id, next.trigger),
    );
    this.timers.set(id, stop);
  }

  private fireTrigger(id: number, trigger: JsonObject): void {
    this.timers.delete(id);
    const job = this.findJob(id);
    if (job === undefined) return;
    const { tables = [], folders = [], last, commits } = this.eventsByJob.get(id) ?? {};
    const watchedTables = tablesOf(trigger)?.names ?? [];
    // Events that the job's other triggers have not fired for yet.
    const pendingForOthers = {
      tables: tables.filter((name) => !watchedTables.includes(name)),
      folders: folders.filter((url) => url !== folderOf(trigger)),
    };
    const hasPending = pendingForOthers.tables.length + pendingForOthers.folders.length > 0;
    const events: JobEvents = {
      fired: this.clock.now(),
      ...defined({ commits }),
      ...(hasPending && last !== undefined ? { ...pendingForOthers, last } : {}),
    };
    this.eventsByJob.set(id, events);
    const inWrite = (): void => this.storedEvents.put(id, this.eventsByJob.get(id) ?? events);
    if (trigger.file_arrival !== undefined)
      this.startRun(job, "FILE_ARRIVAL", { location: folderOf(trigger) }, inWrite);
    else {
      const changedTables = tables.filter((name) => watchedTables.includes(name));
      const arrivedCommits = Object.fromEntries(
        Object.entries(commits ?? {}).filter(([name]) => changedTables.includes(name)),
      );
      this.startRun(job, "TABLE", { tables: arrivedCommits }, inWrite);
    }
    if (hasPending) this.schedule(id);
  }
}

/** Returns the time at which the trigger fires; undefined if it has no pending events. */
function dueTime(trigger: JsonObject, events: JobEvents | undefined): number | undefined {
  if (events?.last === undefined) return undefined;
  const tables = tablesOf(trigger);
  const isPending = (name: string): boolean => events.tables?.includes(name) === true;
  if (
    tables === undefined
      ? events.folders?.includes(folderOf(trigger)) !== true
      : !tables.names[tables.all ? "every" : "some"](isPending)
  )
    return undefined;
  const eventTrigger =
    asObject(trigger.file_arrival) ??
    asObject(trigger.table_update) ??
    asObject(trigger.table) ??
    {};
  const quietUntil = events.last + asNumber(eventTrigger.wait_after_last_change_seconds) * 1000;
  return events.fired === undefined
    ? quietUntil
    : Math.max(
        quietUntil,
        events.fired + asNumber(eventTrigger.min_time_between_triggers_seconds) * 1000,
      );
}

/** Returns the folder that a trigger watches, or "". */
const folderOf = (trigger: JsonObject): string => asText(asObject(trigger.file_arrival)?.url);

/** Returns the tables that a trigger watches, and whether all of them must change. */
function tablesOf(
  trigger: JsonObject,
): { readonly names: string[]; readonly all: boolean } | undefined {
  const eventTrigger = asObject(trigger.table_update) ?? asObject(trigger.table);
  if (eventTrigger === undefined) return undefined;
  return {
    names: asArray(eventTrigger.table_names).map((name) => asText(name).toLowerCase()),
    all: eventTrigger.condition === "ALL_UPDATED",
  };
}

/**
 * Whether an address is a folder or inside it. The names of catalog, schema and volume in a volume
 * path are compared case-insensitively.
 */
function isInFolder(address: string, url: string): boolean {
  const normalize = (path: string): string => {
    const parts = path
      .replace(/^dbfs:(?=\/Volumes\/)/, "")
      .replace(/\/+$/, "")
      .split("/");
    return parts[1] === "Volumes"
      ? [...parts.slice(0, 5).map((part) => part.toLowerCase()), ...parts.slice(5)].join("/")
      : parts.join("/");
  };
  return `${normalize(address)}/`.startsWith(`${normalize(url)}/`);
}
