import path from "node:path";

/**
 * Returns the version of the official provider that this process replaces. Terraform starts the
 * file of that version in the mirror; if lakeform starts the process, the environment has the
 * version.
 */
export function versionInUse(): string {
  const versionInFileName = /^terraform-provider-databricks_v(\d+\.\d+\.\d+)$/.exec(
    path.basename(process.argv[1] ?? ""),
  )?.[1];
  return versionInFileName ?? process.env["LAKEFORM_PROVIDER_VERSION"] ?? "1.99.0";
}
