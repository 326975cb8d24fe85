import fs from "node:fs";
import path from "node:path";

/**
 * Returns the name of the selected Terraform workspace (not a Databricks one), which has its own
 * state: TF_WORKSPACE, or the name that `terraform workspace select` wrote into the data folder.
 * @param dataFolder the folder of TF_DATA_DIR
 * @param variable the value of TF_WORKSPACE
 */
export function terraformWorkspace(dataFolder: string, variable: string | undefined): string {
  if (variable !== undefined && variable !== "") return variable;
  const file = path.join(dataFolder, "environment");
  const savedName = fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim() : "";
  return savedName === "" ? "default" : savedName;
}
