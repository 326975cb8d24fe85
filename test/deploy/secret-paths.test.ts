/** Keys and values that contain a secret are compared in clear text, and are never shown. */
import { mismatchReason } from "../../src/deploy/empty-plan";
import { review } from "../../src/review";
import { check, checkFully, deployDirect, type Deployed } from "../verify/harness";
import { promiseAndHeal } from "./promise";
import {
  changeJob,
  editedTask,
  lab,
  secret,
  secretResources,
  task,
  useLabPerTest,
} from "./secret-paths-lab";

useLabPerTest();

const deployJob = (fields: object): Promise<Deployed> =>
  deployDirect(lab, {
    ...secretResources,
    databricks_job: { j: { name: "j", task: [task("a")], ...fields } },
  });

test("the removal of a task's field is announced and applied", async () => {
  const codeOf = (fields: object): Parameters<typeof promiseAndHeal>[1] => ({
    ...secretResources,
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
