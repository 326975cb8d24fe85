import { workspaceTime } from "../api/transport/clock";
import { idOf } from "../api/transport/ids";
import { Runs, isFinished, isSuccess, type Run } from "../api/families/runs";
import { checkStacks } from "../deploy/check";
import { gitState, outsideRepository } from "../deploy/commit";
import { hashContents } from "../deploy/fill-record";
import { uploadedFiles } from "../deploy/uploaded-files";
import { RecordStore } from "../deploy/record";
import type { DeployEvents, DeployTarget } from "../deploy/target";
import { LakeformError } from "../errors";
import type { Mask } from "../mask";
import { exitCodeOf, type Review } from "../review";
import { printable } from "../printable";
import type { SynthesizedStack } from "../terraform/stack";
import { readState } from "../terraform/state";
import type { DeploymentRecord } from "../verify/deployed/record";
import type { VerifyReport } from "../verify/model";
import { baseName, diffEnvironments, maskDiff } from "./environment-diff";
import type { GateAnswer } from "./gates";
import { renderDiffText } from "./render-diff";
import { runJob } from "./smoke";
import { listExamples } from "../list-examples";

/** The runs of FROM's jobs that a promotion requires. */
export interface RequiredRuns {
  /** Names of jobs. @default every job of the stacks */
  readonly jobs?: readonly string[];
  /** Minimum number of successful runs since the deploy, for each job. @default 1 */
  readonly atLeast: number;
  /**
   * Run each job that has not run since the deploy, as often as `atLeast` requires. A failed job is
   * not run again, because the failure needs investigation.
   */
  readonly run: boolean;
  /** Maximum age of the last successful run in hours. @default no limit */
  readonly maxAgeHours?: number;
}

/**
 * Checks that the Git tree is clean and contains all uploaded files, so that the recorded commit is
 * the deployed code.
 */
export async function checkGit(stacks: readonly SynthesizedStack[]): Promise<GateAnswer> {
  const folder = stacks[0]?.directory ?? ".";
  const git = await gitState(folder);
  if (git === undefined)
    return {
      outcome: "failed",
      evidence: "no Git commit to record",
      fix: "commit the code: a promoted version must be reproducible",
    };
  if (git.dirty.length > 0) {
    const names = listExamples(git.dirty.map(printable), 5);
    return {
      outcome: "failed",
      evidence: `${git.commit.slice(0, 12)} with changes in ${names}`,
      fix: "commit or stash the changes; ignore files in a .gitignore of the repository",
    };
  }
  const outside = await outsideRepository(folder, stacks.flatMap(uploadedFiles));
  if (outside.length > 0) {
    return {
      outcome: "failed",
      evidence: [
        `${git.commit.slice(0, 12)} does not contain all of the code: files from outside the repository`,
        ...outside.map(printable),
      ].join("\n"),
      fix: "copy them into the repository, and commit them",
    };
  }
  return { outcome: "passed", evidence: `commit ${git.commit.slice(0, 12)}, nothing changed` };
}

/**
 * Reads the deployment records of FROM.
 * @throws LakeformError NOT_DEPLOYED when one of FROM's stacks has no record; RECORD_TAMPERED
 */
export async function readRecords(
  from: readonly DeployTarget[],
): Promise<ReadonlyMap<string, DeploymentRecord>> {
  const records = new Map<string, DeploymentRecord>();
  for (const target of from) {
    const record = await new RecordStore(target.client, target.stack.metadata.recordFolder).read();
    if (record === undefined) {
      throw new LakeformError(
        "NOT_DEPLOYED",
        `"${target.stack.name}" was never deployed with lakeform: nothing to promote`,
        {
          value: target.stack.metadata.recordFolder,
          fix: `lakeform deploy ${target.stack.metadata.environment}, run it, then promote`,
        },
      );
    }
    records.set(target.stack.name, record);
  }
  return records;
}

/** Checks that the last deploy of each stack of FROM succeeded. */
export async function checkLastDeploy(
  from: readonly DeployTarget[],
  records: ReadonlyMap<string, DeploymentRecord>,
): Promise<GateAnswer> {
  const lines: string[] = [];
  for (const target of from) {
    const attempt = await new RecordStore(
      target.client,
      target.stack.metadata.recordFolder,
    ).readAttempt();
    if (attempt !== undefined && attempt.outcome !== "succeeded") {
      const result = attempt.outcome === "failed" ? "failed" : "was interrupted";
      return {
        outcome: "failed",
        evidence: `the last deploy of ${target.stack.name} (${printable(attempt.startedAt)}) ${result}`,
        fix: `lakeform deploy ${target.stack.name}`,
      };
    }
    const record = records.get(target.stack.name);
    const origin = record?.commit === undefined ? "" : ` from ${record.commit.slice(0, 12)}`;
    lines.push(
      printable(
        `${target.stack.name} deployed ${record?.deployedAt ?? ""} by ${record?.deployedBy ?? ""}${origin}`,
      ),
    );
  }
  return { outcome: "passed", evidence: lines.join("\n") };
}

