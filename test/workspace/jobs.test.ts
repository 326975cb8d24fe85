import type { JsonObject } from "../../src/workspace/errors";
import {
  guideJob,
  notebook,
  startTestWorkspace,
  asId,
  type ApiResponse,
  type TestWorkspace,
} from "./jobs-support";

let server: TestWorkspace;
beforeAll(async () => {
  server = await startTestWorkspace({
    principals: [{ name: "reader@example.com", token: "dapi-reader" }],
  });
});
afterAll(() => server.close());

const createJob = async (settings: JsonObject, version = "2.2"): Promise<number> =>
  (await server.ok("POST", `/api/${version}/jobs/create`, settings)).job_id as number;
const getJob = (id: number, version = "2.2", query = ""): Promise<JsonObject> =>
  server.ok("GET", `/api/${version}/jobs/get?job_id=${id}${query}`);
const getSettings = async (id: number, version?: string): Promise<JsonObject> =>
  (await getJob(id, version)).settings as JsonObject;

describe("jobs/create and jobs/get", () => {
  test("return an acknowledged change in every later read, also while other reads are in flight", async () => {
    const id = await createJob({ name: "version-0" });
    let isReading = true;
    const readers = Array.from({ length: 4 }, async () => {
      while (isReading) await getJob(id);
    });
    for (let version = 1; version <= 40; version++) {
      await server.ok("POST", "/api/2.2/jobs/update", {
        job_id: id,
        new_settings: { name: `version-${version}` },
      });
      expect((await getSettings(id)).name).toBe(`version-${version}`);
      expect((await getSettings(id, "2.0")).name).toBe(`version-${version}`);
    }
    expect(
      (await server.call("GET", `/api/2.2/jobs/get?job_id=${id}`, undefined, "dapi-reader")).status,
    ).toBe(403);
    await server.ok("POST", "/api/2.2/jobs/delete", { job_id: id });
    isReading = false;
    await Promise.allSettled(readers);
    expect((await server.call("GET", `/api/2.2/jobs/get?job_id=${id}`)).status).toBe(400);
  });

  test("return the guide's job as sent, with the platform's defaults", async () => {
    const id = await createJob(guideJob, "2.1");
    expect(await getJob(id, "2.1")).toEqual({
      job_id: id,
      creator_user_name: "admin@lakeform.local",
      run_as_user_name: "admin@lakeform.local",
      run_as_owner: true,
      created_time: expect.any(Number) as number,
      settings: {
        name: "daily-etl-pipeline",
        email_notifications: {},
        webhook_notifications: {},
        timeout_seconds: 0,
        max_concurrent_runs: 1,
        format: "MULTI_TASK",
        tasks: (guideJob.tasks as JsonObject[]).map((task) => ({
          ...task,
          notebook_task: { ...(task.notebook_task as JsonObject), source: "WORKSPACE" },
          run_if: "ALL_SUCCESS",
          timeout_seconds: 0,
          email_notifications: {},
          webhook_notifications: {},
        })),
        job_clusters: [
          {
            job_cluster_key: "shared_cluster",
            new_cluster: {
              spark_version: "12.2.x-scala2.12",
              node_type_id: "Standard_DS3_v2",
              num_workers: 2,
              enable_elastic_disk: false,
              data_security_mode: "SINGLE_USER",
            },
          },
        ],
      },
    });
    expect(id).toBeLessThan(2 ** 53);
  });

  test("enable the queue by default in 2.2, but not in 2.1 and 2.0", async () => {
    expect(
      (await getSettings(await createJob({ name: "a", tasks: [notebook("a")] }))).queue,
    ).toEqual({
      enabled: true,
    });
    expect(
      (await getSettings(await createJob({ name: "a", tasks: [notebook("a")] }, "2.1"))).queue,
    ).toBeUndefined();
    expect(
      (
        await getSettings(
          await createJob({ name: "a", tasks: [notebook("a")], queue: { enabled: false } }),
        )
      ).queue,
    ).toEqual({
      enabled: false,
    });
  });

  test("return a single-task job in its own format in 2.0, and as a job with one task in 2.1", async () => {
    const legacy = {
      name: "My legacy",
      existing_cluster_id: "1114-221320-seed0001",
      notebook_task: { notebook_path: "/Shared/legacy" },
      max_retries: 1,
    };
    const id = await createJob(legacy, "2.0");
    expect(await getSettings(id, "2.0")).toMatchObject({
      ...legacy,
      format: "SINGLE_TASK",
      email_notifications: {},
    });
    const multiTaskSettings = await getSettings(id, "2.1");
    expect(multiTaskSettings).toMatchObject({
      format: "MULTI_TASK",
      tasks: [
        {
          task_key: "My_legacy",
          notebook_task: { notebook_path: "/Shared/legacy" },
          max_retries: 1,
        },
      ],
    });
    expect(multiTaskSettings.notebook_task).toBeUndefined();
  });

  test("do not return apply_policy_default_values, run_as in the settings, or defaults of a for_each's inner task", async () => {
    const innerTask = notebook("inner");
    const id = await createJob({
      name: "x",
      run_as: { user_name: "reader@example.com" },
      tasks: [
        notebook("a", [], {
          new_cluster: {
            spark_version: "15.4.x-scala2.12",
            node_type_id: "i3.xlarge",
            num_workers: 1,
            apply_policy_default_values: true,
          },
        }),
        { task_key: "loop", for_each_task: { inputs: "[1]", task: innerTask } },
      ],
    });
    const job = await getJob(id);
    expect(job).toMatchObject({ run_as_user_name: "reader@example.com", run_as_owner: false });
    const settings = job.settings as { run_as?: unknown; tasks: JsonObject[] };
    expect(settings.run_as).toBeUndefined();
    expect(JSON.stringify(settings)).not.toContain("apply_policy");
    expect((settings.tasks[1]?.for_each_task as JsonObject).task).toEqual(innerTask);
  });

  test("create one job for an idempotency token", async () => {
    const [first, second] = await Promise.all(
      [1, 2].map(() =>
        createJob({ name: "once", tasks: [notebook("a")], idempotency_token: "t-1" }),
      ),
    );
    expect(first).toBe(second);
  });

  test("set the source of tasks to GIT with a Git source", async () => {
    const git_source = {
      git_url: "https://github.com/acme/etl",
      git_provider: "gitHub",
      git_branch: "main",
    };
    const settings = await getSettings(await createJob({ git_source, tasks: [notebook("a")] }));
    expect(settings).toMatchObject({
      name: "Untitled",
      git_source,
      tasks: [{ notebook_task: { source: "GIT" } }],
    });
  });

  test("page more than 100 tasks in 2.2, and reject them in older versions", async () => {
    const tasks = Array.from({ length: 230 }, (_, index) =>
      notebook(`t${index}`, index === 0 ? [] : [`t${index - 1}`]),
    );
    const id = await createJob({ name: "large", tasks });
    const taskKeys: string[] = [];
    for (let token = ""; ;) {
      const page = await getJob(id, "2.2", token === "" ? "" : `&page_token=${token}`);
      taskKeys.push(
        ...(page.settings as { tasks: JsonObject[] }).tasks.map((task) => task.task_key as string),
      );
      if (page.next_page_token === undefined) break;
      token = page.next_page_token as string;
    }
    expect(taskKeys).toEqual(tasks.map((task) => task.task_key));
    expect(await server.call("GET", `/api/2.1/jobs/get?job_id=${id}`)).toMatchObject({
      status: 400,
      body: {
        error_code: "INVALID_PARAMETER_VALUE",
        message:
          "Resources with more than 100 tasks can only be handled by API 2.2 and above. Your resource has 230 tasks",
      },
    });
    expect((await server.call("POST", "/api/2.1/jobs/create", { tasks })).status).toBe(400);
  });

  const cluster = { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge", num_workers: 1 };
  test.each<[string, JsonObject, string | RegExp]>([
    [
      "a missing task key",
      { tasks: [{ notebook_task: { notebook_path: "/a" } }] },
      "Missing required field: tasks[0].task_key",
    ],
    ["a duplicate task key", { tasks: [notebook("a"), notebook("a")] }, /duplicate task_key 'a'/],
    ["a task key with invalid characters", { tasks: [notebook("a b")] }, /Invalid task key/],
    [
      "an unknown dependency",
      { tasks: [notebook("a", ["b"])] },
      /depends on task 'b', which does not exist/,
    ],
    ["a dependency on itself", { tasks: [notebook("a", ["a"])] }, /depends on itself/],
    [
      "a cycle",
      { tasks: [notebook("a", ["c"]), notebook("b", ["a"]), notebook("c", ["b"])] },
      /form a cycle: a -> b -> c -> a/,
    ],
    [
      "an unknown job cluster",
      { tasks: [notebook("a", [], { job_cluster_key: "x" })] },
      /job_cluster_key 'x'/,
    ],
    ["a task without a type", { tasks: [{ task_key: "a" }] }, /has no task type/],
    [
      "a task with two types",
      { tasks: [notebook("a", [], { spark_python_task: { python_file: "/a" } })] },
      /more than one task type/,
    ],
    [
      "a task with two compute settings",
      { tasks: [notebook("a", [], { existing_cluster_id: "1", new_cluster: cluster })] },
      /more than one compute/,
    ],
    [
      "an outcome of a task that is not a condition",
      {
        tasks: [
          notebook("a"),
          { ...notebook("b"), depends_on: [{ task_key: "a", outcome: "true" }] },
        ],
      },
      /not a condition task/,
    ],
    [
      "an unknown run_if",
      { tasks: [notebook("a", [], { run_if: "SOMETIMES" })] },
      /Must be one of: ALL_SUCCESS/,
    ],
    [
      "an unknown operator",
      { tasks: [{ task_key: "a", condition_task: { op: "LIKE", left: "a", right: "b" } }] },
      /Must be one of: EQUAL_TO/,
    ],
    [
      "a for_each in a for_each",
      {
        tasks: [
          {
            task_key: "a",
            for_each_task: {
              inputs: "[]",
              task: { task_key: "b", for_each_task: { inputs: "[]", task: notebook("c") } },
            },
          },
        ],
      },
      /cannot be nested/,
    ],
    [
      "inputs that are not an array",
      { tasks: [{ task_key: "a", for_each_task: { inputs: "{}", task: notebook("c") } }] },
      /must be a JSON array/,
    ],
    [
      "26 tags",
      {
        tasks: [notebook("a")],
        tags: Object.fromEntries(Array.from({ length: 26 }, (_, index) => [`k${index}`, "v"])),
      },
      /at most 25 tags/,
    ],
    [
      "1,001 tasks",
      { tasks: Array.from({ length: 1001 }, (_, index) => notebook(`t${index}`)) },
      /must not be larger than 1000/,
    ],
    [
      "a Git source without a provider",
      { tasks: [notebook("a")], git_source: { git_url: "https://x/y" } },
      /git_source.git_provider must be one of: github,/,
    ],
    [
      "an invalid schedule",
      {
        tasks: [notebook("a")],
        schedule: { quartz_cron_expression: "* * * * *", timezone_id: "UTC" },
      },
      /quartz_cron_expression/,
    ],
    [
      "an invalid time zone",
      {
        tasks: [notebook("a")],
        schedule: { quartz_cron_expression: "0 0 6 * * ?", timezone_id: "Mars" },
      },
      /timezone_id/,
    ],
    [
      "a schedule together with continuous",
      {
        tasks: [notebook("a")],
        continuous: {},
        schedule: { quartz_cron_expression: "0 0 6 * * ?", timezone_id: "UTC" },
      },
      /only one of schedule/,
    ],
    [
      "a negative time limit",
      { tasks: [notebook("a", [], { timeout_seconds: -1 })] },
      /timeout_seconds: -1/,
    ],
    [
      "1,001 concurrent runs",
      { tasks: [notebook("a")], max_concurrent_runs: 1001 },
      /between 0 and 1000/,
    ],
    [
      "run_as of an unknown principal",
      { tasks: [notebook("a")], run_as: { user_name: "nobody@example.com" } },
      /does not exist/,
    ],
    [
      "an idempotency token of 65 characters",
      { tasks: [notebook("a")], idempotency_token: "x".repeat(65) },
      /64 characters/,
    ],
  ])("reject %s", async (_case, settings, message) => {
    const response = await server.call("POST", "/api/2.2/jobs/create", settings);
    expect(response).toMatchObject({
      status: 400,
      body: { error_code: "INVALID_PARAMETER_VALUE" },
    });
    expect(response.body.message).toMatch(message);
  });

  test.each<[string, JsonObject]>([
    ["tasks as a string", { tasks: "a" }],
    ["a name that is an object", { name: {}, tasks: [notebook("a")] }],
    ["a task that is a number", { tasks: [1] }],
  ])("reject %s as malformed", async (_case, settings) => {
    expect(await server.call("POST", "/api/2.2/jobs/create", settings)).toMatchObject({
      status: 400,
      body: { error_code: "MALFORMED_REQUEST" },
    });
  });

  test("return 400 INVALID_PARAMETER_VALUE for a missing job, as delete, reset and run-now do", async () => {
    for (const [method, path, body] of [
      ["GET", "/api/2.2/jobs/get?job_id=1", undefined],
      ["POST", "/api/2.2/jobs/delete", { job_id: 1 }],
      ["POST", "/api/2.2/jobs/reset", { job_id: 1, new_settings: {} }],
      ["POST", "/api/2.2/jobs/run-now", { job_id: 1 }],
    ] as const)
      expect(await server.call(method, path, body)).toMatchObject({
        status: 400,
        body: { error_code: "INVALID_PARAMETER_VALUE", message: "Job 1 does not exist." },
      });
  });
});

describe("jobs/update, jobs/reset, jobs/delete", () => {
  test("update replaces the given fields, merges tasks by key and removes fields", async () => {
    const id = await createJob({
      name: "u",
      tags: { a: "1" },
      timeout_seconds: 60,
      tasks: [notebook("a"), notebook("b")],
    });
    await server.ok("POST", "/api/2.1/jobs/update", {
      job_id: id,
      new_settings: { name: "u2", tasks: [notebook("b", ["a"]), notebook("c")] },
      fields_to_remove: ["tags", "timeout_seconds"],
    });
    const settings = await getSettings(id);
    expect(settings).toMatchObject({
      name: "u2",
      timeout_seconds: 0,
      tasks: [
        { task_key: "a" },
        { task_key: "b", depends_on: [{ task_key: "a" }] },
        { task_key: "c" },
      ],
    });
    expect(settings.tags).toBeUndefined();
    await server.ok("POST", "/api/2.2/jobs/update", { job_id: id, fields_to_remove: ["tasks/c"] });
    expect((await getSettings(id)).tasks).toHaveLength(2);
  });

  test("reset replaces everything but keeps run_as", async () => {
    const id = await createJob({
      name: "r",
      tags: { a: "1" },
      run_as: { user_name: "reader@example.com" },
      tasks: [notebook("a")],
    });
    await server.ok("POST", "/api/2.2/jobs/reset", {
      job_id: id,
      new_settings: { name: "r2", tasks: [notebook("z")], queue: { enabled: false } },
    });
    const job = await getJob(id);
    expect(job).toMatchObject({
      run_as_user_name: "reader@example.com",
      settings: { name: "r2", tasks: [{ task_key: "z" }] },
    });
    expect((job.settings as JsonObject).tags).toBeUndefined();
  });

  test("a rejected change does not change the job", async () => {
    const id = await createJob({ name: "same", tasks: [notebook("a")] });
    const jobBefore = await getJob(id);
    expect(
      (
        await server.call("POST", "/api/2.2/jobs/update", {
          job_id: id,
          new_settings: { tasks: [notebook("b", ["x"])] },
        })
      ).status,
    ).toBe(400);
    expect(await getJob(id)).toEqual(jobBefore);
  });

  test("delete removes the job and ends its runs", async () => {
    const id = await createJob({ name: "d", tasks: [notebook("a")] });
    const { run_id } = await server.ok("POST", "/api/2.2/jobs/run-now", { job_id: id });
    await server.ok("POST", "/api/2.2/jobs/delete", { job_id: id });
    await server.advance("1m");
    expect((await server.call("GET", `/api/2.2/jobs/get?job_id=${id}`)).status).toBe(400);
    expect(await server.ok("GET", `/api/2.2/jobs/runs/get?run_id=${asId(run_id)}`)).toMatchObject({
      state: { result_state: "CANCELED" },
    });
  });
});

describe("jobs/list", () => {
  let listServer: TestWorkspace;
  beforeAll(async () => {
    listServer = await startTestWorkspace();
    for (let index = 0; index < 30; index++)
      await listServer.ok("POST", "/api/2.2/jobs/create", {
        ...guideJob,
        name: `Job ${index % 10}`,
      });
  });
  afterAll(() => listServer.close());

  test.each(["page_token", "offset"])(
    "pages with %s, newest first, each job once",
    async (paging) => {
      const jobIds: number[] = [];
      for (let next = ""; ;) {
        const page = await listServer.ok("GET", `/api/2.1/jobs/list?limit=7${next}`);
        jobIds.push(...(page.jobs as JsonObject[]).map((job) => job.job_id as number));
        if (page.has_more !== true) break;
        next =
          paging === "offset"
            ? `&offset=${jobIds.length}`
            : `&page_token=${asId(page.next_page_token)}`;
      }
      expect(jobIds).toHaveLength(30);
      expect(jobIds).toEqual([...new Set(jobIds)].sort((first, second) => second - first));
    },
  );

  test("contains tasks and clusters only on request", async () => {
    const [listedJob] = (await listServer.ok("GET", "/api/2.2/jobs/list")).jobs as JsonObject[];
    expect(listedJob?.settings).toMatchObject({ name: "Job 9", format: "MULTI_TASK" });
    expect(listedJob?.settings).not.toHaveProperty("tasks");
    const [expandedJob] = (
      await listServer.ok("GET", "/api/2.2/jobs/list?expand_tasks=true&limit=1")
    ).jobs as JsonObject[];
    expect(expandedJob).toMatchObject({
      has_more: false,
      settings: { tasks: [{ task_key: "ingest" }, { task_key: "transform" }], job_clusters: [{}] },
    });
  });

  test("filters by the exact name, case-insensitively", async () => {
    const countByName = async (name: string): Promise<number> =>
      (
        ((await listServer.ok("GET", `/api/2.2/jobs/list?name=${encodeURIComponent(name)}`)).jobs ??
          []) as JsonObject[]
      ).length;
    expect([
      await countByName("JOB 3"),
      await countByName("Job"),
      await countByName("Job 33"),
    ]).toEqual([3, 0, 0]);
  });

  test("rejects a limit over 100, and an invalid page token", async () => {
    expect((await listServer.call("GET", "/api/2.2/jobs/list?limit=101")).status).toBe(400);
    expect((await listServer.call("GET", "/api/2.2/jobs/list?page_token=zz")).status).toBe(400);
  });
});

describe("permissions", () => {
  test("let a user without a grant neither see, run, change nor delete a job", async () => {
    const id = await createJob({ name: "mine", tasks: [notebook("a")] });
    for (const [method, path, body] of [
      ["GET", `/api/2.2/jobs/get?job_id=${id}`, undefined],
      ["POST", "/api/2.2/jobs/run-now", { job_id: id }],
      ["POST", "/api/2.2/jobs/update", { job_id: id, new_settings: { name: "yours" } }],
      ["POST", "/api/2.2/jobs/delete", { job_id: id }],
    ] as const)
      expect(await server.call(method, path, body, "dapi-reader")).toMatchObject({
        status: 403,
        body: { error_code: "PERMISSION_DENIED" },
      });
    const jobs =
      (await server.ok("GET", "/api/2.2/jobs/list?limit=100", undefined, "dapi-reader")).jobs ?? [];
    expect((jobs as JsonObject[]).map((job) => job.job_id)).not.toContain(id);
  });

  test("let a viewer only read", async () => {
    const id = await createJob({
      name: "shown",
      tasks: [notebook("a")],
      access_control_list: [{ user_name: "reader@example.com", permission_level: "CAN_VIEW" }],
    });
    expect(
      (await server.call("GET", `/api/2.2/jobs/get?job_id=${id}`, undefined, "dapi-reader")).status,
    ).toBe(200);
    expect(
      (await server.call("POST", "/api/2.2/jobs/run-now", { job_id: id }, "dapi-reader")).status,
    ).toBe(403);
  });

  test("let callers set run_as to themselves or leave it unchanged, and admins set it to any principal, who owns the run's cluster", async () => {
    const [reader, adminUser] = [
      { user_name: "reader@example.com" },
      { user_name: "admin@lakeform.local" },
    ];
    const callAsReader = (path: string, body: JsonObject): Promise<ApiResponse> =>
      server.call("POST", `/api/2.2/jobs/${path}`, body, "dapi-reader");
    const tasks = [notebook("a")];
    for (const path of ["create", "runs/submit"])
      expect(await callAsReader(path, { tasks, run_as: adminUser })).toMatchObject({
        status: 403,
        body: { error_code: "PERMISSION_DENIED" },
      });
    expect((await callAsReader("create", { tasks, run_as: reader })).status).toBe(200);
    const id = await createJob({
      tasks,
      run_as: adminUser,
      access_control_list: [{ user_name: "reader@example.com", permission_level: "CAN_MANAGE" }],
    });
    expect(
      (await callAsReader("reset", { job_id: id, new_settings: { tasks, run_as: adminUser } }))
        .status,
    ).toBe(200);
    expect(
      (await callAsReader("reset", { job_id: id, new_settings: { tasks, run_as: reader } })).status,
    ).toBe(200);
    expect(
      (await callAsReader("reset", { job_id: id, new_settings: { tasks, run_as: adminUser } }))
        .status,
    ).toBe(403);
    // The principal in run_as creates the cluster of a one-time run.
    const new_cluster = {
      spark_version: "15.4.x-scala2.12",
      node_type_id: "i3.xlarge",
      num_workers: 1,
    };
    await server.ok("POST", "/api/2.2/jobs/runs/submit", {
      tasks: [notebook("a", [], { new_cluster })],
      run_as: reader,
    });
    expect((await server.ok("GET", "/api/2.1/clusters/list")).clusters).toMatchObject([
      { creator_user_name: "reader@example.com" },
    ]);
  });
});
