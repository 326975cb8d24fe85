import path from "node:path";
import { terraformWorkspace } from "../terraform-workspace";
import { providerEnvironment, type TerraformContext } from "./run";

/** Returns the Terraform workspace that is selected in the folder of a stack. */
export function selectedWorkspace({
  env,
  directory,
  mirror,
}: Pick<TerraformContext, "env" | "directory" | "mirror">): string {
  const dataFolder = path.join(directory, providerEnvironment(mirror).TF_DATA_DIR ?? ".terraform");
  return terraformWorkspace(dataFolder, env.TF_WORKSPACE);
}
