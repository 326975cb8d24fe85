import { fetch, type Dispatcher } from "undici";
import {
  startWorkspace,
  type RunningWorkspace,
  type WorkspaceOptions,
} from "../../src/workspace/server";
import type { JsonObject } from "../../src/workspace/errors";
import type { Run } from "../../src/workspace/jobs/run-model";

export interface ApiResponse {
  readonly status: number;
  readonly body: JsonObject;
}

/** A workspace for one test file, and calls to it over HTTP. */
export interface TestWorkspace {
  readonly workspace: RunningWorkspace;
  call(method: string, path: string, body?: JsonObject, token?: string): Promise<ApiResponse>;
  /** Fails unless the response status is 200. */
  ok(method: string, path: string, body?: JsonObject, token?: string): Promise<JsonObject>;
  /** Moves the stopped clock. */
  advance(ms: number | string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a workspace. Its clock stands still, unless `manualClock` is false; `dispatcher` is for a
 * workspace with TLS.
 */
export async function startTestWorkspace(
  options: WorkspaceOptions = {},
  { manualClock = true, dispatcher }: { manualClock?: boolean; dispatcher?: Dispatcher } = {},
): Promise<TestWorkspace> {
  const workspace = await startWorkspace(options);
  const call: TestWorkspace["call"] = async (method, path, body, token = workspace.token) => {
    const response = await fetch(`${workspace.host}${path}`, {
      method,
      ...(dispatcher === undefined ? {} : { dispatcher }),
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as JsonObject };
  };
  const ok: TestWorkspace["ok"] = async (method, path, body, token) => {
    const response = await call(method, path, body, token);
    if (response.status !== 200)
      throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(response.body)}`);
    return response.body;
  };
  if (manualClock) await ok("POST", "/_lakeform/clock", { mode: "manual" });
  return {
    workspace,
    call,
    ok,
    advance: async (ms) => {
      await ok("POST", "/_lakeform/clock", { advance: ms });
    },
    close: () => workspace.close(),
  };
}

export { guideJob } from "../support/guide-job";

export const notebook = (
  task_key: string,
  dependencies: string[] = [],
  overrides: JsonObject = {},
): JsonObject => ({
  task_key,
  notebook_task: { notebook_path: `/Shared/${task_key}` },
  ...(dependencies.length === 0
    ? {}
    : { depends_on: dependencies.map((key) => ({ task_key: key })) }),
  ...overrides,
});

/** Returns the value, and fails if it is missing. */
export function present<T>(value: T | undefined | null): T {
  if (value === undefined || value === null) throw new Error("expected a value");
  return value;
}

/** Returns an id or a page token as a string for a path. */
export const asId = (value: JsonObject[string]): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : "";

/** Returns a run that has not started, without tasks. */
export const makeRun = (fields: Partial<Run>): Run => ({
  run_id: 1,
  job_id: 2,
  run_name: "job",
  run_type: "JOB_RUN",
  trigger: "ONE_TIME",
  creator: "a",
  run_as: "a",
  format: "MULTI_TASK",
  number_in_job: 1,
  parameters: [],
  overriding: {},
  tasks: [],
  job_clusters: [],
  timeout_seconds: 0,
  queue: false,
  max_concurrent_runs: 1,
  repairs: [],
  clusters: {},
  left_out: [],
  life: "PENDING",
  start: 0,
  ...fields,
});
