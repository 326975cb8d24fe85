import { asTerraformShape } from "../../../src/resources/shape/block-shape";

describe("asTerraformShape", () => {
  test("single blocks written as objects become lists of one, at every depth; attributes stay", () => {
    expect(
      asTerraformShape("databricks_job", {
        name: "x",
        tags: { a: "b" },
        schedule: { quartz_cron_expression: "0 0 3 * * ?", timezone_id: "UTC" },
        job_cluster: [{ job_cluster_key: "c", new_cluster: { num_workers: 1, autoscale: { min_workers: 1 } } }],
      }),
    ).toEqual({
      name: "x",
      tags: { a: "b" },
      schedule: [{ quartz_cron_expression: "0 0 3 * * ?", timezone_id: "UTC" }],
      job_cluster: [{ job_cluster_key: "c", new_cluster: [{ num_workers: 1, autoscale: [{ min_workers: 1 }] }] }],
    });
  });

  test("a value that already has that shape stays unchanged", () => {
    const job = { name: "x", task: [{ task_key: "a", notebook_task: [{ notebook_path: "/x" }] }], timeouts: null };
    expect(asTerraformShape("databricks_job", job)).toEqual(job);
  });
});
