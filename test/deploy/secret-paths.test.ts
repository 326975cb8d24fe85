/** Names and values of list elements that contain a secret: matched in clear text, never shown. */
import { mismatchReason } from "../../src/deploy/empty-plan";
import { review } from "../../src/review";
import {
  check,
  checkFully,
  deployDirect,
  openLab,
  type Deployed,
  type Lab,
} from "../verify/harness";
import { promiseAndHeal } from "./promise";

const secret = "dapi7f3a9c0b1e5d84f2a6-Qx";
const shared = {
  databricks_secret_scope: { etl: { name: "etl" } },
  databricks_secret: { index: { scope: "etl", key: "index", string_value: secret } },
};
const cluster = "0101-000000-aaaaaaaa";
const task = (key: string, fields: object = {}): Record<string, unknown> => ({
  task_key: key,
  notebook_task: [{ notebook_path: "/Shared/a" }],
  existing_cluster_id: cluster,
  ...fields,
});

let lab: Lab;
beforeEach(async () => {
  lab = await openLab();
});
afterEach(() => lab.close());

const deployJob = (fields: object): Promise<Deployed> =>
  deployDirect(lab, {
    ...shared,
    databricks_job: { j: { name: "j", task: [task("a")], ...fields } },
  });

async function changeJob({ state }: Deployed, settings: object): Promise<void> {
  const job = state.resources.find(({ type }) => type === "databricks_job");
  const { id } = job?.instances[0]?.attributes as { readonly id: string };
  await lab.client.post("/api/2.2/jobs/update", { job_id: Number(id), new_settings: settings });
}

/** A task with another notebook, in the format of the API. */
const editedTask = (key: string): object => ({
  task_key: key,
  notebook_task: { notebook_path: "/Shared/b" },
  existing_cluster_id: cluster,
});

test("the removal of a task's field is announced and applied", async () => {
  const codeOf = (fields: object): Parameters<typeof promiseAndHeal>[1] => ({
    ...shared,
    databricks_job: { j: { name: "j", task: [task(secret, fields)] } },
  });
  expect(await promiseAndHeal(lab, codeOf({ max_retries: 3 }), codeOf({}))).toMatchObject({
    announced: ["databricks_job.j"],
    written: ["databricks_job.j"],
    notHealed: [],
    announcedAgain: [],
  });
});

test("drift that the plan reverts is announced as overwritten, not as left out of the plan", async () => {
  const deployed = await deployJob({ task: [task(secret)] });
  await changeJob(deployed, { tasks: [editedTask(secret)] });
  const { raw, redactor } = await checkFully(lab, deployed, { deep: true });
  const attributes = deployed.state.resources[2]?.instances[0]?.attributes;
  const change = {
    actions: ["update"],
    before: {
      ...attributes,
      task: [task(secret, { notebook_task: [{ notebook_path: "/Shared/b" }] })],
    },
    after: attributes,
    after_unknown: {},
    before_sensitive: {},
    after_sensitive: {},
  };
  const jobResource = {
    address: "databricks_job.j",
    mode: "managed",
    type: "databricks_job",
    name: "j",
  };
  const [stackReview] = review({
    stacks: [
      {
        name: "lab-local",
        stack: deployed.stack,
        plan: { format_version: "1.2", resource_changes: [{ ...jobResource, change }] },
        verify: { resources: raw.resources, redactor },
      },
    ],
  }).stacks;
  expect(stackReview?.leftOut).toEqual([]);
  expect(stackReview?.overwritten).toMatchObject([{ remote: "/Shared/b", after: "/Shared/a" }]);
  expect(JSON.stringify(stackReview?.overwritten)).not.toContain(secret);
});

test("a changed task whose key is a secret is drawn as changed", async () => {
  const deployed = await deployJob({ task: [task(secret)] });
  await changeJob(deployed, { tasks: [editedTask(secret)] });
  expect((await check(lab, deployed)).resources[2]?.tasks).toMatchObject([{ state: "drift" }]);
});

test("an ignore rule applies to a map entry whose key is a secret", async () => {
  const deployed = await deployJob({ tags: { [secret]: "a" } });
  await changeJob(deployed, { tags: { [secret]: "b" } });
  const ignoreRule = {
    field: `tags[${secret}]`,
    reason: "cost team",
    expires: "2999-12-31",
    from: "x",
  };
  const report = await check(lab, deployed, { ignore: [ignoreRule] });
  expect(report.resources[2]?.status).toBe("ignored");
});

test("the reasons for a full plan name a resource without its secret", async () => {
  const deployed = await deployJob({});
  await changeJob(deployed, { tags: { [secret]: "b" } });
  const constructPath = `lab-local/${secret}`;
  const resources = {
    "databricks_job.j": { path: constructPath, source: "a.ts:1", stamped: false },
  };
  const options = { metadata: { resources }, compareState: true, deep: true };
  const verification = await checkFully(lab, deployed, options);
  expect(mismatchReason(verification, "lab-local")).toBe("lab-local/(sensitive): drift");
  expect(mismatchReason(verification, "lab-local", new Set(["databricks_job.j"]))).toBeUndefined();
  expect(verification.staleReason("lab-local")).toBe(
    "lab-local/(sensitive): tags[(sensitive)]: drift",
  );
});

test("the report of one object hides a secret that was set in the workspace for another", async () => {
  const newSecret = "dapi0000aaaa1111bbbb-Zz";
  const deployed = await deployJob({});
  const secretValue = { scope: "etl", key: "index", string_value: newSecret };
  await lab.client.post("/api/2.0/secrets/put", secretValue);
  await changeJob(deployed, { description: `token ${newSecret}` });
  const report = await check(lab, deployed, { deep: true });
  expect(report.resources[2]?.findings).toMatchObject([{ remote: "token (sensitive)" }]);
  expect(JSON.stringify(report)).not.toContain(newSecret);
});
