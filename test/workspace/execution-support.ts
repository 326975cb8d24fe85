import { setTimeout as sleep } from "node:timers/promises";
import type { Dispatcher } from "undici";
import type { JsonObject } from "../../src/workspace/errors";
import { present, startTestWorkspace, type TestWorkspace } from "./jobs-support";
import type { WorkspaceOptions } from "../../src/workspace/server";

/** The result of a run: its state, and for each task the state and the response of get-output. */
export interface RunResult {
  readonly id: number;
  readonly result: string;
  readonly run: JsonObject;
  readonly tasks: Readonly<Record<string, TaskResult>>;
}

export interface TaskResult {
  readonly id: number;
  readonly lifeCycleState: string;
  readonly result: string;
  readonly message: string;
  /** The argument of dbutils.notebook.exit. */
  readonly exitValue: string | undefined;
  readonly logs: string;
  readonly error: string;
  readonly errorTrace: string;
}

/** A workspace that executes tasks, with helpers for tests. */
export class Lab {
  /** @param dispatcher for a workspace with TLS */
  static async open(options: WorkspaceOptions = {}, dispatcher?: Dispatcher): Promise<Lab> {
    const testOptions = { manualClock: false, ...(dispatcher === undefined ? {} : { dispatcher }) };
    return new Lab(
      await startTestWorkspace(
        { ...options, execution: { all: true, ...options.execution } },
        testOptions,
      ),
    );
  }

  private constructor(readonly server: TestWorkspace) {}

  close(): Promise<void> {
    return this.server.close();
  }

  ok(method: string, path: string, body?: JsonObject): Promise<JsonObject> {
    return this.server.ok(method, path, body);
  }

  /** Imports cells as a notebook in SOURCE format. */
  async importNotebook(path: string, ...cells: string[]): Promise<void> {
    await this.importSource(
      path,
      ["# Databricks notebook source\n" + (cells[0] ?? ""), ...cells.slice(1)].join(
        "\n\n# COMMAND ----------\n\n",
      ),
    );
  }

  async importSource(path: string, source: string, overrides: JsonObject = {}): Promise<void> {
    const content = Buffer.from(source).toString("base64");
    await this.ok("POST", "/api/2.0/workspace/import", {
      path,
      format: "SOURCE",
      language: "PYTHON",
      overwrite: true,
      content,
      ...overrides,
    });
  }

  async writeDbfsFile(path: string, content: string | Buffer): Promise<void> {
    await this.ok("POST", "/api/2.0/dbfs/put", {
      path,
      contents: Buffer.from(content).toString("base64"),
      overwrite: true,
    });
  }

  async readDbfsFile(path: string): Promise<string> {
    const { data } = await this.ok("GET", `/api/2.0/dbfs/read?path=${encodeURIComponent(path)}`);
    return Buffer.from(data as string, "base64").toString("utf8");
  }

  /** Runs tasks as a one-time run, and waits for its end. */
  async runTasks(tasks: readonly JsonObject[], overrides: JsonObject = {}): Promise<RunResult> {
    return this.waitForEnd(await this.startRun(tasks, overrides));
  }

  async startRun(tasks: readonly JsonObject[], overrides: JsonObject = {}): Promise<number> {
    return (
      await this.ok("POST", "/api/2.2/jobs/runs/submit", {
        run_name: "lab",
        tasks: [...tasks],
        ...overrides,
      })
    ).run_id as number;
  }

  /** Runs one notebook with these cells. */
  async runCells(...cells: string[]): Promise<TaskResult> {
    await this.importNotebook("/Shared/cells", ...cells);
    return present((await this.runTasks([notebookTask("cells")])).tasks.cells);
  }

  async waitForEnd(id: number, timeoutMs = 60_000): Promise<RunResult> {
    for (const started = Date.now(); ;) {
      const run = await this.ok("GET", `/api/2.2/jobs/runs/get?run_id=${id}`);
      const state = run.state as JsonObject;
      if (["TERMINATED", "SKIPPED", "INTERNAL_ERROR"].includes(state.life_cycle_state as string))
        return this.toRunResult(id, run);
      if (Date.now() - started > timeoutMs)
        throw new Error(`run ${id} is still ${JSON.stringify(state)}`);
      await sleep(20);
    }
  }

  /** Creates a job, runs it, and waits for its end. */
  async runJob(settings: JsonObject, runOptions: JsonObject = {}): Promise<RunResult> {
    const { job_id } = await this.ok("POST", "/api/2.2/jobs/create", { name: "job", ...settings });
    const { run_id } = await this.ok("POST", "/api/2.2/jobs/run-now", { job_id, ...runOptions });
    return this.waitForEnd(run_id as number);
  }

  async getOutput(id: number): Promise<JsonObject> {
    return this.ok("GET", `/api/2.2/jobs/runs/get-output?run_id=${id}`);
  }

  private async toRunResult(id: number, run: JsonObject): Promise<RunResult> {
    const tasks: Record<string, TaskResult> = {};
    for (const task of run.tasks as JsonObject[]) {
      const output = await this.getOutput(task.run_id as number);
      const state = task.state as JsonObject;
      tasks[task.task_key as string] = {
        id: task.run_id as number,
        lifeCycleState: state.life_cycle_state as string,
        result: state.result_state as string,
        message: state.state_message as string,
        exitValue: (output.notebook_output as JsonObject | undefined)?.result as string | undefined,
        logs: (output.logs as string | undefined) ?? "",
        error: (output.error as string | undefined) ?? "",
        errorTrace: (output.error_trace as string | undefined) ?? "",
      };
    }
    return { id, result: (run.state as JsonObject).result_state as string, run, tasks };
  }
}

/**
 * The workspace for the tests of task isolation: tasks see one environment variable (LAB_PASSED),
 * and can use at most 1 GB of memory. It has the secret `lab/key`.
 */
export let isolationLab: Lab;

export function useIsolationLab(): void {
  beforeAll(async () => {
    process.env.LAB_TOKEN = "token of the shell";
    process.env.LAB_PASSED = "passed on";
    const execution = { passEnv: ["LAB_PASSED"], memoryBytes: 1024 ** 3 };
    isolationLab = await Lab.open({ execution });
    await isolationLab.ok("POST", "/api/2.0/secrets/scopes/create", { scope: "lab" });
    await isolationLab.ok("POST", "/api/2.0/secrets/put", {
      scope: "lab",
      key: "key",
      string_value: "hunter2-Σ",
    });
  });
  afterAll(async () => {
    await isolationLab.close();
    Reflect.deleteProperty(process.env, "LAB_TOKEN");
    Reflect.deleteProperty(process.env, "LAB_PASSED");
  });
}

export const notebookTask = (
  key: string,
  overrides: JsonObject = {},
  parameters: JsonObject = {},
): JsonObject => ({
  task_key: key,
  notebook_task: { notebook_path: `/Shared/${key}`, base_parameters: parameters },
  new_cluster: {
    spark_version: "15.4.x-scala2.12",
    node_type_id: "Standard_DS3_v2",
    num_workers: 1,
  },
  ...overrides,
});
