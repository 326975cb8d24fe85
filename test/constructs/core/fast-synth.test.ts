import { TerraformOutput, TerraformStack } from "cdktf";
import { resolveValues } from "../../../constructs/core/fast-synth";
import { withDocumentedDefaults } from "../../../constructs/jobs/documented-defaults";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import {
  buildAndSynth,
  NotebookTask,
  RunJobTask,
  SecretScope,
  SecretValue,
  Serverless,
  Workflow,
  WorkspaceStack,
} from "../../../constructs";
import { Gallery } from "../../../stacks/gallery/gallery";
import { synth, type Json } from "../support";

describe("fast rendering", () => {
  const build = (stack: WorkspaceStack): void => {
    const scope = new SecretScope(stack, "s", { name: "s" });
    scope.addSecret("k", SecretValue.fromEnvironment("K"));
    const job = new Workflow(stack, "j", { name: `job of \${var.K} and ${scope.renderName()}` });
    job.addTask("a", { run: RunJobTask.of(job), disabled: false });
    job.addTask("b", {
      run: NotebookTask.at("/a", { text: "1e+289 $${x} %%{y}", quote: 'a "b"\nc' }),
      on: Serverless.compute,
    });
    stack.addOverride("resource.databricks_secret_scope.extra.name", "by override");
    stack.addOverride("terraform.required_version", ">= 1.5");
  };
  test("writes the same output as cdktf", () => {
    const outputs: unknown[] = [];
    synth((stack) => {
      build(stack);
      outputs.push(
        JSON.parse(JSON.stringify({ ...stack.toTerraform(), "//": 0 })),
        JSON.parse(
          JSON.stringify({ ...TerraformStack.prototype.toTerraform.call(stack), "//": 0 }),
        ),
      );
    });
    const { databricks_job: jobs } = (
      outputs[1] as { resource: { databricks_job: Record<string, Json> } }
    ).resource;
    for (const [id, job] of Object.entries(jobs)) jobs[id] = withDocumentedDefaults(job);
    expect(outputs[0]).toEqual(outputs[1]);
    expect(outputs[0]).toMatchObject({
      resource: { databricks_secret_scope: { extra: { name: "by override" } } },
      terraform: { required_version: ">= 1.5" },
    });
  });
  test("writes the gallery's file byte for byte like cdktf, except for empty objects, which cdktf breaks over two lines", () => {
    const outdir = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-gallery-"));
    // cdktf's own copy of the package, wherever it is installed.
    const stringify = createRequire(require.resolve("cdktf"))("json-stable-stringify") as (
      value: unknown,
      options: { space: number },
    ) => string;
    let gallery: WorkspaceStack | undefined;
    buildAndSynth((app) => (gallery = new Gallery(app, { development: true })), { outdir });
    if (gallery === undefined) throw new Error("no gallery");
    const output = fs.readFileSync(
      path.join(outdir, "stacks", "gallery-local", "cdk.tf.json"),
      "utf8",
    );
    const { lakeform } = (JSON.parse(output) as { "//": { lakeform: unknown } })["//"];
    const cdktfOutput = TerraformStack.prototype.toTerraform.call(gallery) as Json;
    const expected = stringify(
      { ...cdktfOutput, "//": { ...(cdktfOutput["//"] as object), lakeform } },
      { space: 2 },
    );
    expect(output).toBe(expected.replaceAll(/\{\n *\}/g, "{}").replaceAll(/\[\n *\]/g, "[]"));
    expect(JSON.parse(output)).toEqual(JSON.parse(expected));
    expect(output.length).toBeGreaterThan(50_000);
    fs.rmSync(outdir, { recursive: true });
  });
  test("leaves references between stacks to cdktf", () => {
    const outdir = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-cross-"));
    buildAndSynth(
      (app) => {
        const newStack = (name: string): WorkspaceStack =>
          new WorkspaceStack(app, name, {
            project: "tests",
            environment: { name: "local", values: {} },
          });
        const scope = new SecretScope(newStack("first"), "s", { name: "shared" });
        new TerraformOutput(newStack("second"), "out", { value: scope.renderName() });
      },
      { outdir },
    );
    const readStack = (name: string): Json =>
      JSON.parse(fs.readFileSync(path.join(outdir, "stacks", name, "cdk.tf.json"), "utf8")) as Json;
    expect(JSON.stringify(readStack("first-local").output)).toContain("databricks_secret_scope");
    expect(JSON.stringify(readStack("second-local").data)).toContain("terraform_remote_state");
    fs.rmSync(outdir, { recursive: true });
  });
  test("drops undefined and keeps null", () => {
    synth((stack) => {
      expect(
        resolveValues(stack, { a: undefined, b: null, c: [undefined, 1], d: { e: false } }),
      ).toEqual({
        b: null,
        c: [1],
        d: { e: false },
      });
    });
  });
});
