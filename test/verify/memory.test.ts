/**
 * A verification that remembers gives the same report as one that does not, after random changes of
 * everything that a verification reads. It compares nothing again while nothing has changed.
 */
import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { RecordStore } from "../../src/deploy/record";
import { checkStacks, type CheckOptions } from "../../src/deploy/check";
import type { DeployTarget } from "../../src/deploy/target";
import type { ReadClient } from "../../src/api/client";
import { findKind } from "../../src/resources";
import type { TerraformContext } from "../../src/terraform/run";
import type { VerifyReport } from "../../src/verify";
import { makeFolder, removeFolders } from "../support/project";
import { deployDirect, metadataFor, openLab, summary, type Lab } from "./harness";

const seed = Number(process.env["LAKEFORM_SEED"] ?? "20240101");
const steps = 40;

let lab: Lab;
let root: string;
let jobs: readonly number[];
beforeAll(async () => {
  lab = await openLab();
  await deploy();
});
beforeEach(async () => {
  for (const name of back) await changes[name]?.();
  fs.rmSync(fileOf("private"), { recursive: true, force: true });
});
afterAll(async () => {
  removeFolders();
  await lab.close();
});

const job = (index: number): Record<string, unknown> => ({
  name: `job ${index}`,
  tags: { lakeform: "lab/lab-local" },
  max_concurrent_runs: 1,
  task: [{ task_key: "a", notebook_task: [{ notebook_path: "/Shared/a" }] }],
});
const resource = {
  databricks_notebook: { a: { path: "/Shared/remembered", language: "PYTHON", source: "a.py" } },
  databricks_job: Object.fromEntries([1, 2, 3, 4].map((index) => [`j${index}`, job(index)])),
};
const fileOf = (name: string): string => path.join(root, name);
const stateFile = (): string => fileOf("lab.tfstate");
const call = (path: string, body: object): Promise<unknown> => lab.client.post(path, body);

/** What the verifications read, which the steps change. */
interface Inputs {
  code: typeof resource;
  stack: object;
  date: string;
  options: Partial<CheckOptions>;
  secrets: readonly string[];
}
const first: Inputs = { code: resource, stack: {}, date: "2024-05-01", options: {}, secrets: [] };
let inputs: Inputs;

function targetOf(client: ReadClient, remembers: boolean): DeployTarget {
  const json = {
    ...inputs.stack,
    "//": { lakeform: metadataFor(inputs.code) },
    terraform: { backend: { local: { path: "lab.tfstate" } } },
    resource: inputs.code,
  };
  const stack = { name: "lab-local", directory: root, json, metadata: metadataFor(inputs.code) };
  const terraform = {
    env: {},
    directory: root,
    variables: {},
    mirror: undefined,
    secrets: () => inputs.secrets,
  };
  return {
    stack: stack,
    client: client as DeployTarget["client"],
    terraform: terraform as unknown as TerraformContext,
    ...(remembers && { project: { privateFolder: fileOf("private") } }),
  };
}

interface Verified {
  readonly report: VerifyReport;
  /** The calls, sorted. */
  readonly calls: readonly string[];
  /** Whether the result came from the memory: nothing was then compared. */
  readonly isRecalled: boolean;
}

async function verify(remembers: boolean): Promise<Verified> {
  const progress: string[] = [];
  const calls: string[] = [];
  const client: ReadClient = {
    host: lab.client.host,
    get: (of, options) => {
      calls.push(`${of} ${JSON.stringify(options?.query)}`);
      return lab.client.get(of, options);
    },
    head: (of, options) => lab.client.head(of, options),
    download: (of, options) => lab.client.download(of, options),
  };
  const { report } = await checkStacks([targetOf(client, remembers)], {
    events: { step: () => undefined, progress: (text) => progress.push(text) },
    now: () => new Date(`${inputs.date}T00:00:00Z`),
    ...inputs.options,
  });
  const isRecalled = !progress.some((text) => text.startsWith("verified 1 of "));
  return { report, calls: calls.sort(), isRecalled };
}

/** Verifies, and returns whether the result came from the memory. */
const isRecalled = async (): Promise<boolean> => (await verify(true)).isRecalled;

