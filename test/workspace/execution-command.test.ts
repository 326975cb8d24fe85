import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { makeFolder, removeFolders, repository } from "../support/project";
import { describeWithPython } from "../support/python";

const bin = path.join(repository, "bin", "lakeform.js");
const lakeform = (cwd: string, ...args: string[]) => lakeformWith({}, cwd, ...args);
const lakeformWith = (variables: NodeJS.ProcessEnv, cwd: string, ...args: string[]) => {
  const env = { PATH: process.env.PATH, HOME: cwd, ...variables };
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd,
    env,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
};

describe("lakeform workspace start --execute", () => {
  afterAll(removeFolders);

  test("rejects a Python that cannot be started, and invalid sizes and times", () => {
    const folder = makeFolder("execute");
    const start = (...args: string[]) =>
      lakeform(folder, "workspace", "start", "--port", "0", "--memory", "--execute", ...args);
    expect(start("--python", "no-such-python")).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^NO_PYTHON: .*\n {2}given: {3}no-such-python: /) as string,
    });
    expect(start("--task-memory", "lots")).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^BAD_SIZE: /) as string,
    });
    expect(start("--task-timeout", "0s")).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^BAD_TIME: /) as string,
    });
    expect(start("--detach", "--python", "no-such-python")).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^NO_PYTHON: /) as string,
    });
  });
});

describeWithPython("lakeform run in a workspace that executes tasks", () => {
  afterAll(removeFolders);

  test("shows the failing cell with its line and traceback", () => {
    const folder = makeFolder("execute");
    const started = lakeform(
      folder,
      "workspace",
      "start",
      "--port",
      "0",
      "--detach",
      "--execute",
      "--task-memory",
      "0",
      "--pass-env",
      "A,B",
    );
    expect(started.stderr).toBe("");
    try {
      const { host, token } = JSON.parse(started.stdout) as { host: string; token: string };
      const post = (route: string, body: object): void =>
        void execFileSync("curl", [
          "-sf",
          "-H",
          `Authorization: Bearer ${token}`,
          "-d",
          JSON.stringify(body),
          host + route,
        ]);
      const content = Buffer.from(
        "# Databricks notebook source\nrows = []\n\n# COMMAND ----------\n\nprint('no rows')\nrows[0]\n",
      ).toString("base64");
      post("/api/2.0/workspace/import", { path: "/Shared/read", language: "PYTHON", content });
      post("/api/2.2/jobs/create", {
        name: "reader",
        tasks: [{ task_key: "read", notebook_task: { notebook_path: "/Shared/read" } }],
      });
      const result = lakeformWith(
        { DATABRICKS_HOST: host, DATABRICKS_TOKEN: token },
        folder,
        "run",
        "reader",
      );
      expect(result).toMatchObject({ status: 2 });
      expect(result.stdout).toContain(
        "task read FAILED: IndexError: list index out of range (cell 2, line 2: rows[0])",
      );
      expect(result.stdout).toContain('|   File "/Shared/read, cell 2", line 2');
    } finally {
      lakeform(folder, "workspace", "stop");
    }
    // The executed tasks keep their files in the data folder of the workspace.
    expect(fs.existsSync(path.join(folder, ".lakeform", "workspace", "executions"))).toBe(true);
  });
});
