import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import type { StackMetadata } from "../../constructs";
import { makeFolder, removeFolders, repository } from "../support/project";

describe("the daily ETL, synthesized by ts-node as cdktf does it", () => {
  const outdir = path.join(makeFolder("synth"), "out");
  beforeAll(() => {
    execFileSync(process.execPath, ["-r", "ts-node/register", "stacks/main.ts"], {
      cwd: repository,
      env: { ...process.env, CDKTF_OUTDIR: outdir },
    });
  });
  afterAll(removeFolders);

  test("creates a stack for each environment", () => {
    expect(fs.readdirSync(path.join(outdir, "stacks")).sort()).toEqual([
      "daily-etl-dev",
      "daily-etl-local",
      "daily-etl-prod",
      "daily-etl-staging",
    ]);
  });

  test("records the source line of each resource", () => {
    const text = fs.readFileSync(
      path.join(outdir, "stacks", "daily-etl-local", "cdk.tf.json"),
      "utf8",
    );
    const { resources } = (JSON.parse(text) as { "//": { lakeform: StackMetadata } })["//"]
      .lakeform;
    const job = Object.entries(resources).find(([address]) =>
      address.startsWith("databricks_job."),
    )?.[1];
    const lines = fs
      .readFileSync(path.join(repository, "stacks", "daily-etl.ts"), "utf8")
      .split("\n");
    expect(job).toEqual({
      path: "daily-etl-local/pipeline",
      source: `stacks/daily-etl.ts:${lines.findIndex((line) => line.includes("new Workflow(")) + 1}`,
      stamped: true,
    });
    expect(text).not.toContain(repository);
  });
});