/** Checks that the artifacts for TO are byte for byte those deployed to FROM. */
export async function checkArtifacts(
  from: readonly DeployTarget[],
  to: readonly DeployTarget[],
  records: ReadonlyMap<string, DeploymentRecord>,
): Promise<GateAnswer> {
  const byName = new Map(from.map((target) => [baseName(target.stack), target]));
  const different: string[] = [];
  let compared = 0;
  for (const target of to) {
    const source = byName.get(baseName(target.stack));
    const recorded = source === undefined ? undefined : records.get(source.stack.name)?.content;
    for (const [address, content] of Object.entries(
      await hashContents(target.stack.json, target.stack.directory),
    )) {
      compared += 1;
      const path = printable(target.stack.metadata.resources[address]?.path ?? address);
      const deployedContent = recorded?.[address];
      if (deployedContent === undefined) different.push(`${path} was not part of that deploy`);
      else if (deployedContent.sha256 !== content.sha256)
        different.push(
          `${path} differs (${printable(deployedContent.sha256.slice(0, 12))} there, ${content.sha256.slice(0, 12)} here)`,
        );
    }
  }
  if (compared === 0) return { outcome: "not applicable", evidence: "the stacks upload nothing" };
  if (different.length === 0)
    return {
      outcome: "passed",
      evidence: `${compared} artifact${compared === 1 ? "" : "s"} with the same SHA-256`,
    };
  const [environment] = from.map((target) => target.stack.metadata.environment);
  return {
    outcome: "failed",
    evidence: different.join("\n"),
    fix: `deploy and test this code in ${environment ?? "the environment before"} first`,
  };
}

