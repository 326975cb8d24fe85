import { ApiError, type jobs, type WorkspaceClient } from "@databricks/sdk-experimental";
import { guideJob, present, startTestWorkspace, type TestWorkspace } from "./jobs-support";
import { sdkClient } from "./sdk-client";

let server: TestWorkspace;
let client: WorkspaceClient;
beforeAll(async () => {
  server = await startTestWorkspace(
    { outcomes: { defaults: { setup: 20, duration: 20, terminating: 20 } } },
    { manualClock: false },
  );
  client = await sdkClient(server.workspace);
});
afterAll(() => server.close());

describe("the official JavaScript SDK", () => {
  test("creates, gets, lists, updates, resets and deletes jobs", async () => {
    const { job_id } = await client.jobs.create(guideJob);
    const id = present(job_id);
    const job = await client.jobs.get({ job_id: id });
    expect(job.settings?.tasks?.map((task) => [task.task_key, task.run_if])).toEqual([
      ["ingest", "ALL_SUCCESS"],
      ["transform", "ALL_SUCCESS"],
    ]);
    await client.jobs.update({ job_id: id, new_settings: { name: "renamed" } });
    const names: (string | undefined)[] = [];
    for await (const item of client.jobs.list({ limit: 1 })) names.push(item.settings?.name);
    expect(names).toEqual(["renamed"]);
    await client.jobs.reset({ job_id: id, new_settings: { ...job.settings, name: "reset" } });
    expect((await client.jobs.get({ job_id: id })).settings?.name).toBe("reset");
    await client.jobs.delete({ job_id: id });
    await expect(client.jobs.get({ job_id: id })).rejects.toThrow(`Job ${id} does not exist.`);
  });

  test("runNow with wait returns the finished run, and its outputs can be read", async () => {
    const { job_id } = await client.jobs.create(guideJob);
    const states: (string | undefined)[] = [];
    const waiter = await client.jobs.runNow({ job_id: present(job_id) });
    const run = await waiter.wait({
      onProgress: (progress) => {
        states.push(progress.state?.life_cycle_state);
        return Promise.resolve();
      },
    });
    expect(states.at(-1)).toBe("TERMINATED");
    expect(run.state).toMatchObject({ life_cycle_state: "TERMINATED", result_state: "SUCCESS" });
    const task = present(run.tasks?.[0]);
    expect(
      (await client.jobs.getRunOutput({ run_id: present(task.run_id) })).metadata?.state
        ?.result_state,
    ).toBe("SUCCESS");
    const runs: unknown[] = [];
    for await (const item of client.jobs.listRuns({ job_id: present(job_id) }))
      runs.push(item.run_id);
    expect(runs).toEqual([run.run_id]);
  });

  test("throws from the waiter of a failed run, as on the platform, and not from that of its repair", async () => {
    await server.ok("POST", "/_lakeform/outcomes", {
      job: "failing",
      task: "ingest",
      repair: 0,
      result: "FAILED",
    });
    const { job_id } = await client.jobs.create({
      ...(guideJob as unknown as jobs.CreateJob),
      name: "failing",
    });
    await expect((await client.jobs.runNow({ job_id: present(job_id) })).wait()).rejects.toThrow(
      /INTERNAL_ERROR: Task ingest failed with message/,
    );
    const [run] = (await server.ok("GET", `/api/2.2/jobs/runs/list?job_id=${present(job_id)}`))
      .runs as {
      run_id: number;
    }[];
    const repairedRun = await (
      await client.jobs.repairRun({ run_id: present(run).run_id, rerun_all_failed_tasks: true })
    ).wait();
    expect(repairedRun.state?.result_state).toBe("SUCCESS");
  });

  test("supports submitAndWait and cancelRun", async () => {
    const task = { task_key: "a", notebook_task: { notebook_path: "/a" } };
    const run = await (await client.jobs.submit({ run_name: "once", tasks: [task] })).wait();
    expect(run).toMatchObject({ run_name: "once", state: { result_state: "SUCCESS" } });
    await server.ok("POST", "/_lakeform/outcomes", { job: "slow", duration: "1h" });
    const waitingRun = await client.jobs.submit({ run_name: "slow", tasks: [task] });
    const canceledRun = await (
      await client.jobs.cancelRun({ run_id: present(waitingRun.run_id) })
    ).wait();
    expect(canceledRun.state).toMatchObject({
      life_cycle_state: "TERMINATED",
      result_state: "CANCELED",
    });
  });

  test("throws its own error classes", async () => {
    const failure = client.jobs.create({ tasks: [{ task_key: "a" }] });
    await expect(failure).rejects.toBeInstanceOf(ApiError);
    await expect(failure).rejects.toMatchObject({
      errorCode: "INVALID_PARAMETER_VALUE",
      statusCode: 400,
    });
  });
});
