import fs from "node:fs";
import path from "node:path";
import { Argument, Command } from "commander";
import { LakeformError } from "../../errors";
import type { CiProject } from "../../promote/ci/plan";
import { ciSystems } from "../../promote/ci/systems";
import { findProject } from "../../terraform/project";
import { selectStacks, stackNames, type SynthesizedStack } from "../../terraform/stack";
import type { MakeCommand } from "../io";
import { synthesizeFirst, tellWarnings } from "../synthesized";

export const command: MakeCommand = (io) =>
  new Command("ci")
    .description("Write a CI pipeline for this project: review, deploy, promote, nightly verify")
    .addArgument(new Argument("<system>", "CI system").choices(Object.keys(ciSystems)))
    .option("--branch <name>", "branch to deploy", "main")
    .option(
      "--smoke <job>",
      "run this job after each deploy of the first environment (repeatable)",
      (value: string, before: string[]) => [...before, value],
      [],
    )
    .option("--stdout", "print the pipeline instead of writing the file")
    .option("--force", "overwrite a file that was changed manually")
    .addHelpText(
      "after",
      "\nOAuth machine-to-machine, pinned actions, no plan files as artifacts.\nExample: lakeform ci github-actions --smoke daily-etl-pipeline",
    )
    .action(async (system: string, flags: { branch: string; smoke: string[]; stdout?: boolean; force?: boolean }) => {
      const project = findProject(io.cwd);
      await synthesizeFirst(io, project, { allowed: true });
      const stacks = selectStacks(project, stackNames(project));
      tellWarnings(io, project, stacks);
      const chosen = ciSystems[system];
      if (chosen === undefined) return;
      const text = chosen.render(ciProject(path.basename(project.root), stacks, flags));
      if (flags.stdout === true) {
        io.stdout.write(text);
        return;
      }
      const file = path.join(project.root, chosen.file);
      if (fs.existsSync(file) && fs.readFileSync(file, "utf8") !== text && flags.force !== true) {
        throw new LakeformError("FILE_EXISTS", "the file exists and differs from the generated one", {
          value: chosen.file,
          fix: `compare with: lakeform ci ${system} --stdout | diff ${chosen.file} -; then --force`,
        });
      }
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
      io.stdout.write(`${chosen.file}\n`);
    });

/** Environments with a real workspace, in the order of promotion (that of the profiles, else of the synth output). */
function ciProject(name: string, stacks: readonly SynthesizedStack[], flags: { branch: string; smoke: readonly string[] }): CiProject {
  const real = stacks.filter((stack) => stack.metadata.provider !== "embedded");
  const found = [...new Set(real.map((stack) => stack.metadata.environment))];
  const order = real[0]?.metadata.profileSettings?.promotionOrder;
  const environments = Array.isArray(order)
    ? order.filter((entry): entry is string => typeof entry === "string" && found.includes(entry))
    : found;
  if (environments.length === 0) {
    throw new LakeformError("NO_REAL_ENVIRONMENT", "no environment has a real workspace", {
      fix: "add one to the environment profiles (provider official)",
    });
  }
  const secrets = [
    ...new Set(real.flatMap((stack) => Object.values(stack.metadata.variables).map((variable) => variable.environment))),
  ].sort();
  return { name, environments, secrets, smokeJobs: flags.smoke, branch: flags.branch };
}
