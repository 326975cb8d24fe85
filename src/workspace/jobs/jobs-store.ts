import { defined } from "../../defined";
import { invalid, type JsonObject } from "../errors";
import type { Collection, Store } from "../store";
import { asObject, asText } from "./json";
import { activeTriggers, type JobRecord } from "./settings";

export const jobVersions = ["2.0", "2.1", "2.2"];

/**
 * The index contains only the first 200 characters of a name, because lmdb limits the size of keys.
 */
const nameKey = (name: string): string => name.toLowerCase().slice(0, 200);

/** Whether a job starts automatically: an active schedule, continuous run or trigger. */
function startsAutomatically(settings: JsonObject): boolean {
  const continuous = asObject(settings.continuous);
  return (
    activeTriggers(settings).length > 0 ||
    (continuous !== undefined && continuous.pause_status !== "PAUSED")
  );
}

/**
 * Stores the jobs and the idempotency tokens, with indexes of the names and of the jobs that start
 * automatically. Call methods that change the store only inside `store.write`.
 */
export class JobsStore {
  private readonly jobs: Collection<JobRecord>;
  private readonly names: Collection<number>;
  private readonly automaticJobs: Collection<number>;
  private readonly tokens: Collection<number>;
  /**
   * Caches rendered jobs by id and API version, because clients request the same job repeatedly.
   */
  private readonly textCache = new Map<string, string>();

  constructor(private readonly store: Store) {
    this.jobs = store.collection("jobs");
    this.names = store.collection("job_names");
    this.automaticJobs = store.collection("jobs_timed");
    this.tokens = store.collection("job_tokens");
  }

  find(id: number): JobRecord | undefined {
    return this.jobs.get(id);
  }

  /** @throws 400 INVALID_PARAMETER_VALUE for a missing job, as on the platform */
  mustFind(id: number): JobRecord {
    const job = this.jobs.get(id);
    if (job === undefined) throw invalid(`Job ${id} does not exist.`);
    return job;
  }

  /** Returns the JSON cached by {@link cacheText}, if it is still valid. */
  cachedText(id: number, version: string): string | undefined {
    return this.textCache.get(`${version} ${id}`);
  }

  cacheText(id: number, version: string, text: string): void {
    if (this.textCache.size >= 1000) this.textCache.clear();
    this.textCache.set(`${version} ${id}`, text);
  }

  put(job: JobRecord): void {
    this.dropCachedTexts(job.job_id);
    const previous = this.jobs.get(job.job_id);
    const name = nameKey(asText(job.settings.name));
    const oldName = previous === undefined ? undefined : nameKey(asText(previous.settings.name));
    if (oldName !== undefined && oldName !== name) this.names.remove([oldName, job.job_id]);
    if (oldName !== name) this.names.put([name, job.job_id], 1);
    const isAutomatic = startsAutomatically(job.settings);
    if (isAutomatic) this.automaticJobs.put(job.job_id, 1);
    else if (previous !== undefined && startsAutomatically(previous.settings))
      this.automaticJobs.remove(job.job_id);
    this.jobs.put(job.job_id, job);
  }

  remove(job: JobRecord): void {
    this.dropCachedTexts(job.job_id);
    this.jobs.remove(job.job_id);
    this.names.remove([nameKey(asText(job.settings.name)), job.job_id]);
    if (startsAutomatically(job.settings)) this.automaticJobs.remove(job.job_id);
  }

  /**
   * Removes the job's JSON from the cache once the write is durable: until then, readers would cache
   * the old job.
   */
  private dropCachedTexts(id: number): void {
    this.store.onSettled(() => {
      for (const version of jobVersions) this.textCache.delete(`${version} ${id}`);
    });
  }

  /** Returns the jobs with ids below `before`, newest first. */
  page(before: number | undefined, limit: number): JobRecord[] {
    return this.jobs.values({ reverse: true, limit, ...defined({ end: before }) });
  }

  /** Returns the jobs with exactly this name, case-insensitive, newest first. */
  findByName(name: string): JobRecord[] {
    return this.names
      .range({ prefix: [nameKey(name)] })
      .map(({ key }) => this.jobs.get((key as [string, number])[1]))
      .filter(
        (job): job is JobRecord =>
          job !== undefined && asText(job.settings.name).toLowerCase() === name.toLowerCase(),
      )
      .reverse();
  }

  /** Returns the jobs with this string in the first 200 characters of their names, sorted by name. */
  searchByName(part: string, limit: number): JobRecord[] {
    const lowerPart = part.toLowerCase();
    const matches: JobRecord[] = [];
    for (const { key } of this.names.range()) {
      const [name, id] = key as [string, number];
      const job = name.includes(lowerPart) ? this.jobs.get(id) : undefined;
      if (job !== undefined) matches.push(job);
      if (matches.length >= limit) break;
    }
    return matches;
  }

  count(): number {
    return this.jobs.count();
  }

  /** Returns the ids of the jobs that start automatically. */
  automaticJobIds(): number[] {
    return this.automaticJobs.range().map(({ key }) => key as number);
  }

  /**
   * Returns the id stored for an idempotency token. @throws if the token is longer than 64
   * characters
   */
  findIdByToken(kind: "create" | "run" | "submit", token: string): number | undefined {
    if (token.length > 64)
      throw invalid("The idempotency_token must not be longer than 64 characters.");
    return this.tokens.get([kind, token]);
  }

  storeToken(kind: "create" | "run" | "submit", token: string, id: number): void {
    this.tokens.put([kind, token], id);
  }

  nextId(): number {
    return this.store.nextId("job");
  }
}
