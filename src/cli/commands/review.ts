import path from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { commitOf } from "../../deploy/commit";
import { keepReview } from "../../deploy/kept-reviews";
import { discard, prepare } from "../../deploy/prepare";
import { LakeformError } from "../../errors";
import { compareReviews, exitCodeOf, type Review } from "../../review";
import { reviewAgainst } from "../../review/revisions/against-revision";
import {
  renderReview,
  reviewFormatOf,
  reviewFormats,
  type ReviewFormat,
} from "../../review/render";
import type { ReviewHead } from "../../review/render/html";
import { markdownBudget } from "../../review/render/markdown";
import { readReview } from "../../review/approval/stored";
import { findProject } from "../../terraform/project";
import { folderInRepository } from "../../terraform/repository";
import { readStacks, type SynthesizedStack } from "../../terraform/stack";
import { projectItself } from "../../verify/report/sarif-log";
import { outputStyle } from "../terminal";
import type { Io, MakeCommand } from "../io";
import { makeReporter, type Reporter } from "../progress";
import { checkOutput, writeOutput } from "../output";
import { synthesizeFirst, printWarnings } from "../synthesized";
import { environmentsIn, openTargets, type TargetFlags } from "../target";
import { packageVersion } from "../package-version";
import { collect } from "../option-parsers";
import { hostOption, noSynthOption, profileOption } from "../target-options";

interface Flags extends TargetFlags {
  readonly base?: string;
  readonly heal?: boolean;
  readonly verify?: boolean;
  readonly full?: boolean;
  readonly format: ReviewFormat;
  readonly out: readonly string[];
  readonly codeHost: "github" | "gitlab" | "azure";
  readonly budget: number;
  readonly failOn: "error" | "warning";
  readonly approved?: string;
  readonly withoutSecrets?: boolean;
  readonly quiet?: boolean;
}

export const command: MakeCommand = (io) =>
  new Command("review")
    .description("Show what would change, for review and approval")
    .argument("[stack...]", "stacks or environments")
    .option(
      "--base <ref>",
      "compare all stacks (or the given ones) with the code of this Git revision; needs no workspace, state or credentials",
    )
    .option("--heal", "review what `lakeform deploy --heal` would do")
    .option("--full", "start Terraform even if nothing has changed")
    .option("--without-secrets", "review without the values of secrets: each is shown as changed")
    .option(
      "--no-verify",
      "do not read the workspace: faster, but drift that Terraform does not detect is missing",
    )
    .addOption(
      new Option("--format <format>", "output format").choices([...reviewFormats]).default("text"),
    )
    .option(
      "--out <file>",
      "also write the review to a file; the extension selects the format (.md .html .json .sarif .txt); repeatable",
      collect,
      [],
    )
    .addOption(
      new Option("--code-host <host>", "code host that renders the Markdown")
        .choices(["github", "gitlab", "azure"])
        .default("github"),
    )
    .option("--budget <characters>", "maximum length of the Markdown", parseBudget, markdownBudget)
    .addOption(
      new Option("--fail-on <severity>", "exit 2 on policy findings of this severity or higher")
        .choices(["error", "warning"])
        .default("error"),
    )
    .option(
      "--approved <file>",
      "approved review in JSON: show the differences from it, and exit 2 if there are any",
    )
    .addOption(hostOption())
    .addOption(profileOption())
    .addOption(noSynthOption())
    .option("--quiet", "hide progress")
    .addHelpText(
      "after",
      "\nPlans the stacks, checks policies and secrets, and prints every change and a digest of all changes. Nothing is changed.\nTo apply exactly this plan: lakeform deploy STACK --approve DIGEST.\n\nExit codes: 0 reviewed (with or without changes), 2 policy or secret findings, or not the approved review, 1 error.\nExamples:\n  lakeform review dev\n  lakeform review prod --out review.html --out review.md --out findings.sarif\n  lakeform review --base origin/main --format markdown",
    )
    .action(async (names: string[], flags: Flags) => {
      const outputs = flags.out.map((file) => ({
        file: path.resolve(io.cwd, file),
        format: formatOf(file),
      }));
      for (const { file } of outputs) checkOutput(file);
      const approved =
        flags.approved === undefined ? undefined : readReview(path.resolve(io.cwd, flags.approved));
      if (names.length === 0 && flags.base === undefined) {
        throw new LakeformError(
          "NOTHING_TO_REVIEW",
          "name stacks or environments, or a revision with --base",
          {
            fix: "lakeform review local",
          },
        );
      }
      const reporter = makeReporter(io.stderr, flags);
      const { review, workspaces } = await (flags.base === undefined
        ? reviewPlan(io, names, flags, reporter)
        : reviewRevisions(io, names, flags, flags.base, reporter));
      reporter.done();
      const location = { ...projectItself, folder: folderInRepository(findProject(io.cwd).root) };
      const head = await headOf(io, names, flags, review, workspaces);
      const options = {
        host: flags.codeHost,
        budget: flags.budget,
        version: packageVersion(),
        place: location,
        head,
      };
      io.stdout.write(await renderReview(review, flags.format, { ...options, ...outputStyle(io) }));
      for (const { file, format } of outputs)
        writeOutput(file, await renderReview(review, format, options));
      if (exitCodeOf(review, { failOn: flags.failOn }) === 2) io.exitCode = 2;
      if (approved !== undefined) {
        const { same, lines } = compareReviews(approved, review);
        (flags.format === "text" ? io.stdout : io.stderr).write(
          same
            ? "\nthis is the approved review\n"
            : `\nthis differs from the approved review:\n${lines.map((line) => `  ${line}`).join("\n")}\n`,
        );
        if (!same) io.exitCode = 2;
      }
    });

