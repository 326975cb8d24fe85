/** Deploys on bad days, by a seed: something dies, lies or comes twice; then one plain deploy, and what is there is counted. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { makeFolder, makeProject, repository, setResource } from "../support/project";

export interface Row {
  tried: number;
  duplicates: number;
  lost: number;
  stuck: number;
  misleading: number;
  left: number;
}

export interface ChaosResult {
  readonly rows: ReadonlyMap<string, Row>;
  /** What went wrong, with the seed of the run: one run with this seed repeats it. */
  readonly wrong: readonly string[];
}

/** mulberry32: the same seed gives the same days. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Day {
  readonly workspace: RunningWorkspace;
  readonly random: () => number;
  readonly start: (env?: NodeJS.ProcessEnv) => Running;
}
interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly said: string }>;
}

const statuses = [500, 502, 503, 504, 408];
const pick = <T>(random: () => number, of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function loseOne({ workspace, random }: Day, when: "before" | "after" = pick(random, ["before", "after"])): void {
  const how = pick(random, [...statuses.map((status) => ({ status })), { drop: true }, { truncate: true }]);
  const page = "status" in how && random() < 0.3 ? { headers: { "content-type": "text/html" } } : {};
  // (a cut answer is cut after the call took effect)
  const fault = "truncate" in how ? how : { ...how, ...page, when };
  workspace.faults.add({ method: pick(random, ["POST", "POST", "PUT"]), path: "/api/*", nth: 1 + Math.floor(random() * 20), ...fault });
}

async function during(day: Day, running: Running, act: () => void): Promise<string> {
  // from the first call to long after the last one
  day.workspace.faults.add({ method: "POST", path: "/api/*", delay_ms: 60, when: "after" });
  await Promise.race([running.ended, sleep(300 + day.random() * 3500)]);
  if (running.child.exitCode === null) act();
  return (await running.ended).said;
}

const childrenOf = (pid: number): number[] => {
  try {
    return execFileSync("pgrep", ["-P", String(pid)], { encoding: "utf8" })
      .trim()
      .split("\n")
      .map(Number);
  } catch {
    return []; // none: pgrep ends with 1
  }
};
const kill = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};

/** Every node process of the deploy, the provider too, with a clock that is off. */
function clockOff(hours: number): NodeJS.ProcessEnv {
  const file = path.join(makeFolder("clock"), "clock.cjs");
  fs.writeFileSync(file, `const now = Date.now.bind(Date); Date.now = () => now() + ${hours * 3_600_000};\n`);
  return { NODE_OPTIONS: `--require ${file}` };
}

const kinds: Readonly<Record<string, (day: Day) => Promise<string>>> = {
  "an answer is lost": async (day) => {
    loseOne(day);
    return (await day.start().ended).said;
  },
  "several answers are lost": async (day) => {
    for (let i = 0; i < 4; i += 1) loseOne(day);
    return (await day.start().ended).said;
  },
  "a storm": async (day) => {
    const seed = Math.floor(day.random() * 1000);
    day.workspace.faults.add({ path: "/api/*", probability: 0.06, status: 503, when: "after", seed });
    day.workspace.faults.add({ path: "/api/*", probability: 0.06, drop: true, seed: seed + 1 });
    day.workspace.faults.add({ path: "/api/*", probability: 0.06, status: 502, seed: seed + 2 });
    return (await day.start().ended).said;
  },
  "an answer is lost, by a clock that is off": async (day) => {
    loseOne(day, "after");
    return (await day.start(clockOff(pick(day.random, [-1, 1]))).ended).said;
  },
  "killed, by a clock that is off": (day) => {
    const running = day.start(clockOff(pick(day.random, [-1, 1])));
    return during(day, running, () => killAll(running));
  },
  "lakeform and Terraform are killed": (day) => {
    const running = day.start();
    return during(day, running, () => killAll(running));
  },
  "lakeform is killed": (day) => {
    const running = day.start();
    return during(day, running, () => kill(running.child.pid ?? 0, "SIGKILL"));
  },
  "Terraform is killed": (day) => {
    const running = day.start();
    return during(day, running, () => childrenOf(running.child.pid ?? 0).forEach((pid) => kill(pid, "SIGKILL")));
  },
  "the provider is killed": (day) => {
    const running = day.start();
    return during(day, running, () =>
      childrenOf(running.child.pid ?? 0)
        .flatMap(childrenOf)
        .forEach((pid) => kill(pid, "SIGKILL")),
    );
  },
  "a signal": (day) => {
    const running = day.start();
    return during(day, running, () => kill(running.child.pid ?? 0, pick(day.random, ["SIGINT", "SIGTERM"])));
  },
  "the same command twice": async (day) => {
    const both = [day.start(), day.start()];
    return (await Promise.all(both.map(({ ended }) => ended))).map(({ said }) => said).join("\n");
  },
};

