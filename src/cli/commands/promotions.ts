import { Command, Option } from "commander";
import { RecordStore, type HistoryEntry } from "../../deploy/record";
import { printable, printableDeep, printableJson } from "../../printable";
import { formatTime, renderListing } from "../../run/format";
import type { MakeCommand } from "../io";
import { openTargets, type TargetFlags } from "../target";
import { hostOption, profileOption } from "../target-options";
import { outputStyle } from "../terminal";

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
      for (const { stack, deploys } of stacks)
        io.stdout.write(`${printable(stack)}\n${deployTable(deploys, outputStyle(io).width)}\n`);
    });

const deployTable = (deploys: readonly HistoryEntry[], width: number | undefined): string =>
  renderListing(
    "never deployed with lakeform",
    ["", "DEPLOYED (UTC)", "PROMOTED FROM", "BY", "COMMIT", "DIGEST", "WAIVED"],
    deploys.map(({ deployedAt, promotion, deployedBy, commit, digest }, index) => [
      index === 0 ? "*" : "",
      formatTime(Date.parse(deployedAt)),
      promotion?.from ?? "",
      deployedBy,
      commit?.slice(0, 12) ?? "",
      digest?.slice(0, 19) ?? "",
      (promotion?.gates ?? [])
        .filter(({ outcome }) => outcome === "waived")
        .map(({ gate, reason }) => `${gate}: ${reason ?? ""}`)
        .join(", "),
    ]),
    width,
  );
