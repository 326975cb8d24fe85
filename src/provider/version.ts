import path from "node:path";

/**
 * Returns the version of the official provider that this process replaces. It is in the name of the
 * file in the mirror that Terraform starts; if lakeform starts the process, it is in the
 * environment, unless the stack requires no version.
 */
export function versionInUse(): string {
  const versionInFileName = /^terraform-provider-databricks_v(\d+\.\d+\.\d+)$/.exec(
    path.basename(process.argv[1] ?? ""),
  )?.[1];
  return versionInFileName ?? process.env["LAKEFORM_PROVIDER_VERSION"] ?? "1.99.0";
}
