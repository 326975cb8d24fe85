import fs from "node:fs";
import path from "node:path";
import { providerVersion } from "../terraform/provider-mirror";

/** The version of this package: package.json lies two folders above `dist/src`, or `src` in tests. */
export function packageVersion(): string {
  let folder = __dirname;
  while (!fs.existsSync(path.join(folder, "package.json"))) folder = path.dirname(folder);
  return (JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8")) as { version: string }).version;
}

/** What the deployment record says about the tools. */
export function versions(): Record<string, string> {
  return { lakeform: packageVersion(), node: process.versions.node, "databricks provider": providerVersion };
}
