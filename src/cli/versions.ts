import { packageVersion } from "./package-version";
import { providerVersion } from "../terraform/provider-mirror";

/** The oldest Node that lakeform supports, as in `engines` of package.json. */
export const minimumNodeVersion = "20.18.1";

/** Returns tool versions for the deployment record. */
export function versions(): Record<string, string> {
  return {
    lakeform: packageVersion(),
    node: process.versions.node,
    "databricks provider": providerVersion,
  };
}
