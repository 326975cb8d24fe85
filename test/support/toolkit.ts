import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { toolkitVersions } from "../../src/terraform/toolkit";
import { makeFolder, repository } from "./project";

/** Packages that a project with cdktn must not find in the node_modules of this repository. */
const cdktfPackages = new Set(["cdktf", "@cdktf", "constructs", ".bin", ".package-lock.json"]);

/**
 * Installs cdktn, its bindings, this repository's build of lakeform and its other packages, for
 * projects that use cdktn.
 * @returns the folder node_modules, or undefined if the npm registry is not reachable
 */
export function installCdktn(): string | undefined {
  const folder = makeFolder("cdktn");
  fs.writeFileSync(
    path.join(folder, "package.json"),
    JSON.stringify({ private: true, dependencies: toolkitVersions.cdktn }),
  );
  try {
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: folder,
      stdio: "pipe",
      timeout: 120_000,
    });
  } catch (error) {
    process.stderr.write(
      `\n!!! NOT RUN: cdktn. It could not be installed from the npm registry: ${String(error)}\n\n`,
    );
    return undefined;
  }
  const modules = path.join(folder, "node_modules");
  for (const name of fs
    .readdirSync(path.join(repository, "node_modules"))
    .filter((name) => !cdktfPackages.has(name))) {
    const linkPath = path.join(modules, name);
    if (!fs.existsSync(linkPath))
      fs.symlinkSync(path.join(repository, "node_modules", name), linkPath);
  }
  // A link would resolve imports to the packages of this repository.
  const lakeformFolder = path.join(modules, "lakeform");
  fs.mkdirSync(lakeformFolder);
  for (const name of ["package.json", "bin", "dist"])
    fs.cpSync(path.join(repository, name), path.join(lakeformFolder, name), { recursive: true });
  return modules;
}

/**
 * Installs another Node from its npm package.
 * @returns the folder of its executable, or undefined if it is not available
 */
export function installNode(version: string): string | undefined {
  const folder = makeFolder("node");
  const name = `node-${process.platform}-${process.arch}`;
  fs.writeFileSync(
    path.join(folder, "package.json"),
    JSON.stringify({ private: true, dependencies: { [name]: version } }),
  );
  try {
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: folder,
      stdio: "pipe",
      timeout: 120_000,
    });
  } catch (error) {
    process.stderr.write(
      `\n!!! NOT RUN: Node ${version}. ${name} could not be installed from the npm registry: ${String(error)}\n\n`,
    );
    return undefined;
  }
  return path.join(folder, "node_modules", name, "bin");
}

/** Creates a project with cdktn from this repository's stacks, which import the built package. */
export function stacksOnCdktn(modules: string): string {
  const root = path.join(makeFolder("on-cdktn"), "daily-etl");
  fs.mkdirSync(root);
  for (const entry of ["cdktf.json", "tsconfig.json", "stacks"])
    fs.cpSync(path.join(repository, entry), path.join(root, entry), { recursive: true });
  fs.symlinkSync(modules, path.join(root, "node_modules"));
  for (const file of fs.readdirSync(path.join(root, "stacks"), {
    recursive: true,
    encoding: "utf8",
  })) {
    const targetFile = path.join(root, "stacks", file);
    if (!targetFile.endsWith(".ts")) continue;
    fs.writeFileSync(
      targetFile,
      fs
        .readFileSync(targetFile, "utf8")
        .replaceAll(/"(\.\.\/)+constructs"/g, '"lakeform/constructs"'),
    );
  }
  return root;
}
