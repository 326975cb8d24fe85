/** Verifies ten stacks at once: the number of calls, the progress, and responses 429. */
import fs from "node:fs";
import path from "node:path";
import { checkStacks } from "../../src/deploy/check";
import type { DeployTarget } from "../../src/deploy/target";
import { makeReporter } from "../../src/cli/progress";
import { readStackFolder } from "../../src/terraform/stack";
import type { VerifyReport } from "../../src/verify";
import { makeFolder, removeFolders } from "../support/project";
import { deployDirect, metadataFor, openLab, type Lab } from "../verify/harness";

const [stackCount, jobsPerStack] = [10, 12];
const jobs = stackCount * jobsPerStack;
let lab: Lab;
let targets: DeployTarget[];

beforeAll(async () => {
  lab = await openLab();
  const root = makeFolder("many-stacks");
  fs.writeFileSync(path.join(root, "manifest.json"), "{}");
  targets = [];
  for (let stackIndex = 0; stackIndex < stackCount; stackIndex += 1) {
    const name = `etl${stackIndex}-local`;
    const job = (index: number): object => ({
      name: `${name}-${index}`,
      task: [
        {
          task_key: "only",
          notebook_task: { notebook_path: "/Shared/x" },
          existing_cluster_id: "1123-000000-abcdefgh",
        },
      ],
    });
    const databricks_job = Object.fromEntries(
      Array.from({ length: jobsPerStack }, (_, index) => [`job_${index}`, job(index)]),
    );
    const resource = { databricks_job } as Parameters<typeof deployDirect>[1];
    const { state } = await deployDirect(lab, resource);
    const directory = path.join(root, name);
    fs.mkdirSync(directory);
    const metadata = metadataFor(resource, {
      stack: name,
      stamp: `lab/${name}`,
      recordFolder: `/Shared/.lakeform/lab/${name}`,
    });
    fs.writeFileSync(
      path.join(directory, "cdk.tf.json"),
      JSON.stringify({ "//": { lakeform: metadata }, resource }),
    );
    fs.writeFileSync(path.join(directory, "terraform.tfstate"), JSON.stringify(state, null, 2));
    const stack = readStackFolder(directory);
    if (stack === undefined) throw new Error("no stack");
    const engine = { name: "terraform", binary: "/nowhere", version: "1.11.4" } as const;
    const terraform = {
      engine,
      directory,
      env: {},
      credentials: {},
      variables: {},
      mirror: undefined,
    };
    targets.push({ stack, client: lab.client, terraform });
  }
});
afterAll(async () => {
  await lab.close();
  removeFolders();
});

interface VerifyAllResult {
  readonly report: VerifyReport;
  /** Counts the calls in the workspace's own journal. */
  readonly calls: readonly { readonly path: string; readonly status: number }[];
}

async function verifyAll(
  events: Parameters<typeof checkStacks>[1]["events"] = { step: () => undefined },
): Promise<VerifyAllResult> {
  const sequenceBefore = lab.workspace.journal({ limit: 100_000 }).at(-1)?.sequence ?? 0;
  const { report } = await checkStacks(targets, { events });
  return { report, calls: lab.workspace.journal({ after: sequenceBefore, limit: 100_000 }) };
}

test("the verification of N unchanged jobs in ten stacks makes at most N/100 + 20 calls, records included", async () => {
  const { report, calls } = await verifyAll();
  expect(report).toMatchObject({ exitCode: 0, counts: { match: jobs } });
  expect(calls.length).toBeLessThanOrEqual(jobs / 100 + 20);
  const record = {
    path: "/Shared/.lakeform/lab/etl3-local/attempt.json",
    format: "AUTO",
    content: "e30=",
  };
  await lab.client.post("/api/2.0/workspace/mkdirs", { path: path.posix.dirname(record.path) });
  await lab.client.post("/api/2.0/workspace/import", record);
  const withRecord = await verifyAll();
  expect(withRecord.report.stacks.map(({ basis }) => basis)).toEqual(
    Array.from({ length: stackCount }, () => "state"),
  );
  expect(withRecord.calls.length).toBeLessThanOrEqual(jobs / 100 + 20);
});

test("a terminal shows which state is read and the progress of the comparison, other outputs get a line every ten seconds, and --quiet prints nothing", async () => {
  const output: string[] = [];
  let time = 0;
  const stream = (isTTY: boolean): NodeJS.WritableStream =>
    ({
      isTTY,
      columns: 80,
      write: (text: string) => output.push(text),
    }) as unknown as NodeJS.WritableStream;
  await verifyAll(makeReporter(stream(true), {}, () => (time += 200)));
  const terminalText = output.join("");
  expect(terminalText).toContain("reading the state of etl4-local (5 of 10) ...");
  expect(terminalText).toContain(`verified ${jobs} of ${jobs} ...`);
  output.length = 0;
  await verifyAll(makeReporter(stream(false), {}, () => (time += 200)));
  const lines = output.join("").trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.length).toBeLessThanOrEqual(2 + (200 * (jobs + stackCount)) / 10_000);
  output.length = 0;
  await verifyAll(makeReporter(stream(true), { quiet: true }, () => (time += 200)));
  expect(output).toEqual([]);
});

test("a call with response 429 is repeated, and the report is the same", async () => {
  const comparableReport = ({
    milliseconds: _,
    calls: __,
    startedAt: ___,
    ...rest
  }: VerifyReport): unknown => rest;
  const calmReport = comparableReport((await verifyAll()).report);
  const body = { error_code: "REQUEST_LIMIT_EXCEEDED", message: "too many requests" };
  // Fewer faults than attempts: each call succeeds in the end.
  lab.workspace.faults.add({ path: "/api/*", times: 8, status: 429, retry_after: 0, body });
  const { report, calls } = await verifyAll();
  lab.workspace.faults.clear();
  expect(calls.filter(({ status }) => status === 429)).toHaveLength(8);
  expect(comparableReport(report)).toEqual(calmReport);
});
