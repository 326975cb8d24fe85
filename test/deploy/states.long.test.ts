/** Runs verify with an invalid state, token or workspace, and searches its reports for secrets. */
import fs from "node:fs";
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeProject, removeFolders, setResource } from "../support/project";

const canary = "canary-5d21f0-never-shown";
const base64 = (content: string): string => Buffer.from(content).toString("base64");
const stacks = {
  "etl-local": {
    variables: { CANARY: { environment: "CANARY" } },
    variable: { CANARY: { type: "string", sensitive: true } },
    resource: {
      databricks_directory: { d: { path: "/Shared/states" } },
      databricks_secret_scope: { s: { name: "states" } },
      databricks_secret: {
        k: { scope: "${databricks_secret_scope.s.name}", key: "k", string_value: "${var.CANARY}" },
      },
      databricks_job: {
        j: {
          name: "states",
          task: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }],
        },
      },
    },
  },
  "other-local": {
    resource: {
      databricks_notebook: {
        n: { path: "/Shared/states/sub/n", language: "PYTHON", content_base64: base64("1") },
      },
    },
  },
} as const;

let workspace: RunningWorkspace;
let root: string;
let env: NodeJS.ProcessEnv;
const run = (words: readonly string[], extraEnv: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
  lakeform(root, words, { ...env, ...extraEnv });
const stateFile = (stack: string): string =>
  path.join(root, ".lakeform", "state", `${stack}.tfstate`);

beforeAll(async () => {
  workspace = await startWorkspace();
  env = {
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
    CANARY: canary,
  };
  root = makeProject(stacks);
  expectExit(await run(["deploy", "etl-local", "--auto-approve", "--quiet"]), 0);
  expectExit(await run(["deploy", "other-local", "--auto-approve", "--quiet"]), 0);
}, 120_000);
afterAll(async () => {
  await workspace.close();
  removeFolders();
});

interface JsonReport {
  readonly counts: Readonly<Record<string, number>>;
  readonly resources: readonly { readonly address: string; readonly status: string }[];
  readonly unmanaged: readonly { readonly kind: string; readonly name: string }[];
}
async function verifyProblems(
  words: readonly string[],
  code: number,
  extraEnv: NodeJS.ProcessEnv = {},
): Promise<readonly string[]> {
  const result = await run(["verify", ...words, "--format", "json"], extraEnv);
  expectExit(result, code);
  const report = JSON.parse(result.stdout) as JsonReport;
  const unmatched = report.resources.filter(({ status }) => status !== "match");
  return [
    ...unmatched.map(({ status, address }) => `${status} ${address}`),
    ...report.unmanaged.map(({ kind, name }) => `unmanaged ${kind} ${name}`),
  ].sort();
}

/** Runs a command with the state replaced by another one. */
async function withState<T>(content: string | undefined, work: () => Promise<T>): Promise<T> {
  const file = stateFile("etl-local");
  const stateBefore = fs.readFileSync(file);
  if (content === undefined) fs.rmSync(file);
  else fs.writeFileSync(file, content);
  try {
    return await work();
  } finally {
    fs.writeFileSync(file, stateBefore);
  }
}

test("an object that another stack manages in this stack's folder is not unmanaged, whether one stack or both are verified", async () => {
  for (const words of [
    ["etl-local"],
    ["other-local"],
    ["local"],
    ["local", "--deep"],
    ["etl-local", "--by-name"],
  ])
    expect([words, await verifyProblems(words, 0)]).toEqual([words, []]);
});

// Terraform creates an empty file before it writes its first state: without a backup, it does not
// count as a state.
test.each([
  ["gone", undefined],
  ["an empty file without a backup", ""],
])(
  "if the state is %s, nothing counts as deployed, and all existing objects are unmanaged",
  async (_case, content) => {
    expect(fs.existsSync(`${stateFile("etl-local")}.backup`)).toBe(false);
    expect(await withState(content, () => verifyProblems(["etl-local"], 2))).toEqual([
      "pending databricks_directory.d",
      "pending databricks_job.j",
      "pending databricks_secret.k",
      "pending databricks_secret_scope.s",
      "unmanaged databricks_job states",
      "unmanaged databricks_secret states/k",
      "unmanaged databricks_secret_scope states",
    ]);
  },
);

test("a partially applied deploy is reported with its pending resources", async () => {
  const state = JSON.parse(fs.readFileSync(stateFile("etl-local"), "utf8")) as {
    serial: number;
    resources: { type: string }[];
  };
  const partialState = {
    ...state,
    serial: state.serial + 1,
    resources: state.resources.filter(({ type }) => type !== "databricks_job"),
  };
  expect(
    await withState(JSON.stringify(partialState), () => verifyProblems(["etl-local"], 2)),
  ).toEqual(["pending databricks_job.j", "unmanaged databricks_job states"]);
});

test.each([
  ["truncated", (state: string) => state.slice(0, state.length / 2)],
  ["of another format", () => '{"version":3,"modules":[]}'],
  ["empty, next to a backup", () => ""],
])("a state that is %s is reported as an error, without a report", async (_case, damageState) => {
  const completeState = fs.readFileSync(stateFile("etl-local"), "utf8");
  const backup = `${stateFile("etl-local")}.backup`;
  if (damageState(completeState) === "") fs.writeFileSync(backup, completeState);
  const result = await withState(damageState(completeState), () => run(["verify", "etl-local"]));
  fs.rmSync(backup, { force: true });
  expectExit(result, 1);
  expect(result.stderr).toContain("BROKEN_STATE: ");
  expect(result.stdout).toBe("");
  expect(result.stderr).not.toContain(canary);
});

test("an object that is in the state but not in the code is reported as one that a deploy would remove", async () => {
  const { databricks_job: _job, ...otherResources } = stacks["etl-local"].resource;
  setResource(root, "etl-local", otherResources);
  expect(await verifyProblems(["etl-local"], 2)).toEqual(["pending databricks_job.j"]);
  expect(await verifyProblems(["etl-local", "--allow-pending"], 0)).toEqual([
    "pending databricks_job.j",
  ]);
  setResource(root, "etl-local", stacks["etl-local"].resource);
});

test("all objects of another workspace's state are reported as missing", async () => {
  const otherWorkspace = await startWorkspace();
  const otherEnv = {
    LAKEFORM_LOCAL_HOST: otherWorkspace.host,
    LAKEFORM_LOCAL_TOKEN: otherWorkspace.token,
  };
  expect(await verifyProblems(["etl-local"], 2, otherEnv)).toEqual([
    "missing databricks_directory.d",
    "missing databricks_job.j",
    "missing databricks_secret.k",
    "missing databricks_secret_scope.s",
  ]);
  await otherWorkspace.close();
});

test("an invalid token or an unreachable workspace gives exit code 1, and no match", async () => {
  for (const extraEnv of [
    { LAKEFORM_LOCAL_TOKEN: "dapiwrong0000000000000000000000000" },
    { LAKEFORM_LOCAL_HOST: "http://127.0.0.1:9" },
  ]) {
    const result = await run(["verify", "etl-local"], extraEnv);
    expectExit(result, 1);
    expect(result.stdout).not.toContain("match");
    expect(`${result.stderr}${result.stdout}`).not.toContain("dapiwrong");
    expect(result.stderr).toMatch(/^[A-Z_]+: /m);
  }
}, 60_000);

test("several report files can be written at once, and neither they nor the output with --debug contain a secret", async () => {
  const headers = { authorization: `Bearer ${workspace.token}` };
  const post = (route: string, body: object): Promise<unknown> =>
    fetch(`${workspace.host}${route}`, { method: "POST", headers, body: JSON.stringify(body) });
  const manualValue = "overwritten-by-hand-71c3";
  const response = await fetch(`${workspace.host}/api/2.2/jobs/list`, { headers });
  const jobList = (await response.json()) as { jobs: { job_id: number }[] };
  await post("/api/2.0/secrets/put", { scope: "states", key: "k", string_value: manualValue });
  await post("/api/2.2/jobs/update", {
    job_id: jobList.jobs[0]?.job_id,
    new_settings: { description: `pasted ${canary}`, tags: { x: canary } },
  });
  const names = ["r.txt", "r.json", "r.xml", "r.sarif", "r.md", "r.html"].map((name) =>
    path.join(root, "out", "deep", name),
  );
  const outOptions = names.flatMap((name) => ["--out", name]);
  for (const format of ["text", "json", "junit", "sarif", "markdown", "html"]) {
    const result = await run([
      "verify",
      "etl-local",
      "--deep",
      "--debug",
      "--explain",
      "databricks_secret.k",
      "--format",
      format,
      ...outOptions,
    ]);
    expectExit(result, 2);
    for (const output of [
      result.stdout,
      result.stderr,
      ...names.map((name) => fs.readFileSync(name, "utf8")),
    ]) {
      expect(output).not.toContain(canary);
      expect(output).not.toContain(manualValue);
      expect(output).not.toContain(workspace.token);
    }
  }
}, 60_000);

test("a report that cannot be written is an error", async () => {
  const result = await run([
    "verify",
    "etl-local",
    "--out",
    path.join(stateFile("etl-local"), "r.json"),
  ]);
  expectExit(result, 1);
  expect(result.stderr).toContain("CANNOT_WRITE: ");
}, 60_000);
