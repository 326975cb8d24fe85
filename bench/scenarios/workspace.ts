import { fork, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Client } from "undici";
import type { Scenario } from "../scenario";

/** A server in a process of its own, as in use: the load generator must not share its event loop. */
export interface Served {
  readonly child: ChildProcess;
  readonly host: string;
  readonly token: string;
  readonly data: string;
  /** Resident memory in MB. */
  memory(): number;
}

interface Context {
  readonly workspace: Served;
  readonly bare: Served;
  readonly jobs: readonly number[];
  /** A folder with 10,000 jobs of ten tasks. */
  readonly filled: string;
}

const CONNECTIONS = 16;
const SECONDS = 3;

/** The job of the benchmarks: ten tasks on one cluster. */
const job = (name: string): object => ({
  name,
  tasks: Array.from({ length: 10 }, (_task, index) => ({
    task_key: `task_${index}`,
    ...(index === 0 ? {} : { depends_on: [{ task_key: `task_${index - 1}` }] }),
    notebook_task: { notebook_path: `/Shared/etl/task_${index}`, base_parameters: { input_path: "s3://raw-data/", index: String(index) } },
    job_cluster_key: "shared",
  })),
  job_clusters: [
    { job_cluster_key: "shared", new_cluster: { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge", num_workers: 2 } },
  ],
});
const smallJob = JSON.stringify({
  name: "small",
  tasks: [{ task_key: "only", notebook_task: { notebook_path: "/Shared/only" }, existing_cluster_id: "1123-000000-abcdefgh" }],
});

export async function launch(
  kind: "workspace" | "bare",
  data = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-bench-")),
): Promise<Served> {
  const child = fork(path.join(__dirname, "..", "workspace-server.cjs"), [kind, data], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const { host, token } = await new Promise<{ host: string; token: string }>((resolve, reject) => {
    child.once("message", (message) => resolve(message as { host: string; token: string }));
    child.once("exit", (code) => reject(new Error(`the server ended with ${String(code)}`)));
  });
  const memory = (): number => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  return { child, host, token, data, memory };
}

export async function end(served: Served, keep = false): Promise<void> {
  const gone = new Promise((resolve) => served.child.once("exit", resolve));
  served.child.kill("SIGTERM");
  await gone;
  if (!keep) fs.rmSync(served.data, { recursive: true, force: true });
}

/** Requests a second over 16 keep-alive connections, each sending its next request when the last one is answered. */
async function load(
  served: Served,
  next: (index: number) => { method: "GET" | "POST"; path: string; body?: string },
): Promise<Record<string, number>> {
  const clients = Array.from({ length: CONNECTIONS }, () => new Client(served.host, { pipelining: 1 }));
  const until = performance.now() + SECONDS * 1000;
  const started = performance.now();
  let done = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < until) {
        const { method, path: where, body } = next(done);
        const answer = await client.request({
          method,
          path: where,
          headers: { authorization: `Bearer ${served.token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
          ...(body === undefined ? {} : { body }),
        });
        await answer.body.dump();
        if (answer.statusCode !== 200) throw new Error(`${method} ${where}: ${answer.statusCode}`);
        done++;
      }
    }),
  );
  const perSecond = done / ((performance.now() - started) / 1000);
  await Promise.all(clients.map((client) => client.close()));
  return { "requests/s": perSecond, "server MB": served.memory() };
}

async function create(served: Served, body: string): Promise<number> {
  const answer = await fetch(`${served.host}/api/2.2/jobs/create`, {
    method: "POST",
    headers: { authorization: `Bearer ${served.token}` },
    body,
  });
  return ((await answer.json()) as { job_id: number }).job_id;
}

export const scenario: Scenario<Context> = {
  title: "the local workspace against a bare fastify + lmdb server (16 keep-alive connections)",
  baseline: "bare get",
  repeats: 3,
  setup: async () => {
    const [workspace, bare] = await Promise.all([launch("workspace"), launch("bare")]);
    const jobs: number[] = [];
    for (let index = 0; index < 50; index++) jobs.push(await create(workspace, JSON.stringify(job(`bench-${index}`))));
    for (let index = 0; index < 50; index++) await create(bare, smallJob);
    const full = await launch("workspace");
    const body = JSON.stringify(job("filled"));
    for (let index = 0; index < 10_000; index += 50) await Promise.all(Array.from({ length: 50 }, () => create(full, body)));
    await end(full, true);
    return { workspace, bare, jobs, filled: full.data };
  },
  teardown: async ({ workspace, bare, filled }) => {
    fs.rmSync(filled, { recursive: true, force: true });
    await end(workspace);
    await end(bare);
  },
  variants: [
    {
      name: "bare get",
      run: ({ bare }) => load(bare, (index) => ({ method: "GET", path: `/api/2.2/jobs/get?job_id=${(index % 50) + 1}` })),
    },
    {
      name: "bare durable create",
      run: ({ bare }) => load(bare, () => ({ method: "POST", path: "/api/2.2/jobs/create", body: smallJob })),
    },
    {
      name: "jobs/get (10 tasks)",
      run: ({ workspace, jobs }) =>
        load(workspace, (index) => ({ method: "GET", path: `/api/2.2/jobs/get?job_id=${jobs[index % 50] ?? 0}` })),
    },
    {
      name: "jobs/create (durable)",
      run: ({ workspace }) => load(workspace, () => ({ method: "POST", path: "/api/2.2/jobs/create", body: smallJob })),
    },
    {
      name: "start with 10,000 jobs of 10 tasks",
      run: async ({ filled }) => {
        const started = performance.now();
        const again = await launch("workspace", filled);
        const seconds = (performance.now() - started) / 1000;
        const answer = await fetch(`${again.host}/api/2.2/jobs/list?limit=100`, { headers: { authorization: `Bearer ${again.token}` } });
        await answer.text();
        const memory = again.memory();
        await end(again, true);
        return { "start seconds": seconds, "server MB": memory };
      },
    },
  ],
};