interface ReviewWithWorkspaces {
  readonly review: Review;
  /** Addresses of the workspaces that were read. */
  readonly workspaces: readonly string[];
}

async function reviewPlan(
  io: Io,
  names: readonly string[],
  flags: Flags,
  reporter: Reporter,
): Promise<ReviewWithWorkspaces> {
  const variables = flags.withoutSecrets === true ? "placeholder" : "required";
  const targets = await openTargets(io, names, flags, {
    variables,
    onSynth: () => reporter.step("building the app"),
    meanwhile: () => prepare,
  });
  const preparation = await prepare(targets, {
    events: reporter,
    environments: environmentsIn(names, targets),
    ...(flags.heal === true && { heal: true }),
    ...(flags.verify === false && { verify: false }),
    ...(flags.full === true && { full: true }),
  });
  discard(preparation);
  keepReview(findProject(io.cwd).privateFolder, preparation.review);
  return {
    review: preparation.review,
    workspaces: [...new Set(targets.map(({ client }) => client.host))],
  };
}

async function headOf(
  io: Io,
  names: readonly string[],
  flags: Flags,
  review: Review,
  workspaces: readonly string[],
): Promise<ReviewHead> {
  const commit = await commitOf(findProject(io.cwd).root);
  const approve = `lakeform deploy ${names.join(" ")} --approve ${review.digest}${flags.heal === true ? " --heal" : ""}`;
  return {
    workspaces,
    at: new Date().toISOString(),
    ...commit,
    ...(flags.base === undefined && { approve }),
  };
}

async function reviewRevisions(
  io: Io,
  names: readonly string[],
  flags: Flags,
  ref: string,
  reporter: Reporter,
): Promise<ReviewWithWorkspaces> {
  const project = findProject(io.cwd);
  await synthesizeFirst(io, project, {
    allowed: flags.synth !== false,
    onStart: () => reporter.step("building the app"),
  });
  const stacks = readStacks(project);
  const isSelected = ({ name, metadata }: SynthesizedStack): boolean =>
    names.length === 0 || names.includes(name) || names.includes(metadata.environment);
  printWarnings(io, project, stacks.filter(isSelected));
  return {
    review: await reviewAgainst(project, {
      ref,
      selection: names,
      env: io.env,
      onStep: (text) => reporter.step(text),
    }),
    workspaces: [],
  };
}

function formatOf(file: string): ReviewFormat {
  const format = reviewFormatOf(file);
  if (format !== undefined) return format;
  throw new LakeformError("UNKNOWN_FORMAT", "unsupported file extension for a review", {
    value: file,
    allowed: ".txt .md .html .json .sarif",
    fix: "rename the file",
  });
}

function parseBudget(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 2000)
    throw new InvalidArgumentError("must be a whole number of at least 2000");
  return number;
}
