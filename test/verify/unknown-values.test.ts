/** Unknown values in responses are kept unchanged: never dropped, never mistaken for a known one. */
import { isFinished, isSuccess } from "../../src/api/families/runs";
import { runReport, runText } from "../../src/run/report";
import { withChangedResponses } from "./changed-responses";
import { check, deployDirect, openLab, summary, type Deployed, type Lab } from "./harness";

let lab: Lab;
let deployed: Deployed;
beforeAll(async () => {
  lab = await openLab();
  const cluster = { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge", num_workers: 2 };
  deployed = await deployDirect(lab, {
    databricks_cluster: {
      c: {
        cluster_name: "c",
        ...cluster,
        autotermination_minutes: 30,
        data_security_mode: "SINGLE_USER",
        runtime_engine: "STANDARD",
      },
    },
    databricks_job: {
      j: {
        name: "j",
        max_concurrent_runs: 3,
        task: [
          {
            task_key: "t",
            run_if: "ALL_DONE",
            max_retries: 2,
            existing_cluster_id: "0101-000000-aaaaaaaa",
            notebook_task: { notebook_path: "/Shared/x" },
          },
        ],
      },
    },
    databricks_sql_endpoint: {
      w: {
        name: "w",
        cluster_size: "Small",
        max_num_clusters: 2,
        warehouse_type: "PRO",
        spot_instance_policy: "COST_OPTIMIZED",
      },
    },
    databricks_catalog: { k: { name: "k" } },
    databricks_instance_pool: {
      p: {
        instance_pool_name: "p",
        node_type_id: "i3.xlarge",
        idle_instance_autotermination_minutes: 10,
      },
    },
  });
});
afterAll(() => lab.close());

const verifyWithChanged = async (change: (key: string, value: unknown) => unknown) =>
  check({ ...lab, client: withChangedResponses(lab.client, change) }, deployed, {
    unmanaged: "none",
  });

test("numbers returned as strings equal the same numbers", async () => {
  const asText = await verifyWithChanged((_key, value) =>
    typeof value === "number" ? String(value) : value,
  );
  expect(summary(asText)).toEqual([]);
});

test.each([
  ["run_if", "drift databricks_job.j task[t].run_if"],
  ["data_security_mode", "drift databricks_cluster.c data_security_mode"],
  ["runtime_engine", "drift databricks_cluster.c runtime_engine"],
  ["isolation_mode", "drift databricks_catalog.k isolation_mode"],
  ["warehouse_type", "drift databricks_sql_endpoint.w warehouse_type"],
  ["spot_instance_policy", "drift databricks_sql_endpoint.w spot_instance_policy"],
  ["cluster_size", "drift databricks_sql_endpoint.w cluster_size"],
])("an unknown %s is drift, and shown unchanged", async (field, findingLine) => {
  const report = await verifyWithChanged((key, value) => (key === field ? "SOMETHING_NEW" : value));
  expect(summary(report)).toEqual([findingLine]);
  expect(report.resources.flatMap(({ findings }) => findings.map(({ remote }) => remote))).toEqual([
    "SOMETHING_NEW",
  ]);
});

test("an unknown state of a cluster or warehouse has no effect on the report", async () => {
  expect(
    summary(await verifyWithChanged((key, value) => (key === "state" ? "SOMETHING_NEW" : value))),
  ).toEqual([]);
});

test("an unknown state or result of a run is neither an end nor a success", () => {
  const state = (life_cycle_state: string, result_state?: string) => ({
    life_cycle_state,
    ...(result_state === undefined ? {} : { result_state }),
  });
  expect([
    isFinished(state("SOMETHING_NEW")),
    isSuccess(state("TERMINATED", "SOMETHING_NEW")),
  ]).toEqual([false, false]);
  const run = {
    run_id: 1,
    state: state("TERMINATED", "SOMETHING_NEW"),
    tasks: [{ task_key: "t", run_id: 2, state: state("SOMETHING_NEW") }],
  };
  expect(runReport(run)).toMatchObject({
    success: false,
    result_state: "SOMETHING_NEW",
    tasks: [{ state: expect.stringMatching(/something.new/i) as string }],
  });
  expect(runText(run, [], 0)).toMatch(/something.new/i);
});
