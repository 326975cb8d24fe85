import fs from "node:fs";
import path from "node:path";
import type { Review } from "../../../src/review";
import { readSchema, schemaProblems } from "../../support/json-schema";
import { expectExit, lakeform } from "../../support/cli";
import { removeFolders } from "../../support/project";
import { manyPolicies, pipeline, realProject, type Version } from "../real-stacks";
import { callRest } from "../../support/rest";
import { useWorkspace } from "../../support/workspace";

// To rewrite the golden files:
// UPDATE_GOLDENS=1 npm run test:long -- test/review/render/real-golden.long.test.ts
// Then review the diff.
const folder = path.join(__dirname, "../../fixtures/review/real-goldens");
const canary = "canary-real-golden-4711";

/** Masks values that change with each run: digests, ids, ports, lines of the test's own source. */
const mask = (text: string): string =>
  text
    .replace(/sha256:[0-9a-f]{64}/g, "sha256:<digest>")
    .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "<uuid>")
    .replace(/\b\d{12,}\b/g, "<id>")
    .replace(/127\.0\.0\.1:\d+/g, "<host>")
    .replace(/real-stacks\.ts:\d+/g, "real-stacks.ts:<line>");

describe("reviews of real plans: constructs, terraform and a workspace", () => {
  const workspace = useWorkspace();
  let env: NodeJS.ProcessEnv;
  const { root, write } = realProject();

  beforeAll(() => {
    env = {
      LAKEFORM_LOCAL_HOST: workspace.host,
      LAKEFORM_LOCAL_TOKEN: workspace.token,
      REVIEW_API_KEY: canary,
    };
  });
  afterAll(removeFolders);

  const deploy = async (stack: string, ...more: string[]): Promise<void> => {
    expectExit(
      await lakeform(root, ["deploy", stack, "--quiet", "--auto-approve", ...more], env),
      0,
    );
  };

  /** Runs the command, and compares its text and Markdown with the golden files. */
  async function reviewAndCompare(title: string, stack: string): Promise<Review> {
    const [markdown, json] = [path.join(root, "review.md"), path.join(root, "review.json")];
    const result = await lakeform(
      root,
      ["review", stack, "--quiet", "--out", markdown, "--out", json],
      env,
    );
    expectExit(result, 0);
    const name = title.replaceAll(" ", "-");
    for (const [extension, text] of [
      ["txt", result.stdout],
      ["md", fs.readFileSync(markdown, "utf8")],
    ] as const) {
      expect(text).not.toContain(canary);
      const file = path.join(folder, `${name}.${extension}`);
      if (process.env.UPDATE_GOLDENS === "1") {
        fs.mkdirSync(folder, { recursive: true });
        fs.writeFileSync(file, mask(text));
      }
      expect(mask(text)).toBe(fs.readFileSync(file, "utf8"));
    }
    const parsedReview = JSON.parse(fs.readFileSync(json, "utf8")) as Review;
    expect(schemaProblems(parsedReview, readSchema("docs/schemas/review.schema.json"))).toEqual([]);
    return parsedReview;
  }

  test("match the golden files: first deploy", async () => {
    write({ etl: (stack) => pipeline(stack) });
    const [stack] = (await reviewAndCompare("first deploy", "etl-local")).stacks;
    expect(stack?.counts).toMatchObject({ create: 8, update: 0, replace: 0, delete: 0 });
    await deploy("etl-local");
  });

  const versions: readonly (readonly [
    string,
    Version,
    Partial<Review["stacks"][number]["counts"]>,
  ])[] = [
    ["nothing to do", {}, { create: 0, update: 0, replace: 0, delete: 0 }],
    [
      "one task change",
      { timeout: 900, notebook: "# Databricks notebook source\nprint('two')\n" },
      { update: 2 },
    ],
    ["rewiring", { rewired: true }, { update: 1 }],
    ["replace", { schemaName: "raw_events" }, { replace: 2 }],
    ["destroy", { withoutLanding: true }, { delete: 1 }],
    ["permission change", { reader: "CAN_MANAGE_RUN" }, { update: 1 }],
    ["rename", { pipelineId: "daily" }, { create: 2, delete: 2 }],
    ["schedule and compute", { scheduled: true, workers: 6 }, { update: 1 }],
  ];

  it.each(versions)("match the golden files: %s", async (title, version, counts) => {
    write({ etl: (stack) => pipeline(stack, version) });
    const [stack] = (await reviewAndCompare(title, "etl-local")).stacks;
    expect(stack?.counts).toMatchObject(counts);
    expect(stack?.leftOut).toEqual([]);
    expect(stack?.overwritten).toEqual([]);
  });

  test("match the golden files: drift overwritten", async () => {
    write({ etl: (stack) => pipeline(stack) });
    const call = (route: string, body?: unknown): Promise<Record<string, unknown>> =>
      callRest(workspace, body === undefined ? "GET" : "POST", route, body);
    const { jobs } = (await call("/api/2.2/jobs/list?name=review-pipeline")) as {
      jobs: { job_id: number }[];
    };
    // The plan shows the first change, but not the second.
    await call("/api/2.2/jobs/update", {
      job_id: jobs[0]?.job_id,
      new_settings: {
        timeout_seconds: 60,
        email_notifications: { on_failure: ["oncall@example.com"], on_start: ["me@example.com"] },
      },
    });
    const [stack] = (await reviewAndCompare("drift overwritten", "etl-local")).stacks;
    expect(stack?.overwritten.map(({ field }) => field)).toContain("timeout_seconds");
  });

  test("match the golden files: 200 identical changes", async () => {
    write({ many: (stack) => manyPolicies(stack, 4) });
    await deploy("many-local", "--no-verify");
    write({ many: (stack) => manyPolicies(stack, 8) });
    const [stack] = (await reviewAndCompare("200 identical changes", "many-local")).stacks;
    expect(stack?.groups.map(({ members }) => members.length)).toEqual([200]);
  });
});
