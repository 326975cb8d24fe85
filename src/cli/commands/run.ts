import type { Id } from "../../api";
import { randomUUID } from "node:crypto";
import { Command } from "commander";
import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "../../api";
import { isFinished, isSuccess, Runs, type Run } from "../../api/families/runs";
import { workspaceNow } from "../../api/transport/clock";
import { LakeformError } from "../../errors";
import { explainFailure } from "../../run/failure";
import { findJob } from "../../run/find-job";
import { liveView } from "../../run/live";
import { checkAdvice, startRun } from "../../run/start-run";
import { runReport, runText } from "../../run/report";
import { getRun, watchRun } from "../../run/watch";
import { paintSymbols } from "../../run/format";
import type { SynthesizedStack } from "../../terraform/stack";
import { usesColor } from "../terminal";
import {
  forgetInterrupt,
  interruptedBy,
  handleSignals,
  onInterrupt,
  uninterrupted,
} from "../../interrupt";
import { ask } from "../questions";
import type { Io, MakeCommand } from "../io";
import {
  emit,
  jobQuery,
  openRest,
  stackAndJob,
  withRestFlags,
  type RestFlags,
  type RestTarget,
} from "../rest";

interface RunFlags extends RestFlags {
  readonly param: Readonly<Record<string, string>>;
  readonly notebookParam: Readonly<Record<string, string>>;
  readonly only: readonly string[];
  readonly wait: boolean;
  readonly idempotencyToken?: string;
  readonly all?: boolean;
}

export const command: MakeCommand = (io) =>
  withRestFlags(new Command("run"), true)
    .description("Start a job and watch its tasks; exit 2 if the run fails")
    .argument("<stack>", "stack or environment; optional if the job is given")
    .argument("[job]", "job name, construct path (daily-etl-local/pipeline), or id")
    .option("--param <key=value>", "job parameter (repeatable)", collectKeyValue, {})
    .option(
      "--notebook-param <key=value>",
      "value of a notebook widget (repeatable)",
      collectKeyValue,
      {},
    )
    .option(
      "--only <tasks>",
      "run only these tasks: a,+b (b and its upstream tasks),c+ (c and its downstream tasks)",
      collectList,
      [],
    )
    .option(
      "--idempotency-token <token>",
      "watch the run that was started with this token instead of starting a second one",
    )
    .option("--all", "run every job of the stack or environment, one after the other")
    .option("--no-wait", "return without waiting for the run to finish")
    .addHelpText(
      "after",
      "\nPrints each task when its state changes, and the errors of failed tasks. Ctrl-C asks whether to leave or cancel the run.\nExamples:\n  lakeform run local daily-etl-pipeline --notebook-param input_date=2024-01-01\n  lakeform run dev daily-etl-dev/pipeline --only +transform\n  lakeform run dev --all\n  lakeform run daily-etl-pipeline --profile DEV --no-wait",
    )
    .action(async (first: string, second: string | undefined, flags: RunFlags) => {
      if (flags.all === true) {
        if (second !== undefined) throw jobWithAllError(second);
        const target = await openRest(io, flags, first);
        for (const job of jobPaths(target.stacks)) await runOne(io, target, first, job, flags);
        return;
      }
      const { stack, job: job = first } = stackAndJob(io, first, second);
      await runOne(io, await openRest(io, flags, stack), stack, job, flags);
    });

const jobWithAllError = (job: string): LakeformError =>
  new LakeformError(
    "ALL_OR_ONE",
    "--all runs every job of the environment: it cannot be combined with one job",
    {
      value: job,
      fix: "omit --all, or the job",
    },
  );

/** Returns the construct path of each job in these stacks. */
function jobPaths(stacks: readonly SynthesizedStack[]): string[] {
  return stacks.flatMap(({ metadata }) =>
    Object.entries(metadata.resources).flatMap(([address, { path }]) =>
      address.startsWith("databricks_job.") ? [path] : [],
    ),
  );
}

