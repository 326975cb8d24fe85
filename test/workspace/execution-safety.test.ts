import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startWorkspace } from "../../src/workspace/server";
import { makeFolder, removeFolders } from "../support/project";
import { describeWithPython } from "../support/python";
import { Lab, notebookTask } from "./execution-support";
import { present, startTestWorkspace } from "./jobs-support";

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

describe("execution", () => {
  test("is off unless enabled at the start: a run succeeds as scripted, and a caller cannot enable execution", async () => {
    const server = await startTestWorkspace({}, { manual: false });
    try {
      const body = {
        tasks: [
          { ...notebookTask("nothing"), notebook_task: { notebook_path: "/Shared/nothing" } },
        ],
      };
      const response = await fetch(`${server.workspace.host}/api/2.2/jobs/runs/submit`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${server.workspace.token}`,
          "x-lakeform-outcomes": '[{"execution": true}]',
        },
        body: JSON.stringify(body),
      });
      expect([response.status, ((await response.json()) as { message: string }).message]).toEqual([
        400,
        "outcomes: execution is off in this workspace: start it with --execute, or with a script that has a line with execution: true",
      ]);
      expect((await server.call("POST", "/_lakeform/outcomes", { execution: true })).status).toBe(
        400,
      );
    } finally {
      await server.close();
    }
  });

  test("rejects an interpreter that is missing, too old, or not Python", async () => {
    const folder = makeFolder("pythons");
    const fakePython = (name: string, prints: string): string => {
      fs.writeFileSync(path.join(folder, name), `#!/bin/sh\necho '${prints}'\n`, { mode: 0o755 });
      return path.join(folder, name);
    };
    const start = (python: string) => startWorkspace({ execution: { all: true, python } });
    await expect(start("/nowhere/python3")).rejects.toMatchObject({ code: "NO_PYTHON" });
    await expect(
      start(fakePython("old", '["/x/python", [3, 7, 1], "", ""]')),
    ).rejects.toMatchObject({
      code: "PYTHON_TOO_OLD",
      details: { value: "/x/python is 3.7.1" },
    });
    await expect(start(fakePython("none", "hello"))).rejects.toMatchObject({
      code: "NO_PYTHON",
      message: "the program for tasks is not Python 3",
    });
  });
});

describeWithPython("executed tasks are kept within bounds", () => {
  let lab: Lab;
  beforeAll(async () => {
    process.env.LAB_TOKEN = "token of the shell";
    process.env.LAB_PASSED = "passed on";
    lab = await Lab.open({ execution: { passEnv: ["LAB_PASSED"], memoryBytes: 1024 ** 3 } });
    await lab.ok("POST", "/api/2.0/secrets/scopes/create", { scope: "lab" });
    await lab.ok("POST", "/api/2.0/secrets/put", {
      scope: "lab",
      key: "key",
      string_value: "hunter2-Σ",
    });
  });
  afterAll(async () => {
    await lab.close();
    Reflect.deleteProperty(process.env, "LAB_TOKEN");
    Reflect.deleteProperty(process.env, "LAB_PASSED");
  });

  test("secrets are redacted in cells, subprocesses, errors, exit values and exports", async () => {
    const taskResult = await lab.runCells(
      "key = dbutils.secrets.get('lab', 'key')\nassert dbutils.secrets.getBytes('lab', 'key').decode() == key and len(key) == 9",
      "print('is', key)\nimport sys\nsys.stdout.write(key[:4]); sys.stdout.flush()\nsys.stdout.write(key[4:] + '|')",
      "# MAGIC %sh echo shell $KEY",
      "import os, subprocess\nsubprocess.call('echo sub $K', shell=True, env={'K': key})\nassert [s.key for s in dbutils.secrets.list('lab')] == ['key']",
      "raise ValueError(key)",
    );
    expect(taskResult.error).toBe("ValueError: [REDACTED] (cell 5, line 1: raise ValueError(key))");
    expect(taskResult.trace).not.toContain("hunter2");
    const { views } = await lab.ok("GET", `/api/2.2/jobs/runs/export?run_id=${taskResult.id}`);
    const page = JSON.stringify(views);
    expect(page).toContain("is [REDACTED]");
    expect(page).toContain("[REDACTED]|");
    expect(page).toContain("sub [REDACTED]");
    expect(page).not.toContain("hunter2");
    expect(
      (await lab.runCells("dbutils.notebook.exit('x' + dbutils.secrets.get('lab', 'key'))")).exit,
    ).toBe("x[REDACTED]");
    expect((await lab.runCells("dbutils.secrets.get('lab', 'other')")).error).toMatch(
      /^ExecutionError: Secret does not exist with scope: lab and key: other. \(cell 1/,
    );
  });

  test("a task gets no token from the shell, only the variables passed to it and a token that expires with the run", async () => {
    const taskResult = await lab.runCells(
      "import os, json\nenv = dict(os.environ)\nassert 'LAB_TOKEN' not in env and env['LAB_PASSED'] == 'passed on'",
      "dbutils.notebook.exit(json.dumps([env['DATABRICKS_TOKEN'], env['DATABRICKS_HOST'], env['DATABRICKS_RUNTIME_VERSION'], env['HOME']]))",
    );
    const [token, host, version, home] = JSON.parse(present(taskResult.exit)) as [
      string,
      string,
      string,
      string,
    ];
    expect([host, version]).toEqual([lab.server.workspace.host, "15.4"]);
    expect(token).not.toBe(lab.server.workspace.token);
    expect(home).not.toBe(process.env.HOME);
    expect(
      (await lab.server.call("GET", "/api/2.0/preview/scim/v2/Me", undefined, token)).status,
    ).toBe(401);
  });

  test("a canceled task ends together with its child processes", async () => {
    await lab.importNotebook(
      "/Shared/endless",
      "import subprocess, os\nchild = subprocess.Popen(['sleep', '600'], start_new_session=True)\nopen('/dbfs/pids', 'w').write(f'{os.getpid()} {child.pid}')",
      "dbutils.fs.ls('/')\nwhile True:\n    pass",
    );
    const runId = await lab.startRun([notebookTask("endless")]);
    let pids: number[] = [];
    for (let attempt = 0; attempt < 200 && pids.length < 2; attempt++) {
      await sleep(25);
      const status = await lab.server.call("GET", "/api/2.0/dbfs/get-status?path=/pids");
      if (status.status === 200) pids = (await lab.readFile("/pids")).split(" ").map(Number);
    }
    expect(pids.map(isRunning)).toEqual([true, true]);
    await lab.ok("POST", "/api/2.2/jobs/runs/cancel", { run_id: runId });
    expect((await lab.waitForEnd(runId)).result).toBe("CANCELED");
    expect(await Promise.all(pids.map(hasEnded))).toEqual([true, true]);
  });

  test("a task is ended at its timeout, and retried if configured", async () => {
    await lab.importNotebook(
      "/Shared/slow",
      "import time\nopen('/dbfs/tries', 'a').write('x')\ntime.sleep(60)",
    );
    const runResult = await lab.runTasks([
      notebookTask("slow", { timeout_seconds: 1, max_retries: 1, retry_on_timeout: true }),
    ]);
    expect(runResult.tasks.slow).toMatchObject({
      result: "TIMEDOUT",
      message: "Run timed out after 1 seconds.",
    });
    // The files of a killed task are stored shortly after its end.
    for (let attempt = 0; attempt < 100 && (await lab.readFile("/tries")) !== "xx"; attempt++)
      await sleep(20);
    expect(await lab.readFile("/tries")).toBe("xx");
  });

  test("exit(), a killed process, a leftover child, invalid UTF-8 and too much memory end only the task", async () => {
    expect((await lab.runCells("print(1)", "exit()")).error).toMatch(
      /^the cell called exit\(\), so the notebook failed; to end it successfully, call dbutils.notebook.exit.*\(cell 2/,
    );
    expect((await lab.runCells("import os\nos._exit(0)")).error).toBe(
      "the Python process exited unexpectedly with code 0 before the task ended (cell 1)",
    );
    expect(
      (await lab.runCells("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")).error,
    ).toBe("the process was ended by SIGSEGV (cell 1)");
    const taskResult = await lab.runCells(
      "import subprocess, sys\nchild = subprocess.Popen(['sleep', '600'], start_new_session=True)\nsys.stdout.buffer.write(b'\\xff\\xfe ok\\n')\ndbutils.notebook.exit(str(child.pid))",
    );
    expect(taskResult.result).toBe("SUCCESS");
    expect(await hasEnded(Number(taskResult.exit))).toBe(true);
    const { views } = await lab.ok("GET", `/api/2.2/jobs/runs/export?run_id=${taskResult.id}`);
    expect(JSON.stringify(views)).toContain("a process that the task left running was ended: ");
    expect(JSON.stringify(views)).toContain("\uFFFD\uFFFD ok");
    expect((await lab.runCells("x = bytearray(2 * 1024 ** 3)")).error).toMatch(/^MemoryError/);
  });

  test("output of 50 MB is truncated at the platform's limit, with a notice of the omitted size", async () => {
    const taskResult = await lab.runCells(
      "line = 'x' * 999_999\nfor _ in range(50):\n    print(line)",
      "print('after')",
    );
    expect(taskResult.result).toBe("SUCCESS");
    const { views } = await lab.ok("GET", `/api/2.2/jobs/runs/export?run_id=${taskResult.id}`);
    const page = (views as { content: string }[])[0]?.content ?? "";
    expect(page.length).toBeGreaterThan(8 * 1024 ** 2);
    expect(page.length).toBeLessThan(8.1 * 1024 ** 2);
    expect(page).toContain(
      `${50_000_000 - 8 * 1024 ** 2} bytes of output of cell 1 exceed the limit of the platform and were truncated`,
    );
    expect(page).toContain('<pre class="out">after\n</pre>');
  });

  test("a task fails if its notebook is deleted before the task starts", async () => {
    await lab.importNotebook(
      "/Shared/first",
      "from databricks.sdk.runtime import dbutils\ndbutils.fs.rm('/Workspace/Shared/second')",
    );
    await lab.importNotebook("/Shared/second", "pass");
    const runResult = await lab.runTasks([
      notebookTask("first"),
      notebookTask("second", { depends_on: [{ task_key: "first" }] }),
    ]);
    expect(runResult.tasks.second).toMatchObject({
      life: "INTERNAL_ERROR",
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

  test("tasks end when the workspace ends or is killed, and their run fails after the restart", async () => {
    const data = makeFolder("killed");
    const server = path.join(__dirname, "..", "..", "dist", "src", "workspace", "server.js");
    const child = spawn(
      process.execPath,
      [
        "-e",
        `require(${JSON.stringify(server)}).startWorkspace({data: ${JSON.stringify(data)}, execution: {all: true}}).then((w) => console.log(w.host, w.token))`,
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
    const { run_id } = await post("/api/2.2/jobs/runs/submit", { tasks: [notebookTask("cells")] });
    const file = path.join(data, "executions", String(run_id + 1), "pid");
    for (
      let attempt = 0;
      attempt < 200 && (!fs.existsSync(file) || fs.readFileSync(file, "utf8") === "");
      attempt++
    )
      await sleep(25);
    const pid = Number(fs.readFileSync(file, "utf8"));
    child.kill("SIGKILL");
    expect(await hasEnded(pid)).toBe(true);
    const restartedLab = await Lab.open({ data });
    const runResult = await restartedLab.waitForEnd(run_id);
    await restartedLab.close();
    expect(runResult.tasks.cells).toMatchObject({
      life: "INTERNAL_ERROR",
      result: "FAILED",
      message: "The local workspace was restarted while the task ran.",
    });
  });
});
