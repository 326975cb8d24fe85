import type { Id } from "../../api";
import { idOf } from "../../api/transport/ids";
import fs from "node:fs";
import path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { isFinished, isSuccess, Runs, RunsReader } from "../../api/families/runs";
import { workspaceNow } from "../../api/transport/clock";
import { take } from "../../api/transport/paging";
import { defined } from "../../defined";
import { LakeformError } from "../../errors";
import { explainFailure, latestAttempts } from "../../run/failure";
import { findJob } from "../../run/find-job";
import { outputsOf, outputsText } from "../../run/outputs";
import { runReport, runText } from "../../run/report";
import { getRun } from "../../run/watch";
import {
  formatElapsed,
  paintSymbols,
  stateWord,
  symbol,
  renderListing,
  formatTime,
} from "../../run/format";
import type { Io, MakeCommand } from "../io";
import { outputStyle, usesColor } from "../terminal";
import { emit, jobQuery, openRest, stackAndJob, withRestFlags, type RestFlags } from "../rest";
import { follow } from "./run";
import { parsePositive } from "../option-parsers";

export const command: MakeCommand = (io) =>
  new Command("runs")
    .description("List runs; show, follow, cancel, repair and export a run, and print its output")
    .addCommand(listCommand(io), { isDefault: true })
    .addCommand(showCommand(io))
    .addCommand(cancelCommand(io))
    .addCommand(repairCommand(io))
    .addCommand(outputCommand(io))
    .addCommand(exportCommand(io))
    .addHelpText(
      "after",
      "\nExamples:\n  lakeform runs list dev daily-etl-pipeline --active\n  lakeform runs show 1234 --follow\n  lakeform runs output 1234\n  lakeform runs repair 1234\n  lakeform runs cancel 1234",
    );

interface ListFlags extends RestFlags {
  readonly limit: number;
  readonly active?: boolean;
}

const listCommand = (io: Io): Command =>
  withRestFlags(new Command("list"), true)
    .description("List runs, newest first")
    .addHelpText("after", "\nExample: lakeform runs list dev daily-etl-pipeline --active")
    .argument("[stack]", "stack or environment; optional if the job is given")
    .argument("[job]", "only runs of this job: name, construct path, or id")
    .option("--limit <count>", "maximum number of runs", parsePositive, 20)
    .option("--active", "only runs that are not finished")
    .action(async (first: string | undefined, second: string | undefined, flags: ListFlags) => {
      const { stack, job } = stackAndJob(io, first, second, true);
      const { client, stacks } = await openRest(io, flags, stack);
      const jobId =
        job === undefined ? undefined : (await findJob(client, jobQuery(stacks, job))).job_id;
      const runsOfJob = new RunsReader(client).list({
        limit: Math.min(25, flags.limit),
        ...defined({ jobId }),
        ...(flags.active === true ? { activeOnly: true } : {}),
      });
      const runs = await take(runsOfJob, flags.limit);
      const now = workspaceNow(client.host);
      const rows = runs.map((run) => [
        symbol(run.state),
        String(run.run_id),
        stateWord(run.state),
        formatTime(run.start_time),
        formatElapsed(run.start_time, run.end_time, now),
        run.run_name ?? "",
      ]);
      const text = renderListing(
        "no runs",
        ["", "RUN", "STATE", "STARTED (UTC)", "TOOK", "NAME"],
        rows,
        outputStyle(io).width,
      );
      emit(io, flags, { schema: "lakeform/runs/1", runs: runs.map((run) => runReport(run)) }, text);
    });

const showCommand = (io: Io): Command =>
  withRestFlags(new Command("show"))
    .description("Show a run and its task graph; exit 2 if it failed")
    .addHelpText(
      "after",
      "\nAlso prints the errors of failed tasks.\nExample: lakeform runs show 1234 --follow",
    )
    .argument("<run-id>", "", parseRunId)
    .option("--follow", "wait until the run finishes")
    .action(async (runId: Id, flags: RestFlags & { readonly follow?: boolean }) => {
      const target = await openRest(io, flags);
      const { client } = target;
      if (flags.follow === true) return follow(io, target, runId, flags);
      const run = await getRun(client, runId, undefined, true);
      const failures = isFinished(run.state) ? await explainFailure(client, run) : [];
      emit(
        io,
        flags,
        runReport(run, failures),
        paintSymbols(runText(run, failures, workspaceNow(client.host)), usesColor(io, io.stdout)),
      );
      if (isFinished(run.state) && !isSuccess(run.state)) io.exitCode = 2;
    });

const cancelCommand = (io: Io): Command =>
  withRestFlags(new Command("cancel"))
    .description("Cancel a run")
    .addHelpText("after", "\nExample: lakeform runs cancel 1234")
    .argument("<run-id>", "", parseRunId)
    .option("--no-wait", "return without waiting for the run to end")
    .action(async (runId: Id, flags: RestFlags & { readonly wait: boolean }) => {
      const target = await openRest(io, flags);
      const { client } = target;
      const run = await getRun(client, runId);
      if (isFinished(run.state)) {
        emit(io, flags, runReport(run), `run ${runId} had already ended: ${stateWord(run.state)}`);
        return;
      }
      await new Runs(client).cancel(runId);
      if (flags.wait) {
        await follow(io, target, runId, flags);
        if (io.exitCode === 2) io.exitCode = 0; // A cancelled run is the intended result.
        return;
      }
      emit(io, flags, runReport(await getRun(client, runId)), `cancelling run ${runId}`);
    });

