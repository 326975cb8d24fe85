/**
 * Runs commands with random failures from a seed, then a deploy without a failure, and checks that
 * every object exists once and nothing is left behind.
 */
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import type { RunningWorkspace } from "../../src/workspace/server";
import {
  makeHome,
  makeProject,
  repository,
  setStacks,
  type StackContent,
} from "../support/project";
import { TcpProxy } from "../support/tcp-proxy";
import { failures, randomFrom, type Running } from "./chaos-failures";

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
  /** The problems, each with the seed that reproduces it. */
  readonly wrong: readonly string[];
}

const secret = "chaos-canary-77";

type Environment = "local" | "prod";

/** Returns two stacks of an environment: the job of the second one uses a policy of the first. */
function stacksOf(
  name: string,
  environment: Environment,
  jobs: number,
  version: number,
): Record<string, StackContent> {
  const job = (index: number): object => ({
    name: `${name}-job-${index}`,
    description: `version ${version}`,
    tags: { lakeform: `test/${name}-${environment}` },
    task: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }],
  });
  const firstStack = `${name}-${environment}`;
  const output = "cross-stack-output-databricks_cluster_policypid";
  const state = `cross-stack-reference-input-${firstStack}`;
  const cluster = {
    num_workers: 1,
    spark_version: "15.4.x-scala2.12",
    node_type_id: "Standard_DS3_v2",
  };
  return {
    [firstStack]: {
      environment,
      variables: { CANARY: { environment: "CANARY" } },
      variable: { CANARY: { type: "string", sensitive: true } },
      output: { [output]: { value: "${databricks_cluster_policy.p.id}", sensitive: true } },
      resource: {
        databricks_job: Object.fromEntries(
          Array.from({ length: jobs }, (_none, index) => [`j${index}`, job(index)]),
        ),
        databricks_secret_scope: { s: { name } },
        databricks_secret: {
          k: {
            scope: "${databricks_secret_scope.s.name}",
            key: "k",
            string_value: "${var.CANARY}",
          },
        },
        databricks_cluster_policy: {
          p: {
            name,
            definition: JSON.stringify({ num_workers: { type: "range", maxValue: version } }),
          },
        },
        databricks_instance_pool: {
          i: {
            instance_pool_name: name,
            node_type_id: "Standard_DS3_v2",
            idle_instance_autotermination_minutes: 9 + version,
          },
        },
        databricks_sql_endpoint: {
          w: { name, cluster_size: "Small", no_wait: true, auto_stop_mins: 10 + version },
        },
        databricks_notebook: {
          n: {
            path: `/Shared/${name}`,
            language: "PYTHON",
            content_base64: Buffer.from(`# ${version}`).toString("base64"),
          },
        },
      },
    },
    [`${name}-user-${environment}`]: {
      environment,
      data: {
        terraform_remote_state: {
          [state]: {
            backend: "local",
            config: { path: `../../../.lakeform/state/${firstStack}.tfstate` },
          },
        },
      },
      resource: {
        databricks_job: {
          u: {
            name: `${name}-user`,
            description: `version ${version}`,
            job_cluster: [
              {
                job_cluster_key: "c",
                new_cluster: {
                  ...cluster,
                  policy_id: `\${data.terraform_remote_state.${state}.outputs.${output}}`,
                },
              },
            ],
            task: [
              {
                task_key: "a",
                job_cluster_key: "c",
                notebook_task: { notebook_path: "/Shared/a" },
              },
            ],
          },
        },
      },
    },
  };
}

const commands = {
  deploy: (environment: Environment) => ["deploy", environment, "--auto-approve"],
  promote: () => [
    "promote",
    "local",
    "prod",
    "--auto-approve",
    "--waive",
    "git",
    "--waive",
    "runs",
    "--reason",
    "chaos",
  ],
};

/**
 * Each run has a separate project: a first deploy, a change and a promotion, each with failures and
 * followed by a plain deploy. The seed of a run also determines its three kinds of failures.
 * @param size jobs of the first stack; it also has six objects of other kinds
 */