async function deploy(): Promise<void> {
  root = makeFolder("memory");
  inputs = first;
  fs.writeFileSync(fileOf("a.py"), "print(1)\n");
  const { state } = await deployDirect(lab, resource, { directory: root });
  fs.writeFileSync(stateFile(), `${JSON.stringify(state, null, 2)}\n`);
  jobs = Object.keys(resource.databricks_job).map((name) =>
    Number(state.resources.find((item) => item.name === name)?.instances[0]?.attributes?.["id"]),
  );
  await writeRecord();
}

/** Writes a deployment record with the versions of the objects, like a deploy. */
async function writeRecord(): Promise<void> {
  const target = targetOf(lab.client, false);
  const [notebook, at] = [resource.databricks_notebook.a, "databricks_notebook.a"];
  const uploaded = await findKind("databricks_notebook")?.desiredContent?.(notebook, root);
  if (uploaded === undefined) throw new Error("a notebook has content");
  const { json, metadata } = target.stack;
  const record = {
    ...({ version: 1, project: "lab", environment: "local", stack: "lab-local" } as const),
    ...{ deployedAt: new Date().toISOString(), deployedBy: "me", versions: {}, secrets: {} },
    synthesized: json,
    content: { [at]: { sha256: uploaded.sha256, size: uploaded.size } },
  };
  const events = { step: () => undefined };
  const records = new Map([["lab-local", record]]);
  const verification = await checkStacks([target], { events, recordVersions: true, records });
  const verified = verification.versions("lab-local");
  await new RecordStore(lab.client, metadata.recordFolder).write({ ...record, verified });
}

const withoutTimes = ({
  startedAt: _at,
  milliseconds: _ms,
  calls: _calls,
  ...rest
}: VerifyReport): object => rest;
const rewrite = (file: string, change: (text: string) => string): void =>
  fs.writeFileSync(file, change(fs.readFileSync(file, "utf8")));
const update = (id: number, settings: object): Promise<unknown> =>
  call("/api/2.2/jobs/update", { job_id: id, new_settings: settings });
const setCode = (change: object): void => {
  const { j1, ...others } = resource.databricks_job;
  inputs = {
    ...inputs,
    code: { ...resource, databricks_job: { j1: { ...j1, ...change }, ...others } },
  };
};
const importNotebook = (text: string): Promise<unknown> =>
  call("/api/2.0/workspace/import", {
    ...{ path: "/Shared/remembered", language: "PYTHON", overwrite: true },
    content: Buffer.from(text).toString("base64"),
  });
const rule = (expires: string): NonNullable<CheckOptions["ignore"]>[number] => ({
  ...{
    path: "lab-local/j1",
    field: "max_concurrent_runs",
    reason: "tried",
    expires,
    from: "file:1",
  },
});

/** Changes of each side, and back. */
const changes: Readonly<Record<string, () => unknown>> = {
  "a job": () => update(jobs[0] ?? 0, { max_concurrent_runs: 3 }),
  "the job back": () => update(jobs[0] ?? 0, { max_concurrent_runs: 1 }),
  "a field without a rule": () => update(jobs[1] ?? 0, { description: "by hand" }),
  "the field back": () =>
    call("/api/2.2/jobs/update", { job_id: jobs[1], fields_to_remove: ["description"] }),
  "a job with our stamp": () =>
    call("/api/2.2/jobs/create", { name: "other", tags: { lakeform: "lab/lab-local" } }),
  "no job with our stamp": removeOthers,
  "the notebook": () => importNotebook("print(2)\n"),
  "the notebook back": () => importNotebook("print(1)\n"),
  "the local file": () => fs.writeFileSync(fileOf("a.py"), "print(2)\n"),
  "the local file back": () => fs.writeFileSync(fileOf("a.py"), "print(1)\n"),
  "the code": () => setCode({ max_concurrent_runs: 2 }),
  "the code like the workspace": () => setCode({ max_concurrent_runs: 3 }),
  "the code back": () => setCode({}),
  "a comment in the code": () => (inputs = { ...inputs, stack: { output: { a: { value: 1 } } } }),
  "no comment": () => (inputs = { ...inputs, stack: {} }),
  "the state's serial": () =>
    rewrite(stateFile(), (text) => text.replace(/"serial": \d+/, '"serial": 2')),
  "the serial back": () =>
    rewrite(stateFile(), (text) => text.replace(/"serial": \d+/, '"serial": 1')),
  "no options and secrets": () => (inputs = { ...inputs, options: {}, secrets: [] }),
  "the record": writeRecord,
  "the record back": writeRecord,
  "a rule": () =>
    (inputs = { ...inputs, options: { ...inputs.options, ignore: [rule("2024-05-02")] } }),
  "--deep": () => (inputs = { ...inputs, options: { ...inputs.options, deep: true } }),
  "the day": () => (inputs = { ...inputs, date: "2024-05-03" }),
  "the first day": () => (inputs = { ...inputs, date: first.date }),
  "a torn memory": () =>
    memoryFiles().forEach((file) => rewrite(file, (text) => text.slice(0, -9))),
  nothing: () => undefined,
};

