/**
 * Compares deploys with the reduced schema (the cut) and with the full one: calls, state, plan, review and
 * digest.
 */
import fs from "node:fs";
import path from "node:path";
import { expectExit } from "../support/cli";
import { removeFolders, setResource } from "../support/project";
import { WatchedProject } from "../support/watched";

const task = (fields: object = {}): object => ({
  task_key: "a",
  notebook_task: { notebook_path: "/Shared/a" },
  ...fields,
});
const resource = (fields: object = {}, tasks: object = {}): Record<string, unknown> => ({
  databricks_job: { j: { name: "cut", task: [task(tasks)], ...fields } },
});

describe("a deploy with the reduced schema", () => {
  let fullProject: WatchedProject;
  let cutProject: WatchedProject;
  beforeAll(async () => {
    [fullProject, cutProject] = await Promise.all([
      WatchedProject.open({}, { LAKEFORM_SCHEMA_CUT: "full" }), // without a cut
      WatchedProject.open({}),
    ]);
  });
  afterAll(async () => {
    await Promise.all([fullProject, cutProject].map((project) => project.close()));
    removeFolders();
  });

  test("has the same calls, state, review and digest as a deploy with the full schema", async () => {
    for (const step of [
      resource({ description: "d" }),
      resource({ tags: { a: "b" } }, { timeout_seconds: 60 }),
    ]) {
      for (const project of [fullProject, cutProject]) {
        setResource(project.root, "etl-local", step);
        project.watched.calls.length = 0;
        const result = await project.run("deploy", "local", "--auto-approve");
        expectExit(result, 0);
        expect(result.stderr).not.toMatch(/SCHEMA_CUT|planning again/);
      }
      const [cutCalls = [], fullCalls = []] = [cutProject, fullProject].map(({ watched }) =>
        watched.calls.filter((call) => call.path.includes("/jobs/")),
      );
      expect(cutCalls.length).toBeGreaterThan(0);
      expect(cutCalls).toEqual(fullCalls);
      expect(cutProject.state()).toEqual(fullProject.state());
    }
    for (const project of [fullProject, cutProject])
      setResource(project.root, "etl-local", resource({ name: "other" }));
    expect(await cutProject.review()).toEqual(await fullProject.review());
    expect(
      fs
        .readdirSync(path.join(cutProject.root, "cdktf.out", "stacks", "etl-local"))
        .filter((name) => name.startsWith(".lakeform-")),
    ).toEqual([]);
  });

  test("plans again with the full schema if the platform or a user set a value outside the reduced one", async () => {
    for (const project of [fullProject, cutProject])
      setResource(project.root, "etl-local", resource());
    const notes: string[] = [];
    for (const project of [fullProject, cutProject]) {
      // Reads return a description for each task, which the code does not set.
      project.watched.changeSettings = ({ tasks }) =>
        tasks?.forEach((task) => (task["description"] = "by the platform"));
      const result = await project.run("deploy", "local", "--auto-approve", "--no-verify");
      expectExit(result, 0);
      notes.push(...(result.stderr.match(/SCHEMA_CUT_\w+/g) ?? []));
    }
    expect(JSON.stringify(cutProject.state())).toContain("by the platform");
    expect(cutProject.state()).toEqual(fullProject.state());
    expect(fs.readFileSync(cutProject.stateFile, "utf8")).not.toContain("lakeform_");
    expect(notes).toEqual(["SCHEMA_CUT_TOO_NARROW"]);

    for (const project of [fullProject, cutProject])
      project.watched.changeSettings = ({ tasks }) =>
        tasks?.forEach((task) => (task["job_cluster_key"] = "by-hand"));
    const reviews = [fullProject, cutProject].map(async (project) => {
      const result = await project.run("review", "local", "--no-verify", "--format", "json");
      expectExit(result, 0);
      return {
        digest: (JSON.parse(result.stdout) as { digest: string }).digest,
        note: result.stderr.match(/SCHEMA_CUT_TOO_NARROW.*/g),
      };
    });
    const [fullReview, cutReview] = await Promise.all(reviews);
    expect(fullReview?.note).toBeNull();
    expect(cutReview?.note).toEqual([
      expect.stringContaining("planning again with the full schema of databricks_job"),
    ]);
    expect(cutReview?.digest).toBe(fullReview?.digest);
  }, 180_000);
});
