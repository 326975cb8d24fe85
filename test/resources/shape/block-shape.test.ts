import { asTerraformShape } from "../../../src/resources/shape/block-shape";

describe("asTerraformShape", () => {
  test("converts single blocks written as objects to lists of one at every depth, and leaves attributes unchanged", () => {
    expect(
      asTerraformShape("databricks_job", {
        name: "x",
        tags: { a: "b" },
        schedule: { quartz_cron_expression: "0 0 3 * * ?", timezone_id: "UTC" },
        job_cluster: [
          { job_cluster_key: "c", new_cluster: { num_workers: 1, autoscale: { min_workers: 1 } } },
        ],
      }),
    ).toEqual({
      name: "x",
      tags: { a: "b" },
      schedule: [{ quartz_cron_expression: "0 0 3 * * ?", timezone_id: "UTC" }],
      job_cluster: [
        {
          job_cluster_key: "c",
          new_cluster: [{ num_workers: 1, autoscale: [{ min_workers: 1 }] }],
        },
      ],
    });
  });

  test("leaves a value unchanged that already has this format", () => {
    const job = {
      name: "x",
      task: [{ task_key: "a", notebook_task: [{ notebook_path: "/x" }] }],
      timeouts: null,
    };
    expect(asTerraformShape("databricks_job", job)).toEqual(job);
  });
});
