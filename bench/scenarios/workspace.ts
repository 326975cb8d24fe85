import { fork, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Client } from "undici";
import type { Scenario } from "../scenario";

/**
 * A server in a separate process, so that it does not share an event loop with the load generator.
 */
export interface ServerProcess {
  readonly child: ChildProcess;
  readonly host: string;
  readonly token: string;
  readonly data: string;
  /** Returns the resident memory in MB. */
  memory(): number;
}

interface Context {
  readonly workspace: ServerProcess;
  readonly minimal: ServerProcess;
  /** The ids of fifty jobs of ten tasks and of fifty jobs of one task, which both servers have. */
  readonly jobs: { readonly large: readonly number[]; readonly small: readonly number[] };
  /** The data folder of a workspace with 10,000 jobs of ten tasks. */
  readonly filled: string;
}

const CONNECTIONS = 16;
const SECONDS = 3;

/** The settings of a job with ten tasks on one job cluster. */
const largeJob = (name: string): object => ({
  name,
  tasks: Array.from({ length: 10 }, (_task, index) => ({
    task_key: `task_${index}`,
    ...(index === 0 ? {} : { depends_on: [{ task_key: `task_${index - 1}` }] }),
    notebook_task: {
      notebook_path: `/Shared/etl/task_${index}`,
      base_parameters: { input_path: "s3://raw-data/", index: String(index) },
    },
    job_cluster_key: "shared",
  })),
  job_clusters: [
    {
      job_cluster_key: "shared",
      new_cluster: { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge", num_workers: 2 },
    },
  ],
});
const smallJob = JSON.stringify({
  name: "small",
  tasks: [
    {
      task_key: "only",
      notebook_task: { notebook_path: "/Shared/only" },
      existing_cluster_id: "1123-000000-abcdefgh",
    },
  ],
});

/** Returns the CPU seconds that a process has used, from Linux's count of 10 ms ticks. */
function cpuOf(pid: number | undefined): number {
  const fields = fs
    .readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\)/s, "")
    .trim()
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Starts the local workspace or the minimal server. @param data the folder of its data */
export async function startServer(
  serverKind: "workspace" | "minimal",
  data = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-bench-")),
): Promise<ServerProcess> {
  const child = fork(path.join(__dirname, "..", "workspace-server.cjs"), [serverKind, data], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const { host, token } = await new Promise<{ host: string; token: string }>((resolve, reject) => {
    child.once("message", (message) => resolve(message as { host: string; token: string }));
    child.once("exit", (code) => reject(new Error(`the server ended with ${String(code)}`)));
  });
  const memory = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? 0) /
    1024;
  return { child, host, token, data, memory };
}

/** Stops a server. @param keepData whether its folder remains */
export async function stopServer(server: ServerProcess, keepData = false): Promise<void> {
  const exited = new Promise((resolve) => server.child.once("exit", resolve));
  server.child.kill("SIGTERM");
  await exited;
  if (!keepData) fs.rmSync(server.data, { recursive: true, force: true });
}

/**
 * Measures requests over 16 keep-alive connections. Each connection sends its next request when the
 * previous one is answered.
 */
async function measureLoad(
  server: ServerProcess,
  next: (index: number) => { method: "GET" | "POST"; path: string; body?: string },
): Promise<Record<string, number>> {
  const clients = Array.from(
    { length: CONNECTIONS },
    () => new Client(server.host, { pipelining: 1 }),
  );
  const cpu = cpuOf(server.child.pid);
  const started = performance.now();
  const deadline = started + SECONDS * 1000;
  let requests = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < deadline) {
        const { method, path: target, body } = next(requests);
        const response = await client.request({
          method,
          path: target,
          headers: {
            authorization: `Bearer ${server.token}`,
            ...(body === undefined ? {} : { "content-type": "application/json" }),
          },
          ...(body === undefined ? {} : { body }),
        });
        await response.body.dump();
        if (response.statusCode !== 200)
          throw new Error(`${method} ${target}: ${response.statusCode}`);
        requests++;
      }
    }),
  );
  const perSecond = requests / ((performance.now() - started) / 1000);
  const microseconds = ((cpuOf(server.child.pid) - cpu) * 1e6) / requests;
  await Promise.all(clients.map((client) => client.close()));
  // CPU time per request varies less than requests per second on a busy machine.
  return {
    "requests/s": perSecond,
    "server CPU µs/request": microseconds,
    "server MB": server.memory(),
  };
}

