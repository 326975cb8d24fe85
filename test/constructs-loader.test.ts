import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { loadConstructs } from "../src/constructs-loader";
import { makeFolder, removeFolders, repository } from "./support/project";

const index = path.join(repository, "dist", "constructs", "index.js");

describe("the loader of the constructs", () => {
  afterAll(removeFolders);

  const script = `import { App, stampTag, synthesize, Workflow, WorkspaceStack } from ${JSON.stringify(index)};
synthesize((app) => {
  const environment = { name: "dev", values: {} };
  new WorkspaceStack(app, "etl", { project: "etl", environment }).named("etl");
}, { outdir: "out" });
console.log(JSON.stringify([App.name, stampTag, Workflow.name]));`;

  test("keeps the compiled functions of an app, and uses them in the next one", () => {
    const folder = makeFolder("constructs");
    const run = (): unknown => {
      fs.writeFileSync(path.join(folder, "app.mjs"), script);
      const env = { PATH: process.env.PATH, XDG_CACHE_HOME: path.join(folder, "cache") };
      const text = execFileSync(process.execPath, ["app.mjs"], { cwd: folder, env });
      return JSON.parse(text.toString());
    };
    const caches = path.join(folder, "cache", "lakeform");
    expect(run()).toEqual(["App", "lakeform", "Workflow"]);
    // The second file has the functions of the toolkit.
    expect(fs.readdirSync(caches)).toEqual([
      expect.stringMatching(/^constructs-v[\d.]+-[0-9a-f]{16}\.bin$/),
      expect.stringMatching(/^modules-v[\d.]+-1-cdktf-[\d.]+-[\d.]+\.bin$/),
    ]);
    const times = (): readonly number[] =>
      fs.readdirSync(caches).map((name) => fs.statSync(path.join(caches, name)).mtimeMs);
    const timesBefore = times();
    const output = fs.readFileSync(path.join(folder, "out", "stacks", "etl-dev", "cdk.tf.json"));
    expect(run()).toEqual(["App", "lakeform", "Workflow"]);
    expect(times()).toEqual(timesBefore);
    expect(
      fs.readFileSync(path.join(folder, "out", "stacks", "etl-dev", "cdk.tf.json")).equals(output),
    ).toBe(true);
  });

  test("records the position in the app where a construct was created, also with the cache of another installation", () => {
    const folder = makeFolder("constructs");
    fs.writeFileSync(path.join(folder, "cdktf.json"), "{}");
    const env = { PATH: process.env.PATH, XDG_CACHE_HOME: path.join(folder, "cache") };
    const positions = (constructs: string): unknown[] => {
      fs.writeFileSync(
        path.join(folder, "app.js"),
        `const { NotebookTask, Serverless, synthesize, Workflow, WorkspaceStack } = require(${JSON.stringify(constructs)});
synthesize((app) => {
  const environment = { name: "dev", values: {} };
  const stack = new WorkspaceStack(app, "etl", { project: "etl", environment });
  const etl = new Workflow(stack, "etl", { name: "etl" });
  etl.addTask("load", { run: NotebookTask.at("/Shared/load"), on: Serverless.compute });
}, { outdir: "out" });`,
      );
      execFileSync(process.execPath, ["app.js"], { cwd: folder, env });
      const file = path.join(folder, "out", "stacks", "etl-dev", "cdk.tf.json");
      const output = JSON.parse(fs.readFileSync(file, "utf8")) as {
        "//": { lakeform: { resources: Record<string, { source?: string }> } };
      };
      return Object.values(output["//"].lakeform.resources).map(({ source }) => source);
    };
    expect(positions(index)).toEqual(["app.js:5"]);
    const copy = path.join(makeFolder("installation"), "constructs");
    fs.cpSync(path.dirname(index), copy, { recursive: true });
    fs.symlinkSync(path.join(repository, "node_modules"), path.join(copy, "node_modules"));
    expect(positions(path.join(copy, "index.js"))).toEqual(["app.js:5"]);
  });

  test("leaves modules of other loaders, such as jest's, to these", () => {
    expect(loadConstructs({ exports: {} }, () => "the bundle")).toBe("the bundle");
  });
});
