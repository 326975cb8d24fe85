import { connect, families, type Connection, type Families } from "../../src/api";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { removeFolders } from "../support/project";
import { onTerminal, type TypedInput } from "../support/terminal";

const ctrlC = "\u0003";

describe("commands on a terminal", () => {
  let workspace: RunningWorkspace;
  let client: Connection;
  let api: Families;
  const lakeform = (
    args: readonly string[],
    typed: readonly TypedInput[] = [],
    env: NodeJS.ProcessEnv = {},
    columns?: number,
  ) =>
    onTerminal(
      args,
      { DATABRICKS_HOST: workspace.host, DATABRICKS_TOKEN: workspace.token, ...env },
      { typed, columns },
    );
  const lastRun = async (): Promise<string | undefined> => {
    for await (const run of api.runs.list()) return run.state?.life_cycle_state;
    return undefined;
  };

  beforeAll(async () => {
    workspace = await startWorkspace({
      outcomes: { outcomes: [{ task: "slow", duration: "60s" }] },
    });
    client = connect({ host: workspace.host, token: workspace.token, env: {} });
    api = families(client);
    const notebook_task = { notebook_path: "/Shared/x" };
    await api.jobs.create({
      name: "long",
      max_concurrent_runs: 10,
      tasks: [{ task_key: "slow", notebook_task }],
    });
    await api.jobs.create({
      name: "quick",
      tasks: [
        { task_key: "ingest", notebook_task },
        { task_key: "publish", depends_on: [{ task_key: "ingest" }], notebook_task },
      ],
    });
    await api.secrets.createScope("etl");
  });
  afterAll(async () => {
    await client.close();
    await workspace.close();
    removeFolders();
  });

  test("prompt at Ctrl-C, and exit with 130 if l leaves the run running", async () => {
    const { code, screen } = await lakeform(
      ["run", "long"],
      [
        [/slow +RUNNING/, ctrlC],
        [/\[l\]eave it or \[c\]ancel it\? /, "l\r"],
      ],
    );
    expect(screen).toMatch(
      /left running; watch it: lakeform runs show \d+ --follow; end it: lakeform runs cancel \d+/,
    );
    expect(code).toBe(130);
    expect(await lastRun()).toBe("RUNNING");
  });

  test("cancel the run if c is typed, wait for its end, and do not report cancelled tasks as failures", async () => {
    const { code, screen } = await lakeform(
      ["run", "long"],
      [
        [/slow +RUNNING/, ctrlC],
        [/\[c\]ancel it\? /, "c\r"],
      ],
    );
    expect(screen).toMatch(/long \(run \d+\): CANCELED/);
    expect(screen).not.toContain("task slow CANCELED");
    expect(code).toBe(2);
    expect(await lastRun()).toBe("TERMINATED");
  });
});
