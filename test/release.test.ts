/**
 * Checks of a release: versions match .tool-versions, dependencies have permissive licences, and
 * the workflow is safe.
 */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { defaults } from "../src/promote/ci/plan";

const root = path.join(__dirname, "..");
const read = (file: string): string => fs.readFileSync(path.join(root, file), "utf8");

test("all files use the versions of Node and Terraform from .tool-versions", () => {
  const versions = Object.fromEntries(
    read(".tool-versions")
      .trim()
      .split("\n")
      .map((line) => line.split(" ")),
  ) as { nodejs: string; terraform: string };
  const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
  expect(engines.node).toBe(`>=${versions.nodejs}`);
  expect(read("README.md")).toContain(`Node ${versions.nodejs} or newer`);
  expect(defaults).toMatchObject({
    nodeVersion: versions.nodejs.split(".")[0],
    terraformVersion: versions.terraform,
  });
});

test("the licences of all dependencies are listed, and each permits redistribution", () => {
  execFileSync(process.execPath, [path.join(root, "scripts", "licences.mjs"), "--check"], {
    stdio: "pipe",
  });
  const licences = [
    ...read("docs/licences.md").matchAll(/^\| [^|]+ \| \d[^|]* \| ([^|]+) \|/gm),
  ].map(([, licence]) => licence);
  expect(licences.length).toBeGreaterThan(50);
  const permissive = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BlueOak-1.0.0",
    "ISC",
    "MIT",
  ];
  expect([...new Set(licences)].filter((licence) => !permissive.includes(licence ?? ""))).toEqual(
    [],
  );
});

test("the release workflow pins its actions, and publishes with provenance after a dry run and an SBOM", () => {
  const workflow = read(".github/workflows/release.yml");
  interface Job {
    readonly needs?: string;
    readonly permissions?: Readonly<Record<string, string>>;
    readonly steps: readonly { readonly run?: string; readonly uses?: string }[];
  }
  const { jobs } = parse(workflow) as { jobs: Readonly<Record<string, Job>> };
  const runs = (job: string): string[] => jobs[job]?.steps.flatMap(({ run }) => run ?? []) ?? [];
  expect(runs("pack")).toEqual(
    expect.arrayContaining(["npm publish --dry-run", expect.stringMatching(/^npm sbom /)]),
  );
  expect(runs("publish").at(-1)).toBe("npm publish --provenance --access public");
  expect(jobs["publish"]).toMatchObject({ needs: "pack", permissions: { "id-token": "write" } });
  const actions = Object.values(jobs).flatMap(({ steps }) =>
    steps.flatMap(({ uses }) => uses ?? []),
  );
  expect(actions.filter((action) => !/@[0-9a-f]{40}$/.test(action))).toEqual([]);
});
