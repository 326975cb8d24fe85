/**
 * The toolkits that a project can use: cdktf, archived in 2025, and its maintained fork cdktn.
 * `constructs/core/toolkit.ts` loads the installed one.
 */
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { installedVersion } from "../package-versions";

export type Toolkit = "cdktn" | "cdktf";
export const toolkits: readonly Toolkit[] = ["cdktn", "cdktf"];

export const otherToolkit = (toolkit: Toolkit): Toolkit =>
  toolkit === "cdktn" ? "cdktf" : "cdktn";

/** The versions that `lakeform init` and `lakeform migrate-toolkit` write into package.json. */
export const toolkitVersions: Readonly<Record<Toolkit, Readonly<Record<string, string>>>> = {
  cdktn: {
    "@cdktn/provider-databricks": "18.7.0",
    cdktn: "0.24.0",
    constructs: ">=10.6.0 <10.8.0",
  },
  cdktf: { "@cdktf/provider-databricks": "15.16.1", cdktf: "0.21.0", constructs: "^10.6.0" },
};

/**
 * The version of databricks/databricks that these bindings are generated from, and that their
 * stacks require.
 */
export const providerVersions: Readonly<Record<Toolkit, string>> = {
  cdktn: "1.132.0",
  cdktf: "1.99.0",
};

export const bindingsOf = (toolkit: Toolkit): string => `@${toolkit}/provider-databricks`;

/** The Node version that a pipeline installs: the bindings of cdktn require 22. */
export const nodeVersionFor = (
  packages: Readonly<Record<string, string>>,
): { readonly nodeVersion?: string } =>
  Object.hasOwn(packages, bindingsOf("cdktn")) ? { nodeVersion: "22" } : {};

/**
 * Returns the installed bindings of a project. If both are installed, prefers those in
 * package.json.
 */
export function installedBindings(
  root: string,
): { readonly toolkit: Toolkit; readonly name: string; readonly version: string } | undefined {
  const require = createRequire(path.join(root, "package.json"));
  const installed = toolkits.flatMap((toolkit) => {
    const name = bindingsOf(toolkit);
    const version = installedVersion(require, name);
    return version === undefined || installedVersion(require, toolkit) === undefined
      ? []
      : [{ toolkit, name, version }];
  });
  const declared = installed.filter(({ name }) => Object.hasOwn(dependenciesOf(root), name));
  return declared[0] ?? installed[0];
}

/** Returns all dependencies in a project's package.json, by name. */
export function dependenciesOf(root: string): Readonly<Record<string, string>> {
  const file = path.join(root, "package.json");
  if (!fs.existsSync(file)) return {};
  const { dependencies, devDependencies } = JSON.parse(fs.readFileSync(file, "utf8")) as Readonly<
    Record<string, Record<string, string>>
  >;
  return { ...devDependencies, ...dependencies };
}
