import { packageVersion } from "./package-version";
import { providerVersion } from "../terraform/provider-mirror";

/** Returns tool versions for the deployment record. */
export function versions(): Record<string, string> {
  return {
    lakeform: packageVersion(),
    node: process.versions.node,
    "databricks provider": providerVersion,
  };
}