export async function runChaos(runs: number, seed: number, size: number): Promise<ChaosResult> {
  const rows = new Map<string, Row>();
  const wrong: string[] = [];
  const names = Object.keys(failures);
  // Plain deploys use the proxies, too, since a note of a create contains the host.
  const workspaces = {
    local: await TcpProxy.withWorkspace(),
    prod: await TcpProxy.withWorkspace(),
  };
  try {
    for (let run = 0; run < runs; run += 1) {
      const random = randomFrom(seed + run);
      const name = `c${run}`;
      const write = (version: number): Record<string, StackContent> => ({
        ...stacksOf(name, "local", size, version),
        ...stacksOf(name, "prod", size, version),
      });
      const root = makeProject(write(1));
      const home = makeHome();
      const start = (words: readonly string[], env: NodeJS.ProcessEnv = {}): Running =>
        startCommand(root, words, {
          ...accessVariables("LOCAL", workspaces.local),
          ...accessVariables("PROD", workspaces.prod),
          HOME: home,
          CANARY: secret,
          ...env,
        });
      const steps = [
        { title: "first deploy", words: commands.deploy("local"), environment: "local" },
        { title: "change", words: commands.deploy("local"), environment: "local" },
        { title: "promotion", words: commands.promote(), environment: "prod" },
      ] as const;
      for (const [index, { title, words, environment }] of steps.entries()) {
        const { workspace, proxy } = workspaces[environment];
        if (title === "change") setStacks(root, write(2));
        const kind = names[((seed + run) * steps.length + index) % names.length] ?? "";
        const row = rows.get(kind) ?? {
          tried: 0,
          duplicates: 0,
          lost: 0,
          stuck: 0,
          misleading: 0,
          left: 0,
        };
        rows.set(kind, row);
        row.tried += 1;
        const failedOutput =
          (await failures[kind]?.({
            workspace,
            proxy,
            random,
            start: (env) => start(words, env),
          })) ?? "";
        workspace.faults.clear();
        await proxy.restart();
        const plainDeploy = await start(commands.deploy(environment)).ended;
        const noteProblem = (column: keyof Row, text: string): void => {
          row[column] += 1;
          wrong.push(`run ${run} (seed ${seed + run}), ${title}, ${kind}: ${text}`);
        };
        if (plainDeploy.code !== 0)
          noteProblem("stuck", `${failedOutput}\n--- plain:\n${plainDeploy.output}`);
        if (/UNEXPECTED|this is a bug/.test(`${failedOutput}${plainDeploy.output}`))
          noteProblem("misleading", `${failedOutput}\n--- plain:\n${plainDeploy.output}`);
        if (`${failedOutput}${plainDeploy.output}`.includes(secret))
          noteProblem("left", "a secret was shown");
        await checkCounts(workspace, name, size, noteProblem);
        if (plainDeploy.code !== 0) continue;
        for (const stack of [`${name}-${environment}`, `${name}-user-${environment}`])
          await checkLeftovers(workspace, root, stack, noteProblem);
      }
    }
  } finally {
    for (const { workspace, proxy } of Object.values(workspaces)) {
      proxy.stop();
      await workspace.close();
    }
  }
  return { rows, wrong };
}

const accessVariables = (
  name: string,
  { workspace, proxy }: { workspace: RunningWorkspace; proxy: TcpProxy },
): NodeJS.ProcessEnv => ({
  [`LAKEFORM_${name}_HOST`]: proxy.host,
  [`LAKEFORM_${name}_TOKEN`]: workspace.token,
});

