import fs from "node:fs";
import path from "node:path";
import { Argument, Command } from "commander";
import { LakeformError } from "../../errors";
import { backendCredentials, type CiProject } from "../../promote/ci/plan";
import { ciSystems } from "../../promote/ci/systems";
import { isInWorkspace } from "../../terraform/workspace-states";
import { findProject } from "../../terraform/project";
import { readStacks, type SynthesizedStack } from "../../terraform/stack";
import { dependenciesOf, nodeVersionFor } from "../../terraform/toolkit";
import type { MakeCommand } from "../io";
import { synthesizeFirst, printWarnings } from "../synthesized";
import { collect } from "../option-parsers";

interface Flags {
  readonly branch: string;
  readonly smoke: readonly string[];
  readonly stateKey?: boolean;
  readonly setup?: boolean;
  readonly stdout?: boolean;
  readonly force?: boolean;
}

export const command: MakeCommand = (io) =>
  new Command("ci")
    .description("Write a CI pipeline for this project: review, deploy, promote, nightly verify")
    .addArgument(
      new Argument("<system>", "CI system to write a pipeline for").choices(Object.keys(ciSystems)),
    )
    .option("--branch <name>", "branch to deploy", "main")
    .option(
      "--smoke <job>",
      "job to run after each deploy; each promotion requires its run to succeed (repeatable; default: all jobs)",
      collect,
      [],
    )
    .option("--state-key", "pass LAKEFORM_STATE_KEY, the key of encrypted states, to each step")
    .option(
      "--setup",
      "print how to set up the principals, environments and secrets that the pipeline needs",
    )
    .option("--stdout", "print the pipeline instead of writing the file")
    .option("--force", "overwrite a file that was changed manually")
    .addHelpText(
      "after",
      "\nThe pipeline uses OAuth machine-to-machine and pinned actions, and stores no plan files.\nExamples:\n  lakeform ci github-actions --setup\n  lakeform ci github-actions --smoke daily-etl-pipeline",
    )
    .action(async (system: string, flags: Flags) => {
      const project = findProject(io.cwd);
      await synthesizeFirst(io, project, { allowed: true });
      const stacks = readStacks(project);
      printWarnings(io, project, stacks);
      const ciSystem = ciSystems[system];
      if (ciSystem === undefined) return;
      const pipeline = {
        ...ciProject(path.basename(project.root), stacks, flags),
        ...nodeVersionFor(dependenciesOf(project.root)),
      };
      const text = flags.setup === true ? ciSystem.setUp(pipeline) : ciSystem.render(pipeline);
      if (flags.stdout === true || flags.setup === true) {
        io.stdout.write(text);
        return;
      }
      const file = path.join(project.root, ciSystem.file);
      if (fs.existsSync(file) && fs.readFileSync(file, "utf8") !== text && flags.force !== true) {
        throw new LakeformError(
          "FILE_EXISTS",
          "the file exists and differs from the generated one",
          {
            value: ciSystem.file,
            fix: `compare with: lakeform ci ${system} --stdout | diff ${ciSystem.file} -; then --force`,
          },
        );
      }
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
      io.stdout.write(`${ciSystem.file}\n`);
    });

/**
 * Describes the project for the pipeline: its environments with a real workspace, in the order of
 * promotion (the order of the profiles, or that of the synth output).
 */
function ciProject(name: string, stacks: readonly SynthesizedStack[], flags: Flags): CiProject {
  const stacksWithWorkspace = stacks.filter((stack) => stack.metadata.provider !== "embedded");
  const names = [...new Set(stacksWithWorkspace.map((stack) => stack.metadata.environment))];
  const promotionOrder = stacksWithWorkspace[0]?.metadata.profileSettings?.promotionOrder;
  const environments = Array.isArray(promotionOrder)
    ? promotionOrder.filter(
        (entry): entry is string => typeof entry === "string" && names.includes(entry),
      )
    : names;
  if (environments.length === 0) {
    throw new LakeformError("NO_REAL_ENVIRONMENT", "no environment has a real workspace", {
      fix: "add one to the environment profiles (provider official)",
    });
  }
  for (const environment of environments) requireDurableState(stacksWithWorkspace, environment);
  const backendVariables = Object.fromEntries(
    environments.map((environment) => {
      const kinds = new Set(
        stacksWithWorkspace
          .filter(({ metadata }) => metadata.environment === environment)
          .flatMap(backendKinds),
      );
      const credentials = [...kinds].flatMap((kind) => backendCredentials[kind] ?? []);
      return [
        environment,
        kinds.has("workspace") && flags.stateKey === true
          ? [...credentials, "LAKEFORM_STATE_KEY"]
          : credentials,
      ];
    }),
  );
  const secrets = [
    ...new Set(
      stacksWithWorkspace.flatMap((stack) =>
        Object.values(stack.metadata.variables).map((variable) => variable.environment),
      ),
    ),
  ].sort();
  const recordFolders = stacksWithWorkspace.map(({ metadata }) => metadata.recordFolder);
  return {
    name,
    environments,
    secrets,
    smokeJobs: flags.smoke,
    branch: flags.branch,
    backendVariables,
    recordFolders,
  };
}

/** Returns the kinds of the stack's backends: `workspace`, or Terraform's names. */
function backendKinds(stack: SynthesizedStack): string[] {
  return isInWorkspace(stack)
    ? ["workspace"]
    : Object.keys((stack.json.terraform?.backend as object | undefined) ?? {});
}

/**
 * Rejects a local backend: a CI runner keeps no files, so each run of the pipeline would start
 * without the state.
 */
function requireDurableState(stacks: readonly SynthesizedStack[], environment: string): void {
  const localStacks = stacks.filter(
    (stack) => stack.metadata.environment === environment && backendKinds(stack).includes("local"),
  );
  if (localStacks.length === 0) return;
  throw new LakeformError(
    "STATE_NOT_DURABLE",
    `the pipeline would deploy ${environment} with a local state, which is lost with its runner`,
    {
      value: `backend local: ${localStacks.map(({ name }) => name).join(", ")}`,
      allowed:
        'a backend that survives the runner, such as { kind: "workspace" }, s3, azurerm, gcs, http or pg',
      fix: `set backend: { kind: "workspace" } in the profile of ${environment}; for a stack that is deployed, then run: lakeform state migrate ${localStacks[0]?.name ?? ""}`,
    },
  );
}
