import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeFolder, removeFolders } from "../support/project";
import { describeWithPython } from "../support/python";
import { isolationLab, Lab, notebookTask, useIsolationLab } from "./execution-support";

afterAll(() => removeFolders());

const isRunning = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) Z/s.test(fs.readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};
const hasEnded = async (pid: number): Promise<boolean> => {
  for (let attempt = 0; attempt < 100 && isRunning(pid); attempt++) await sleep(20);
  return !isRunning(pid);
};

describeWithPython("executed tasks are isolated and limited", () => {
  useIsolationLab();

  test("a canceled task ends together with its child processes", async () => {
    await isolationLab.importNotebook(
      "/Shared/endless",
      "import subprocess, os\nchild = subprocess.Popen(['sleep', '600'], start_new_session=True)\nopen('/dbfs/pids', 'w').write(f'{os.getpid()} {child.pid}')",
      "dbutils.fs.ls('/')\nwhile True:\n    pass",
    );
    const runId = await isolationLab.startRun([notebookTask("endless")]);
    let pids: number[] = [];
    for (let attempt = 0; attempt < 200 && pids.length < 2; attempt++) {
      await sleep(25);
      const status = await isolationLab.server.call("GET", "/api/2.0/dbfs/get-status?path=/pids");
      if (status.status === 200)
        pids = (await isolationLab.readDbfsFile("/pids")).split(" ").map(Number);
    }
    expect(pids.map(isRunning)).toEqual([true, true]);
    await isolationLab.ok("POST", "/api/2.2/jobs/runs/cancel", { run_id: runId });
    expect((await isolationLab.waitForEnd(runId)).result).toBe("CANCELED");
    expect(await Promise.all(pids.map(hasEnded))).toEqual([true, true]);
  });

  test("exit(), a killed process and too much memory fail only the task", async () => {
    expect((await isolationLab.runCells("print(1)", "exit()")).error).toMatch(
      /^the cell called exit\(\), so the notebook failed; to end it successfully, call dbutils.notebook.exit.*\(cell 2/,
    );
    expect((await isolationLab.runCells("import os\nos._exit(0)")).error).toBe(
      "the Python process exited unexpectedly with code 0 before the task ended (cell 1)",
    );
    expect(
      (await isolationLab.runCells("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)"))
        .error,
    ).toBe("the process was ended by SIGSEGV (cell 1)");
    expect((await isolationLab.runCells("x = bytearray(2 * 1024 ** 3)")).error).toMatch(
      /^MemoryError/,
    );
  });

  test("a leftover child process is ended, and invalid UTF-8 in the output is replaced", async () => {
    const taskResult = await isolationLab.runCells(
      "import subprocess, sys\nchild = subprocess.Popen(['sleep', '600'], start_new_session=True)\nsys.stdout.buffer.write(b'\\xff\\xfe ok\\n')\ndbutils.notebook.exit(str(child.pid))",
    );
    expect(taskResult.result).toBe("SUCCESS");
    expect(await hasEnded(Number(taskResult.exitValue))).toBe(true);
    const { views } = await isolationLab.ok(
      "GET",
      `/api/2.2/jobs/runs/export?run_id=${taskResult.id}`,
    );
    expect(JSON.stringify(views)).toContain("a process that the task left running was ended: ");
    expect(JSON.stringify(views)).toContain("\uFFFD\uFFFD ok");
  });

  test("output of 50 MB is truncated at the platform's limit, with a notice of the omitted size", async () => {
    const taskResult = await isolationLab.runCells(
      "line = 'x' * 999_999\nfor _ in range(50):\n    print(line)",
      "print('after')",
    );
    expect(taskResult.result).toBe("SUCCESS");
    const { views } = await isolationLab.ok(
      "GET",
      `/api/2.2/jobs/runs/export?run_id=${taskResult.id}`,
    );
    const page = (views as { content: string }[])[0]?.content ?? "";
    expect(page.length).toBeGreaterThan(8 * 1024 ** 2);
    expect(page.length).toBeLessThan(8.1 * 1024 ** 2);
    expect(page).toContain(
      `${50_000_000 - 8 * 1024 ** 2} bytes of output of cell 1 exceed the limit of the platform and were truncated`,
    );
    expect(page).toContain('<pre class="out">after\n</pre>');
  });

  test("a task fails if its notebook is deleted before the task starts", async () => {
    await isolationLab.importNotebook(
      "/Shared/first",
      "from databricks.sdk.runtime import dbutils\ndbutils.fs.rm('/Workspace/Shared/second')",
    );
    await isolationLab.importNotebook("/Shared/second", "pass");
    const runResult = await isolationLab.runTasks([
      notebookTask("first"),
      notebookTask("second", { depends_on: [{ task_key: "first" }] }),
    ]);
    expect(runResult.tasks.second).toMatchObject({
      lifeCycleState: "INTERNAL_ERROR",
      result: "FAILED",
      message: expect.stringMatching(/^Unable to access the notebook "\/Shared\/second"/) as string,
    });
  });

  test("a task is ended at the workspace's own time limit", async () => {
    const limitedLab = await Lab.open({ execution: { timeLimitMs: 1500 } });
    const taskResult = await limitedLab.runCells("while True:\n    pass");
    await limitedLab.close();
    expect(taskResult.error).toBe(
      "the task ran longer than 1.5 s, the workspace's limit for a task (--task-timeout) (cell 1)",
    );
  });

  test.each([
    ["is closed", "SIGTERM"],
    ["is killed", "SIGKILL"],
  ] as const)(
    "tasks end when the workspace %s, and their run fails after the restart",
    async (_, signal) => {
      const data = makeFolder("killed");
      const server = path.join(__dirname, "..", "..", "dist", "src", "workspace", "server.js");
      const child = spawn(
        process.execPath,
        [
          "-e",
          `require(${JSON.stringify(server)}).startWorkspace({data: ${JSON.stringify(data)}, execution: {all: true}}).then((w) => { process.once('SIGTERM', () => w.close()); console.log(w.host, w.token); })`,
        ],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      const [host = "", token = ""] = await new Promise<string[]>((resolve) =>
        child.stdout.once("data", (line: Buffer) => resolve(line.toString().trim().split(" "))),
      );
      const post = async (route: string, body: object): Promise<{ run_id: number }> =>
        (await (
          await fetch(host + route, {
            method: "POST",
            headers: { authorization: `Bearer ${token}` },
            body: JSON.stringify(body),
          })
        ).json()) as { run_id: number };
      const source =
        "import os, time\nopen(os.environ['TMPDIR'] + '/../pid', 'w').write(str(os.getpid()))\ntime.sleep(600)";
      await post("/api/2.0/workspace/import", {
        path: "/Shared/cells",
        language: "PYTHON",
        format: "SOURCE",
        content: Buffer.from(source).toString("base64"),
      });
      const { run_id } = await post("/api/2.2/jobs/runs/submit", {
        tasks: [notebookTask("cells")],
      });
      const file = path.join(data, "executions", String(run_id + 1), "pid");
      for (
        let attempt = 0;
        attempt < 200 && (!fs.existsSync(file) || fs.readFileSync(file, "utf8") === "");
        attempt++
      )
        await sleep(25);
      const pid = Number(fs.readFileSync(file, "utf8"));
      const exit = once(child, "exit");
      child.kill(signal);
      expect(await hasEnded(pid)).toBe(true);
      await exit;
      const restartedLab = await Lab.open({ data });
      const runResult = await restartedLab.waitForEnd(run_id);
      await restartedLab.close();
      expect(runResult.tasks.cells).toMatchObject({
        lifeCycleState: "INTERNAL_ERROR",
        result: "FAILED",
        message: "The local workspace was restarted while the task ran.",
      });
    },
  );
});