function startCommand(root: string, words: readonly string[], env: NodeJS.ProcessEnv): Running {
  const child = spawn(process.execPath, [path.join(repository, "bin", "lakeform.js"), ...words], {
    cwd: root,
    env: { PATH: process.env.PATH, CHECKPOINT_DISABLE: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  return {
    child,
    ended: new Promise((resolve) => child.once("close", (code) => resolve({ code, output }))),
  };
}

async function get(workspace: RunningWorkspace, route: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${workspace.host}${route}`, {
    headers: { authorization: `Bearer ${workspace.token}` },
  });
  return (await response.json()) as Record<string, unknown>;
}

async function checkCounts(
  workspace: RunningWorkspace,
  name: string,
  size: number,
  noteProblem: (column: keyof Row, text: string) => void,
): Promise<void> {
  const listAsText = async (route: string, list: string): Promise<string> =>
    JSON.stringify((await get(workspace, route))[list] ?? []);
  const countOf = (text: string, pattern: string): number => text.split(pattern).length - 1;
  const counts = new Map<string, number>();
  for (let index = 0; index < size; index += 1) {
    const job = `${name}-job-${index}`;
    counts.set(
      job,
      countOf(await listAsText(`/api/2.2/jobs/list?name=${job}`, "jobs"), `"name":"${job}"`),
    );
  }
  counts.set(
    "job of the second stack",
    countOf(
      await listAsText(`/api/2.2/jobs/list?name=${name}-user`, "jobs"),
      `"name":"${name}-user"`,
    ),
  );
  counts.set(
    "scope",
    countOf(await listAsText("/api/2.0/secrets/scopes/list", "scopes"), `"name":"${name}"`),
  );
  counts.set(
    "secret",
    countOf(await listAsText(`/api/2.0/secrets/list?scope=${name}`, "secrets"), '"key":"k"'),
  );
  counts.set(
    "policy",
    countOf(await listAsText("/api/2.0/policies/clusters/list", "policies"), `"name":"${name}"`),
  );
  counts.set(
    "pool",
    countOf(
      await listAsText("/api/2.0/instance-pools/list", "instance_pools"),
      `"instance_pool_name":"${name}"`,
    ),
  );
  counts.set(
    "warehouse",
    countOf(await listAsText("/api/2.0/sql/warehouses", "warehouses"), `"name":"${name}"`),
  );
  for (const [object, objectCount] of counts)
    if (objectCount !== 1)
      noteProblem(objectCount > 1 ? "duplicates" : "lost", `${object} exists ${objectCount} times`);
}

async function checkLeftovers(
  workspace: RunningWorkspace,
  root: string,
  name: string,
  noteProblem: (column: keyof Row, text: string) => void,
): Promise<void> {
  const folder = `/Workspace/Shared/.lakeform/test/${name}`;
  const { objects = [] } = (await get(workspace, `/api/2.0/workspace/list?path=${folder}`)) as {
    objects?: { path: string }[];
  };
  for (const { path: file } of objects)
    if (/\/lock/.test(file)) noteProblem("left", `${file} is left`);
  const state = path.join(root, ".lakeform", "state");
  for (const file of fs.readdirSync(state).map((text) => path.join(state, text)))
    if ((fs.statSync(file).mode & 0o077) !== 0)
      noteProblem("left", `${file} can be read by others`);
  const stack = path.join(root, "cdktf.out", "stacks", name);
  for (const file of fs.readdirSync(stack))
    if (file.startsWith(".lakeform-")) noteProblem("left", `${file} is left`);
}

const columns = ["tried", "duplicates", "lost", "stuck", "misleading", "left"] as const;

/**
 * Renders the table of docs/reliability.md.
 * @param header a table of earlier runs, to which the new ones are added
 */
export function renderTable({ rows }: ChaosResult, header = ""): string {
  const sums = new Map<string, number[]>();
  for (const line of header.split("\n").slice(2)) {
    const [, kind = "", ...counts] = line.split("|").map((cell) => cell.trim());
    if (kind !== "") sums.set(kind, counts.slice(0, columns.length).map(Number));
  }
  for (const [kind, row] of rows) {
    const earlier = sums.get(kind) ?? [];
    const counts = columns.map((column, index) => (earlier[index] ?? 0) + row[column]);
    sums.set(kind, counts);
  }
  const lines = [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, counts]) => `| ${[kind, ...counts].join(" | ")} |`);
  return [
    "| failure | tried | duplicates | lost | stuck | misleading | left behind |",
    "|---|---|---|---|---|---|---|",
    ...lines,
  ].join("\n");
}
