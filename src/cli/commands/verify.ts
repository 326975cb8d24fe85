import path from "node:path";
import { Command, Option } from "commander";
import { listExamples } from "../../list-examples";
import { defined } from "../../defined";
import { checkWorkspaces } from "../../deploy/check";
import { verifyNotingDeploys } from "../../deploy/ready-state";
import { verifyPlainProject } from "../../deploy/verify-folder";
import { withTerraform } from "../../deploy/with-terraform";
import { printable } from "../../printable";
import { LakeformError } from "../../errors";
import { didYouMean } from "../../suggestion";
import { initialize } from "../../terraform/initialize";
import { findProject } from "../../terraform/project";
import { folderInRepository, mainFileOf } from "../../terraform/repository";
import type { ShownDecision, Verification, VerifyOptions, VerifyReport } from "../../verify";
import { readIgnoreFile, type SourcedRule } from "../../verify/compare/ignore";
import { mergeReports } from "../../verify/merge";
import { formatOfFile, renderReport, reportFormats, type ReportFormat } from "../../verify/report";
import { projectItself, type SourcePlace } from "../../verify/report/sarif-log";
import { usesColor } from "../terminal";
import { EarlyVerification } from "../early-verification";
import type { Io, MakeCommand } from "../io";
import { makeReporter } from "../progress";
import { checkOutput, writeOutput } from "../output";
import { environmentsIn, openTargets, type TargetFlags } from "../target";
import { collect, parseWholeNumber } from "../option-parsers";
import { hostOption, noSynthOption, profileOption } from "../target-options";

interface Flags extends TargetFlags {
  readonly dir?: string;
  readonly deep?: boolean;
  readonly byName?: boolean;
  readonly withTerraform?: boolean;
  readonly allowPending?: boolean;
  readonly unmanaged: "ours" | "all" | "none";
  readonly ignoreFile?: string;
  readonly explain?: string;
  readonly format: ReportFormat;
  readonly out: readonly string[];
  readonly maxContent?: number;
  readonly maxFolders?: number;
  readonly quiet?: boolean;
}

export const command: MakeCommand = (io) =>
  new Command("verify")
    .description("Check that the workspace matches the code")
    .argument("[stack...]", "stacks or environments")
    .option("--deep", "also check fields that need one API call per object (run_as, access lists)")
    .option("--allow-pending", "do not exit 2 for code that is not deployed yet")
    .option("--by-name", "find objects by name, without a state")
    .addOption(
      new Option(
        "--with-terraform",
        "use Terraform's refresh to read resource types that lakeform does not support",
      ).conflicts("byName"),
    )
    .addOption(
      new Option(
        "--unmanaged <scope>",
        "which unmanaged objects to report; ours: those with a stack's stamp or name",
      )
        .choices(["ours", "all", "none"])
        .default("ours"),
    )
    .option(
      "--ignore-file <file>",
      "file of intentional differences, each with a reason and an expiry date (default: lakeform.ignore.yaml of the project)",
    )
    .option(
      "--explain <address>",
      "explain the result of each field of one resource (address or construct path)",
    )
    .addOption(
      new Option("--format <format>", "output format").choices([...reportFormats]).default("text"),
    )
    .option(
      "--out <file>",
      "also write the report to a file; the extension selects the format (.json .xml .sarif .md .html .txt); repeatable",
      collect,
      [],
    )
    .option("--max-content <bytes>", "do not read files larger than this", parseWholeNumber)
    .option(
      "--max-folders <number>",
      "with --unmanaged all: list at most this many folders per tree (default: 2000)",
      parseWholeNumber,
    )
    .option(
      "--dir <folder>",
      "verify an initialized plain Terraform project (HCL or JSON) instead of stacks",
    )
    .addOption(hostOption())
    .addOption(profileOption())
    .addOption(noSynthOption())
    .option("--quiet", "hide progress")
    .addHelpText(
      "after",
      "\nReads the objects over REST and compares each field with the code, the state and the last deploy. Sends only GET and HEAD requests.\n\nExit codes: 0 the workspace matches the code, 2 it does not (or code is not deployed yet), 1 something could not be read.\nExamples:\n  lakeform verify prod\n  lakeform verify prod --deep --out drift.html --out drift.sarif\n  lakeform verify --dir infra/databricks",
    )
    .action(async (names: string[], flags: Flags) => {
      const outputs = flags.out.map((file) => ({
        file: path.resolve(io.cwd, file),
        format: formatOfFile(file),
      }));
      for (const { file } of outputs) checkOutput(file);
      if ((names.length === 0) === (flags.dir === undefined)) {
        throw new LakeformError(
          "NOTHING_TO_VERIFY",
          "name stacks or environments, or a folder with --dir",
          {
            fix: "lakeform verify local",
          },
        );
      }
      const reporter = makeReporter(io.stderr, flags);
      const explanations: string[] = [];
      const options = verifyOptions(io, flags, explanations);
      const report = await (flags.dir === undefined
        ? verifyStacks(io, names, flags, options, reporter)
        : verifyFolder(io, flags.dir, flags, options));
      reporter.done();
      if (flags.explain !== undefined) explain(io, flags, flags.explain, explanations, report);
      const location = sourcePlaceOf(io, flags);
      io.stdout.write(
        await renderReport(report, flags.format, {
          color: usesColor(io, io.stdout),
          place: location,
        }),
      );
      for (const { file, format } of outputs)
        writeOutput(file, await renderReport(report, format, { place: location }));
      io.exitCode = report.exitCode;
    });

