import { defined } from "../../defined";
import { invalid, type JsonObject } from "../errors";
import type { Collection, Store } from "../store";
import { asObject, text } from "./json";
import { activeTriggers, type JobRecord } from "./settings";

export const jobVersions = ["2.0", "2.1", "2.2"];

/**
 * The index contains only the first 200 characters of a name, because lmdb limits the size of keys.
 */
const nameKey = (name: string): string => name.toLowerCase().slice(0, 200);

/** Whether a job starts automatically: an active schedule, continuous run or trigger. */
export function isTimed(settings: JsonObject): boolean {
  const continuous = asObject(settings.continuous);
  return (
    activeTriggers(settings).length > 0 ||
    (continuous !== undefined && continuous.pause_status !== "PAUSED")
  );
}

/**
 * The jobs, indexed by name and schedule. Call methods that change jobs only inside `store.write`.
 */
export class JobsStore {
  private readonly jobs: Collection<JobRecord>;
  private readonly names: Collection<number>;
  private readonly timed: Collection<number>;
  private readonly tokens: Collection<number>;
  /**
   * Caches rendered jobs by id and API version, because clients request the same job repeatedly.
   */
  private readonly texts = new Map<string, string>();

  constructor(private readonly store: Store) {
    this.jobs = store.collection("jobs");
    this.names = store.collection("job_names");
    this.timed = store.collection("jobs_timed");
    this.tokens = store.collection("job_tokens");
  }

  find(id: number): JobRecord | undefined {
    return this.jobs.get(id);
  }

  /** @throws 400 INVALID_PARAMETER_VALUE for a missing job, as on the platform */
  get(id: number): JobRecord {
    const found = this.jobs.get(id);
    if (found === undefined) throw invalid(`Job ${id} does not exist.`);
    return found;
  }

  /** Returns the JSON cached by {@link keepText}, if it is still valid. */
  textOf(id: number, version: string): string | undefined {
    return this.texts.get(`${version} ${id}`);
  }

  keepText(id: number, version: string, text: string): void {
    if (this.texts.size >= 1000) this.texts.clear();
    this.texts.set(`${version} ${id}`, text);
  }

  put(job: JobRecord): void {
    this.forgetTexts(job.job_id);
    const before = this.jobs.get(job.job_id);
    const name = nameKey(text(job.settings.name));
    const oldName = before === undefined ? undefined : nameKey(text(before.settings.name));
    if (oldName !== undefined && oldName !== name) this.names.remove([oldName, job.job_id]);
    if (oldName !== name) this.names.put([name, job.job_id], 1);
    const timed = isTimed(job.settings);
    if (timed) this.timed.put(job.job_id, 1);
    else if (before !== undefined && isTimed(before.settings)) this.timed.remove(job.job_id);
    this.jobs.put(job.job_id, job);
  }

  remove(job: JobRecord): void {
    this.forgetTexts(job.job_id);
    this.jobs.remove(job.job_id);
    this.names.remove([nameKey(text(job.settings.name)), job.job_id]);
    if (isTimed(job.settings)) this.timed.remove(job.job_id);
  }

  /** Clears the cache once the write is durable: until then, readers would cache the old job. */
  private forgetTexts(id: number): void {
    this.store.onSettled(() => {
      for (const version of jobVersions) this.texts.delete(`${version} ${id}`);
    });
  }

  /** Returns the jobs with ids below `before`, newest first. */
  page(before: number | undefined, limit: number): JobRecord[] {
    return this.jobs.values({ reverse: true, limit, ...defined({ end: before }) });
  }

  /** Returns the jobs with exactly this name, case-insensitive, newest first. */
  named(name: string): JobRecord[] {
    return this.names
      .range({ prefix: [nameKey(name)] })
      .map(({ key }) => this.jobs.get((key as [string, number])[1]))
      .filter(
        (job): job is JobRecord =>
          job !== undefined && text(job.settings.name).toLowerCase() === name.toLowerCase(),
      )
      .reverse();
  }

  /** Returns the jobs with this string in their names, sorted by name. */
  containing(part: string, limit: number): JobRecord[] {
    const wanted = part.toLowerCase();
    const found: JobRecord[] = [];
    for (const { key } of this.names.range()) {
      const [name, id] = key as [string, number];
      const job = name.includes(wanted) ? this.jobs.get(id) : undefined;
      if (job !== undefined) found.push(job);
      if (found.length >= limit) break;
    }
    return found;
  }

  count(): number {
    return this.jobs.count();
  }

  /** Returns the ids of the jobs that start automatically. */
  timedIds(): number[] {
    return this.timed.range().map(({ key }) => key as number);
  }

  /**
   * Returns the id stored for an idempotency token. @throws if the token is longer than 64
   * characters
   */
  byToken(kind: "create" | "run" | "submit", token: string): number | undefined {
    if (token.length > 64)
      throw invalid("The idempotency_token must not be longer than 64 characters.");
    return this.tokens.get([kind, token]);
  }

  keepToken(kind: "create" | "run" | "submit", token: string, id: number): void {
    this.tokens.put([kind, token], id);
  }

  nextId(): number {
    return this.store.nextId("job");
  }
}
