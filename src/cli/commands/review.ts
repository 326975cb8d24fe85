import path from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { keepReview } from "../../deploy/kept-reviews";
import { discard, prepare } from "../../deploy/prepare";
import { LakeformError } from "../../errors";
import { compareReviews, exitCodeOf, type Review } from "../../review";
import { reviewAgainst } from "../../review/revisions/against-revision";
import { renderReview, reviewFormatOf, reviewFormats, type ReviewFormat } from "../../review/render";
import { markdownBudget } from "../../review/render/markdown";
import { readReview } from "../../review/approval/stored";
import { findProject } from "../../terraform/project";
import { folderInRepository } from "../../terraform/repository";
import { readStack, stackNames, type SynthesizedStack } from "../../terraform/stack";
import { projectItself } from "../../verify/report/sarif-log";
import { look } from "../ask";
import type { Io, MakeCommand } from "../io";
import { makeReporter, type Reporter } from "../progress";
import { checkOutput, writeOutput } from "../output";
import { synthesizeFirst, tellWarnings } from "../synthesized";
import { openTargets, type TargetFlags } from "../target";
import { packageVersion } from "../package-version";

interface Flags extends TargetFlags {
  readonly base?: string;
  readonly heal?: boolean;
  readonly verify?: boolean;
  readonly format: ReviewFormat;
  readonly out: readonly string[];
  readonly codeHost: "github" | "gitlab" | "azure";
  readonly budget: number;
  readonly failOn: "error" | "warning";
  readonly approved?: string;
  readonly quiet?: boolean;
}

export const command: MakeCommand = (io) =>
  new Command("review")
    .description("what would change, for a person to sign")
    .argument("[stack...]", "stacks or environments")
    .option("--base <ref>", "compare with the code of another Git revision: no workspace, no state, no credentials (no stack named: all)")
    .option("--heal", "review what `lakeform deploy --heal` would do")
    .option("--no-verify", "do not ask the workspace what is different: faster, and shows less")
    .addOption(new Option("--format <format>", "of what is printed").choices([...reviewFormats]).default("text"))
    .option(
      "--out <file>",
      "also write the review, by the file's extension (.md .html .json .sarif .txt); can be given several times",
      collect,
      [],
    )
    .addOption(new Option("--code-host <host>", "where the Markdown is shown").choices(["github", "gitlab", "azure"]).default("github"))
    .option("--budget <characters>", "most characters of the Markdown", wholeNumber, markdownBudget)
    .addOption(new Option("--fail-on <severity>", "policy findings from which on to exit 2").choices(["error", "warning"]).default("error"))
    .option("--approved <file>", "a review in JSON that was approved: shows in what this one differs, and exits 2 if it does")
    .option("--host <url>", "another workspace than the environment's own")
    .option("--profile <name>", "a profile of .databrickscfg")
    .option("--no-synth", "use the synth output as it is; refuse when it is older than the code")
    .option("--quiet", "no progress")
    .addHelpText(
      "after",
      "\nExit codes: 0 whatever changes, 2 policy or secret findings (or not what was approved), 1 error.\nExamples:\n  lakeform review dev\n  lakeform review prod --out review.html --out review.md --out findings.sarif\n  lakeform review --base origin/main --format markdown",
    )
    .action(async (wanted: string[], flags: Flags) => {
      const outputs = flags.out.map((file) => ({ file: path.resolve(io.cwd, file), format: formatOf(file) }));
      for (const { file } of outputs) checkOutput(file);
      const approved = flags.approved === undefined ? undefined : readReview(path.resolve(io.cwd, flags.approved));
      if (wanted.length === 0 && flags.base === undefined) {
        throw new LakeformError("NOTHING_TO_REVIEW", "name stacks or environments, or a revision with --base", {
          fix: "lakeform review local",
        });
      }
      const reporter = makeReporter(io.stderr, flags);
      const review = await (flags.base === undefined
        ? planned(io, wanted, flags, reporter)
        : compared(io, wanted, flags, flags.base, reporter));
      reporter.done();
      const place = { ...projectItself, folder: folderInRepository(findProject(io.cwd).root) };
      const options = { host: flags.codeHost, budget: flags.budget, version: packageVersion(), place };
      io.stdout.write(await renderReview(review, flags.format, { ...options, ...look(io) }));
      for (const { file, format } of outputs) writeOutput(file, await renderReview(review, format, options));
      if (exitCodeOf(review, { failOn: flags.failOn }) === 2) io.exitCode = 2;
      if (approved !== undefined) {
        const { same, lines } = compareReviews(approved, review);
        (flags.format === "text" ? io.stdout : io.stderr).write(
          same ? "\nthis is what was approved\n" : `\nthis is not what was approved:\n${lines.map((line) => `  ${line}`).join("\n")}\n`,
        );
        if (!same) io.exitCode = 2;
      }
    });

async function planned(io: Io, wanted: readonly string[], flags: Flags, reporter: Reporter): Promise<Review> {
  const targets = await openTargets(io, wanted, flags, { variables: "required", onSynth: () => reporter.step("building the app") });
  const preparation = await prepare(targets, {
    events: reporter,
    ...(flags.heal === true && { heal: true }),
    ...(flags.verify === false && { verify: false }),
  });
  discard(preparation);
  keepReview(findProject(io.cwd).privateFolder, preparation.review);
  return preparation.review;
}

async function compared(io: Io, wanted: readonly string[], flags: Flags, ref: string, reporter: Reporter): Promise<Review> {
  const project = findProject(io.cwd);
  await synthesizeFirst(io, project, { allowed: flags.synth !== false, onStart: () => reporter.step("building the app") });
  const stacks = stackNames(project).map((name) => readStack(project, name));
  const isWanted = ({ name, metadata }: SynthesizedStack): boolean =>
    wanted.length === 0 || wanted.includes(name) || wanted.includes(metadata.environment);
  tellWarnings(io, project, stacks.filter(isWanted));
  return reviewAgainst(project, { ref, wanted, env: io.env, onStep: (text) => reporter.step(text) });
}

function formatOf(file: string): ReviewFormat {
  const format = reviewFormatOf(file);
  if (format !== undefined) return format;
  throw new LakeformError("UNKNOWN_FORMAT", "the file's extension tells no format of a review", {
    value: file,
    allowed: ".txt .md .html .json .sarif",
    fix: "rename the file",
  });
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function wholeNumber(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 2000) throw new InvalidArgumentError("a whole number of at least 2000 is wanted");
  return number;
}
