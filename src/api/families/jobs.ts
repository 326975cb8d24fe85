import type { CallOptions, Client, ReadClient } from "../client";
import { bodyId, type Id } from "../transport/ids";
import { createOnceByName } from "../transport/in-turn";
import { all, byToken, mergedPages, type PageOptions } from "../transport/paging";
import { withJobsVersion } from "./jobs-api-version";

/** Fields of a task that lakeform reads; other fields are passed through. */
export interface TaskSettings {
  readonly task_key: string;
  readonly depends_on?: readonly { readonly task_key: string; readonly outcome?: string }[];
  readonly run_if?: string;
  readonly job_cluster_key?: string;
  readonly [field: string]: unknown;
}

/** The settings of a job, in the API's own names (2.1 and 2.2). */
export interface JobSettings {
  readonly name?: string;
  readonly tasks?: readonly TaskSettings[];
  readonly job_clusters?: readonly {
    readonly job_cluster_key: string;
    readonly new_cluster?: Readonly<Record<string, unknown>>;
  }[];
  readonly parameters?: readonly { readonly name: string; readonly default: string }[];
  readonly environments?: readonly {
    readonly environment_key: string;
    readonly [field: string]: unknown;
  }[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly max_concurrent_runs?: number;
  readonly [field: string]: unknown;
}

export interface Job {
  readonly job_id: Id;
  readonly creator_user_name?: string;
  readonly run_as_user_name?: string;
  /** Milliseconds since the epoch. */
  readonly created_time?: number;
  readonly settings?: JobSettings;
  /** Whether the job has more tasks or job clusters than this response contains. */
  readonly has_more?: boolean;
}

export interface ListJobs extends PageOptions {
  /** Exact match, case-insensitive. */
  readonly name?: string;
  /** Whether the result contains tasks and job clusters. @default false */
  readonly expandTasks?: boolean;
  /** 1 to 100. @default 100 */
  readonly limit?: number;
}

/** The arrays that API 2.2 returns page by page, each with the field that identifies an element. */
const pagedArrays = {
  tasks: "task_key",
  job_clusters: "job_cluster_key",
  parameters: "name",
  environments: "environment_key",
};

/** Reads jobs with API 2.2, or 2.1 if the workspace does not support 2.2. */
export class JobsReader {
  constructor(private readonly reader: ReadClient) {}

  /** Returns a job with the tasks of all pages. @throws ApiError (isNotFound) */
  get(jobId: Id, options: CallOptions = {}): Promise<Job> {
    return withJobsVersion(this.reader, (base) =>
      mergedPages<Job>(
        this.reader,
        {
          path: `${base}/get`,
          query: { job_id: jobId },
          ...(options.signal ? { signal: options.signal } : {}),
        },
        pagedArrays,
        "settings",
      ),
    );
  }

  async *list(options: ListJobs = {}): AsyncGenerator<Job> {
    const { name, expandTasks, limit, ...rest } = options;
    const query = { limit: limit ?? 100, name, expand_tasks: expandTasks };
    // The first page is read here, so that a workspace without 2.2 gets a second try with 2.1.
    const { first, pages } = await withJobsVersion(this.reader, async (base) => {
      const pages = byToken<Job>(this.reader, {
        path: `${base}/list`,
        query,
        items: "jobs",
        ...rest,
      });
      return { first: await pages.next(), pages };
    });
    if (first.done === true) return;
    yield first.value;
    yield* pages;
  }
}

export class Jobs extends JobsReader {
  constructor(private readonly client: Client) {
    super(client);
  }

  /**
   * Creates a job exactly once. jobs/create has no idempotency token: after a lost response, the
   * jobs with this name and these tasks are compared with those that existed before.
   * @throws ApiError
   */
  async create(settings: JobSettings, options: CallOptions = {}): Promise<Id> {
    const name = settings.name ?? "Untitled";
    const similarJobs = async (): Promise<Job[]> =>
      (await all(this.list({ name, expandTasks: true }))).filter((job) => sameTasks(job, settings));
    const created = await createOnceByName(
      this.client,
      `job ${name}`,
      (job) => job.job_id,
      similarJobs,
      (recover) =>
        withJobsVersion(this.client, (base) =>
          this.client.post(`${base}/create`, settings, { recover, ...options }),
        ),
    );
    return created.job_id;
  }

  /** Replaces all settings of a job. */
  async reset(jobId: Id, settings: JobSettings, options: CallOptions = {}): Promise<void> {
    await withJobsVersion(this.client, (base) =>
      this.client.post(
        `${base}/reset`,
        { job_id: bodyId(jobId), new_settings: settings },
        { idempotent: true, ...options },
      ),
    );
  }

  /** Replaces the top-level fields in `new_settings`, and removes those in `fields_to_remove`. */
  async update(
    jobId: Id,
    change: { readonly new_settings?: JobSettings; readonly fields_to_remove?: readonly string[] },
    options: CallOptions = {},
  ): Promise<void> {
    await withJobsVersion(this.client, (base) =>
      this.client.post(
        `${base}/update`,
        { job_id: bodyId(jobId), ...change },
        { idempotent: true, ...options },
      ),
    );
  }

  async delete(jobId: Id, options: CallOptions = {}): Promise<void> {
    await withJobsVersion(this.client, (base) =>
      this.client.post(
        `${base}/delete`,
        { job_id: bodyId(jobId) },
        { idempotent: true, removes: true, ...options },
      ),
    );
  }
}

/** Whether the task keys match, as far as jobs/list returns them. */
function sameTasks(job: Job, settings: JobSettings): boolean {
  const keys = (tasks: readonly TaskSettings[] | undefined): string =>
    JSON.stringify((tasks ?? []).map((task) => task.task_key).sort());
  // jobs/list returns only the first 100 tasks, so the keys of a larger job cannot be compared.
  return job.has_more === true || keys(job.settings?.tasks) === keys(settings.tasks);
}
