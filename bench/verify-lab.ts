/**
 * A deployed environment for the verify scenarios. It is created over REST with hand-written
 * states, because applying thousands of jobs would take an hour.
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { connect } from "../src/api";
import { job as kind } from "../src/resources/kinds/job";
import type { Attributes, Value } from "../src/resources/kind";
import { schemaOf, type Block } from "../src/resources/shape/schema";
import { stopServer, startServer, type ServerProcess } from "./scenarios/workspace";

export interface VerifyLab {
  readonly server: ServerProcess;
  /** The folder of the project. */
  readonly root: string;
  readonly stacks: readonly string[];
}

const repository = path.join(__dirname, "..");

function jobConfig(name: string, stamp: string): Attributes {
  return {
    name,
    tags: { lakeform: stamp },
    task: Array.from({ length: 10 }, (_task, index): Value => ({
      task_key: `task_${index}`,
      ...(index === 0 ? {} : { depends_on: [{ task_key: `task_${index - 1}` }] }),
      notebook_task: [
        {
          notebook_path: `/Shared/etl/task_${index}`,
          source: "WORKSPACE",
          base_parameters: { input_path: "s3://raw-data/", index: String(index) },
        },
      ],
      job_cluster_key: "shared",
    })),
    job_cluster: [
      {
        job_cluster_key: "shared",
        new_cluster: [
          { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge", num_workers: 2 },
        ],
      },
    ],
  };
}

/** Returns the values with every attribute and block of the schema, as in a state file. */
function completeValues(block: Block, values: Attributes): Attributes {
  const complete: Attributes = {};
  for (const name of Object.keys(block.attributes)) complete[name] = values[name] ?? null;
  for (const [name, nested] of Object.entries(block.blocks)) {
    const value = values[name];
    if (nested.nesting === "single") complete[name] = null;
    else
      complete[name] = Array.isArray(value)
        ? value.map((item) => (isBlock(item) ? completeValues(nested.block, item) : item))
        : [];
  }
  return complete;
}

function isBlock(value: Value): value is Attributes {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Starts a workspace, creates the jobs in it, and writes the stacks and their states. */
export async function makeVerifyLab(stackCount: number, jobsPerStack: number): Promise<VerifyLab> {
  const server = await startServer("workspace");
  const client = connect({ env: {}, host: server.host, token: server.token });
  const schema = schemaOf("databricks_job");
  if (schema === undefined) throw new Error("no schema of jobs");
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-bench-verify-"));
  fs.writeFileSync(
    path.join(root, "cdktf.json"),
    JSON.stringify({ language: "typescript", app: 'cp -R built/. "$CDKTF_OUTDIR"' }),
  );
  const stacks = Array.from({ length: stackCount }, (_stack, index) => `etl${index}-bench`);
  for (const stack of stacks) {
    const stamp = `bench/${stack}`;
    const configs = Array.from(
      { length: jobsPerStack },
      (_job, index) => [`job_${index}`, jobConfig(`${stack}-${index}`, stamp)] as const,
    );
    const instances: { name: string; attributes: Attributes }[] = [];
    const remaining = configs.values();
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (const [name, config] of remaining) {
          const planned: Attributes = { ...config, max_concurrent_runs: 1 };
          const { id } = await kind.create(client, planned, { directory: root });
          const remote = await kind.read(client, id, { known: planned });
          if (remote === undefined) throw new Error(`job ${id} is gone`);
          const state = kind.toState?.(remote, planned, "write", true) ?? planned;
          instances.push({ name, attributes: completeValues(schema.block, { ...state, id }) });
        }
      }),
    );
    writeStack(root, stack, stamp, Object.fromEntries(configs), {
      version: schema.version ?? 0,
      instances,
    });
  }
  fs.mkdirSync(path.join(root, "built"), { recursive: true });
  const manifest = {
    version: "0.21.0",
    stacks: Object.fromEntries(stacks.map((name) => [name, { name }])),
  };
  fs.writeFileSync(path.join(root, "built", "manifest.json"), JSON.stringify(manifest));
  await client.close();
  return { server, root, stacks };
}

