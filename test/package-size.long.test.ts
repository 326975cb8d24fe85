import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { makeFolder, removeFolders, repository } from "./support/project";

/** Returns the disk space of a file: its size rounded up to blocks. */
const diskSpaceOf = (size: number): number => Math.ceil(size / 4096) * 4096;

/**
 * Returns the sizes of a package's own files, without nested packages, which have their own entries
 * in the lock file.
 */
function filesOf(folder: string): number[] {
  // A package for another platform is not installed.
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const entryPath = path.join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesOf(entryPath);
    return entry.isFile() ? [diskSpaceOf(fs.statSync(entryPath).size)] : [];
  });
}

describe("package", () => {
  afterAll(removeFolders);

  test("has only dependencies that run on this Node version and are not deprecated", () => {
    const folder = makeFolder("engines");
    for (const file of ["package.json", "package-lock.json"])
      fs.copyFileSync(path.join(repository, file), path.join(folder, file));
    const words = [
      "ci",
      "--dry-run",
      "--offline",
      "--engine-strict",
      "--omit=dev",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
    ];
    const result = spawnSync("npm", words, { cwd: folder, encoding: "utf8" });
    expect([result.status, result.stderr]).toEqual([0, expect.not.stringContaining("EBADENGINE")]);
    const lock = JSON.parse(
      fs.readFileSync(path.join(repository, "package-lock.json"), "utf8"),
    ) as {
      packages: Readonly<Record<string, { readonly dev?: boolean; readonly deprecated?: string }>>;
    };
    const installed = Object.entries(lock.packages).filter(([, { dev }]) => dev !== true);
    expect(installed.length).toBeGreaterThan(50);
    expect(installed.filter(([, { deprecated }]) => deprecated !== undefined)).toEqual([]);
  });

  test("needs less than 60 MB of disk space with its dependencies, without peer dependencies", () => {
    const packed = JSON.parse(
      execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
        cwd: repository,
        encoding: "utf8",
      }),
    ) as { files: { path: string; size: number }[] }[];
    const files = packed[0]?.files ?? [];
    const ownSizes = files.map(({ size }) => diskSpaceOf(size));
    const lock = JSON.parse(
      fs.readFileSync(path.join(repository, "package-lock.json"), "utf8"),
    ) as {
      packages: Readonly<
        Record<
          string,
          { readonly version: string; readonly dev?: boolean; readonly peer?: boolean }
        >
      >;
    };
    // Because of a development dependency, npm may install several copies of a version here; a
    // user's project has one copy.
    const installed = new Map(
      Object.entries(lock.packages)
        .filter(([place, { dev, peer }]) => place !== "" && dev !== true && peer !== true)
        .map(([place, { version }]) => [
          `${place.split("node_modules/").at(-1)}@${version}`,
          place,
        ]),
    );
    const dependencySizes = [...installed.values()].flatMap((place) =>
      filesOf(path.join(repository, place)),
    );
    expect(dependencySizes.length).toBeGreaterThan(1000);
    expect(
      [...ownSizes, ...dependencySizes].reduce((sum, size) => sum + size, 0) / 2 ** 20,
    ).toBeLessThan(60);
  });
});
