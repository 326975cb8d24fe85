import type { Id } from "../../../src/api";
import { connect, families, RetryBudget, Secret, type Families } from "../../../src/api";
import { all } from "../../../src/api/transport/paging";
import { startWorkspace } from "../../../src/workspace/server";

/** Returns a random generator; the same seed gives the same operations. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Fault rules that make one call in five fail; half of the lost responses are of calls that took
 * effect. Rules apply in order, each to the calls that earlier rules did not affect.
 */
const faults = (seed: number): Record<string, unknown>[] => [
  { path: "/api/*", probability: 0.04, status: 429, headers: { "retry-after": "0" }, seed },
  { path: "/api/*", probability: 0.04, status: 503, seed: seed + 1 },
  { path: "/api/*", probability: 0.03, status: 503, when: "after", seed: seed + 2 },
  { path: "/api/*", probability: 0.03, drop: true, seed: seed + 3 },
  { path: "/api/*", probability: 0.03, drop: true, when: "after", seed: seed + 4 },
  { path: "/api/*", probability: 0.03, delay_ms: 5, seed: seed + 5 },
];

export interface WorkspaceContent {
  readonly jobs: ReadonlyMap<string, string>;
  readonly secrets: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, number>;
  readonly notebooks: ReadonlySet<string>;
  readonly runs: number;
}

export interface ChaosResult {
  readonly desired: WorkspaceContent;
  readonly actual: WorkspaceContent;
  readonly operations: number;
  readonly calls: number;
  readonly failedAttempts: number;
}

/**
 * Runs mixed operations in parallel against a workspace where one call in five fails, then checks
 * the objects without faults.
 */
export async function chaos(operations: number, seed: number): Promise<ChaosResult> {
  const workspace = await startWorkspace({ faults: [] });
  let calls = 0;
  let failedAttempts = 0;
  const client = connect({
    host: workspace.host,
    token: workspace.token,
    env: {},
    retry: { baseMs: 2, capMs: 20, attempts: 25 },
    budget: new RetryBudget(10_000),
    onAttempt: (report) => {
      calls += 1;
      if (report.retryInMs !== undefined) failedAttempts += 1;
    },
  });
  const api = families(client);
  const random = randomFrom(seed);
  const desired = {
    jobs: new Map<string, string>(),
    secrets: new Map<string, string>(),
    files: new Map<string, number>(),
    notebooks: new Set<string>(),
    runs: 0,
  };
  try {
    await api.secrets.createScope("chaos");
    const runnable = await api.jobs.create({
      name: "runnable",
      tasks: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/x" } }],
    });
    desired.jobs.set("runnable", "");
    for (const rule of faults(seed)) workspace.faults.add(rule as never);
    let nextIndex = 0;
    const worker = async (workerIndex: number): Promise<void> => {
      while (nextIndex < operations) {
        const index = nextIndex;
        nextIndex += 1;
        await operation(api, random(), `w${workerIndex}-${index % 7}`, index, runnable, desired);
      }
    };
    // Each worker uses its own names, so that the desired state does not depend on their order.
    await Promise.all(Array.from({ length: 8 }, (_unused, workerIndex) => worker(workerIndex)));
    workspace.faults.clear();
    return {
      desired,
      actual: await readContent(api, runnable),
      operations,
      calls,
      failedAttempts,
    };
  } finally {
    await client.close();
    await workspace.close();
  }
}

interface DesiredContent {
  readonly jobs: Map<string, string>;
  readonly secrets: Map<string, string>;
  readonly files: Map<string, number>;
  readonly notebooks: Set<string>;
  runs: number;
}

async function operation(
  api: Families,
  chance: number,
  name: string,
  index: number,
  runnable: Id,
  wished: DesiredContent,
): Promise<void> {
  const tasks = [{ task_key: "t", notebook_task: { notebook_path: "/Shared/x" } }];
  if (chance < 0.25) {
    // Job names are unique here, so that a duplicate created by one call is detected.
    const job = `job-${index}`;
    const id = await api.jobs.create({ name: job, tasks });
    wished.jobs.set(job, "");
    if (chance < 0.08) {
      await api.jobs.delete(id);
      wished.jobs.delete(job);
    } else if (chance < 0.16) {
      await api.jobs.update(id, { new_settings: { description: `v${index}` } });
      wished.jobs.set(job, `v${index}`);
    }
  } else if (chance < 0.4) {
    await api.runs.runNow({ job_id: runnable });
    wished.runs += 1;
  } else if (chance < 0.6) {
    await api.secrets.put("chaos", name, new Secret(`value-${index}`));
    wished.secrets.set(name, `value-${index}`);
  } else if (chance < 0.7) {
    if (!wished.secrets.has(name)) return;
    await api.secrets.delete("chaos", name);
    wished.secrets.delete(name);
  } else if (chance < 0.85) {
    const bytes = Buffer.alloc(index % 5 === 0 ? 1_500_000 : 100 + index, index % 256);
    await api.dbfs.write(`/chaos/${name}`, {
      read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
    });
    wished.files.set(name, bytes.length);
  } else {
    await api.workspace.mkdirs("/Shared/chaos");
    await api.workspace.import(`/Shared/chaos/${name}`, Buffer.from(`# ${index}`), {
      format: "SOURCE",
      language: "PYTHON",
    });
    wished.notebooks.add(name);
  }
}

async function readContent(api: Families, runnable: Id): Promise<WorkspaceContent> {
  const jobs = new Map<string, string>();
  for (const job of await all(api.jobs.list())) {
    const name = job.settings?.name ?? "";
    const { settings } = await api.jobs.get(job.job_id);
    const description = settings?.["description"];
    jobs.set(
      jobs.has(name) ? `${name} (again)` : name,
      typeof description === "string" ? description : "",
    );
  }
  const secrets = new Map<string, string>();
  for (const { key } of await api.secrets.list("chaos"))
    secrets.set(key, (await api.secrets.get("chaos", key)).reveal());
  const files = new Map<string, number>();
  for (const file of await listFolder(() => api.dbfs.list("/chaos")))
    files.set(file.path.replace("/chaos/", ""), file.file_size);
  const notebooks = new Set(
    (await listFolder(() => api.workspace.list("/Shared/chaos"))).map((object) =>
      object.path.replace(/^.*\/chaos\//, ""),
    ),
  );
  const runs = await all(api.runs.list({ jobId: runnable }));
  return { jobs, secrets, files, notebooks, runs: runs.length };
}

/** Lists a folder; one that no operation created is empty. */
async function listFolder<T>(list: () => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await list();
  } catch (error) {
    if (error instanceof Error && error.message.includes("RESOURCE_DOES_NOT_EXIST")) return [];
    throw error;
  }
}
