/**
 * Jobs without task blocks: the list is sufficient for those without any task; those with a task at
 * the top level are read individually.
 */
import { check, deployDirect, openLab, summary, type Lab, idIn } from "./harness";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

test("verifying N jobs from their list costs at most N/100 + 20 calls and detects manual changes", async () => {
  const names = Array.from({ length: 120 }, (_, index) => `empty_${index}`);
  const databricks_job: Record<string, Record<string, unknown>> = {
    ...Object.fromEntries(
      names.map((name) => [name, { name, max_concurrent_runs: 2, tags: { team: "a" } }]),
    ),
    top: {
      name: "at the top",
      notebook_task: { notebook_path: "/Shared/a" },
      existing_cluster_id: "0000-1",
    },
  };
  const deployed = await deployDirect(lab, { databricks_job });
  const idOf = (name: string): number => Number(idIn(deployed, name));
  const cleanReport = await check(lab, deployed);
  expect(summary(cleanReport)).toEqual([]);
  expect(cleanReport.counts.match).toBe(121);
  expect(cleanReport.calls).toBeLessThanOrEqual(120 / 100 + 20);
  expect(summary(await check(lab, deployed, { deep: true }))).toEqual([]);

  // API 2.2 would also enable the queue.
  const change = (name: string, new_settings: object, version = "2.1"): Promise<unknown> =>
    lab.client.post(`/api/${version}/jobs/update`, { job_id: idOf(name), new_settings });
  await change("empty_0", { max_concurrent_runs: 3 });
  await change("empty_1", {
    tasks: [
      {
        task_key: "new",
        notebook_task: { notebook_path: "/Shared/b" },
        existing_cluster_id: "0000-2",
      },
    ],
  });
  await change("empty_2", {
    schedule: { quartz_cron_expression: "0 0 3 * * ?", timezone_id: "UTC" },
  });
  await change("top", { notebook_task: { notebook_path: "/Shared/c" } }, "2.0");
  const findings = summary(await check(lab, deployed));
  expect(findings.filter((line) => !line.includes("empty_1"))).toEqual([
    "drift databricks_job.empty_0 max_concurrent_runs",
    "drift databricks_job.empty_2 schedule",
    "drift databricks_job.top notebook_task.notebook_path",
  ]);
  expect(findings.some((line) => line.startsWith("drift databricks_job.empty_1 task"))).toBe(true);
});
