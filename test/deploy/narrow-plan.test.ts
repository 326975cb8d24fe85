/**
 * Selects the part of a stack that is planned, or the complete stack where necessary, without
 * Terraform.
 */
import fs from "node:fs";
import path from "node:path";
import { connect } from "../../src/api/auth/connect";
import { toolVersions } from "../../src/deploy/empty-plan";
import { selectStackPart, wholeFacts } from "../../src/deploy/narrow-plan";
import type { DeployTarget } from "../../src/deploy/target";
import type { PlanFacts } from "../../src/review/plan/plan";
import type { StackJson } from "../../src/terraform/stack";
import type { DeploymentRecord } from "../../src/verify/deployed/record";
import type { RawReport } from "../../src/verify/model";
import { makeFolder, removeFolders } from "../support/project";
import { verificationOf } from "../support/verification";
import { metadataFor } from "../verify/harness";

afterAll(removeFolders);

type Jobs = Record<string, Record<string, unknown>>;

const jobs = (change: (jobs: Jobs) => void = () => undefined): Jobs => {
  const jobsByName: Jobs = Object.fromEntries(
    Array.from({ length: 24 }, (_, i) => [`j${i}`, { name: `job-${i}` }]),
  );
  // j3 uses j2, which uses j1.
  jobsByName["j2"] = {
    name: "job-2",
    task: [{ run_job_task: { job_id: "${databricks_job.j1.id}" } }],
  };
  jobsByName["j3"] = { name: "job-3", depends_on: ["databricks_job.j2"] };
  change(jobsByName);
  return jobsByName;
};
const jobNames = (): string[] => Object.keys(jobs()).sort();
const stackOf = (databricks_job: Jobs, otherSections: Partial<StackJson> = {}): StackJson => ({
  resource: { databricks_job },
  terraform: { backend: { local: { path: "s.tfstate" } } },
  ...otherSections,
});
const stateOf = (serial = 7): string => {
  const resources = jobNames().map((name) => ({
    mode: "managed",
    type: "databricks_job",
    name,
    provider: "",
    instances: [{ schema_version: 2, attributes: { id: name, name } }],
  }));
  const state = { version: 4, terraform_version: "1.11.4", serial, lineage: "l", outputs: {} };
  return `${JSON.stringify({ ...state, resources }, undefined, 2)}\n`;
};

function targetOf(json: StackJson, state = stateOf()): DeployTarget {
  const directory = makeFolder("stack");
  fs.writeFileSync(path.join(directory, "cdk.tf.json"), JSON.stringify(json));
  fs.writeFileSync(path.join(directory, "s.tfstate"), state);
  const metadata = metadataFor({}, { stack: "s", stamp: "lab/s" });
  return {
    stack: { name: "s", directory, json, metadata },
    client: connect({ env: { DATABRICKS_HOST: "http://127.0.0.1:1", DATABRICKS_TOKEN: "t" } }),
    terraform: {
      engine: { name: "terraform", binary: "/none", version: "1.11.4" },
      directory,
      env: {},
      credentials: {},
      variables: {},
      mirror: { directory: "", cliConfigFile: "", entry: "/none" },
    },
  };
}

interface PlanCase {
  readonly state?: string;
  readonly report?: Partial<RawReport>;
  readonly stale?: string;
}

async function planCase(
  deployedCode: StackJson,
  now: StackJson,
  { state, report = {}, stale }: PlanCase = {},
): Promise<{
  readonly target: DeployTarget;
  readonly plan: Awaited<ReturnType<typeof selectStackPart>>;
}> {
  const target = targetOf(now, state);
  const record = {
    synthesized: deployedCode,
    versions: toolVersions(target.terraform),
    state: { lineage: "l", serial: 7 },
  } as unknown as DeploymentRecord;
  const all = { stacks: [{ name: "s" }], resources: [], ...report } as unknown as RawReport;
  const verification = verificationOf(all, stale === undefined ? {} : { s: stale });
  const plan = await selectStackPart(
    target,
    { record, last: { version: 1, startedAt: "", by: "", outcome: "succeeded" } },
    verification,
  );
  return { target, plan };
}

async function planOrReason(
  ...args: Parameters<typeof planCase>
): Promise<readonly string[] | string> {
  const { plan } = await planCase(...args);
  return "why" in plan ? plan.why : plan.targets;
}

const changeJob =
  (name: string) =>
  (jobsByName: Jobs): void => {
    jobsByName[name] = { ...jobsByName[name], timeout_seconds: 1 };
  };
const driftOfJ9 = {
  resources: [
    { stack: "s", address: "databricks_job.j9", path: "s/j9", status: "pending" },
  ] as unknown as RawReport["resources"],
};

const jobsWithout = (removedJob: string): Jobs =>
  Object.fromEntries(Object.entries(jobs()).filter(([name]) => name !== removedJob));

interface Case {
  readonly expected: readonly string[] | string;
  readonly now: StackJson;
  readonly more?: Parameters<typeof planOrReason>[2];
}