/** Writes the output of synth and the state file of a stack. */
function writeStack(
  root: string,
  stack: string,
  stamp: string,
  jobs: Readonly<Record<string, Attributes>>,
  state: {
    readonly version: number;
    readonly instances: readonly { name: string; attributes: Attributes }[];
  },
): void {
  const directory = path.join(root, "built", "stacks", stack);
  // Terraform would try to migrate a state file in the stack's own folder.
  const stateFile = path.join(root, "states", `${stack}.tfstate`);
  for (const folder of [directory, path.dirname(stateFile)])
    fs.mkdirSync(folder, { recursive: true });
  const resources = Object.fromEntries(
    Object.keys(jobs).map((name) => [
      `databricks_job.${name}`,
      { path: `${stack}/${name}`, stamped: true },
    ]),
  );
  const metadata = {
    version: 1,
    project: "bench",
    environment: "bench",
    stack,
    provider: "embedded",
    stamp,
    recordFolder: `/Shared/.lakeform/bench/${stack}`,
    resources,
    variables: {},
    ignores: [],
    suppressions: [],
  };
  const json = {
    "//": { lakeform: metadata },
    terraform: {
      required_providers: { databricks: { source: "databricks/databricks", version: "1.99.0" } },
      backend: { local: { path: stateFile } },
    },
    provider: { databricks: [{}] },
    resource: { databricks_job: jobs },
  };
  fs.writeFileSync(path.join(directory, "cdk.tf.json"), JSON.stringify(json));
  const provider = 'provider["registry.terraform.io/databricks/databricks"]';
  const file = {
    version: 4,
    terraform_version: "1.11.4",
    serial: 1,
    lineage: "6d3e0d5c-5a7d-4a9e-b6a3-000000000000",
    outputs: {},
    resources: state.instances.map(({ name, attributes }) => ({
      mode: "managed",
      type: "databricks_job",
      name,
      provider,
      instances: [{ schema_version: state.version, attributes, sensitive_attributes: [] }],
    })),
    check_results: null,
  };
  fs.writeFileSync(stateFile, JSON.stringify(file));
}

/**
 * Measures `lakeform verify`, with an app that only copies a synthesized output.
 * @param checkout the folder of the build to measure
 * @throws Error unless all jobs match
 */
export function runVerify(
  lab: VerifyLab,
  args: readonly string[] = [],
  checkout = repository,
): Readonly<Record<string, number>> {
  const out = `${lab.root}-report.json`;
  const peak = `${lab.root}-peak.txt`;
  const started = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      path.join(checkout, "bin", "lakeform.js"),
      "verify",
      "bench",
      "--quiet",
      "--out",
      out,
      ...args,
    ],
    {
      cwd: lab.root,
      encoding: "utf8",
      env: {
        ...process.env,
        LAKEFORM_BENCH_HOST: lab.server.host,
        LAKEFORM_BENCH_TOKEN: lab.server.token,
        LAKEFORM_PEAK_FILE: peak,
        NODE_OPTIONS: `--require ${path.join(__dirname, "peak.cjs")}`,
      },
    },
  );
  const seconds = (performance.now() - started) / 1000;
  if (status !== 0) throw new Error(`lakeform verify exited with ${String(status)}: ${stderr}`);
  const report = JSON.parse(fs.readFileSync(out, "utf8")) as {
    calls: number;
    counts: { match: number };
  };
  const jobs = lab.stacks.length * jobsPerStackOf(lab);
  if (report.counts.match !== jobs) throw new Error(`${report.counts.match} of ${jobs} jobs match`);
  const [memory = 0, cpu = 0] = fs.readFileSync(peak, "utf8").split(" ").map(Number);
  return { seconds, cpuSeconds: cpu / 1e6, calls: report.calls, peakMegabytes: memory / 1024 };
}

function jobsPerStackOf(lab: VerifyLab): number {
  const [first = ""] = lab.stacks;
  const file = path.join(lab.root, "cdktf.out", "stacks", first, "cdk.tf.json");
  const json = JSON.parse(fs.readFileSync(file, "utf8")) as {
    resource: { databricks_job: object };
  };
  return Object.keys(json.resource.databricks_job).length;
}

/** Stops the server and removes the files. */
export async function removeVerifyLab({ server, root }: VerifyLab): Promise<void> {
  await stopServer(server);
  for (const file of [root, `${root}-report.json`, `${root}-peak.txt`])
    fs.rmSync(file, { recursive: true, force: true });
}
