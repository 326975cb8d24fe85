import type { Id } from "../api";
import { idOf } from "../api/transport/ids";
import { setTimeout as delay } from "node:timers/promises";
import { Runs, isFinished, isSuccess, type Run } from "../api/families/runs";
import type { DeployEvents, DeployTarget } from "../deploy/target";
import { LakeformError } from "../errors";
import { didYouMean } from "../suggestion";
import { handleSignals, onInterrupt, stopIfInterrupted, uninterrupted } from "../interrupt";
import { printable } from "../printable";
import { readState } from "../terraform/state";

export interface SmokeRun {
  readonly job: string;
  readonly runId: Id;
  readonly result: string;
  readonly ok: boolean;
}

/**
 * Checks before a deploy that the code defines the jobs. Names that are known only after the deploy
 * (from an expression or a module) are not checked.
 * @throws LakeformError UNKNOWN_JOB
 */
export function requireDefinedJobs(
  targets: readonly DeployTarget[],
  jobs: readonly string[],
): void {
  const names = targets.flatMap(({ stack }) =>
    Object.values(stack.json.resource?.databricks_job ?? {}).map(({ name }) => String(name)),
  );
  const hasModules = targets.some(({ stack }) => "module" in stack.json);
  if (hasModules || names.some((name) => name.includes("${"))) return;
  const unknownName = jobs.find((job) => !names.includes(job));
  if (unknownName !== undefined) throw unknownJob(unknownName, names);
}

/**
 * Runs jobs of the stacks one after the other, and waits for each run to end.
 * @throws LakeformError UNKNOWN_JOB
 */
export async function runSmokeJobs(
  targets: readonly DeployTarget[],
  jobs: readonly string[],
  events: DeployEvents,
): Promise<SmokeRun[]> {
  const results: SmokeRun[] = [];
  for (const job of jobs) {
    const { target, id } = await findJob(targets, job);
    const run = await runJob(target, id, job, events);
    const result = run.state?.result_state ?? run.state?.life_cycle_state ?? "unknown";
    results.push({ job, runId: run.run_id, result, ok: isSuccess(run.state) });
    events.note(printable(`  ${job}: ${result}`));
  }
  return results;
}

/** Runs a job once, and waits until the run ends. */
export async function runJob(
  target: DeployTarget,
  id: Id,
  name: string,
  events: DeployEvents,
): Promise<Run> {
  const runs = new Runs(target.client);
  const removeStartAdvice = handleSignals(
    `the run of ${name} may have started: lakeform runs list ${target.stack.metadata.environment} ${id} --active`,
  );
  const { run_id: runId } = await uninterrupted(() => runs.runNow({ job_id: id })).finally(
    removeStartAdvice,
  );
  events.step(printable(`running ${name}`));
  const stop = new AbortController();
  const removeInterruptHandler = onInterrupt(() => stop.abort());
  const removeRunAdvice = handleSignals(
    `run ${runId} of ${name} may still be running; ${nextStepsFor(target, runId)}`,
  );
  try {
    for (let wait = 250; ; wait = Math.min(wait * 1.5, 10_000)) {
      stopIfInterrupted(
        `interrupted while run ${runId} of ${name} is running; it is still running`,
        nextStepsFor(target, runId),
      );
      const run = await runs.get(runId);
      if (isFinished(run.state)) return run;
      await delay(wait, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  } finally {
    removeInterruptHandler();
    removeRunAdvice();
  }
}

/** Returns how to watch or end a run that may still be running, and to promote again. */
const nextStepsFor = ({ stack }: DeployTarget, runId: Id): string => {
  const option = `--on ${stack.metadata.environment}`;
  return `watch it: lakeform runs show ${runId} --follow ${option}; end it: lakeform runs cancel ${runId} ${option}; then promote again`;
};

async function findJob(
  targets: readonly DeployTarget[],
  name: string,
): Promise<{ target: DeployTarget; id: Id }> {
  const names: string[] = [];
  for (const target of targets) {
    const state = await readState(target.terraform, target.stack);
    for (const resource of state?.resources ?? []) {
      const attributes = resource.instances[0]?.attributes;
      if (
        resource.type !== "databricks_job" ||
        resource.mode !== "managed" ||
        attributes === undefined
      )
        continue;
      if (attributes.name === name) return { target, id: idOf(String(attributes.id)) };
      names.push(String(attributes.name));
    }
  }
  throw unknownJob(name, names);
}

const unknownJob = (name: string, names: readonly string[]): LakeformError =>
  new LakeformError("UNKNOWN_JOB", "no such job in these stacks", {
    value: name,
    allowed: names.map(printable).join(", "),
    fix: `${didYouMean(name, names)}use the name of a job in these stacks`,
  });
