import fs from "node:fs";
import path from "node:path";
import { findReview, keepReview } from "../../src/deploy/kept-reviews";
import { review, type Review } from "../../src/review";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeFolder, makeProject, removeFolders, setResource } from "../support/project";
import { env, notebook, useWorkspacePerTest } from "./approve-lab";

describe("a deploy of an approved plan", () => {
  useWorkspacePerTest();

  test("prints the difference if the plan has changed, accepts a review file or at least 12 digits of the digest, and deletes the saved plan", async () => {
    const root = makeProject({ "etl-local": { resource: scopes("approved-a") } });
    const reviewFolder = path.join(root, ".lakeform", "reviews");
    const reviewResult = await lakeform(
      root,
      ["review", "local", "--quiet", "--out", "review.json"],
      env,
    );
    expectExit(reviewResult, 0);
    const { digest } = JSON.parse(
      fs.readFileSync(path.join(root, "review.json"), "utf8"),
    ) as Review;
    const hex = digest.replace("sha256:", "");
    expect(fs.readdirSync(reviewFolder)).toEqual([`${hex}.json`]);
    expect(fs.statSync(path.join(reviewFolder, `${hex}.json`)).mode & 0o777).toBe(0o600);
    expect(plansIn(root)).toEqual([]);

    setResource(root, "etl-local", {
      ...scopes("approved-b"),
      ...notebook("approve", "print(1)\n"),
    });
    const deployResult = await lakeform(
      root,
      ["deploy", "local", "--quiet", "--approve", hex.slice(0, 12)],
      env,
    );
    expectDifference(deployResult);

    fs.rmSync(reviewFolder, { recursive: true });
    expectDifference(
      await lakeform(root, ["deploy", "local", "--quiet", "--approve", "review.json"], env),
    );
    fs.rmSync(reviewFolder, { recursive: true });
    const unknownDigestResult = await lakeform(
      root,
      ["deploy", "local", "--quiet", "--approve", digest],
      env,
    );
    expectExit(unknownDigestResult, 2);
    expect(unknownDigestResult.stderr).toContain(
      "the approved review is not available on this machine",
    );
    expect(unknownDigestResult.stderr).toContain("would create databricks_notebook.n");
    const shortDigestResult = await lakeform(
      root,
      ["deploy", "local", "--quiet", "--approve", "abc"],
      env,
    );
    expectExit(shortDigestResult, 2);

    setResource(root, "etl-local", scopes("approved-a"));
    expectExit(
      await lakeform(root, ["deploy", "local", "--quiet", "--approve", "review.json"], env),
      0,
    );
    expect(plansIn(root)).toEqual([]);
  });

  test("shows a notebook's change as a diff against the deployed content", async () => {
    const root = makeProject({
      "etl-local": { resource: notebook("diffed", "print('before')\nprint('same')\n") },
    });
    expectExit(await lakeform(root, ["deploy", "local", "--quiet", "--auto-approve"], env), 0);
    setResource(root, "etl-local", notebook("diffed", "print('after')\nprint('same')\n"));
    const reviewResult = await lakeform(root, ["review", "local", "--quiet"], env);
    expectExit(reviewResult, 0);
    expect(reviewResult.stdout).toMatch(/-\s*print\('before'\)/);
    expect(reviewResult.stdout).toMatch(/\+\s*print\('after'\)/);
  });

  test("leaves no file behind if the review fails", async () => {
    const root = makeProject({ "etl-local": { resource: scopes("cut") } });
    expectExit(await lakeform(root, ["synth"]), 0);
    // A stand-in for the terraform binary, which writes half of a plan.
    const binary = path.join(makeFolder("binary"), "terraform");
    fs.writeFileSync(
      binary,
      `#!/bin/sh\nif [ "$1" = show ]; then printf '{"format_version":"1.2","resource_ch'; else exec terraform "$@"; fi\n`,
      {
        mode: 0o755,
      },
    );
    const result = await lakeform(root, ["review", "local", "--quiet"], {
      ...env,
      TERRAFORM_BINARY_NAME: binary,
    });
    expectExit(result, 1);
    expect(result.stderr).toContain("PLAN_UNREADABLE");
    expect(plansIn(root)).toEqual([]);
  });

  test("rejects a file that is not a review, and a review of two revisions", async () => {
    const root = makeProject({ "etl-local": { resource: scopes("never") } });
    fs.writeFileSync(path.join(root, "other.json"), "{}");
    const result = await lakeform(
      root,
      ["deploy", "local", "--quiet", "--approve", "other.json"],
      env,
    );
    expectExit(result, 1);
    expect(result.stderr).toContain("REVIEW_UNREADABLE");
    // A review of two revisions does not contain the plan of a deploy.
    const base = review({ stacks: [], base: "HEAD~1" });
    fs.writeFileSync(path.join(root, "base.json"), JSON.stringify(base));
    const deployResult = await lakeform(
      root,
      ["deploy", "local", "--quiet", "--approve", "base.json"],
      env,
    );
    expectExit(deployResult, 1);
    expect(deployResult.stderr).toContain("a review of two revisions (--base) cannot be approved");
  });
});

describe("stored reviews", () => {
  afterAll(removeFolders);

  const reviewOf = (number: number): Review => ({
    format: "lakeform.review",
    version: 1,
    mode: "plan",
    digest: `sha256:${number.toString(16).padStart(2, "0").repeat(32)}`,
    stacks: [],
  });

  test("are limited to the newest 20, and found by at least 12 hex digits of the digest", () => {
    const folder = makeFolder("kept");
    const firstTime = Date.now() / 1000 - 1000;
    for (let number = 0; number < 25; number++) {
      keepReview(folder, reviewOf(number));
      const file = path.join(folder, "reviews", `${reviewOf(number).digest.slice(7)}.json`);
      fs.utimesSync(file, firstTime + number, firstTime + number);
    }
    expect(fs.readdirSync(path.join(folder, "reviews"))).toHaveLength(20);
    expect(findReview(folder, reviewOf(4).digest)).toBeUndefined();
    expect(findReview(folder, reviewOf(5).digest)).toEqual(reviewOf(5));
    expect(findReview(folder, "181818181818")).toEqual(reviewOf(24));
    expect(findReview(folder, "18181818181")).toBeUndefined();
    expect(findReview(makeFolder("none"), "181818181818")).toBeUndefined();
  });
});

const scopes = (name: string): Record<string, unknown> => ({
  databricks_secret_scope: { s: { name } },
});

function expectDifference(result: CliResult): void {
  expectExit(result, 2);
  expect(result.stderr).toContain("PLAN_NOT_APPROVED: the plan differs from the approved one");
  expect(result.stderr).toContain("not approved: create databricks_notebook.n");
  expect(result.stderr).toMatch(/approved: name: .*approved-a/);
  expect(result.stderr).toMatch(/now: {6}name: .*approved-b/);
}

/** Lists saved plans, binary or JSON, which contain secrets in clear text. */
function plansIn(root: string): string[] {
  return fs
    .readdirSync(path.join(root, "cdktf.out", "stacks", "etl-local"))
    .filter((name) => name.startsWith(".lakeform-"));
}