interface RepairFlags extends RestFlags {
  readonly tasks?: string;
  readonly dependents?: boolean;
  readonly wait: boolean;
}

const repairCommand = (io: Io): Command =>
  withRestFlags(new Command("repair"))
    .description("Rerun the failed tasks of a finished run and their downstream tasks")
    .addHelpText(
      "after",
      "\nSuccessful tasks are not repeated. The repair belongs to the same run.\nExample: lakeform runs repair 1234 --tasks transform,publish",
    )
    .argument("<run-id>", "", parseRunId)
    .option("--tasks <keys>", "rerun these tasks instead of all failed ones")
    .option("--dependents", "with --tasks: also rerun their downstream tasks")
    .option("--no-wait", "return without waiting for the run to finish")
    .action(async (runId: Id, flags: RepairFlags) => {
      const target = await openRest(io, flags);
      const { client } = target;
      const run = await getRun(client, runId);
      if (!isFinished(run.state)) {
        throw new LakeformError("RUN_NOT_FINISHED", "only a finished run can be repaired", {
          value: `run ${runId}: ${stateWord(run.state)}`,
          fix: `wait for it: lakeform runs show ${runId} --follow; or end it: lakeform runs cancel ${runId}`,
        });
      }
      const tasks = flags.tasks?.split(",").map((task) => task.trim());
      const taskKeys = new Set((run.tasks ?? []).map((task) => task.task_key));
      const unknownTasks = tasks?.filter((task) => !taskKeys.has(task)) ?? [];
      if (unknownTasks.length > 0)
        throw new LakeformError("UNKNOWN_TASK", "the run has no such task", {
          value: unknownTasks.join(", "),
          allowed: [...taskKeys].join(", "),
          fix: "check the task's key",
        });
      if (tasks === undefined && run.state?.result_state === "SUCCESS") {
        emit(io, flags, runReport(run), `run ${runId} succeeded: nothing to repair`);
        return;
      }
      const request =
        tasks === undefined
          ? { rerun_all_failed_tasks: true }
          : {
              rerun_tasks: tasks,
              ...(flags.dependents === true && { rerun_dependent_tasks: true }),
            };
      await new Runs(client).repair(runId, request);
      if (flags.wait) return follow(io, target, runId, flags);
      emit(io, flags, runReport(await getRun(client, runId)), `repairing run ${runId}`);
    });

const outputCommand = (io: Io): Command =>
  withRestFlags(new Command("output"))
    .description("Print the results and the output of a run's tasks")
    .addHelpText("after", "\nExample: lakeform runs output 1234")
    .argument("<run-id>", "", parseRunId)
    .action(async (runId: Id, flags: RestFlags) => {
      const { client } = await openRest(io, flags);
      const outputs = await outputsOf(client, await getRun(client, runId));
      emit(
        io,
        flags,
        { schema: "lakeform/run-output/1", run_id: runId, tasks: outputs },
        outputsText(outputs),
      );
    });

const exportCommand = (io: Io): Command =>
  withRestFlags(new Command("export"))
    .description("Save the notebooks of a run, or of one task run, as HTML")
    .addHelpText("after", "\nExample: lakeform runs export 1234 --out exports")
    .argument("<run-id>", "", parseRunId)
    .option("--out <folder>", "target folder", ".")
    .action(async (runId: Id, flags: RestFlags & { readonly out: string }) => {
      const { client } = await openRest(io, flags);
      const run = await getRun(client, runId);
      const tasks = latestAttempts(run.tasks ?? []);
      // The platform exports only single task runs, and nothing for tasks that did not run.
      const exportable = tasks.filter(
        (task) => task["notebook_task"] !== undefined && symbol(task.state) !== "-",
      );
      const sources =
        tasks.length <= 1
          ? [{ run_id: runId, name: "" }]
          : exportable.map((task) => ({ run_id: task.run_id, name: `${task.task_key}-` }));
      const folder = path.resolve(io.cwd, flags.out);
      fs.mkdirSync(folder, { recursive: true });
      const files: string[] = [];
      for (const source of sources) {
        const views = await new RunsReader(client).export(source.run_id, "ALL");
        for (const [index, view] of views.entries()) {
          const file = path.join(
            folder,
            `${source.name}${source.run_id}-${index + 1}-${view.name.replaceAll(/[^\w.-]+/g, "_")}.html`,
          );
          fs.writeFileSync(file, view.content);
          files.push(file);
        }
      }
      emit(
        io,
        flags,
        { schema: "lakeform/export/1", files },
        files.length === 0 ? "the run has nothing to export" : files.join("\n"),
      );
    });

function parseRunId(text: string): Id {
  if (!/^\d{1,19}$/.test(text))
    throw new InvalidArgumentError("must be a run id, which is a whole number");
  return idOf(text);
}
