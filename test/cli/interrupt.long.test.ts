/**
 * SIGINT and SIGTERM end every command in the same way, while it waits for a workspace or an app
 * that does not respond. Runs the real command.
 */
import type { ChildProcess } from "node:child_process";
import {
  call,
  codes,
  countFiredFaults,
  root,
  runInterrupted,
  signals,
  testInterrupts,
  useHangingWorkspace,
  workspace,
} from "./interrupt-lab";

useHangingWorkspace();

const remoteCommands: readonly (readonly string[])[] = [
  ["adopt", "local", "--all"],
  ["review", "etl-local"],
  ["deploy", "local", "--auto-approve"],
  ["verify", "local"],
  ["destroy", "local", "--auto-approve"],
  ["promote", "local", "prod", "--auto-approve"],
  ["promotions", "local"],
  ["state", "list", "kept-local"],
  ["state", "migrate", "kept-local"],
  ["run", "local", "j"],
  ["runs", "list"],
  ["runs", "repair", "1"],
  ["clusters", "list"],
  ["fs", "ls", "dbfs:/"],
  ["secrets", "list", "s"],
  ["tokens", "create", "--comment", "c"],
  ["api", "POST", "/api/2.2/jobs/create"],
  ["doctor"],
];

testInterrupts(remoteCommands, [
  ["synth"],
  ["diff", "local", "prod"],
  ["deploy", "local"],
  ["ci", "github-actions"],
]);

test.each(signals)(
  "a watched run continues after %s, and the message shows how to watch and cancel it",
  async (signal) => {
    workspace.faults.clear();
    let printed = "";
    const { code, stderr } = await runInterrupted(
      root,
      ["run", "local", "long"],
      signal,
      () => /slow/.test(printed),
      (text) => (printed += text),
    );
    expect([code, stderr]).toEqual([
      codes[signal],
      expect.stringMatching(
        /left running; watch it: lakeform runs show \d+ --follow; end it: lakeform runs cancel \d+/,
      ),
    ]);
  },
);

describe("the response to an interrupted run-now", () => {
  const fault = {
    method: "POST",
    path: "/api/2.2/jobs/run-now",
    when: "after",
    delay_ms: 600_000,
  } as const;
  beforeEach(() => workspace.faults.clear());

  test("is awaited after SIGINT, and the message names the run", async () => {
    workspace.faults.add(fault);
    const onStderr = (text: string): void => {
      if (text.includes("finishing the calls in flight")) workspace.faults.clear();
    };
    const { code, stderr } = await runInterrupted(
      root,
      ["run", "local", "long"],
      "SIGINT",
      () => countFiredFaults() > 0,
      onStderr,
    );
    expect([code, stderr]).toEqual([
      130,
      expect.stringMatching(/left running; watch it: lakeform runs show \d+ --follow/),
    ]);
  });

  test("is abandoned after a second SIGTERM; the message states that the run may have started, and shows how to check", async () => {
    workspace.faults.add(fault);
    const interruptAgain = (text: string, child: ChildProcess): void => {
      if (text.includes("finishing the calls in flight")) child.kill("SIGTERM");
    };
    const { code, stderr } = await runInterrupted(
      root,
      ["run", "local", "long"],
      "SIGTERM",
      () => countFiredFaults() > 0,
      interruptAgain,
    );
    const fix =
      /fix: {5}the run may have started; check with: lakeform runs list \d+ --active; or retry .* --idempotency-token [-0-9a-f]{36}/;
    expect([code, stderr]).toEqual([143, expect.stringMatching(fix)]);
  });
});

test("after SIGTERM, the error of a repair without a response states that the repair may have started", async () => {
  workspace.faults.clear();
  const tasks = [{ task_key: "fails", notebook_task: { notebook_path: "/Shared/x" } }];
  const { job_id } = await call("/api/2.2/jobs/create", { name: "short", tasks });
  const { run_id: run } = await call("/api/2.2/jobs/run-now", { job_id });
  const runId = String(run);
  while ((await call(`/api/2.2/jobs/runs/get?run_id=${runId}`)).end_time === 0)
    await new Promise((resolve) => setTimeout(resolve, 50));
  workspace.faults.add({
    method: "POST",
    path: "/api/2.2/jobs/runs/repair",
    when: "after",
    delay_ms: 600_000,
  });
  const { code, stderr } = await runInterrupted(
    root,
    ["runs", "repair", runId],
    "SIGTERM",
    () => countFiredFaults() > 0,
  );
  workspace.faults.clear();
  expect([code, stderr]).toEqual([
    143,
    expect.stringContaining("the request may have taken effect: lakeform runs show RUN"),
  ]);
});