/** Checks that the workspace of FROM matches its code. */
export async function checkVerified(
  from: readonly DeployTarget[],
  events: DeployEvents,
  environments: readonly string[],
): Promise<GateAnswer> {
  const { report } = await checkStacks(from, { deep: true, events, environments });
  const { counts, exitCode } = report;
  const statusCounts = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`)
    .join(", ");
  const removed = report.resources.flatMap(({ kind, status, stack, reason }) =>
    kind === "stack" && status === "pending" ? [printable(`${stack}: ${reason ?? ""}`)] : [],
  );
  const differences = differencesOf(report).map(printable);
  const hidden = differences.length - maxShownDifferences;
  const evidence = [
    `${statusCounts} (${report.calls} calls, deep)`,
    ...differences.slice(0, maxShownDifferences),
    ...(hidden > 0 ? [`… ${hidden} more`] : []),
    ...removed,
  ].join("\n");
  if (exitCode === 0) return { outcome: "passed", evidence };
  const [environment = ""] = from.map((target) => target.stack.metadata.environment);
  const fix =
    exitCode === 1
      ? `fix the read errors; lakeform verify ${environment} --deep repeats the check, lakeform doctor checks the connection`
      : removed.length > 0
        ? `lakeform verify ${environment} --deep lists the differences and the command for each`
        : `lakeform verify ${environment} --deep lists the differences; lakeform deploy ${environment} --heal fixes them`;
  return { outcome: "failed", evidence, fix };
}

const maxShownDifferences = 5;

/** Returns what could not be read, with the cause, and then the differences, without values. */
function differencesOf(report: VerifyReport): string[] {
  const failures = report.failures.map(({ what, reason }) => `not read: ${what}: ${reason}`);
  const results = report.resources.flatMap(({ kind, status, path, reason, findings }) => {
    if (!["error", "missing", "drift", "pending"].includes(status) || kind === "stack") return [];
    const fields = findings.flatMap((finding) => (finding.status === status ? [finding.path] : []));
    const cause = reason ?? listExamples(fields, 5);
    const text = `${status}: ${path}${cause === "" ? "" : `: ${cause}`}`;
    return [{ order: status === "error" ? 0 : 1, text }];
  });
  results.sort((left, right) => left.order - right.order);
  return [...failures, ...results.map(({ text }) => text)];
}

/**
 * Checks that the jobs of FROM ran successfully since the deploy. Runs those that have not run, if
 * `required.run` is true.
 */
export async function checkRuns(
  from: readonly DeployTarget[],
  records: ReadonlyMap<string, DeploymentRecord>,
  required: RequiredRuns,
  now: () => Date,
  events: DeployEvents,
): Promise<GateAnswer> {
  const [passedJobs, failedJobs]: [string[], string[]] = [[], []];
  const jobNames = new Set<string>();
  for (const target of from) {
    const since = Date.parse(records.get(target.stack.name)?.deployedAt ?? "");
    const state = await readState(target.terraform, target.stack);
    for (const resource of state?.resources ?? []) {
      const attributes = resource.instances[0]?.attributes;
      if (
        resource.mode !== "managed" ||
        resource.type !== "databricks_job" ||
        attributes === undefined
      )
        continue;
      const name = String(attributes.name);
      jobNames.add(name);
      if (required.jobs !== undefined && !required.jobs.includes(name)) continue;
      const jobId = idOf(String(attributes.id));
      const runs: Run[] = [];
      for await (const run of new Runs(target.client).list({ jobId, startTimeFrom: since }))
        runs.push(run);
      const runCount = required.run && runs.length === 0 ? required.atLeast : 0;
      for (let count = 0; count < runCount; count++)
        runs.push(await runJob(target, jobId, name, events));
      const successes = runs.filter((run) => isSuccess(run.state));
      const newest = Math.max(...successes.map((run) => run.end_time ?? run.start_time ?? 0));
      const failed = runs.filter((run) => isFinished(run.state) && !isSuccess(run.state)).length;
      const summary = `${printable(name)}: ${successes.length} successful${failed > 0 ? `, ${failed} failed` : ""} since ${new Date(since).toISOString()}${runCount === 0 ? "" : ", run by this promotion"}`;
      const isTooOld =
        required.maxAgeHours !== undefined &&
        workspaceTime(target.client.host, now().getTime()) - newest >
          required.maxAgeHours * 3_600_000;
      if (successes.length < required.atLeast)
        failedJobs.push(`${summary}; ${required.atLeast} required`);
      else if (isTooOld)
        failedJobs.push(`${summary}; the newest is older than ${required.maxAgeHours ?? 0} hours`);
      else passedJobs.push(summary);
    }
  }
  const unknownJobs = (required.jobs ?? []).filter((name) => !jobNames.has(name));
  if (unknownJobs.length > 0)
    failedJobs.push(
      `no such job in these stacks: ${unknownJobs.map(printable).join(", ")} (there are ${[...jobNames].map(printable).join(", ")})`,
    );
  const [environment = ""] = from.map((target) => target.stack.metadata.environment);
  if (failedJobs.length > 0)
    return {
      outcome: "failed",
      evidence: [...failedJobs, ...passedJobs].join("\n"),
      fix:
        unknownJobs.length > 0
          ? "correct the name after --job"
          : `lakeform run ${environment} <job>`,
    };
  if (passedJobs.length === 0)
    return { outcome: "not applicable", evidence: "the stacks have no jobs" };
  return { outcome: "passed", evidence: passedJobs.join("\n") };
}

/** Checks that the profiles allow all differences between the environments. */
export function checkEnvironmentDiff(
  from: readonly DeployTarget[],
  to: readonly DeployTarget[],
  names: { from: string; to: string },
  mask: Mask,
): GateAnswer {
  const [fromStacks, toStacks] = [from.map(({ stack }) => stack), to.map(({ stack }) => stack)];
  const diff = maskDiff(diffEnvironments(fromStacks, toStacks, names), mask);
  const evidence = renderDiffText(diff).trim();
  if (diff.notAllowed === 0) return { outcome: "passed", evidence };
  return {
    outcome: "failed",
    evidence,
    fix: `remove the difference, or allow it in the profile of ${names.to} with a reason (allowedDifferences)`,
  };
}

/** Checks that the review has no unsuppressed findings of severity "error". */
export function checkReview(review: Review): GateAnswer {
  const findings = review.stacks
    .flatMap((stack) => [...stack.policies, ...stack.secrets])
    .filter((finding) => finding.suppressed === undefined);
  const lines = findings.map((finding) =>
    printable(`${finding.severity} ${finding.rule} at ${finding.path}: ${finding.message}`),
  );
  if (exitCodeOf(review) === 0)
    return { outcome: "passed", evidence: lines.length === 0 ? "no findings" : lines.join("\n") };
  return {
    outcome: "failed",
    evidence: lines.join("\n"),
    fix: "fix them, or suppress them in code with a reason and an expiry",
  };
}
