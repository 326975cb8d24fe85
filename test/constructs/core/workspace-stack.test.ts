import { buildAndSynth, Content, Notebook, Workflow, WorkspaceStack } from "../../../constructs";
import { makeFolder, removeFolders } from "../../support/project";
import { synth } from "../support";

describe("workspace stack", () => {
  afterAll(removeFolders);

  test("adds a provider without credentials, in the version of the bindings", () => {
    const { json } = synth(() => undefined, { host: "https://dev.example.com" });
    expect(json.provider).toEqual({ databricks: [{ host: "https://dev.example.com" }] });
    expect(json.terraform).toMatchObject({
      required_providers: { databricks: { source: "databricks/databricks", version: "1.99.0" } },
    });
  });
  test("synthesizes to the same bytes each time, without absolute paths", () => {
    const build = (stack: WorkspaceStack): void => {
      new Notebook(stack, "n", {
        path: "/a",
        content: Content.file("stacks/notebooks/ingest_raw_data.py"),
      });
    };
    const [a, b] = [synth(build), synth(build)];
    expect(JSON.stringify(a.json)).toBe(JSON.stringify(b.json));
    expect(JSON.stringify(a.json)).not.toContain(process.cwd());
    expect(JSON.stringify(a.json)).not.toMatch(/\/tmp\/lakeform/);
  });
  test("rejects invalid names, and constructs outside of a stack", () => {
    const outdir = makeFolder("stack");
    const make = (name: string, project: string, environment: string) => () =>
      buildAndSynth(
        (app) =>
          new WorkspaceStack(app, name, {
            project,
            environment: { name: environment, values: {} },
          }),
        { outdir },
      );
    expect(make("Daily", "p", "dev")).toThrow("the name of the stack");
    expect(make("daily", "p/q", "dev")).toThrow("the name of the project");
    expect(make("daily", "p", "")).toThrow("the name of the environment is empty");
    expect(() => buildAndSynth((app) => new Workflow(app, "j", { name: "j" }), { outdir })).toThrow(
      "is not inside a WorkspaceStack",
    );
  });
});
