import { printableDeep, printableJson } from "../../printable";
import { Command, Option } from "commander";
import { RecordStore } from "../../deploy/record";
import type { MakeCommand } from "../io";
import { openTargets, type TargetFlags } from "../target";
import { hostOption, profileOption } from "../target-options";

export const command: MakeCommand = (io) =>
  new Command("promotions")
    .description(
      "Show the deploys of an environment: time, author, commit, and where each was promoted from",
    )
    .argument("<environment>", "environment, or one of its stacks")
    .addOption(
      new Option("--format <format>", "output format").choices(["text", "json"]).default("text"),
    )
    .addOption(hostOption())
    .addOption(profileOption())
    .option("--no-synth", "use the existing synth output")
    .addHelpText(
      "after",
      "\nReads the deployment records in the workspace, newest first.\nExample: lakeform promotions prod",
    )
    .action(async (environment: string, flags: TargetFlags & { format: "text" | "json" }) => {
      const targets = await openTargets(io, [environment], flags, { variables: "optional" });
      const stacks = [];
      for (const target of targets) {
        const store = new RecordStore(target.client, target.stack.metadata.recordFolder);
        stacks.push({ stack: target.stack.name, deploys: printableDeep(await store.history()) });
      }
      if (flags.format === "json") {
        io.stdout.write(
          `${printableJson({ format: "lakeform.promotions", version: 1, environment, stacks })}\n`,
        );
        return;
      }
      for (const { stack, deploys } of stacks) {
        io.stdout.write(`${stack}\n`);
        if (deploys.length === 0) io.stdout.write("  never deployed with lakeform\n");
        deploys.forEach((entry, index) => {
          const from =
            entry.promotion === undefined ? "deployed" : `promoted from ${entry.promotion.from}`;
          const commit = entry.commit === undefined ? "no commit" : entry.commit.slice(0, 12);
          io.stdout.write(
            `  ${index === 0 ? "▶" : " "} ${entry.deployedAt}  ${from} by ${entry.deployedBy}  ${commit}  ${entry.digest?.slice(0, 19) ?? ""}\n`,
          );
          for (const gate of entry.promotion?.gates.filter(({ outcome }) => outcome === "waived") ??
            []) {
            io.stdout.write(`      waived ${gate.gate}: ${gate.reason ?? ""}\n`);
          }
        });
      }
    });
