import path from "node:path";
import { Command } from "commander";
import { defined } from "../../defined";
import type { Approval } from "../../deploy/approval";
import { deploy, type DeployResult } from "../../deploy/deploy";
import type { DeployOptions } from "../../deploy/options";
import type { ShownHealing, ShownNotHealed } from "../../review/changes/healing";
import { findReview, keepReview } from "../../deploy/kept-reviews";
import type { Review } from "../../review";
import { renderText as renderReview } from "../../review/render/text";
import { LakeformError } from "../../errors";
import { readReview } from "../../review/approval/stored";
import { findProject } from "../../terraform/project";
import type { ShownValue } from "../../verify";
import { renderText as renderVerify } from "../../verify/report/text";
import { makeAsk } from "../ask";
import { outputStyle, usesColor } from "../terminal";
import type { Io, MakeCommand } from "../io";
import { makeReporter } from "../progress";
import { environmentsIn, openTargets, whoAmI, type Target, type TargetFlags } from "../target";
import { versions } from "../versions";
import { hostOption, noSynthOption, profileOption } from "../target-options";

interface Flags extends TargetFlags {
  readonly approve?: string;
  readonly autoApprove?: boolean;
  readonly heal?: boolean;
  readonly verify?: boolean;
  readonly full?: boolean;
  readonly failOnActiveRuns?: boolean;
  readonly breakLock?: string;
  readonly quiet?: boolean;
}

export const command: MakeCommand = (io) =>
  new Command("deploy")
    .description(
      "Plan, ask for approval, apply, and verify; with --heal, also revert drift that Terraform does not detect",
    )
    .argument("<stack...>", "stacks or environments")
    .option(
      "--approve <digest>",
      "deploy the plan with this digest, or the plan in this review file (FILE.json); exit 2 if the current plan differs",
    )
    .option("--auto-approve", "skip the prompt")
    .option(
      "--heal",
      "also revert, over REST, changes in the workspace that Terraform's plan does not contain",
    )
    .option("--no-verify", "skip verification before and after")
    .option("--full", "start Terraform even if nothing has changed")
    .option("--fail-on-active-runs", "fail if a job that would change has an active run")
    .option("--break-lock <id>", "take over the lock of a deploy that is no longer running")
    .addOption(hostOption())
    .addOption(profileOption())
    .addOption(noSynthOption())
    .option("--quiet", "hide progress")
    .addHelpText(
      "after",
      "\nPlans the stacks and shows the review. After the approval, Terraform applies the plan, the deploy is recorded in the workspace, and verify checks the result.\n\nExit codes: 0 deployed and verified, 1 error, 2 not approved, the plan differs from the approved one, a policy finding, or drift after the deploy.\nExamples:\n  lakeform deploy dev\n  lakeform deploy prod --approve 3f9a0c27d1b4\n  lakeform deploy prod --approve review.json\n  lakeform deploy prod --heal",
    )
    .action(async (names: string[], flags: Flags) => {
      const reporter = makeReporter(io.stderr, flags);
      const targets = await openTargets(io, names, flags, {
        variables: "required",
        onSynth: () => reporter.step("building the app"),
        meanwhile: () => deploy,
      });
      const [first] = targets;
      if (first === undefined) return;
      const user = await whoAmI(first);
      const result = await deploy(targets, {
        ...commonOptions(io, flags, reporter),
        environments: environmentsIn(names, targets),
        by: user,
        versions: versions(),
      });
      reporter.done();
      io.stdout.write(`${describeOutcome(result, targets)}\n`);
      if (result.removed.length > 0)
        io.stdout.write(
          `still deployed, but not in the code: ${result.removed.join(", ")} (lakeform verify ${names.join(" ")})\n`,
        );
      if (result.report === undefined) return;
      io.stdout.write(`\n${renderVerify(result.report, { color: usesColor(io, io.stdout) })}`);
      if (result.report.exitCode === 2) io.exitCode = 2;
      if (result.report.exitCode === 1) io.exitCode = 1;
    });