async function runOne(
  io: Io,
  target: RestTarget,
  stack: string | undefined,
  job: string,
  flags: RunFlags,
): Promise<void> {
  const { client } = target;
  const query = jobQuery(target.stacks, job);
  const { job_id } = await findJob(client, query);
  const request = {
    job_id,
    idempotency_token: flags.idempotencyToken ?? randomUUID(),
    ...(Object.keys(flags.param).length > 0 && { job_parameters: flags.param }),
    ...(Object.keys(flags.notebookParam).length > 0 && { notebook_params: flags.notebookParam }),
    ...(flags.only.length > 0 && { only: flags.only }),
  };
  const removeAdvice = handleSignals(`the run may have started; ${checkAdvice(request)}`);
  const runId = await uninterrupted(() => startRun(client, request, query.job)).finally(
    removeAdvice,
  );
  if (!flags.wait) {
    // The run has started, even if its state cannot be read.
    const run = await getRun(client, runId).catch((error: unknown): Run => {
      if (!(error instanceof LakeformError)) throw error;
      io.stderr.write(
        `the run has started, but its state is unknown: ${error.code}: ${error.message}\n`,
      );
      return { run_id: runId, job_id };
    });
    emit(
      io,
      flags,
      runReport(run),
      `started run ${runId} of ${query.job}${run.run_page_url === undefined ? "" : `: ${run.run_page_url}`}\nwatch it: lakeform runs show ${runId} --follow${stack === undefined ? "" : ` --on ${stack}`}`,
    );
    return;
  }
  await follow(io, target, runId, flags);
}

/**
 * Watches a run until it ends, prints the result, and exits with 2 if it failed. Ctrl-C asks
 * whether to leave or cancel the run; the command exits with 1 if the run is still active.
 */
export async function follow(
  io: Io,
  target: Pick<RestTarget, "client" | "withoutDeadline">,
  runId: Id,
  flags: RestFlags,
): Promise<void> {
  const isOnScreen =
    flags.format !== "json" && (io.stdout as Partial<NodeJS.WriteStream>).isTTY === true;
  const now = (): number => workspaceNow(target.client.host);
  const view = liveView(io.stderr, now, {
    quiet: flags.quiet === true,
    color: usesColor(io, io.stderr),
    erase: isOnScreen,
  });
  const watching = new AbortController();
  const dispose = onInterrupt(() => watching.abort());
  const removeAdvice = handleSignals(stillRunning(runId));
  // A signal may have arrived while the run was being started.
  if (interruptedBy() !== undefined) watching.abort();
  const ticking = setInterval(() => view.tick(), 1000);
  let run: Run;
  try {
    run = await watchRun(target.client, runId, {
      onChange: (state) => view.show(state),
      signal: watching.signal,
      now: Date.now,
      sleep,
      ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout * 1000 }),
    });
  } catch (error) {
    if (!watching.signal.aborted) {
      if (error instanceof LakeformError && !codesThatDescribeRun.has(error.code))
        io.stderr.write(`${stillRunning(runId)}\n`);
      throw error;
    }
    run = await getRun(target.withoutDeadline, runId);
  } finally {
    clearInterval(ticking);
    dispose();
    removeAdvice();
    view.done();
  }
  if (!isFinished(run.state)) run = await leaveOrCancel(io, target.withoutDeadline, run);
  const failures = isFinished(run.state) ? await explainFailure(target.withoutDeadline, run) : [];
  emit(
    io,
    flags,
    runReport(run, failures),
    paintSymbols(runText(run, failures, now()), usesColor(io, io.stdout)),
  );
  if (isFinished(run.state) && !isSuccess(run.state)) io.exitCode = 2;
  // The run is still active and its result unknown, so the exit code must not mean success.
  else if (!isFinished(run.state)) io.exitCode = 1;
}

/** Codes of errors that already describe the state of the run. */
const codesThatDescribeRun = new Set(["RUN_NOT_FINISHED", "UNKNOWN_RUN"]);
const watchAdvice = (runId: Id): string =>
  `watch it: lakeform runs show ${runId} --follow; end it: lakeform runs cancel ${runId}`;
const stillRunning = (runId: Id): string =>
  `run ${runId} is no longer watched and may still be running; ${watchAdvice(runId)}`;

async function leaveOrCancel(io: Io, client: Client, run: Run): Promise<Run> {
  const question = `run ${run.run_id} is still running: [l]eave it or [c]ancel it? `;
  const answer = interruptedBy() === "SIGTERM" ? undefined : await ask(io, question);
  if (answer?.toLowerCase().startsWith("c") !== true) {
    io.stderr.write(`left running; ${watchAdvice(run.run_id)}\n`);
    return run;
  }
  forgetInterrupt();
  await new Runs(client).cancel(run.run_id);
  return watchRun(client, run.run_id, { now: Date.now, sleep });
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
}

function collectKeyValue(
  text: string,
  values: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const separator = text.indexOf("=");
  if (separator <= 0)
    throw new LakeformError("BAD_PARAMETER", "expected key=value", {
      value: text,
      fix: "for example --param input_date=2024-01-01",
    });
  return { ...values, [text.slice(0, separator)]: text.slice(separator + 1) };
}

function collectList(text: string, values: readonly string[]): readonly string[] {
  return [
    ...values,
    ...text
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== ""),
  ];
}
