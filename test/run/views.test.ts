import { spawn } from "node:child_process";
import path from "node:path";
import { Writable } from "node:stream";
import type { Run } from "../../src/api";
import { graphLines } from "../../src/run/graph";
import { liveView } from "../../src/run/live";
import { runReport } from "../../src/run/report";
import { progressBar } from "../../src/run/progress-bar";
import { formatDuration, formatSize } from "../../src/run/format";
import { connect, families } from "../../src/api";
import { startWorkspace } from "../../src/workspace/server";

const now = 1_700_000_100_000;
const started = now - 75_000;
const succeeded = { life_cycle_state: "TERMINATED", result_state: "SUCCESS" };
const run: Run = {
  run_id: 7,
  run_name: "etl",
  run_page_url: "http://w/jobs/1/runs/7",
  state: { life_cycle_state: "RUNNING" },
  start_time: started,
  tasks: [
    {
      task_key: "ingest",
      run_id: 1,
      state: { life_cycle_state: "TERMINATED", result_state: "FAILED" },
      start_time: started,
      end_time: started + 1000,
      attempt_number: 0,
    },
    {
      task_key: "ingest",
      run_id: 8,
      state: succeeded,
      start_time: started,
      end_time: started + 4200,
      attempt_number: 1,
    },
    {
      task_key: "clean",
      run_id: 2,
      depends_on: [{ task_key: "ingest" }],
      state: { life_cycle_state: "RUNNING" },
      start_time: now - 3000,
    },
    {
      task_key: "check",
      run_id: 3,
      depends_on: [{ task_key: "ingest" }],
      run_if: "ALL_DONE",
      state: { life_cycle_state: "TERMINATED", result_state: "UPSTREAM_FAILED" },
    },
    {
      task_key: "publish",
      run_id: 4,
      depends_on: [{ task_key: "clean" }, { task_key: "check" }],
      state: { life_cycle_state: "BLOCKED" },
    },
  ],
};

test("the JSON report of a run has null for a time that the API returns as 0", () => {
  const pending = { task_key: "a", run_id: 1, start_time: 0, end_time: 0 };
  const report = runReport({ run_id: 7, start_time: 0, end_time: 0, tasks: [pending] });
  for (const { start_time, end_time } of [report, ...report.tasks])
    expect({ start_time, end_time }).toEqual({ start_time: null, end_time: null });
  expect(runReport(run)).toMatchObject({
    start_time: started,
    end_time: null,
    tasks: [{ start_time: started, end_time: started + 4200 }, { end_time: null }, {}, {}],
  });
});

class Screen extends Writable {
  text = "";
  readonly isTTY: boolean;
  readonly columns = 60;
  readonly rows = 20;
  constructor(terminal: boolean) {
    super();
    this.isTTY = terminal;
  }
  override _write(chunk: Buffer, _encoding: string, onWritten: () => void): void {
    this.text += chunk.toString("utf8");
    onWritten();
  }
}

