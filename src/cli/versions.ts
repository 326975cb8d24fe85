import { packageVersion } from "./package-version";
import { providerVersion } from "../terraform/provider-mirror";

/** What the deployment record says about the tools. */
export function versions(): Record<string, string> {
  return { lakeform: packageVersion(), node: process.versions.node, "databricks provider": providerVersion };
}
