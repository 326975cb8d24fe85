import { Command } from "commander";
import { destroy } from "../../deploy/deploy";
import { hasChanges } from "../../review";
import type { MakeCommand } from "../io";
import { makeReporter } from "../progress";
import { openTargets, whoAmI, type TargetFlags } from "../target";
import { versions } from "../versions";
import { commonOptions } from "./deploy";

export const command: MakeCommand = (io) =>
  new Command("destroy")
    .description("remove everything of a stack from its workspace")
    .argument("<stack...>", "stacks or environments")
    .option("--approve <digest>", "exactly the plan with this digest; anything else exits 2")
    .option("--auto-approve", "do not ask")
    .option("--break-lock <id>", "take over the lock of a deploy that is gone for good")
    .option("--host <url>", "another workspace than the environment's own")
    .option("--profile <name>", "a profile of .databrickscfg")
    .option("--no-synth", "use the synth output as it is")
    .option("--quiet", "no progress")
    .addHelpText(
      "after",
      "\nSecrets need no values to be destroyed. What was made by hand beside the stack stays.\nExample: lakeform destroy daily-etl-local --auto-approve",
    )
    .action(
      async (wanted: string[], flags: TargetFlags & { approve?: string; autoApprove?: boolean; breakLock?: string; quiet?: boolean }) => {
        const reporter = makeReporter(io.stderr, flags);
        const targets = await openTargets(io, wanted, flags, {
          variables: "placeholder",
          onSynth: () => reporter.step("building the app"),
        });
        const [first] = targets;
        if (first === undefined) return;
        const review = await destroy(targets, { ...commonOptions(io, flags, reporter), by: await whoAmI(first), versions: versions() });
        reporter.done();
        io.stdout.write(
          hasChanges(review) ? `destroyed ${targets.map((target) => target.stack.name).join(", ")}\n` : "nothing to destroy\n",
        );
      },
    );