function sourcePlaceOf(io: Io, { dir }: Flags): SourcePlace {
  const folder = dir === undefined ? findProject(io.cwd).root : path.resolve(io.cwd, dir);
  return {
    folder: folderInRepository(folder),
    file: dir === undefined ? projectItself.file : mainFileOf(folder),
  };
}

function verifyOptions(
  io: Io,
  flags: Flags,
  explanations: string[],
): Omit<VerifyOptions, "targets" | "api"> {
  const { explain: subject } = flags;
  const onDecision = (
    resource: { readonly address: string; readonly path: string },
    { path: field, outcome, why }: ShownDecision,
  ): void => {
    if (resource.address === subject || resource.path === subject)
      explanations.push(
        `  ${outcome.padEnd(12)} ${field === "" ? "(the whole resource)" : printable(field)}: ${printable(why)}`,
      );
  };
  return {
    deep: flags.deep ?? false,
    byName: flags.byName ?? false,
    allowPending: flags.allowPending ?? false,
    unmanaged: flags.unmanaged,
    secrets: () => io.secrets.values(),
    ignore: ignoreRules(io, flags),
    ...defined({ maxContentBytes: flags.maxContent, maxFolders: flags.maxFolders }),
    ...(subject === undefined ? {} : { explain: onDecision }),
  };
}

function ignoreRules(io: Io, flags: Flags): readonly SourcedRule[] {
  const folder =
    flags.dir === undefined ? findProject(io.cwd).root : path.resolve(io.cwd, flags.dir);
  return readIgnoreFile(
    folder,
    flags.ignoreFile === undefined ? undefined : path.resolve(io.cwd, flags.ignoreFile),
  );
}

async function verifyStacks(
  io: Io,
  names: readonly string[],
  flags: Flags,
  options: Omit<VerifyOptions, "targets" | "api">,
  reporter: ReturnType<typeof makeReporter>,
): Promise<VerifyReport> {
  const earlyRun = earlyVerification(io, names, flags);
  const targets = await openTargets(io, names, flags, {
    variables: "optional",
    onSynth: () => reporter.step("building the app"),
    meanwhile: () => [checkWorkspaces, renderReport, verifyNotingDeploys],
    ...defined({ early: earlyRun }),
  });
  return verifyNotingDeploys(targets, async () => {
    const environments = environmentsIn(names, targets);
    const results =
      (await earlyRun?.result(reporter)) ??
      (await checkWorkspaces(targets, { ...options, environments, events: reporter }));
    // All verifications of a command hide the same secrets.
    const [{ redactor }] = results as [Verification];
    if (flags.withTerraform !== true)
      return { report: mergeReports(results.map(({ report }) => report)), redactor };
    reporter.step("reading unsupported resource types with Terraform's refresh");
    const stacks = targets.map(({ stack, terraform }) => ({
      name: stack.name,
      terraform,
      prepare: () => initialize(terraform, stack),
    }));
    const reports: VerifyReport[] = [];
    for (const result of results) reports.push(await withTerraform(result, stacks, options));
    return { report: mergeReports(reports), redactor };
  });
}

/**
 * Returns a verification to run while the app runs. Returns undefined with options that make a
 * verification expensive, start Terraform, or explain each decision.
 */
function earlyVerification(
  io: Io,
  names: readonly string[],
  flags: Flags,
): EarlyVerification | undefined {
  const { synth, deep, withTerraform: refresh, explain: explained, unmanaged } = flags;
  if (synth === false || deep === true || refresh === true || explained !== undefined)
    return undefined;
  if (unmanaged === "all") return undefined;
  return new EarlyVerification(io, names, flags, (earlyIo, targets, events, signal) =>
    checkWorkspaces(targets, {
      ...verifyOptions(earlyIo, flags, []),
      environments: environmentsIn(names, targets),
      events,
      signal,
    }),
  );
}

async function verifyFolder(
  io: Io,
  folder: string,
  flags: Flags,
  options: Omit<VerifyOptions, "targets" | "api">,
): Promise<VerifyReport> {
  const { host, profile } = flags;
  const withTerraform = flags.withTerraform === true;
  return verifyPlainProject(path.resolve(io.cwd, folder), {
    ...options,
    withTerraform,
    env: io.env,
    ...(host && { host }),
    ...(profile && { profile }),
  });
}

function explain(
  io: Io,
  flags: Flags,
  subject: string,
  lines: readonly string[],
  report: VerifyReport,
): void {
  const result = report.resources.find(
    ({ address, path: construct }) => address === subject || construct === subject,
  );
  if (result === undefined) {
    const addresses = report.resources.map(({ address }) => address);
    const names = [...addresses, ...report.resources.map(({ path: construct }) => construct)];
    throw new LakeformError("UNKNOWN_RESOURCE", "no resource has this address or construct path", {
      value: subject,
      allowed: listExamples(addresses, 20),
      fix: `${didYouMean(subject, names)}use an address from the report`,
    });
  }
  // The output in other formats contains only the report, so the explanation goes to stderr.
  const stream = flags.format === "text" ? io.stdout : io.stderr;
  stream.write(`${result.path} (${result.address}): ${result.status}\n${lines.join("\n")}\n\n`);
}
