/**
 * Fields that a rule excludes from the comparison are reported if they are set, and a field that
 * the code sets is never reported as "not set in the code".
 */
import type { VerifyReport } from "../../src/verify";
import { verifyTargets } from "../../src/verify";
import { withChangedResponses } from "./changed-responses";
import { check, deployDirect, openLab, summary, type Deployed, type Lab, idIn } from "./harness";

let lab: Lab;
let deployed: Deployed;
const task = {
  task_key: "t",
  existing_cluster_id: "0101-000000-aaaaaaaa",
  notebook_task: { notebook_path: "/Shared/x", source: "WORKSPACE" },
};
beforeAll(async () => {
  lab = await openLab();
  deployed = await deployDirect(lab, {
    databricks_job: {
      one: { name: "one", task: [task] },
      two: { name: "two", control_run_state: true, performance_target: "STANDARD" },
    },
    databricks_catalog: { c: { name: "left_out" } },
    databricks_schema: { s: { name: "s", catalog_name: "left_out" } },
  });
});
afterAll(() => lab.close());

const notCheckedIn = (report: VerifyReport): string[] =>
  report.notChecked.map(({ what, count }) => `${what} (${count})`);
const idOf = (name: string): string => idIn(deployed, name);

test("settings in separate resources, and fields that only control Terraform, are listed as not checked if an object has them", async () => {
  const report = await check(lab, deployed, { unmanaged: "none" });
  expect(summary(report)).toEqual([]);
  expect(notCheckedIn(report)).toEqual(
    expect.arrayContaining([
      "access policies of databricks_catalog (1)",
      "entity tags of databricks_schema (1)",
    ]) as string[],
  );
  expect(notCheckedIn(report)).toContain("control_run_state of databricks_job (1)");
  expect(notCheckedIn(report).filter((what) => what.startsWith("performance_target"))).toEqual([]);
});

test("a field with several possible platform defaults is listed as not checked once the workspace has a value", async () => {
  await lab.client.post("/api/2.2/jobs/update", {
    job_id: Number(idOf("one")),
    new_settings: { performance_target: "STANDARD" },
  });
  const report = await check(lab, deployed, { unmanaged: "none" });
  expect(summary(report)).toEqual([]);
  expect(notCheckedIn(report)).toContain("performance_target of databricks_job (1)");
});

test("a source that the workspace does not return equals its documented default", async () => {
  const api = withChangedResponses(lab.client, (key, value) =>
    key === "source" ? undefined : value,
  );
  const target = {
    name: "lab-local",
    directory: "/nowhere",
    desired: { stack: deployed.stack },
    state: () => Promise.resolve(structuredClone(deployed.state)),
  };
  const report = await verifyTargets({ targets: [target], api, unmanaged: "none" });
  expect(summary(report)).toEqual([]);
});

test("a field of a plan that the code sets is not reported as unset", async () => {
  const attributes =
    deployed.state.resources.find(({ name }) => name === "one")?.instances[0]?.attributes ?? {};
  const change = { address: "databricks_job.one", change: { actions: ["no-op"] } };
  const resource = {
    address: "databricks_job.one",
    mode: "managed",
    type: "databricks_job",
    name: "one",
    values: { ...attributes, format: "MULTI_TASK" },
  };
  const reasons = async (expressions: Record<string, unknown>): Promise<string[]> => {
    const plan = {
      planned_values: { root_module: { resources: [resource] } },
      resource_changes: [change],
      configuration: {
        root_module: { resources: [{ address: "databricks_job.one", expressions }] },
      },
    };
    const state = structuredClone(deployed.state);
    const stateResources = state.resources
      .filter(({ name }) => name === "one")
      .map((stateResource) => ({ ...stateResource, instances: [{ attributes: resource.values }] }));
    const report = await verifyTargets({
      targets: [
        {
          name: "dir",
          directory: "/nowhere",
          desired: { plan },
          state: () => Promise.resolve({ ...state, resources: stateResources }),
        },
      ],
      api: withChangedResponses(lab.client, (key, value) => (key === "format" ? "OTHER" : value)),
      unmanaged: "none",
    });
    return report.resources.flatMap(({ findings }) =>
      findings.filter(({ path }) => path === "format").map(({ reason }) => reason),
    );
  };
  expect(await reasons({ format: { constant_value: "MULTI_TASK" } })).toEqual([
    "changed in the workspace",
  ]);
  expect(await reasons({})).toEqual([expect.stringContaining("not set in the code")]);
});
