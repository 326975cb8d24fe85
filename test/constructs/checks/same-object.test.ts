import {
  buildAndSynth,
  ConstructErrors,
  Content,
  defineEnvironments,
  Group,
  Notebook,
  Permissions,
  Workflow,
  WorkspaceFile,
  WorkspaceStack,
  type App,
} from "../../../constructs";
import { findSameObjects } from "../../../constructs/checks/same-object";
import { problems } from "../support";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const notebook = (stack: WorkspaceStack, id: string, notebookPath: string): Notebook =>
  new Notebook(stack, id, {
    path: notebookPath,
    content: Content.text("print(1)"),
    language: "PYTHON",
  });

/** Returns the problems of an app with several stacks and environments. */
function problemsOfApp(build: (app: App) => void): string[] {
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-same-object-"));
  try {
    buildAndSynth(build, { outdir });
    return [];
  } catch (error) {
    if (!(error instanceof ConstructErrors)) throw error;
    return error.problems.map(({ code, details }) => `${code} ${details.path ?? ""}`);
  } finally {
    fs.rmSync(outdir, { recursive: true });
  }
}

describe("two constructs of one object", () => {
  test("are rejected in a stack, with both paths", () => {
    expect(
      problems((stack) => {
        notebook(stack, "a", "/Shared/x");
        notebook(stack, "b", "/Shared/x");
        notebook(stack, "c", "/Shared/y");
        new WorkspaceFile(stack, "d", { path: "/Shared/z", content: Content.text("1") });
      }),
    ).toMatchObject([
      {
        code: "SAME_OBJECT",
        message: "test-local/a already manages this object",
        details: { path: "test-local/b", value: "notebook /Shared/x" },
      },
    ]);
  });

  test("are rejected if both are the access list of the same job", () => {
    expect(
      problems((stack) => {
        const job = Workflow.fromId("1");
        Permissions.onJob(stack, "one", job).allow("CAN_VIEW", Group.users);
        Permissions.onJob(stack, "two", job).allow("CAN_MANAGE_RUN", Group.users);
        Permissions.onJob(stack, "three", Workflow.fromId("2")).allow("CAN_VIEW", Group.users);
      }).map(({ code, details }) => [code, details.path]),
    ).toEqual([["SAME_OBJECT", "test-local/two"]]);
  });

  test("are rejected in two stacks of an environment, and accepted in two environments", () => {
    const environments = defineEnvironments([
      { name: "dev", values: {} },
      { name: "prod", values: {} },
    ]);
    const app = (names: readonly string[]) => (app: App) => {
      for (const environment of environments)
        for (const name of names)
          notebook(new WorkspaceStack(app, name, { project: "p", environment }), "n", "/Shared/x");
    };
    expect(problemsOfApp(app(["one"]))).toEqual([]);
    expect(problemsOfApp(app(["one", "two"]))).toEqual([
      "SAME_OBJECT two-dev/n",
      "SAME_OBJECT two-prod/n",
    ]);
  });

  test("are accepted if they belong to two providers of a stack", () => {
    const resource = (id: string, provider?: string) => ({
      type: "databricks_notebook",
      id,
      path: `test/${id}`,
      json: "",
      body: { path: "/Shared/x", ...(provider !== undefined && { provider }) },
    });
    const errors = findSameObjects(
      [
        resource("a"),
        resource("b", "databricks.second"),
        resource("c", "databricks.third"),
        resource("d", "databricks.second"),
      ],
      { stack: "test", environment: "dev" },
      new Map(),
    );
    expect(errors.map(({ message, details }) => [details.path, message])).toEqual([
      ["test/d", "test/b already manages this object"],
    ]);
  });
});
