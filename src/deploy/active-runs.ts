import { RunsReader } from "../api/families/runs";
import { traitsOf } from "../resources";
import { typeOf, type Healing } from "../review/changes/healing";
import { LakeformError } from "../errors";
import type { Review } from "../review";
import type { DeployTarget } from "./target";

/** An object that healing will write. */
export interface HealedObject extends Pick<Healing, "stack" | "address" | "id"> {
  /** The construct path, without secrets. */
  readonly path: string;
}

/**
 * Refuses to change jobs that are currently running (`--fail-on-active-runs`).
 * @param healedObjects the objects that the deploy changes in addition to the plan
 * @throws LakeformError ACTIVE_RUNS (exit 2) naming the runs
 */
export async function failOnActiveRuns(
  targets: readonly DeployTarget[],
  review: Review,
  healedObjects: readonly HealedObject[] = [],
): Promise<void> {
  const active: string[] = [];
  for (const target of targets) {
    const { name } = target.stack;
    const pathByJobId = new Map<string, string>();
    for (const { type, id, action, path } of review.stacks.find(({ stack }) => stack === name)
      ?.changes ?? [])
      if (hasRuns(type) && id !== undefined && action !== "create") pathByJobId.set(id, path);
    for (const object of healedObjects)
      if (object.stack === name && hasRuns(typeOf(object))) pathByJobId.set(object.id, object.path);
    for (const [jobId, path] of pathByJobId) {
      const runs = new RunsReader(target.client).list({ jobId, activeOnly: true });
      for await (const run of runs) active.push(`${path} (run ${run.run_id})`);
    }
  }
  if (active.length === 0) return;
  throw new LakeformError("ACTIVE_RUNS", "jobs that this deploy changes are running", {
    value: active.join(", "),
    fix: "wait for them, cancel them (lakeform runs cancel), or omit --fail-on-active-runs",
    exitCode: 2,
  });
}

const hasRuns = (type: string): boolean => traitsOf(type).hasRuns === true;
