import { Command, Option } from "commander";
import { printableJson } from "../../printable";
import { findProject } from "../../terraform/project";
import { selectStacks } from "../../terraform/stack-selection";
import { diffEnvironments, maskDiff } from "../../promote/environment-diff";
import { renderDiffMarkdown, renderDiffText } from "../../promote/render-diff";
import type { MakeCommand } from "../io";
import { makeReporter } from "../progress";
import { synthesizeFirst, printWarnings } from "../synthesized";
import { noSynthOption } from "../target-options";

export const command: MakeCommand = (io) =>
  new Command("diff")
    .description("Compare two environments, and mark the differences that their profiles allow")
    .argument("<from>", "environment to compare from")
    .argument("<to>", "environment to compare with")
    .addOption(
      new Option("--format <format>", "output format")
        .choices(["text", "markdown", "json"])
        .default("text"),
    )
    .addOption(noSynthOption())
    .option("--quiet", "hide progress")
    .addHelpText(
      "after",
      "\nCompares the code of the two environments, without a call to a workspace. Exits with 2 if a difference is not allowed.\nExample: lakeform diff staging prod",
    )
    .action(
      async (
        from: string,
        to: string,
        flags: { format: "text" | "markdown" | "json"; synth?: boolean; quiet?: boolean },
      ) => {
        const project = findProject(io.cwd);
        const reporter = makeReporter(io.stderr, flags);
        await synthesizeFirst(io, project, {
          allowed: flags.synth !== false,
          onStart: () => reporter.step("building the app"),
        });
        reporter.done();
        const [fromStacks, toStacks] = [selectStacks(project, [from]), selectStacks(project, [to])];
        printWarnings(io, project, [...fromStacks, ...toStacks]);
        const diff = maskDiff(
          diffEnvironments(fromStacks, toStacks, { from, to }),
          io.secrets.mask(),
        );
        const render = {
          text: renderDiffText,
          markdown: renderDiffMarkdown,
          json: (value: unknown) => `${printableJson(value)}\n`,
        };
        io.stdout.write(render[flags.format](diff));
        if (diff.notAllowed > 0) io.exitCode = 2;
      },
    );
