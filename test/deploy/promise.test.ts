import { heal } from "../../src/deploy/heal";
import { findKind } from "../../src/resources";
import { check, checkFully, deployDirect, openLab, summary, type Lab } from "../verify/harness";
import { promiseAndHeal, recordOf } from "./promise";

const events = { step: () => undefined, note: () => undefined, terraform: () => undefined };

describe("healing, compared with what a review announces", () => {
  const runner = "11111111-2222-4333-8444-555555555555";
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
    const schemas = ["urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"];
    await lab.client.post("/api/2.0/preview/scim/v2/ServicePrincipals", {
      schemas,
      applicationId: runner,
      displayName: "runner",
    });
  });
  afterAll(() => lab.close());

  const task = [
    {
      task_key: "a",
      notebook_task: [{ notebook_path: "/Shared/a" }],
      existing_cluster_id: "0101-000000-aaaaaaaa",
    },
  ];
  const job = { name: "j", task };

  test("announces and writes a queue removed from the code, but not run_as, which no write clears", async () => {
    const outcome = await promiseAndHeal(
      lab,
      {
        databricks_job: {
          j: { ...job, queue: [{ enabled: true }], run_as: [{ service_principal_name: runner }] },
        },
      },
      { databricks_job: { j: job } },
    );
    expect(outcome).toMatchObject({
      announced: ["databricks_job.j"],
      written: ["databricks_job.j"],
      notHealed: [
        {
          field: "run_as",
          manual: expect.stringContaining("set run_as (runAs) in the code") as string,
        },
      ],
      announcedAgain: [],
    });
  });

  test("neither announces nor writes run_as alone; the record keeps it, and verify reports it", async () => {
    const resourcesBefore = {
      databricks_job: { j: { ...job, run_as: [{ service_principal_name: runner }] } },
    };
    expect(
      await promiseAndHeal(lab, resourcesBefore, { databricks_job: { j: job } }),
    ).toMatchObject({
      announced: [],
      written: [],
    });
    const deployed = await deployDirect(lab, resourcesBefore);
    const changedCode = { ...deployed, stack: { resource: { databricks_job: { j: job } } } };
    const leftOver = { "databricks_job.j": { run_as: [{ service_principal_name: runner }] } };
    const verifyOptions = { deep: true, unmanaged: "none" } as const;
    expect(
      summary(
        await check(lab, changedCode, {
          ...verifyOptions,
          record: recordOf(changedCode.stack, { leftOver }),
        }),
      ),
    ).toEqual(["pending databricks_job.j run_as"]);
    // After a change in the workspace, no announced change remains.
    const id = Number(deployed.state.resources[0]?.instances[0]?.attributes?.["id"]);
    await lab.client.post("/api/2.2/jobs/update", {
      job_id: id,
      new_settings: { run_as: { user_name: "admin@lakeform.local" } },
    });
    const findings =
      (
        await check(lab, changedCode, {
          ...verifyOptions,
          record: recordOf(changedCode.stack, { leftOver }),
        })
      ).resources[0]?.findings ?? [];
    expect(findings.filter(({ status }) => status === "pending")).toEqual([]);
  });

  test("does not announce changes that the workspace already has", async () => {
    const outcome = await promiseAndHeal(
      lab,
      { databricks_job: { j: { ...job, queue: [{ enabled: true }] } } },
      { databricks_job: { j: job } },
      async ({ state }) => {
        const id = Number(state.resources[0]?.instances[0]?.attributes?.["id"]);
        await lab.client.post("/api/2.2/jobs/update", {
          job_id: id,
          new_settings: { queue: { enabled: false } },
        });
      },
    );
    expect(outcome).toEqual({
      announced: [],
      written: [],
      announcedIds: [],
      calledIds: [],
      notHealed: [],
      announcedAgain: [],
    });
  });

  test("reports an inherited value as drift with its reason after the deploy, and finishes in one run", async () => {
    const cluster = {
      spark_version: "15.4.x-scala2.12",
      node_type_id: "i3.xlarge",
      num_workers: 1,
    };
    const resourcesWith = (spec: object, taskFields: object): object => ({
      job: {
        name: "steps",
        job_cluster: [{ job_cluster_key: "c", new_cluster: [{ ...cluster, ...spec }] }],
        task: [
          {
            task_key: "c",
            job_cluster_key: "c",
            notebook_task: [{ notebook_path: "/Shared/c" }],
            ...taskFields,
          },
        ],
      },
    });
    const profile = "arn:aws:iam::123456789012:instance-profile/writer";
    // The official provider sends this because c is in the position of b.
    const deployedResources = resourcesWith(
      { aws_attributes: [{ instance_profile_arn: profile }] },
      { run_if: "ALL_FAILED", retry_on_timeout: true },
    );
    const deployed = await deployDirect(lab, {
      databricks_job: deployedResources as Record<string, Record<string, unknown>>,
    });
    const code = {
      ...deployed,
      stack: {
        resource: {
          databricks_job: resourcesWith({}, {}) as Record<string, Record<string, unknown>>,
        },
      },
    };
    const from = "task[b]";
    const record = recordOf(code.stack, {
      inherited: {
        "databricks_job.job": {
          "task[c].run_if": { value: "ALL_FAILED", from },
          "task[c].retry_on_timeout": { value: true, from },
          "job_cluster[c].new_cluster.aws_attributes.instance_profile_arn": {
            value: profile,
            from: "job_cluster[b]",
          },
        },
      },
    });
    const verification = await checkFully(lab, code, { record });
    const { report } = verification;
    expect(
      report.resources[0]?.findings
        .map(({ status, path, reason }) => `${status} ${path}: ${reason.split(":", 1)[0] ?? ""}`)
        .sort(),
    ).toEqual([
      "drift job_cluster[c].new_cluster.aws_attributes.instance_profile_arn: inherited value",
      "drift task[c].retry_on_timeout: inherited value",
      "drift task[c].run_if: inherited value",
    ]);
    await heal(
      { client: lab.client, stack: { name: "lab-local", directory: "/nowhere" } },
      verification,
      events,
    );
    const job = (await lab.client.get("/api/2.2/jobs/get", {
      query: { job_id: report.resources[0]?.id ?? "" },
    })) as { settings: object };
    expect(JSON.stringify(job.settings)).not.toContain("ALL_FAILED");
    expect(JSON.stringify(job.settings)).not.toContain(profile);
    // The state is refreshed after healing, and healed values leave the record.
    const id = report.resources[0]?.id ?? "";
    const remote = await findKind("databricks_job")?.read(lab.client, id, { known: {} });
    const [resource] = deployed.state.resources;
    const state = {
      ...deployed.state,
      resources: [{ ...resource, instances: [{ attributes: { ...remote?.attributes, id } }] }],
    };
    expect(
      summary(
        await check(
          lab,
          { ...code, state: state as typeof code.state },
          { record: recordOf(code.stack) },
        ),
      ),
    ).toEqual([]);
  });
});
