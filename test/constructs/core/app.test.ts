import { Construct } from "constructs";
import {
  buildAndSynth,
  Content,
  DbfsFile,
  NotebookTask,
  Serverless,
  synthesize,
  Workflow,
  WorkspaceStack,
  type App,
} from "../../../constructs";
import { makeFolder, removeFolders } from "../../support/project";
import { problems, synth } from "../support";

describe("app", () => {
  afterAll(removeFolders);

  test("reports all problems at once, with paths and fixes", () => {
    const allProblems = problems((stack) => {
      new Workflow(stack, "one", { name: "one" });
      new Workflow(stack, "two", { name: "two" }).addTask("a", {
        run: NotebookTask.at("/a", { rows: "{{tasks.b.values.rows}}" }),
        on: Serverless.compute,
      });
      new DbfsFile(stack, "file", {
        path: "/a",
        content: Content.file("nope"),
        acceptDeprecation: "a test",
      });
    });
    expect(allProblems.map(({ code, details }) => `${code} ${details.path ?? ""}`)).toEqual([
      "FILE_NOT_FOUND test-local/file",
      "INVALID_CONSTRUCT test-local/one",
      "NOT_UPSTREAM test-local/two/a",
    ]);
  });
  const inTwoStacks = (addTo: (stack: WorkspaceStack) => unknown) => (app: App) => {
    for (const name of ["one", "two"])
      addTo(
        new WorkspaceStack(app, name, {
          project: "test",
          environment: { name: "local", values: {} },
        }),
      );
  };
  const outdir = (): string => makeFolder("app");
  test("reports the problems of all stacks without duplicates", () => {
    const build = inTwoStacks((stack) => new Workflow(stack, "empty", { name: "empty" }));
    let problems: readonly unknown[] = [];
    try {
      buildAndSynth(build, { outdir: outdir() });
    } catch (error) {
      problems = (error as { problems: { details: { path?: string } }[] }).problems.map(
        ({ details }) => details.path,
      );
    }
    expect(problems).toEqual(["one-local/empty", "two-local/empty"]);
  });
  test("rejects two stacks of one name in different scopes", () => {
    const build = (): unknown =>
      buildAndSynth(
        (app) => {
          for (const id of ["one", "two"])
            new WorkspaceStack(new Construct(app, id), "etl", {
              project: "test",
              environment: { name: "local", values: {} },
            });
        },
        { outdir: outdir() },
      );
    expect(build).toThrow(
      expect.objectContaining({
        message: expect.stringContaining("at:      one/etl-local and two/etl-local") as string,
      }) as Error,
    );
  });

  test("prints each warning once, on stderr, and succeeds", () => {
    const stderrWrite = jest.spyOn(process.stderr, "write").mockReturnValue(true);
    try {
      synthesize(
        inTwoStacks(
          (stack) =>
            new DbfsFile(stack, "file", { path: `/${stack.node.id}`, content: Content.text("1") }),
        ),
        { outdir: outdir() },
      );
      const output = stderrWrite.mock.calls.map(([text]) => String(text)).join("");
      expect(output.match(/^warning DBFS_DEPRECATED/gm)).toHaveLength(2);
      expect(output).toMatch(/at: +one-local\/file\n +fix: +use VolumeFile/);
      expect(process.exitCode ?? 0).toBe(0);
    } finally {
      stderrWrite.mockRestore();
    }
  });
  test("is built again after other errors, so that they have a stack trace", () => {
    let builds = 0;
    const build = (): void => {
      builds += 1;
      throw new Error("a bug");
    };
    let stack: string | undefined;
    try {
      buildAndSynth(build, { outdir: outdir() });
    } catch (error) {
      ({ stack } = error as Error);
    }
    expect([stack, builds]).toEqual([expect.stringMatching(/app\.test\.ts/), 2]);
  });
  test("leaves Error.stackTraceLimit unchanged", () => {
    const original = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit");
    synth(() => undefined);
    expect(Object.getOwnPropertyDescriptor(Error, "stackTraceLimit")).toEqual(original);
  });
});
