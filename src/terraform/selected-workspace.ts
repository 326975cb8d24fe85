import fs from "node:fs";
import path from "node:path";
import { providerEnvironment, type TerraformContext } from "./run";

/**
 * Returns the selected Terraform workspace (not a Databricks one): TF_WORKSPACE, or the name that
 * `terraform workspace select` wrote into the data folder.
 */
export function selectedWorkspace({
  env,
  directory,
  mirror,
}: Pick<TerraformContext, "env" | "directory" | "mirror">): string {
  const selected = env.TF_WORKSPACE;
  if (selected !== undefined && selected !== "") return selected;
  const file = path.join(
    directory,
    providerEnvironment(mirror).TF_DATA_DIR ?? ".terraform",
    "environment",
  );
  const savedName = fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim() : "";
  return savedName === "" ? "default" : savedName;
}
