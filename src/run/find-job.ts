import { isNotFound, type ReadClient } from "../api";
import { JobsReader, type Job } from "../api/families/jobs";
import { idOf } from "../api/transport/ids";
import { all, take } from "../api/transport/paging";
import { LakeformError } from "../errors";
import { printable } from "../printable";
import { didYouMean } from "../suggestion";

/** The criteria that select a job. */
export interface JobSelector {
  /** A job id or a job's name. */
  readonly job: string;
  /** Jobs with this stamp (the tag `lakeform`) are preferred to others with the same name. */
  readonly stamp?: string;
}

/**
 * Finds a job by id or name.
 * @throws LakeformError UNKNOWN_JOB, AMBIGUOUS_JOB with the ids
 */
export async function findJob(
  client: ReadClient,
  selector: JobSelector,
  signal?: AbortSignal,
): Promise<Job> {
  const jobs = new JobsReader(client);
  const options = signal === undefined ? {} : { signal };
  if (/^\d+$/.test(selector.job)) {
    try {
      return await jobs.get(idOf(selector.job), options);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      // The digits may be a name.
    }
  }
  const jobsOfName = await all(jobs.list({ name: selector.job, ...options }));
  const stackJobs = jobsOfName.filter(
    (job) => selector.stamp !== undefined && job.settings?.tags?.["lakeform"] === selector.stamp,
  );
  const candidates = stackJobs.length > 0 ? stackJobs : jobsOfName;
  const [first, second] = candidates;
  if (first === undefined) throw await unknownJob(jobs, selector, client.host);
  if (second !== undefined) {
    throw new LakeformError("AMBIGUOUS_JOB", `${candidates.length} jobs have this name`, {
      value: printable(selector.job),
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

async function unknownJob(
  jobs: JobsReader,
  selector: JobSelector,
  host: string,
): Promise<LakeformError> {
  // Only the first jobs: the error suggests names, and a workspace can have thousands.
  const jobNames = (await take(jobs.list(), 200)).map((job) =>
    printable(job.settings?.name ?? String(job.job_id)),
  );
  const examples = jobNames.slice(0, 20);
  return new LakeformError("UNKNOWN_JOB", `no such job in the workspace ${host}`, {
    value: printable(selector.job),
    allowed:
      examples.length === 0
        ? "there are no jobs"
        : `${examples.join(", ")}${jobNames.length > 20 ? ", …" : ""}`,
    fix:
      examples.length === 0
        ? "deploy first: lakeform deploy"
        : `${didYouMean(selector.job, jobNames)}check the name, or use the job id; if it was never deployed: lakeform deploy`,
  });
}