function killAll({ child }: Running): void {
  const all = [child.pid ?? 0, ...childrenOf(child.pid ?? 0)];
  for (const pid of all) kill(pid, "SIGKILL");
}

const secret = "chaos-canary-77";

function resources(name: string, jobs: number, version: number): object {
  const job = (index: number): object => ({
    name: `${name}-job-${index}`,
    description: `version ${version}`,
    tags: { lakeform: `test/${name}-local` },
    task: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }],
  });
  return {
    databricks_job: Object.fromEntries(Array.from({ length: jobs }, (_none, index) => [`j${index}`, job(index)])),
    databricks_secret_scope: { s: { name } },
    databricks_secret: { k: { scope: "${databricks_secret_scope.s.name}", key: "k", string_value: "${var.CANARY}" } },
    databricks_cluster_policy: { p: { name, definition: JSON.stringify({ num_workers: { type: "range", maxValue: version } }) } },
    databricks_instance_pool: {
      i: { instance_pool_name: name, node_type_id: "Standard_DS3_v2", idle_instance_autotermination_minutes: 9 + version },
    },
    databricks_sql_endpoint: { w: { name, cluster_size: "Small", no_wait: true, auto_stop_mins: 10 + version } },
    databricks_notebook: {
      n: { path: `/Shared/${name}`, language: "PYTHON", content_base64: Buffer.from(`# ${version}`).toString("base64") },
    },
  };
}

/**
 * Each run is a stack of its own: a first deploy on a bad day and a plain one, then a change on another bad day and a plain one.
 * The seed of a run gives its two kinds of bad days, too.
 * @param size jobs of a stack; there are seven objects of other kinds besides
 */
export async function chaos(runs: number, seed: number, size: number): Promise<ChaosResult> {
  const rows = new Map<string, Row>();
  const wrong: string[] = [];
  const names = Object.keys(kinds);
  const workspace = await startWorkspace();
  try {
    for (let run = 0; run < runs; run += 1) {
      const random = randomFrom(seed + run);
      const name = `c${run}`;
      const root = makeProject({
        [`${name}-local`]: {
          resource: resources(name, size, 1),
          variables: { CANARY: { environment: "CANARY" } },
          variable: { CANARY: { type: "string", sensitive: true } },
        },
      });
      const home = makeFolder("home");
      const start = (env: NodeJS.ProcessEnv = {}): Running => deploy(root, { ...access(workspace), HOME: home, CANARY: secret, ...env });
      for (const version of [1, 2]) {
        if (version === 2) setResource(root, `${name}-local`, resources(name, size, 2));
        const kind = names[((seed + run) * 2 + version - 1) % names.length] ?? "";
        const row = rows.get(kind) ?? { tried: 0, duplicates: 0, lost: 0, stuck: 0, misleading: 0, left: 0 };
        rows.set(kind, row);
        row.tried += 1;
        const badDay = await kinds[kind]?.({ workspace, random, start });
        workspace.faults.clear();
        const plain = await start().ended;
        const note = (what: keyof Row, text: string): void => {
          row[what] += 1;
          wrong.push(`run ${run} (seed ${seed + run}), version ${version}, ${kind}: ${text}`);
        };
        if (plain.code !== 0) note("stuck", plain.said);
        if (/UNEXPECTED|this is a bug/.test(`${badDay ?? ""}${plain.said}`)) note("misleading", `${badDay ?? ""}\n${plain.said}`);
        if (`${badDay ?? ""}${plain.said}`.includes(secret)) note("left", "a secret was shown");
        await count(workspace, name, size, note);
        await leftOver(workspace, root, name, note);
      }
    }
  } finally {
    await workspace.close();
  }
  return { rows, wrong };
}

