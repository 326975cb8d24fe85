import { RunsReader } from "../api/families/runs";
import { traitsOf } from "../resources";
import { LakeformError } from "../errors";
import type { Review } from "../review";
import type { DeployTarget } from "./target";

/**
 * Refuses to change jobs that are currently running (`--fail-on-active-runs`).
 * @throws LakeformError ACTIVE_RUNS (exit 2) naming the runs
 */
export async function failOnActiveRuns(
  targets: readonly DeployTarget[],
  review: Review,
): Promise<void> {
  const active: string[] = [];
  for (const target of targets) {
    const changes = review.stacks.find(({ stack }) => stack === target.stack.name)?.changes ?? [];
    for (const change of changes) {
      if (
        traitsOf(change.type).hasRuns !== true ||
        change.id === undefined ||
        change.action === "create"
      )
        continue;
      const runs = new RunsReader(target.client).list({ jobId: change.id, activeOnly: true });
      for await (const run of runs) active.push(`${change.path} (run ${run.run_id})`);
    }
  }
  if (active.length === 0) return;
  throw new LakeformError("ACTIVE_RUNS", "jobs that this deploy changes are running", {
    value: active.join(", "),
    fix: "wait for them, cancel them (lakeform runs cancel), or omit --fail-on-active-runs",
    exitCode: 2,
  });
}