const nextGet =
  (ids: readonly number[]) =>
  (index: number): { method: "GET"; path: string } => ({
    method: "GET",
    path: `/api/2.2/jobs/get?job_id=${ids[index % ids.length] ?? 0}`,
  });

const nextCreate = (): { method: "POST"; path: string; body: string } => ({
  method: "POST",
  path: "/api/2.2/jobs/create",
  body: smallJob,
});

async function createJob(server: ServerProcess, body: string): Promise<number> {
  const response = await fetch(`${server.host}/api/2.2/jobs/create`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.token}` },
    body,
  });
  return ((await response.json()) as { job_id: number }).job_id;
}

/**
 * Creates fifty copies of a job in the workspace, stores them in the minimal server as the
 * workspace returns them, and returns their ids.
 */
async function fill(
  workspace: ServerProcess,
  minimal: ServerProcess,
  body: string,
): Promise<number[]> {
  const ids: number[] = [];
  for (let index = 0; index < 50; index++) {
    const id = await createJob(workspace, body);
    const response = await fetch(`${workspace.host}/api/2.2/jobs/get?job_id=${id}`, {
      headers: { authorization: `Bearer ${workspace.token}` },
    });
    await fetch(`${minimal.host}/fill`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: await response.text(),
    });
    ids.push(id);
  }
  return ids;
}

export const scenario: Scenario<Context> = {
  title:
    "the local workspace, compared with a minimal fastify and lmdb server (16 keep-alive connections)",
  baseline: "minimal get (10 tasks)",
  repeats: 3,
  setup: async () => {
    const [workspace, minimal] = await Promise.all([
      startServer("workspace"),
      startServer("minimal"),
    ]);
    const jobs = {
      large: await fill(workspace, minimal, JSON.stringify(largeJob("bench"))),
      small: await fill(workspace, minimal, smallJob),
    };
    const filled = await startServer("workspace");
    const body = JSON.stringify(largeJob("filled"));
    for (let index = 0; index < 10_000; index += 50)
      await Promise.all(Array.from({ length: 50 }, () => createJob(filled, body)));
    await stopServer(filled, true);
    return { workspace, minimal, jobs, filled: filled.data };
  },
  teardown: async ({ workspace, minimal, filled }) => {
    fs.rmSync(filled, { recursive: true, force: true });
    await stopServer(workspace);
    await stopServer(minimal);
  },
  variants: [
    {
      name: "minimal get (10 tasks)",
      run: ({ minimal, jobs }) => measureLoad(minimal, nextGet(jobs.large)),
    },
    {
      name: "jobs/get (10 tasks)",
      run: ({ workspace, jobs }) => measureLoad(workspace, nextGet(jobs.large)),
    },
    {
      name: "minimal get (1 task)",
      run: ({ minimal, jobs }) => measureLoad(minimal, nextGet(jobs.small)),
    },
    {
      name: "jobs/get (1 task)",
      against: "minimal get (1 task)",
      run: ({ workspace, jobs }) => measureLoad(workspace, nextGet(jobs.small)),
    },
    { name: "minimal durable create", run: ({ minimal }) => measureLoad(minimal, nextCreate) },
    {
      name: "jobs/create (durable)",
      against: "minimal durable create",
      run: ({ workspace }) => measureLoad(workspace, nextCreate),
    },
    {
      name: "start with 10,000 jobs of 10 tasks",
      run: async ({ filled }) => {
        const started = performance.now();
        const restarted = await startServer("workspace", filled);
        const seconds = (performance.now() - started) / 1000;
        const response = await fetch(`${restarted.host}/api/2.2/jobs/list?limit=100`, {
          headers: { authorization: `Bearer ${restarted.token}` },
        });
        await response.text();
        const memory = restarted.memory();
        await stopServer(restarted, true);
        return { "start seconds": seconds, "server MB": memory };
      },
    },
  ],
};
