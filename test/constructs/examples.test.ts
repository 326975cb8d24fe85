import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import vm from "node:vm";
import ts from "typescript";
import * as constructs from "../../constructs";
import { codeBlocks } from "../support/markdown";
import { makeFolder, removeFolders, repository } from "../support/project";

const folder = path.join(repository, "docs", "constructs");
const pages = fs.readdirSync(folder).filter((name) => name !== "README.md");
const blocks = pages
  .flatMap((page) => codeBlocks(path.join(folder, page), page))
  .filter(({ language }) => language === "ts");

type Example = (...args: readonly unknown[]) => void;

/** The declarations that the examples assume, as a reader would write them. */
class ExampleContext {
  constructor(
    private readonly app: constructs.App,
    private readonly stack: constructs.WorkspaceStack,
  ) {}

  #job: constructs.Workflow | undefined;
  get workflow(): constructs.Workflow {
    return (this.#job ??= new constructs.Workflow(this.stack, "given-job", { name: "given" }));
  }

  #shared: constructs.JobCluster | undefined;
  get shared(): constructs.JobCluster {
    return (this.#shared ??= this.workflow.addJobCluster("given_shared", {
      sparkVersion: constructs.SparkVersion.LTS_15_4,
      nodeType: constructs.NodeType.of("i3.xlarge"),
      size: constructs.ClusterSize.fixed(1),
    }));
  }

  declaration(name: string): unknown {
    const { stack } = this;
    const run = constructs.NotebookTask.at("/Shared/given");
    switch (name) {
      case "app":
        return this.app;
      case "stack":
        return stack;
      case "workflow":
      case "etl":
        return this.workflow;
      case "shared":
        return this.shared;
      case "ingest":
        return this.workflow.addTask("given_ingest", { run, on: constructs.Serverless.compute });
      case "folder":
        return new constructs.Directory(stack, "given-folder", { path: "/Shared/given" });
      case "report":
        return new constructs.Notebook(stack, "given-report", {
          path: "/Shared/report",
          language: "SQL",
          content: constructs.Content.text("SELECT 1"),
        });
      case "catalog":
        return new constructs.Catalog(stack, "given-catalog", { name: "given" });
      case "scope":
      case "secrets":
        return new constructs.SecretScope(stack, "given-scope", { name: "given" });
      case "cluster":
        return new constructs.AllPurposeCluster(stack, "given-cluster", {
          name: "given",
          sparkVersion: constructs.SparkVersion.LTS_15_4,
          nodeType: constructs.NodeType.of("i3.xlarge"),
          size: constructs.ClusterSize.autoscale(1, 2),
        });
      default:
        throw new Error(`unknown declaration ${name}`);
    }
  }

  /** A job needs a task, and a job cluster must be used. */
  finish(): void {
    if (this.#job === undefined) return;
    const run = constructs.NotebookTask.at("/Shared/given");
    this.#job.addTask("given_last", { run, on: this.#shared ?? constructs.Serverless.compute });
  }
}

describe("the examples of docs/constructs", () => {
  let root: string;
  const originalRoot = process.env.LAKEFORM_PROJECT_ROOT;
  beforeAll(() => {
    // A reader's project with the files that the examples use.
    root = makeFolder("examples");
    for (const file of ["notebooks/ingest_raw_data.py", "data/sample.json"])
      fs.cpSync(path.join(repository, "stacks", file), path.join(root, "stacks", file));
    fs.writeFileSync(path.join(root, "stacks", "setup.sh"), "true\n");
    fs.mkdirSync(path.join(root, "dist"));
    fs.writeFileSync(path.join(root, "dist", "etl-1.0-py3-none-any.whl"), "wheel");
    process.env.LAKEFORM_PROJECT_ROOT = root;
  });
  afterAll(() => {
    if (originalRoot === undefined) delete process.env.LAKEFORM_PROJECT_ROOT;
    else process.env.LAKEFORM_PROJECT_ROOT = originalRoot;
    removeFolders();
  });

  /** Examples that the bindings of 1.99.0 do not support. */
  const needsNewer = ({ code }: { readonly code: string }): boolean =>
    /\b(AiRuntimeTask|AlertTask|PythonOperatorTask)\b/.test(code);
  const run = (code: string): void => {
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    });
    const outdir = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-example-"));
    const synthesize = (build: (app: constructs.App) => void): unknown =>
      constructs.buildAndSynth(build, { outdir });
    const moduleExports: Record<string, unknown> = {};
    const load = (name: string): unknown => {
      if (name !== "lakeform/constructs") throw new Error(`an example imports ${name}`);
      return { ...constructs, synthesize };
    };
    (vm.compileFunction(outputText, ["require", "exports"]) as Example)(load, moduleExports);
    const [name, example] =
      Object.entries(moduleExports).find(([, value]) => typeof value === "function") ?? [];
    if (name !== undefined) {
      const parameters = new RegExp(`function ${name}\\(([^)]*)\\)`).exec(code)?.[1] ?? "";
      synthesize((app) => {
        const stack = new constructs.WorkspaceStack(app, "example", {
          project: "docs",
          environment: { name: "local", values: {} },
        });
        const context = new ExampleContext(app, stack);
        (example as Example)(
          ...parameters
            .split(",")
            .map((parameter) => context.declaration(parameter.split(":")[0]?.trim() ?? "")),
        );
        context.finish();
      });
    }
    fs.rmSync(outdir, { recursive: true, force: true });
  };

  test.each(
    blocks.filter((block) => !needsNewer(block)).map((block) => [block.where, block.code] as const),
  )("%s synthesizes", (_, code) => {
    run(code);
  });
  test.each(blocks.filter(needsNewer).map((block) => [block.where, block.code] as const))(
    "%s states which bindings it needs",
    (_, code) => {
      expect(() => run(code)).toThrow("the installed bindings do not have");
    },
  );
});
