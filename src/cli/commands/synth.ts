import { Command } from "commander";
import { findProject } from "../../terraform/project";
import { selectStacks } from "../../terraform/stack-selection";
import { synthesize } from "../../terraform/synth";
import type { MakeCommand } from "../io";
import { makeReporter } from "../progress";
import { printLines, printWarnings } from "../synthesized";

export const command: MakeCommand = (io) =>
  new Command("synth")
    .description("Build the Terraform configuration of each stack from the code")
    .argument("[stack...]", "stacks or environments to list; all are built")
    .option("--quiet", "hide progress")
    .addHelpText(
      "after",
      "\nWrites cdktf.out/stacks/<stack>/cdk.tf.json. If the app fails, the last good output is kept.\nExample: lakeform synth local",
    )
    .action(async (names: string[], flags: { quiet?: boolean }) => {
      const project = findProject(io.cwd);
      const reporter = makeReporter(io.stderr, flags);
      reporter.step(`building ${project.app}`);
      const allNames = await synthesize(project, io.env, {
        onWarnings: (text) => printLines(io, text),
      });
      reporter.done();
      const stacks = selectStacks(project, names.length > 0 ? names : allNames);
      printWarnings(io, project, stacks);
      for (const stack of stacks) {
        const resources = Object.values(stack.json.resource ?? {}).reduce(
          (sum, group) => sum + Object.keys(group).length,
          0,
        );
        io.stdout.write(
          `${stack.name}  ${resources} resource${resources === 1 ? "" : "s"}  (${stack.metadata.environment}, ${stack.metadata.provider} provider)\n`,
        );
      }
    });
