/**
 * Compares deploys with the reduced schema and with the full one: calls, state, plan, review and
 * digest.
 */
import fs from "node:fs";
import path from "node:path";
import { expectExit } from "../support/cli";
import { removeFolders, setResource } from "../support/project";
import { WatchedProject } from "../support/watched";

const task = (more: object = {}): object => ({
  task_key: "a",
  notebook_task: { notebook_path: "/Shared/a" },
  ...more,
});
const resource = (more: object = {}, tasks: object = {}): Record<string, unknown> => ({
  databricks_job: { j: { name: "cut", task: [task(tasks)], ...more } },
});

describe("a deploy with the reduced schema", () => {
  let whole: WatchedProject;
  let cut: WatchedProject;
  beforeAll(async () => {
    [whole, cut] = await Promise.all([
      WatchedProject.open({}, { LAKEFORM_SCHEMA_CUT: "full" }),
      WatchedProject.open({}),
    ]);
  });
  afterAll(async () => {
    await Promise.all([whole, cut].map((project) => project.close()));
    removeFolders();
  });

  test("has the same calls, state, review and digest as a deploy with the full schema", async () => {
    for (const step of [
      resource({ description: "d" }),
      resource({ tags: { a: "b" } }, { timeout_seconds: 60 }),
    ]) {
      for (const project of [whole, cut]) {
        setResource(project.root, "etl-local", step);
        project.watched.calls.length = 0;
        const done = await project.run("deploy", "local", "--auto-approve");
        expectExit(done, 0);
        expect(done.stderr).not.toMatch(/SCHEMA_CUT|planning again/);
      }
      const [made = [], expected = []] = [cut, whole].map(({ watched }) =>
        watched.calls.filter((call) => call.path.includes("/jobs/")),
      );
      expect(made.length).toBeGreaterThan(0);
      expect(made).toEqual(expected);
      expect(cut.state()).toEqual(whole.state());
    }
    for (const project of [whole, cut])
      setResource(project.root, "etl-local", resource({ name: "other" }));
    expect(await cut.review()).toEqual(await whole.review());
    expect(
      fs
        .readdirSync(path.join(cut.root, "cdktf.out", "stacks", "etl-local"))
        .filter((name) => name.startsWith(".lakeform-")),
    ).toEqual([]);
  });

  test("starts over once if a value outside the reduced schema was set in the workspace or by the platform", async () => {
    for (const project of [whole, cut]) setResource(project.root, "etl-local", resource());
    const noted: string[] = [];
    for (const project of [whole, cut]) {
      // The first create's answer has a description that was not configured.
      project.watched.change = ({ tasks }) =>
        tasks?.forEach((task) => (task["description"] = "by the platform"));
      const done = await project.run("deploy", "local", "--auto-approve", "--no-verify");
      expectExit(done, 0);
      noted.push(...(done.stderr.match(/SCHEMA_CUT_\w+/g) ?? []));
    }
    expect(JSON.stringify(cut.state())).toContain("by the platform");
    expect(cut.state()).toEqual(whole.state());
    expect(fs.readFileSync(cut.stateFile, "utf8")).not.toContain("lakeform_");
    expect(noted).toEqual(["SCHEMA_CUT_TOO_NARROW"]);

    for (const project of [whole, cut])
      project.watched.change = ({ tasks }) =>
        tasks?.forEach((task) => (task["job_cluster_key"] = "by-hand"));
    const plans = [whole, cut].map(async (project) => {
      const result = await project.run("review", "local", "--no-verify", "--format", "json");
      expectExit(result, 0);
      return {
        digest: (JSON.parse(result.stdout) as { digest: string }).digest,
        note: result.stderr.match(/SCHEMA_CUT_TOO_NARROW.*/g),
      };
    });
    const [full, narrow] = await Promise.all(plans);
    expect(full?.note).toBeNull();
    expect(narrow?.note).toEqual([
      expect.stringContaining("planning again with the full schema of databricks_job"),
    ]);
    expect(narrow?.digest).toBe(full?.digest);
  }, 180_000);
});
