/** Durations and ages are computed by the workspace's clock: the local clock may differ by hours. */
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { realClock, WorkspaceClock } from "../../src/workspace/clock";
import { callRest } from "../support/rest";
import { command, type CommandResult } from "./command";

const hour = 3_600_000;

describe.each([-9, 9])("a workspace whose clock is ahead by %d hours", (hours) => {
  let workspace: RunningWorkspace;
  const lakeform = (...words: string[]): Promise<CommandResult> =>
    command(words, { DATABRICKS_HOST: workspace.host, DATABRICKS_TOKEN: workspace.token });

  beforeAll(async () => {
    workspace = await startWorkspace({
      clock: new WorkspaceClock(realClock, { mode: "real", offset_ms: hours * hour }),
      outcomes: { outcomes: [{ task: "slow", duration: "2s" }] },
    });
    await callRest(workspace, "POST", "/api/2.2/jobs/create", {
      name: "nightly",
      tasks: [{ task_key: "slow", notebook_task: { notebook_path: "/Shared/x" } }],
    });
  });
  afterAll(() => workspace.close());

  test("run, runs list and runs show print the time that a run has taken so far", async () => {
    const started = await lakeform("run", "nightly", "--no-wait");
    const [, run = ""] = /started run (\d+)/.exec(started.stdout + started.stderr) ?? [];
    const list = await lakeform("runs", "list");
    const show = await lakeform("runs", "show", run);
    const follow = await lakeform("runs", "show", run, "--follow");
    for (const { stdout, stderr } of [list, show, follow]) {
      expect(stdout + stderr).not.toMatch(/\d h \d\d min/);
      expect(stdout + stderr).toMatch(/(PENDING|RUNNING)[^\n]* \d+\.\d s/);
    }
  });

  test("tokens list counts the days left", async () => {
    await callRest(workspace, "POST", "/api/2.0/token/create", {
      comment: "short",
      lifetime_seconds: 3600,
    });
    const { tokens } = JSON.parse(
      (await lakeform("tokens", "list", "--format", "json")).stdout,
    ) as {
      tokens: { comment: string; days_left: number }[];
    };
    expect(tokens.find(({ comment }) => comment === "short")?.days_left).toBeCloseTo(1 / 24, 1);
  });
});
