import path from "node:path";

/**
 * The version of the official provider that this process stands in for: Terraform starts the file
 * of that version in the mirror; a process that lakeform starts reads it from the environment.
 */
export function versionInUse(): string {
  const named = /^terraform-provider-databricks_v(\d+\.\d+\.\d+)$/.exec(
    path.basename(process.argv[1] ?? ""),
  )?.[1];
  return named ?? process.env["LAKEFORM_PROVIDER_VERSION"] ?? "1.99.0";
}