function describeOutcome(
  { unchanged, withoutTerraform, removed, report }: DeployResult,
  targets: readonly Target[],
): string {
  if (!unchanged) return `deployed ${targets.map((target) => target.stack.name).join(", ")}`;
  if (report === undefined) return "nothing to do: the plan is empty";
  const note = withoutTerraform === true ? " (Terraform was not started; --full starts it)" : "";
  const exception = removed.length > 0 ? ", except for removed stacks" : "";
  if (report.exitCode === 0)
    return `nothing to do: the workspace matches the code${exception}${note}`;
  return "nothing to deploy, but the workspace does not match the code: see below";
}

/** Returns the options that deploy, destroy and promote share. */
export function commonOptions(
  io: Io,
  flags: Flags,
  reporter: ReturnType<typeof makeReporter>,
): Omit<DeployOptions, "by" | "versions"> {
  const { privateFolder } = findProject(io.cwd);
  return {
    approval: approvalOf(io, flags, privateFolder),
    ...(flags.heal === true && { heal: true }),
    ...(flags.verify === false && { verify: false }),
    ...(flags.full === true && { full: true }),
    ...(flags.failOnActiveRuns === true && { failOnActiveRuns: true }),
    ...defined({ breakLock: flags.breakLock }),
    events: { step: reporter.step, note: reporter.note, terraform: reporter.terraform },
    onReview: (review, healing, notHealed = []) => {
      reporter.done();
      keepReview(privateFolder, review);
      io.stdout.write(reviewText(io, review, healing, notHealed));
    },
  };
}

/**
 * Returns how the plan is approved: by `--approve` (a digest or a review file), by
 * `--auto-approve`, or on the terminal.
 * @throws LakeformError REVIEW_UNREADABLE if `--approve` names a file that is not the review of a
 * plan
 */
function approvalOf(
  io: Io,
  flags: Pick<Flags, "approve" | "autoApprove">,
  privateFolder: string,
): Approval {
  if (flags.approve !== undefined) {
    const reviewed = flags.approve.endsWith(".json")
      ? readReview(path.resolve(io.cwd, flags.approve))
      : findReview(privateFolder, flags.approve);
    if (reviewed?.mode === "base") {
      throw new LakeformError(
        "REVIEW_UNREADABLE",
        "a review of two revisions (--base) cannot be approved: it does not contain a plan",
        {
          value: flags.approve,
          fix: "approve the review of a plan: lakeform review STACK --out review.json",
        },
      );
    }
    const digest =
      flags.approve.endsWith(".json") && reviewed !== undefined ? reviewed.digest : flags.approve;
    return { kind: "digest", digest, ...defined({ reviewed }) };
  }
  if (flags.autoApprove === true) return { kind: "auto" };
  const ask = makeAsk(io);
  return { kind: "ask", ...defined({ ask }) };
}

function reviewText(
  io: Io,
  review: Review,
  healing: readonly ShownHealing[],
  notHealed: readonly ShownNotHealed[],
): string {
  const sections = [renderReview(review, outputStyle(io))];
  if (healing.length > 0) {
    const lines = healing.flatMap(({ path, fields }) => [`  ${path}`, ...fields.map(fieldText)]);
    sections.push(
      `drift to revert over REST, unless Terraform has reverted it by then:\n${lines.join("\n")}\n`,
    );
  }
  if (notHealed.length > 0) {
    const lines = notHealed.flatMap(({ path, fields, reason }) => [
      `  ${path}: ${reason}`,
      ...fields.map(fieldText),
    ]);
    sections.push(
      `drift that cannot be reverted over REST, left to Terraform:\n${lines.join("\n")}\n`,
    );
  }
  return `${sections.join("\n")}\n`;
}

function fieldText({ path, sensitive, remote, desired }: ShownHealing["fields"][number]): string {
  return `    ${path}: ${sensitive === true ? "(secret)" : `${shownText(remote)} -> ${shownText(desired)}`}`;
}

function shownText(value: ShownValue | undefined): string {
  if (value === undefined || value === null) return "(none)";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
