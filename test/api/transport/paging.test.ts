import { all, families, take, type Run } from "../../../src/api";
import { failure, json, withServer, type Script } from "../scripted";

const queryOf = (url: string): URLSearchParams => new URL(url, "http://x").searchParams;

describe("pages", () => {
  const tokens: Script = (request, response) => {
    const from = Number(queryOf(request.url).get("page_token") ?? "0");
    const limit = Number(queryOf(request.url).get("limit"));
    const jobs = Array.from({ length: Math.min(limit, 250 - from) }, (_unused, index) => ({
      job_id: from + index,
    }));
    const next = from + limit;
    json(response, 200, {
      jobs,
      ...(next < 250
        ? { next_page_token: String(next), has_more: true }
        : { has_more: false, next_page_token: "" }),
    });
  };

  test("by token return every item once, and read only the required pages", async () => {
    await withServer(tokens, async (client, server) => {
      const { jobs } = families(client);
      expect((await all(jobs.list())).map((job) => job.job_id)).toEqual(
        Array.from({ length: 250 }, (_unused, index) => index),
      );
      expect(server.requests.length).toBe(3);
      expect((await take(jobs.list({ skip: 120 }), 2)).map((job) => job.job_id)).toEqual([
        120, 121,
      ]);
      expect(server.requests.length).toBe(5);
    });
  });

  test("end with an error if the workspace returns the same page repeatedly", async () => {
    await withServer(
      (_seen, response) => json(response, 200, { jobs: [{ job_id: 1 }], next_page_token: "same" }),
      async (client) =>
        expect(await failure(all(families(client).jobs.list()))).toMatchObject({
          code: "PAGING_STUCK",
        }),
    );
  });

  test("by offset continue by start time beyond offset 1,000", async () => {
    const runs: Run[] = Array.from({ length: 2300 }, (_unused, index) => ({
      run_id: 5000 - index,
      start_time: 1_000_000 - Math.floor(index / 3),
    }));
    await withServer(
      (request, response) => {
        const query = queryOf(request.url);
        const offset = Number(query.get("offset"));
        if (offset > 1000)
          return json(response, 400, { error_code: "INVALID_PARAMETER_VALUE", message: "offset" });
        const to = Number(query.get("start_time_to") ?? Infinity);
        const window = runs.filter((run) => (run.start_time ?? 0) <= to);
        json(response, 200, {
          runs: window.slice(offset, offset + 25),
          has_more: offset + 25 < window.length,
        });
      },
      async (client) => {
        const listed = await all(families(client).runs.listByOffset());
        expect(listed.map((run) => run.run_id)).toEqual(runs.map((run) => run.run_id));
        expect((await take(families(client).runs.listByOffset({ skip: 1500 }), 1))[0]?.run_id).toBe(
          3500,
        );
      },
    );
  });
});

describe("one object that spans several pages", () => {
  test("has combined tasks, job_clusters, parameters and environments", async () => {
    const items = (name: string, from: number, count: number): Record<string, string>[] =>
      Array.from({ length: count }, (_unused, index) => ({ [name]: `k${String(from + index)}` }));
    const pages: Record<string, unknown> = {
      "": {
        job_id: 7,
        settings: {
          name: "big",
          tasks: items("task_key", 0, 100),
          job_clusters: items("job_cluster_key", 0, 100),
          parameters: items("name", 0, 3),
          environments: items("environment_key", 0, 1),
        },
        next_page_token: "b",
        has_more: true,
      },
      b: {
        job_id: 7,
        settings: {
          name: "big",
          tasks: items("task_key", 100, 100),
          job_clusters: items("job_cluster_key", 99, 2),
          parameters: [],
          environments: items("environment_key", 0, 1),
        },
        next_page_token: "c",
      },
      c: { job_id: 7, settings: { name: "big", tasks: items("task_key", 200, 50) } },
    };
    await withServer(
      (request, response) =>
        json(response, 200, pages[queryOf(request.url).get("page_token") ?? ""]),
      async (client) => {
        const job = await families(client).jobs.get(7);
        const { tasks, job_clusters, parameters, environments } = job.settings ?? {};
        expect([
          tasks?.length,
          job_clusters?.length,
          parameters?.length,
          environments?.length,
        ]).toEqual([250, 101, 3, 1]);
        expect(new Set(tasks?.map((task) => task.task_key)).size).toBe(250);
        expect(job).not.toHaveProperty("next_page_token");
      },
    );
  });

  test("has combined tasks and iterations of a run", async () => {
    await withServer(
      (request, response) =>
        json(
          response,
          200,
          queryOf(request.url).has("page_token")
            ? { run_id: 1, tasks: [{ run_id: 3, task_key: "b" }], iterations: [{ run_id: 9 }] }
            : { run_id: 1, tasks: [{ run_id: 2, task_key: "a" }], next_page_token: "n" },
        ),
      async (client) =>
        expect(await families(client).runs.get(1)).toMatchObject({
          tasks: [{ task_key: "a" }, { task_key: "b" }],
          iterations: [{ run_id: 9 }],
        }),
    );
  });
});

describe("versions of the Jobs API", () => {
  test("fall back to 2.1 if a workspace has no 2.2, which is determined once", async () => {
    await withServer(
      (request, response) => {
        if (request.url.startsWith("/api/2.2/"))
          json(response, 404, {
            error_code: "ENDPOINT_NOT_FOUND",
            message: `No API found for '${request.method} /jobs'`,
          });
        else json(response, 200, { job_id: 1, jobs: [{ job_id: 1 }], settings: {} });
      },
      async (client, server) => {
        const { jobs } = families(client);
        await jobs.get(1);
        await jobs.get(1);
        await all(jobs.list());
        expect(server.requests.map((request) => request.url.split("?")[0])).toEqual([
          "/api/2.2/jobs/get",
          "/api/2.1/jobs/get",
          "/api/2.1/jobs/get",
          "/api/2.1/jobs/list",
        ]);
      },
    );
  });

  test("are not changed by a missing job", async () => {
    await withServer(
      (_seen, response) =>
        json(response, 404, { error_code: "RESOURCE_DOES_NOT_EXIST", message: "gone" }),
      async (client, server) => {
        await failure(families(client).jobs.get(1));
        expect(server.requests.length).toBe(1);
      },
    );
  });
});
