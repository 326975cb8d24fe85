import { Command } from "commander";
import { findProject, privateFolderOf, projectHere } from "../../terraform/project";
import {
  installProviderMirror,
  mirrorFor,
  type ProviderMirror,
} from "../../terraform/provider-mirror";
import { activateLock, providerEnvironment } from "../../terraform/run";
import type { SynthesizedStack } from "../../terraform/stack";
import { selectStacks } from "../../terraform/stack-selection";
import {
  localConnection,
  resolveConnection,
  shellEnvironment,
  type Connection,
} from "../../terraform/connection";
import { isInWorkspace } from "../../terraform/workspace-states";
import type { Io, MakeCommand } from "../io";
import { readServerVariables } from "../served-states";
import { synthesizeFirst } from "../synthesized";
import { hostOption, profileOption } from "../target-options";

export const command: MakeCommand = (io) =>
  new Command("env")
    .description("Print shell exports for running cdktf, terraform and curl against an environment")
    .argument("<environment>", "environment, or one of its stacks")
    .addOption(hostOption())
    .addOption(profileOption())
    .addHelpText(
      "after",
      '\nExample:\n  eval "$(lakeform env local)"\n  npx cdktf deploy daily-etl-local --auto-approve\n  curl -H "Authorization: Bearer $DATABRICKS_TOKEN" "$DATABRICKS_HOST/api/2.1/jobs/list"\n\nIn a plain Terraform folder, `local` is the local workspace started there:\n  lakeform workspace start --detach && eval "$(lakeform env local)" && terraform init && terraform apply\n\nThe output contains the token: use it with eval, and do not log it.',
    )
    .action(async (environment: string, flags: { host?: string; profile?: string }) => {
      const project = projectHere(io.cwd);
      if (project === undefined && environment === "local") {
        const folder = privateFolderOf(io.cwd);
        printExports(
          io,
          environment,
          localConnection({ privateFolder: folder }),
          installProviderMirror(folder),
        );
        return;
      }
      const { stacks, connection, mirror } = await openEnvironment(io, environment, flags);
      const name = stacks[0]?.metadata.environment ?? environment;
      printExports(io, name, connection, mirror, stateVariables(io, environment, stacks));
      // Print references to the shell's variables instead of the values of secrets.
      for (const stack of stacks) {
        for (const [name, { environment: variable }] of Object.entries(stack.metadata.variables)) {
          io.stdout.write(`export TF_VAR_${name}="\${${variable}-}"\n`);
        }
      }
    });

interface EnvironmentTarget {
  readonly stacks: readonly SynthesizedStack[];
  readonly connection: Connection;
  readonly mirror: ProviderMirror | undefined;
}

async function openEnvironment(
  io: Io,
  environment: string,
  flags: { host?: string; profile?: string },
): Promise<EnvironmentTarget> {
  const project = findProject(io.cwd);
  await synthesizeFirst(io, project, { allowed: true });
  const stacks = selectStacks(project, [environment]);
  // An environment has at least one stack, and all its stacks share one workspace.
  const [stack] = stacks as [SynthesizedStack];
  const connection = resolveConnection(project, stack.metadata, io.env, flags);
  const mirror = mirrorFor(stack, project.privateFolder);
  for (const { directory } of stacks) activateLock(directory, mirror);
  return { stacks, connection, mirror };
}

/**
 * Returns the variables with which Terraform reaches states stored in the workspace. Prints advice
 * if no server for these states is running.
 */
function stateVariables(
  io: Io,
  name: string,
  stacks: readonly SynthesizedStack[],
): Readonly<Record<string, string>> {
  const environment = stacks.find(isInWorkspace)?.metadata.environment;
  if (environment === undefined) return {};
  const variables = readServerVariables(findProject(io.cwd), environment);
  if (variables === undefined)
    io.stderr.write(
      `the state of ${name} is in the workspace: for Terraform and cdktf, start lakeform state serve ${environment} in another shell, then run this command again\n`,
    );
  return variables ?? {};
}

function printExports(
  io: Io,
  environment: string,
  connection: Connection,
  mirror: ProviderMirror | undefined,
  states: Readonly<Record<string, string>> = {},
): void {
  const unsetNames = [
    "DATABRICKS_HOST",
    "DATABRICKS_TOKEN",
    "DATABRICKS_CLIENT_ID",
    "DATABRICKS_CLIENT_SECRET",
    "DATABRICKS_CONFIG_PROFILE",
    "TF_PLUGIN_CACHE_DIR",
  ];
  const variables: Record<string, string> = {
    ...connection.environment,
    [shellEnvironment]: environment,
    ...providerEnvironment(mirror),
    ...states,
    // A plugin cache shares folders between providers of the same name and version.
    CDKTF_DISABLE_PLUGIN_CACHE_ENV: "1",
    CHECKPOINT_DISABLE: "1",
  };
  for (const name of unsetNames) if (!(name in variables)) io.stdout.write(`unset ${name}\n`);
  for (const [name, value] of Object.entries(variables))
    io.stdout.write(`export ${name}=${quote(value)}\n`);
}

function quote(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
