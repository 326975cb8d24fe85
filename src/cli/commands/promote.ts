import { Command, Option } from "commander";
import { defined } from "../../defined";
import { checkWaivers, type GateResult } from "../../promote/gates";
import { promote, type PromoteResult } from "../../promote/promote";
import { printable, printableJson, printableLines } from "../../printable";
import { usesColor } from "../terminal";
import type { Io, MakeCommand } from "../io";
import { makeReporter } from "../progress";
import { environmentsIn, openTargets, whoAmI } from "../target";
import { versions } from "../versions";
import { commonOptions } from "./deploy";
import { collect, parseWholeNumber } from "../option-parsers";
import { noSynthOption } from "../target-options";

interface Flags {
  readonly approve?: string;
  readonly autoApprove?: boolean;
  readonly waive: readonly string[];
  readonly reason?: string;
  readonly job: readonly string[];
  readonly runs: number;
  readonly maxAge?: number;
  readonly run?: boolean;
  readonly smoke: readonly string[];
  readonly breakLock?: string;
  readonly format: "text" | "json";
  readonly synth?: boolean;
  readonly quiet?: boolean;
}

export const command: MakeCommand = (io) =>
  new Command("promote")
    .description(
      "Promote the version tested in FROM to TO: check gates, review, deploy, verify, record",
    )
    .argument("<from>", "environment to promote from")
    .argument("<to>", "environment to promote to")
    .option("--approve <digest>", "digest of the reviewed plan of TO (from lakeform review TO)")
    .option("--auto-approve", "skip the prompt")
    .option(
      "--waive <gate>",
      "pass a closed gate; needs --reason and is recorded (repeatable)",
      collect,
      [],
    )
    .option("--reason <text>", "reason for the waiver")
    .option(
      "--job <name>",
      "check only the runs of this job in FROM (repeatable; default: all jobs)",
      collect,
      [],
    )
    .option(
      "--runs <n>",
      "successful runs that each job needs since its deploy",
      parseWholeNumber,
      1,
    )
    .option("--max-age <hours>", "maximum age of the newest of these runs", parseWholeNumber)
    .option(
      "--no-run",
      "do not run the jobs of FROM that have not run since the deploy; their gate stays closed",
    )
    .option("--smoke <job>", "run this job once in TO after the deploy (repeatable)", collect, [])
    .option("--break-lock <id>", "take over the lock of a deploy that is no longer running")
    .addOption(
      new Option("--format <format>", "output format").choices(["text", "json"]).default("text"),
    )
    .addOption(noSynthOption())
    .option("--quiet", "hide progress")
    .addHelpText(
      "after",
      '\nDeploys to TO the commit that runs in FROM, if all gates are open.\n\nGates, in order: git, deployed, artifacts, verified, runs, environment-diff, review, approval. The first closed gate stops the promotion (exit 2), and nothing is changed in TO. Jobs of FROM that have not run since its deploy are started (with --no-run, they close the gate instead).\nExamples:\n  lakeform promote dev staging\n  lakeform promote staging prod --approve 3f9a0c27d1b4 --smoke daily-etl-pipeline\n  lakeform promote staging prod --waive runs --reason "hotfix 4711, tested manually"',
    )
    .action(async (from: string, to: string, flags: Flags) => {
      const waived = checkWaivers(flags.waive, flags.reason);
      const reporter = makeReporter(io.stderr, flags);
      const open = {
        variables: "required",
        onSynth: () => reporter.step("building the app"),
      } as const;
      const [sources, targets] = [
        await openTargets(io, [from], flags, open),
        await openTargets(io, [to], flags, open),
      ];
      const [first] = targets;
      if (first === undefined) return;
      const common = commonOptions(io, flags, reporter);
      const isText = flags.format === "text";
      const result = await promote({
        from: sources,
        to: targets,
        environments: environmentsIn([from, to], [...sources, ...targets]),
        approval: common.approval,
        events: common.events,
        onReview: isText ? common.onReview : () => undefined,
        waived,
        ...defined({ reason: flags.reason }),
        runs: {
          atLeast: flags.runs,
          run: flags.run !== false,
          ...(flags.job.length > 0 && { jobs: flags.job }),
          ...defined({ maxAgeHours: flags.maxAge }),
        },
        smoke: flags.smoke,
        by: () => whoAmI(first),
        versions: versions(),
        secrets: io.secrets.mask(),
        ...defined({ breakLock: flags.breakLock }),
        onGate: (gate) => {
          reporter.done();
          if (isText) io.stdout.write(gateText(io, gate));
        },
      });
      reporter.done();
      io.stdout.write(isText ? printableLines(resultText(result)) : `${printableJson(result)}\n`);
      const failedSmoke = result.smoke?.some((run) => !run.ok) === true;
      const verifyExitCode = result.deployed?.report?.exitCode ?? 0;
      if (result.closed !== undefined || failedSmoke || verifyExitCode === 2) io.exitCode = 2;
      else if (verifyExitCode === 1) io.exitCode = 1;
    });

const signs = { passed: "✓", failed: "✗", waived: "!", "not applicable": "–" } as const;
const colors = { passed: 32, failed: 31, waived: 33, "not applicable": 90 } as const;

function gateText(io: Io, gate: GateResult): string {
  const sign = usesColor(io, io.stdout)
    ? `\x1b[${colors[gate.outcome]}m${signs[gate.outcome]}\x1b[0m`
    : signs[gate.outcome];
  const lines = [`${sign} ${gate.gate}: ${gate.title} (${gate.outcome})`];
  for (const line of gate.evidence.split("\n").filter((text) => text !== ""))
    lines.push(`    ${line}`);
  if (gate.reason !== undefined) lines.push(`    waived because: ${printable(gate.reason)}`);
  if (gate.outcome === "failed" && gate.fix !== undefined)
    lines.push(`    to open it: ${gate.fix}`);
  return `${lines.join("\n")}\n`;
}

function resultText(result: PromoteResult): string {
  if (result.closed !== undefined) {
    return `\nthe gate "${result.closed.gate}" is closed: nothing was changed in ${result.to}\nwhen it is open: lakeform promote ${result.from} ${result.to}\n`;
  }
  const waived = result.gates.filter((gate) => gate.outcome === "waived").map((gate) => gate.gate);
  const lines = [
    `\npromoted ${result.from} to ${result.to}, digest ${result.digest ?? ""}${waived.length > 0 ? `, waived: ${waived.join(", ")}` : ""}`,
  ];
  const report = result.deployed?.report;
  if (report !== undefined)
    lines.push(
      report.exitCode === 0
        ? `${result.to} matches the code`
        : `${result.to} does not match the code: lakeform verify ${result.to}`,
    );
  for (const run of result.smoke ?? [])
    lines.push(
      `${run.ok ? "✓" : "✗"} ${printable(run.job)}: ${printable(run.result)} (run ${run.runId})`,
    );
  return `${lines.join("\n")}\n`;
}