const cases: readonly (readonly [Case["expected"], StackJson, Case["more"]?])[] = [
  [["databricks_job.j5"], stackOf(jobs(changeJob("j5")))],
  [["databricks_job.j3"], stackOf(jobs(changeJob("j3")))],
  [["databricks_job.j1", "databricks_job.j2", "databricks_job.j3"], stackOf(jobs(changeJob("j1")))],
  [["databricks_job.new"], stackOf({ ...jobs(), new: { name: "new" } })],
  ["0 of 24 resources can change", stackOf(jobs())],
  [
    "24 of 24 resources can change",
    stackOf(
      jobs((all) => {
        for (const name of Object.keys(all)) changeJob(name)(all);
      }),
    ),
  ],
  ["databricks_job.j9 was removed from the code", stackOf(jobsWithout("j9"))],
  [
    "the code has changed outside of resources",
    stackOf(jobs(changeJob("j5")), { output: { o: { value: "1" } } }),
  ],
  ["the code has a block of type moved", stackOf(jobs(changeJob("j5")), { moved: [] })],
  [
    "databricks_job.j7: drift",
    stackOf(jobs(changeJob("j5"))),
    { stale: "databricks_job.j7: drift" },
  ],
  ["s/j9: pending", stackOf(jobs(changeJob("j5"))), { report: driftOfJ9 }],
  [["databricks_job.j9"], stackOf(jobs(changeJob("j9"))), { report: driftOfJ9 }],
  [
    "the state has changed since the last deploy",
    stackOf(jobs(changeJob("j5"))),
    { state: stateOf(8) },
  ],
];
test.each(cases.map(([expected, now, more]): Case => ({ expected, now, ...(more && { more }) })))(
  "the planned resources, or the reason for a complete plan, are $expected",
  async ({ expected, now, more }) => {
    expect(await planOrReason(stackOf(jobs()), now, more)).toEqual(expected);
  },
);

test("all resources are planned if outputs and the provider use them", async () => {
  const output = { output: { o: { value: "${databricks_job.j5.id}" } } };
  expect(await planOrReason(stackOf(jobs(), output), stackOf(jobs(changeJob("j5")), output))).toBe(
    "databricks_job.j5 is used outside of resources",
  );
  const state = stateOf().replace(
    '"outputs": {}',
    '"outputs": { "o": { "value": "j5", "type": "string" } }',
  );
  expect(
    await planOrReason(stackOf(jobs(), output), stackOf(jobs(changeJob("j6")), output), { state }),
  ).toEqual(["databricks_job.j6"]);
});

test("Terraform reads only the planned resources and what they and the outputs use", async () => {
  const output = { output: { o: { value: "${databricks_job.j8.id}" } } };
  const state = stateOf().replace(
    '"outputs": {}',
    '"outputs": { "o": { "value": "j8", "type": "string" } }',
  );
  const { plan } = await planCase(stackOf(jobs(), output), stackOf(jobs(changeJob("j3")), output), {
    state,
  });
  if ("why" in plan) throw new Error(plan.why);
  const { resource, ...rest } = plan.configuration;
  expect(Object.keys(resource?.["databricks_job"] ?? {})).toEqual(["j1", "j2", "j3", "j8"]);
  expect(rest).toEqual({ terraform: stackOf({}).terraform, ...output });
});

test("references are followed for names in any script", async () => {
  const jobsNamed = (timeout_seconds: number): Jobs => {
    const { j0 = {}, j1: _replaced, ...rest } = jobs();
    return {
      ...rest,
      größe: { name: "job-1", timeout_seconds },
      j0: { ...j0, depends_on: ["databricks_job.größe"] },
      j2: { name: "job-2" },
    };
  };
  const state = stateOf().replaceAll('"j1"', '"größe"');
  expect(await planOrReason(stackOf(jobsNamed(1)), stackOf(jobsNamed(2)), { state })).toEqual([
    "databricks_job.größe",
    "databricks_job.j0",
  ]);
});

test("a small stack is planned completely", async () => {
  const stackOfFew = (timeout_seconds: number): StackJson =>
    stackOf({ a: { name: "a", timeout_seconds }, b: { name: "b" }, c: { name: "c" } });
  expect(await planOrReason(stackOfFew(1), stackOfFew(2))).toBe("the stack is small");
});

test("a partial plan is shown as the plan of the complete stack, with the other resources unchanged and in order", async () => {
  const { target, plan: narrow } = await planCase(stackOf(jobs(changeJob("j5"))), stackOf(jobs()));
  if ("why" in narrow) throw new Error(narrow.why);
  const change = {
    address: "databricks_job.j5",
    mode: "managed",
    type: "databricks_job",
    name: "j5",
    actions: ["update"],
  };
  const addedChange = { ...change, address: "databricks_job.zz", name: "zz", actions: ["create"] };
  const plannedFacts = {
    changes: [addedChange, change],
    drift: [],
    outputs: [],
    secrets: [],
    variables: {},
    complete: false,
  } as unknown as PlanFacts;
  const facts = wholeFacts(target, narrow, plannedFacts);
  const shownChanges = [...facts.changes].map(
    ({ address, actions }) => `${address} ${actions.join()}`,
  );
  const expected = [
    ...jobNames().map((name) => `databricks_job.${name} ${name === "j5" ? "update" : "no-op"}`),
    "databricks_job.zz create",
  ];
  expect(shownChanges).toEqual(expected);
  expect(facts.complete).toBe(true);
});
