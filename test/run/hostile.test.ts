import { controlCharacters, hostile } from "../support/hostile";
import { command } from "./command";
import { callRest } from "../support/rest";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();

const call = (route: string, body: unknown): Promise<Record<string, unknown>> =>
  callRest(workspace, "POST", route, body);

test("names of jobs, clusters and tokens stay in their cells, without control characters", async () => {
  const name = `${hostile}\nSUCCESS all is well`.slice(0, 900);
  const tasks = [
    {
      task_key: "a",
      existing_cluster_id: "0101-000000-aaaaaaaa",
      notebook_task: { notebook_path: `/Shared/${name}` },
    },
  ];
  const { job_id } = await call("/api/2.2/jobs/create", { name, tasks });
  const { run_id } = await call("/api/2.2/jobs/run-now", { job_id });
  await call("/api/2.0/clusters/create", {
    cluster_name: name.slice(0, 90),
    spark_version: "15.4.x-scala2.12",
    node_type_id: "i3.xlarge",
    num_workers: 1,
  });
  await call("/api/2.0/token/create", { comment: name.slice(0, 200) });
  const env = { DATABRICKS_HOST: workspace.host, DATABRICKS_TOKEN: workspace.token };
  const rows: Record<string, number> = {};
  for (const words of [
    ["runs", "list"],
    ["clusters", "list"],
    ["tokens", "list"],
    ["runs", "show", String(run_id)],
    ["fs", "ls", "/Workspace/Shared"],
    ["api", "GET", "2.2/jobs/list"],
  ]) {
    for (const format of words[0] === "api" ? [] : [[], ["--format", "json"]]) {
      const { stdout, stderr, code } = await command([...words, ...format], env);
      expect({
        words,
        code: code !== 1,
        acting: controlCharacters.exec(`${stdout}${stderr}`.replaceAll("\n", ""))?.[0],
      }).toEqual({
        words,
        code: true,
        acting: undefined,
      });
      expect(
        stdout.split("\n").filter((line) => line.trimStart().startsWith("SUCCESS all")),
      ).toEqual([]);
      if (format.length === 0) rows[words.join(" ")] = stdout.trimEnd().split("\n").length;
    }
    if (words[0] === "api")
      expect(controlCharacters.test((await command(words, env)).stdout.replaceAll("\n", ""))).toBe(
        false,
      );
  }
  expect(rows["runs list"]).toBe(2);
  expect(rows["clusters list"]).toBe(2);
});

test("an error message of the workspace cannot add a line that looks like one of ours", async () => {
  await call("/_lakeform/faults", {
    path: "/api/2.1/jobs/*",
    status: 400,
    body: { error_code: "X", message: `${hostile}\nAPI_OK: all is well` },
  });
  await call("/_lakeform/faults", {
    path: "/api/2.2/jobs/*",
    status: 400,
    body: { error_code: "X", message: `${hostile}\nAPI_OK: all is well` },
  });
  const { stderr } = await command(["runs", "list", "--debug"], {
    DATABRICKS_HOST: workspace.host,
    DATABRICKS_TOKEN: workspace.token,
  });
  expect(controlCharacters.exec(stderr.replaceAll(/[\n\t]/g, ""))?.[0]).toBeUndefined();
  expect(stderr.split("\n").filter((line) => line.startsWith("API_OK"))).toEqual([]);
});