/** The changes that together restore what was deployed. */
const back = Object.keys(changes).filter((name) => /back$|^no |first/.test(name));

const memoryFiles = (): string[] =>
  fs.existsSync(fileOf("private/verified"))
    ? fs.readdirSync(fileOf("private/verified")).map((name) => fileOf(`private/verified/${name}`))
    : [];

async function removeOthers(): Promise<void> {
  const response = await lab.client.get("/api/2.2/jobs/list", { query: { limit: 100 } });
  for (const { job_id } of (response as { jobs?: { job_id: number }[] }).jobs ?? [])
    if (!jobs.includes(job_id)) await call("/api/2.2/jobs/delete", { job_id });
}

test(`gives the same report with and without the memory after ${steps} random changes (LAKEFORM_SEED=${seed})`, async () => {
  // Often nothing changes, or everything changes back.
  const step = fc.oneof(
    fc.constantFrom(...Object.keys(changes)).map((name) => [name]),
    fc.constant(["nothing"]),
    fc.constant(back),
  );
  const recalled: boolean[] = [];
  for (const names of fc.sample(step, { numRuns: steps, seed })) {
    for (const name of names) await changes[name]?.();
    const { report: expected } = await verify(false);
    const { report, isRecalled } = await verify(true);
    expect([names, withoutTimes(report)]).toEqual([names, withoutTimes(expected)]);
    recalled.push(isRecalled);
  }
  expect(recalled.filter(Boolean).length).toBeGreaterThan(5);
  expect(recalled.filter((is) => !is).length).toBeGreaterThan(5);
});

test("makes the same calls again, and compares nothing while nothing changes", async () => {
  const { report, calls } = await verify(true);
  expect(summary(report)).toEqual([]);
  expect(await isRecalled()).toBe(true);
  expect((await verify(true)).calls).toEqual(calls);
});

test.each(Object.keys(changes).filter((name) => !back.includes(name) && name !== "nothing"))(
  "compares again after a change of %s",
  async (name) => {
    await verify(true);
    expect(await isRecalled()).toBe(true);
    await changes[name]?.();
    expect(await isRecalled()).toBe(false);
  },
);

test("makes no call twice if an answer has changed", async () => {
  await verify(true);
  await changes["a job"]?.();
  const { report, calls } = await verify(true);
  expect(summary(report)).toEqual(["drift databricks_job.j1 max_concurrent_runs"]);
  expect(calls.filter((line, index) => calls.indexOf(line) !== index)).toEqual([]);
});

test("reports a call that fails, and does not repeat it", async () => {
  await verify(true);
  lab.workspace.faults.add({ path: "/api/2.2/jobs/list", status: 403, times: 100 });
  const { report, calls } = await verify(true);
  lab.workspace.faults.clear();
  expect(summary(report)).toEqual(["failure the list of jobs, so unmanaged ones may be missed"]);
  expect(calls.filter((line) => line.includes("/jobs/list"))).toHaveLength(1);
  expect(await isRecalled()).toBe(true);
});

test("remembers nothing that contains a secret of the project", async () => {
  inputs = { ...inputs, secrets: ["remembered"] };
  await verify(true);
  expect(memoryFiles()).toEqual([]);
});
