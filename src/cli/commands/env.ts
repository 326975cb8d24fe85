import { Command } from "commander";
import { findProject } from "../../terraform/project";
import { installProviderMirror } from "../../terraform/provider-mirror";
import { activateLock, providerEnvironment } from "../../terraform/run";
import { selectStacks } from "../../terraform/stack";
import { ensureSynthesized } from "../../terraform/synth";
import { resolveConnection } from "../connection";
import type { MakeCommand } from "../io";

export const command: MakeCommand = (io) =>
  new Command("env")
    .description("print shell exports for cdktf, terraform and curl against an environment")
    .argument("<environment>", "an environment, or one of its stacks")
    .option("--host <url>", "another workspace than the environment's own")
    .option("--profile <name>", "a profile of .databrickscfg")
    .addHelpText(
      "after",
      '\nExample:\n  eval "$(lakeform env local)"\n  npx cdktf deploy daily-etl-local --auto-approve\n  curl -H "Authorization: Bearer $DATABRICKS_TOKEN" "$DATABRICKS_HOST/api/2.1/jobs/list"\n\nIt prints the token: eval it, do not log it.',
    )
    .action(async (environment: string, flags: { host?: string; profile?: string }) => {
      const project = findProject(io.cwd);
      await ensureSynthesized(project, io.env, { allowed: true });
      const stacks = selectStacks(project, [environment]);
      const [first] = stacks;
      if (first === undefined) return;
      const connection = resolveConnection(project, first.metadata, io.env, flags);
      const mirror = first.metadata.provider === "embedded" ? installProviderMirror(project.privateFolder) : undefined;
      for (const stack of stacks) activateLock(stack.directory, mirror);

      const unset = [
        "DATABRICKS_HOST",
        "DATABRICKS_TOKEN",
        "DATABRICKS_CLIENT_ID",
        "DATABRICKS_CLIENT_SECRET",
        "DATABRICKS_CONFIG_PROFILE",
        "TF_PLUGIN_CACHE_DIR",
      ];
      const exported: Record<string, string> = {
        ...connection.environment,
        ...providerEnvironment(mirror),
        // A plugin cache links providers of one name and version into each other's folders.
        CDKTF_DISABLE_PLUGIN_CACHE_ENV: "1",
        CHECKPOINT_DISABLE: "1",
      };
      for (const name of unset) if (!(name in exported)) io.stdout.write(`unset ${name}\n`);
      for (const [name, value] of Object.entries(exported)) io.stdout.write(`export ${name}=${quote(value)}\n`);
      // By reference: the values of secrets are the shell's own.
      for (const stack of stacks) {
        for (const [name, { environment: variable }] of Object.entries(stack.metadata.variables)) {
          io.stdout.write(`export TF_VAR_${name}="\${${variable}-}"\n`);
        }
      }
    });

function quote(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
