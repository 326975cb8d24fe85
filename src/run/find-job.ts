import { isNotFound, type ReadClient } from "../api";
import { JobsReader, type Job } from "../api/families/jobs";
import { idOf } from "../api/transport/ids";
import { all, take } from "../api/transport/paging";
import { LakeformError } from "../errors";
import { printable } from "../printable";
import { didYouMean } from "../suggestion";

/** The criteria that select a job. */
export interface JobQuestion {
  /** A job id or a job's name. */
  readonly job: string;
  /** Selects, among jobs with this name, those with this stamp (the tag `lakeform`). */
  readonly stamp?: string;
}

/**
 * Finds a job by id or name.
 * @throws LakeformError UNKNOWN_JOB, AMBIGUOUS_JOB with the ids
 */
export async function findJob(
  client: ReadClient,
  question: JobQuestion,
  signal?: AbortSignal,
): Promise<Job> {
  const jobs = new JobsReader(client);
  const options = signal === undefined ? {} : { signal };
  if (/^\d+$/.test(question.job)) {
    try {
      return await jobs.get(idOf(question.job), options);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      // the digits may be a name
    }
  }
  const named = await all(jobs.list({ name: question.job, ...options }));
  const ours = named.filter(
    (job) => question.stamp !== undefined && job.settings?.tags?.["lakeform"] === question.stamp,
  );
  const candidates = ours.length > 0 ? ours : named;
  const [first, second] = candidates;
  if (first === undefined) throw await unknown(jobs, question, client.host);
  if (second !== undefined) {
    throw new LakeformError("AMBIGUOUS_JOB", `${candidates.length} jobs have this name`, {
      value: printable(question.job),
      allowed: candidates
        .map(
          (job) =>
            `${job.job_id}${job.creator_user_name === undefined ? "" : ` (by ${printable(job.creator_user_name)})`}`,
        )
        .join(", "),
      fix: "use the job id instead of the name",
    });
  }
  return first;
}

async function unknown(
  jobs: JobsReader,
  question: JobQuestion,
  host: string,
): Promise<LakeformError> {
  const named = (await take(jobs.list(), 200)).map((job) =>
    printable(job.settings?.name ?? String(job.job_id)),
  );
  const some = named.slice(0, 20);
  return new LakeformError("UNKNOWN_JOB", `no such job in the workspace ${host}`, {
    value: printable(question.job),
    allowed:
      some.length === 0
        ? "there are no jobs"
        : `${some.join(", ")}${named.length > 20 ? ", …" : ""}`,
    fix:
      some.length === 0
        ? "deploy first: lakeform deploy"
        : `${didYouMean(question.job, named)}check the name, or use the job id; if it was never deployed: lakeform deploy`,
  });
}