describe("views of a run", () => {
  test("show each task of the graph below its last dependency, and a repeated one once", () => {
    expect(graphLines(run, now)).toEqual([
      "✓ ingest           SUCCESS  4.2 s",
      "├─▶ ▶ clean        RUNNING  3.0 s",
      "│   └─▶ · publish  BLOCKED  also after check",
      "└─▶ - check        UPSTREAM_FAILED  if ALL_DONE",
    ]);
  });

  test("redraw a table in place within the width of a terminal", () => {
    const screen = new Screen(true);
    const view = liveView(screen, () => now);
    view.show(run);
    view.tick();
    expect(
      screen.text.startsWith(
        "\u001B[2K▶ etl  RUNNING  1 min 15 s\n\u001B[2K  http://w/jobs/1/runs/7\n",
      ),
    ).toBe(true);
    expect(screen.text).toContain("\u001B[6A\u001B[2K▶ etl");
  });

  test("show running and failed tasks if there are more tasks than lines", () => {
    const screen = new Screen(true);
    const manyTasks = Array.from({ length: 60 }, (_unused, index) => ({
      task_key: `t${index}`,
      run_id: index,
      state:
        index === 41
          ? { life_cycle_state: "TERMINATED", result_state: "FAILED" }
          : index === 50
            ? { life_cycle_state: "RUNNING" }
            : succeeded,
    }));
    liveView(screen, () => now).show({ ...run, tasks: manyTasks });
    expect(screen.text).toMatch(/✗ t41 [\s\S]*▶ t50 [\s\S]*… \d+ more\n/);
    expect(screen.text.split("\n").length - 1).toBeLessThan(20);
  });

  test("print one line per change without a terminal", () => {
    const screen = new Screen(false);
    const view = liveView(screen, () => now);
    view.show(run);
    view.show(run);
    view.show({ ...run, state: succeeded });
    expect(screen.text.split("\n")).toEqual([
      "run 7 RUNNING  http://w/jobs/1/runs/7",
      "  ✓ ingest SUCCESS (attempt 2) 4.2 s",
      "  ▶ clean RUNNING 3.0 s",
      "  - check UPSTREAM_FAILED",
      "  · publish BLOCKED",
      "run 7 SUCCESS",
      "",
    ]);
  });

  test("show a progress bar only on a terminal", () => {
    const [terminal, file] = [new Screen(true), new Screen(false)];
    let time = 0;
    for (const screen of [terminal, file]) {
      const bar = progressBar(screen, "a.bin", 4_000_000, () => (time += 1000));
      bar.update(1_000_000);
      bar.done();
    }
    expect(terminal.text).toBe(
      "\ra.bin  █████░░░░░░░░░░░░░░░  25 %  1.0 MB of 4.0 MB\u001B[K\r\u001B[2K",
    );
    const narrowScreen = new Screen(true);
    progressBar(
      narrowScreen,
      `dbfs:/a/${"long/".repeat(30)}name.bin`,
      4_000_000,
      () => (time += 1000),
    ).update(1_000_000);
    // eslint-disable-next-line no-control-regex -- the rest of the line is erased
    expect(narrowScreen.text).toMatch(/^\r….*name\.bin {2}█+░+ {2}25 %\u001B\[K$/);
    expect(narrowScreen.text.replace("\u001B[K", "").length).toBeLessThanOrEqual(60);
    expect(file.text).toBe("");
  });

  test("format durations and sizes", () => {
    expect([400, 12_000, 185_000, 7_800_000].map(formatDuration)).toEqual([
      "0.4 s",
      "12 s",
      "3 min 05 s",
      "2 h 10 min",
    ]);
    expect([0, 999, 1500, 2.5e9].map(formatSize)).toEqual(["0 B", "999 B", "1.5 kB", "2.5 GB"]);
  });
});

const bin = path.join(__dirname, "..", "..", "bin", "lakeform.js");

/** Runs the built command in a separate process. */
function lakeform(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  onOutput: (text: string, kill: (signal: NodeJS.Signals) => void) => void = () => undefined,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, ...words], {
      env: { PATH: process.env.PATH, HOME: "/nonexistent", ...env },
      cwd: "/",
    });
    let output = "";
    const collect = (chunk: Buffer): void => {
      output += chunk.toString("utf8");
      onOutput(output, (signal) => child.kill(signal));
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.stdin.end();
    child.on("close", (code) => resolve({ code, output }));
  });
}

describe("lakeform as a process", () => {
  test("leaves a run running at Ctrl-C without a terminal for a prompt, and shows the next commands", async () => {
    const workspace = await startWorkspace({
      outcomes: { outcomes: [{ task: "*", duration: "60s" }] },
    });
    const client = connect({ host: workspace.host, token: workspace.token, env: {} });
    await families(client).jobs.create({
      name: "long",
      tasks: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/x" } }],
    });
    let interrupted = false;
    const result = await lakeform(
      ["run", "long"],
      { DATABRICKS_HOST: workspace.host, DATABRICKS_TOKEN: workspace.token },
      (text, kill) => {
        if (!interrupted && text.includes("a RUNNING")) {
          interrupted = true;
          kill("SIGINT");
        }
      },
    );
    await client.close();
    await workspace.close();
    // The exit code is not 0, since the result of the run is unknown.
    expect(result).toMatchObject({ code: 130 });
    expect(result.output).toMatch(
      /left running; watch it: lakeform runs show \d+ --follow; end it: lakeform runs cancel \d+/,
    );
  });

  test("loads few files for --help, and neither cdktf, undici nor the workspace", async () => {
    const script = `require(${JSON.stringify(path.join(__dirname, "..", "..", "dist", "src", "cli", "main.js"))}).main(["--help"]).then(() => console.error(Object.keys(require.cache).join("\\n")))`;
    const files = await new Promise<string>((resolve) => {
      const child = spawn(process.execPath, ["-e", script], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      let text = "";
      child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
      child.on("close", () => resolve(text));
    });
    expect(files).toContain("commander");
    expect(files).not.toMatch(/node_modules\/(cdktf|@cdktf|undici|fastify|lmdb)\//);
    // The time itself depends on the machine; the number of files does not (15 today).
    expect(files.split("\n").length).toBeLessThan(30);
  });
});
