/** Reads the state of a Terraform folder, and shows how to remove the adopted objects from it. */
import fs from "node:fs";
import path from "node:path";
import { LakeformError } from "../../errors";
import { withoutKeys } from "../../terraform/references";
import { cannotDecrypt, isEncrypted } from "../../terraform/encryption";
import { findEngine } from "../../terraform/engine";
import { runTerraform } from "../../terraform/run";
import { parseState, type State } from "../../terraform/state-format";

/**
 * Reads the state of a folder: a local state file directly, other backends through Terraform.
 * @throws LakeformError NO_SUCH_FOLDER, BROKEN_STATE, TERRAFORM_FAILED
 */
export async function stateOfFolder(
  directory: string,
  env: NodeJS.ProcessEnv,
): Promise<State | undefined> {
  if (!fs.existsSync(directory))
    throw new LakeformError("NO_SUCH_FOLDER", "the folder does not exist", {
      value: directory,
      fix: "check --dir",
    });
  const file = path.join(directory, "terraform.tfstate");
  const bytes = fs.existsSync(file) ? fs.readFileSync(file) : undefined;
  if (bytes !== undefined && !isEncrypted(bytes)) return parseState(bytes.toString("utf8"), file);
  const context = {
    engine: await findEngine(env),
    directory,
    env,
    credentials: {},
    variables: {},
    mirror: undefined,
    foreign: true,
  };
  if (bytes !== undefined && context.engine.name !== "tofu")
    throw cannotDecrypt(file, "set TERRAFORM_BINARY_NAME=tofu");
  const { stdout } = await runTerraform(context, ["state", "pull"]);
  return stdout.trim() === "" ? undefined : parseState(stdout, `the state of ${directory}`);
}

/**
 * Shows how to remove the adopted objects from the old state, so that only one project manages
 * them.
 * @param directory as given by the user
 */
export function renderStateRemoval(directory: string, addresses: readonly string[]): string {
  const quoted = addresses.map((address) => `'${address.replaceAll("'", "'\\''")}'`);
  // `removed` blocks do not support instance keys of resources or modules.
  const withoutInstanceKeys = [...new Set(addresses.map(withoutKeys))];
  return [
    "",
    `after the deploy, remove them from the old state, otherwise two states manage them:`,
    `  terraform -chdir=${directory} state rm \\`,
    ...quoted.map((address, index) => `    ${address}${index < quoted.length - 1 ? " \\" : ""}`),
    "or replace their resource blocks in its configuration with these, and apply it (Terraform 1.7 or newer):",
    ...withoutInstanceKeys.map(
      (address) => `  removed {\n    from = ${address}\n    lifecycle { destroy = false }\n  }`,
    ),
    "",
  ].join("\n");
}
