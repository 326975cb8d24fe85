import { Command } from "commander";
import { defined } from "../../defined";
import { destroy } from "../../deploy/deploy";
import { prepareRemoval } from "../../deploy/destroy-removed";
import type { DeployTarget } from "../../deploy/target";
import { hasChanges } from "../../review";
import { atEnd } from "../at-end";
import type { MakeCommand } from "../io";
import { makeReporter } from "../progress";
import { openTargets, whoAmI, type TargetFlags } from "../target";
import { versions } from "../versions";
import { commonOptions } from "./deploy";
import { hostOption, profileOption } from "../target-options";

export const command: MakeCommand = (io) =>
  new Command("destroy")
    .description("Destroy all resources of a stack, even if the stack is no longer in the code")
    .argument("<stack...>", "stacks or environments")
    .option(
      "--approve <digest>",
      "destroy as in the plan with this digest; exit 2 if the current plan differs",
    )
    .option("--auto-approve", "skip the prompt")
    .option("--force", "destroy stacks that other stacks still use")
    .option(
      "--by-record",
      "for a stack that is not in the code and whose state is gone: find its objects by their names in the deployment record",
    )
    .option(
      "--record-folder <folder>",
      "for a stack that is not in the code: the folder of its deployment records, if it had a recordFolder of its own",
    )
    .option("--break-lock <id>", "take over the lock of a deploy that is no longer running")
    .addOption(hostOption())
    .addOption(profileOption())
    .option("--no-synth", "use the existing synth output")
    .option("--quiet", "hide progress")
    .addHelpText(
      "after",
      "\nDependent stacks are destroyed first. Secret values are not needed. Objects created manually stay.\nA stack that was removed from the code is found by its deployment record in the workspace: give the stack's name, not its environment.\nExample: lakeform destroy daily-etl-local --auto-approve",
    )
    .action(
      async (
        names: string[],
        flags: TargetFlags & {
          approve?: string;
          autoApprove?: boolean;
          breakLock?: string;
          byRecord?: boolean;
          recordFolder?: string;
          force?: boolean;
          quiet?: boolean;
        },
      ) => {
        const reporter = makeReporter(io.stderr, flags);
        const allTargets = await openTargets(io, names, flags, {
          variables: "placeholder",
          includeRemoved: true,
          ...defined({ recordFolder: flags.recordFolder?.replace(/\/+$/, "") }),
          onSynth: () => reporter.step("building the app"),
        });
        const [first] = allTargets;
        if (first === undefined) return;
        const targets: DeployTarget[] = [];
        for (const target of allTargets) {
          if (target.removed === undefined) targets.push(target);
          else {
            const removal = await prepareRemoval(target.removed, {
              events: reporter,
              byRecord: flags.byRecord === true,
            });
            atEnd(io, () => {
              removal.clean();
              return Promise.resolve();
            });
            targets.push(removal.target);
          }
        }
        const review = await destroy(targets, {
          ...commonOptions(io, flags, reporter),
          ...(flags.force === true && { force: true }),
          by: await whoAmI(first),
          versions: versions(),
        });
        reporter.done();
        io.stdout.write(
          hasChanges(review)
            ? `destroyed ${targets.map((target) => target.stack.name).join(", ")}\n`
            : "nothing to destroy\n",
        );
      },
    );
