import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startWorkspace } from "../../src/workspace/server";
import { makeFolder, removeFolders } from "../support/project";
import { describeWithPython } from "../support/python";
import { isolationLab, notebookTask, useIsolationLab } from "./execution-support";
import { present, startTestWorkspace } from "./jobs-support";

afterAll(() => removeFolders());

describe("execution", () => {
  test("is off unless enabled at the start: a run succeeds as scripted, and a caller cannot enable execution", async () => {
    const server = await startTestWorkspace({}, { manualClock: false });
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

describeWithPython("executed tasks are isolated and limited", () => {
  useIsolationLab();

  test("secrets are redacted in cells, subprocesses, errors, exit values and exports", async () => {
    const taskResult = await isolationLab.runCells(
      "key = dbutils.secrets.get('lab', 'key')\nassert dbutils.secrets.getBytes('lab', 'key').decode() == key and len(key) == 9",
      "print('is', key)\nimport sys\nsys.stdout.write(key[:4]); sys.stdout.flush()\nsys.stdout.write(key[4:] + '|')",
      "# MAGIC %sh echo shell $KEY",
      "import os, subprocess\nsubprocess.call('echo sub $K', shell=True, env={'K': key})\nassert [s.key for s in dbutils.secrets.list('lab')] == ['key']",
      "raise ValueError(key)",
    );
    expect(taskResult.error).toBe("ValueError: [REDACTED] (cell 5, line 1: raise ValueError(key))");
    expect(taskResult.errorTrace).not.toContain("hunter2");
    const { views } = await isolationLab.ok(
      "GET",
      `/api/2.2/jobs/runs/export?run_id=${taskResult.id}`,
    );
    const page = JSON.stringify(views);
    expect(page).toContain("is [REDACTED]");
    expect(page).toContain("[REDACTED]|");
    expect(page).toContain("sub [REDACTED]");
    expect(page).not.toContain("hunter2");
    expect(
      (
        await isolationLab.runCells(
          "dbutils.notebook.exit('x' + dbutils.secrets.get('lab', 'key'))",
        )
      ).exitValue,
    ).toBe("x[REDACTED]");
    expect((await isolationLab.runCells("dbutils.secrets.get('lab', 'other')")).error).toMatch(
      /^ExecutionError: Secret does not exist with scope: lab and key: other. \(cell 1/,
    );
  });

  test("a task gets no token from the shell, only the variables passed to it and a token that expires with the run", async () => {
    const taskResult = await isolationLab.runCells(
      "import os, json\nenv = dict(os.environ)\nassert 'LAB_TOKEN' not in env and env['LAB_PASSED'] == 'passed on'",
      "dbutils.notebook.exit(json.dumps([env['DATABRICKS_TOKEN'], env['DATABRICKS_HOST'], env['DATABRICKS_RUNTIME_VERSION'], env['HOME']]))",
    );
    const [token, host, version, home] = JSON.parse(present(taskResult.exitValue)) as [
      string,
      string,
      string,
      string,
    ];
    expect([host, version]).toEqual([isolationLab.server.workspace.host, "15.4"]);
    expect(token).not.toBe(isolationLab.server.workspace.token);
    expect(home).not.toBe(process.env.HOME);
    expect(
      (await isolationLab.server.call("GET", "/api/2.0/preview/scim/v2/Me", undefined, token))
        .status,
    ).toBe(401);
  });

  test("a task is ended at its timeout, and retried if configured", async () => {
    await isolationLab.importNotebook(
      "/Shared/slow",
      "import time\nopen('/dbfs/tries', 'a').write('x')\ntime.sleep(60)",
    );
    const runResult = await isolationLab.runTasks([
      notebookTask("slow", { timeout_seconds: 1, max_retries: 1, retry_on_timeout: true }),
    ]);
    expect(runResult.tasks.slow).toMatchObject({
      result: "TIMEDOUT",
      message: "Run timed out after 1 seconds.",
    });
    // The files of a killed task are stored shortly after its end.
    for (
      let attempt = 0;
      attempt < 100 && (await isolationLab.readDbfsFile("/tries")) !== "xx";
      attempt++
    )
      await sleep(20);
    expect(await isolationLab.readDbfsFile("/tries")).toBe("xx");
  });
});