const access = (workspace: RunningWorkspace): NodeJS.ProcessEnv => ({
  LAKEFORM_LOCAL_HOST: workspace.host,
  LAKEFORM_LOCAL_TOKEN: workspace.token,
});

function deploy(root: string, env: NodeJS.ProcessEnv): Running {
  const child = spawn(process.execPath, [path.join(repository, "bin", "lakeform.js"), "deploy", "local", "--auto-approve"], {
    cwd: root,
    env: { PATH: process.env.PATH, CHECKPOINT_DISABLE: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  return { child, ended: new Promise((resolve) => child.once("close", (code) => resolve({ code, said }))) };
}

async function get(workspace: RunningWorkspace, route: string): Promise<Record<string, unknown>> {
  const answer = await fetch(`${workspace.host}${route}`, { headers: { authorization: `Bearer ${workspace.token}` } });
  return (await answer.json()) as Record<string, unknown>;
}

async function count(
  workspace: RunningWorkspace,
  name: string,
  size: number,
  note: (what: keyof Row, text: string) => void,
): Promise<void> {
  const listed = async (route: string, list: string): Promise<string> => JSON.stringify((await get(workspace, route))[list] ?? []);
  const times = (text: string, what: string): number => text.split(what).length - 1;
  const found = new Map<string, number>();
  for (let index = 0; index < size; index += 1) {
    const job = `${name}-job-${index}`;
    found.set(job, times(await listed(`/api/2.2/jobs/list?name=${job}`, "jobs"), `"name":"${job}"`));
  }
  found.set("scope", times(await listed("/api/2.0/secrets/scopes/list", "scopes"), `"name":"${name}"`));
  found.set("secret", times(await listed(`/api/2.0/secrets/list?scope=${name}`, "secrets"), '"key":"k"'));
  found.set("policy", times(await listed("/api/2.0/policies/clusters/list", "policies"), `"name":"${name}"`));
  found.set("pool", times(await listed("/api/2.0/instance-pools/list", "instance_pools"), `"instance_pool_name":"${name}"`));
  found.set("warehouse", times(await listed("/api/2.0/sql/warehouses", "warehouses"), `"name":"${name}"`));
  for (const [what, there] of found) if (there !== 1) note(there > 1 ? "duplicates" : "lost", `${what} is there ${there} times`);
}

async function leftOver(
  workspace: RunningWorkspace,
  root: string,
  name: string,
  note: (what: keyof Row, text: string) => void,
): Promise<void> {
  const folder = `/Workspace/Shared/.lakeform/test/${name}-local`;
  const { objects = [] } = (await get(workspace, `/api/2.0/workspace/list?path=${folder}`)) as { objects?: { path: string }[] };
  for (const { path: file } of objects) if (/\/lock/.test(file)) note("left", `${file} is left`);
  const state = path.join(root, ".lakeform", "state");
  for (const file of fs.readdirSync(state).map((one) => path.join(state, one)))
    if ((fs.statSync(file).mode & 0o077) !== 0) note("left", `${file} can be read by others`);
  const stack = path.join(root, "cdktf.out", "stacks", `${name}-local`);
  for (const file of fs.readdirSync(stack)) if (file.startsWith(".lakeform-")) note("left", `${file} is left`);
}

/** For docs/reliability.md. */
export function table({ rows }: ChaosResult): string {
  const lines = [...rows].map(
    ([kind, { tried, duplicates, lost, stuck, misleading, left }]) =>
      `| ${kind} | ${tried} | ${duplicates} | ${lost} | ${stuck} | ${misleading} | ${left} |`,
  );
  return ["| kind | tried | duplicates | lost | stuck | misleading | left behind |", "|---|---|---|---|---|---|---|", ...lines].join("\n");
}
