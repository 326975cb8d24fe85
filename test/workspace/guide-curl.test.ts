import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { base64, serve, type Server } from "./http-client";

const run = promisify(execFile);
const guide = fs.readFileSync(path.join(__dirname, "../fixtures/rest-api-guide.md"), "utf8");

/** The guide's calls exactly as printed: each request line with its payload. */
const calls = [
  ...guide.matchAll(/```http\n(GET|POST) (\/api\S+)\n```([\s\S]*?)(?=\n---|\n### |$)/g),
].map(([, method = "", url = "", text = ""]) => ({
  method,
  url,
  payload: /```json\n([\s\S]*?)```/.exec(text)?.[1],
}));

let server: Server;
beforeAll(async () => (server = await serve()));
afterAll(() => server.workspace.close());

async function curl(
  method: string,
  url: string,
  payload?: string,
): Promise<Record<string, unknown>> {
  const { workspace } = server;
  const data = payload === undefined ? [] : ["--data", payload];
  const headers = [
    "-H",
    `Authorization: Bearer ${workspace.token}`,
    "-H",
    "Content-Type: application/json",
  ];
  const { stdout } = await run("curl", [
    "-sS",
    "--fail-with-body",
    "-X",
    method,
    ...headers,
    ...data,
    `${workspace.host}${url}`,
  ]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

const sentUrls = new Set<string>();

/** Sends the guide's call of `url`, with the call's placeholders replaced. */
function guideCall(
  url: string,
  replacements: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const call = calls.find((candidate) => candidate.url.split("?")[0] === url);
  if (call === undefined) throw new Error(`the guide has no call of ${url}`);
  sentUrls.add(call.url);
  const replacePlaceholders = (text: string): string =>
    Object.entries(replacements).reduce((result, [from, to]) => result.replace(from, to), text);
  return curl(
    call.method,
    replacePlaceholders(call.url),
    call.payload === undefined ? undefined : replacePlaceholders(call.payload),
  );
}

it("the workspace supports the guide's job calls as curl sends them, and the run states that it names", async () => {
  const { job_id } = await guideCall("/api/2.1/jobs/create");
  expect(Number.isSafeInteger(job_id)).toBe(true);
  const job = { "123456": String(job_id) };
  const runNow = (): Promise<Record<string, unknown>> => guideCall("/api/2.1/jobs/run-now", job);
  expect(await guideCall("/api/2.1/jobs/list")).toMatchObject({
    jobs: [{ job_id, settings: { name: "daily-etl-pipeline" } }],
  });
  const { run_id } = await runNow();
  expect(await guideCall("/api/2.1/jobs/runs/list")).toMatchObject({ runs: [{ run_id, job_id }] });
  for (const version of ["2.0", "2.1"])
    expect(
      await curl("GET", `/api/${version}/jobs/runs/list?job_id=${String(job_id)}&limit=5&offset=0`),
    ).toMatchObject({
      runs: [{ run_id }],
    });
  expect((await curl("GET", "/api/2.1/jobs/runs/list?limit=5&offset=1")).runs).toBeUndefined();
  const runState = async (id: unknown): Promise<string> => {
    const { state } = (await guideCall("/api/2.1/jobs/runs/get", { "1234": String(id) })) as {
      state: Record<string, string>;
    };
    return state.result_state ?? state.life_cycle_state ?? "";
  };
  const setClock = (body: object): Promise<unknown> => server.api("POST", "/_lakeform/clock", body);
  await setClock({ mode: "manual" });
  // The parameters of the guide's run.
  expect(await curl("GET", `/api/2.1/jobs/runs/get?run_id=${String(run_id)}`)).toMatchObject({
    overriding_parameters: { notebook_params: { input_date: "2024-01-01" } },
    tasks: [
      { task_key: "ingest" },
      { task_key: "transform", depends_on: [{ task_key: "ingest" }] },
    ],
  });
  expect(await guideCall("/api/2.1/jobs/runs/cancel", { "1234": String(run_id) })).toEqual({});
  await setClock({ advance: "1h" });
  expect(await runState(run_id)).toBe("CANCELED");

  // The guide: "Returns status like PENDING, RUNNING, SUCCESS, FAILED, SKIPPED".
  const secondRun = (await runNow()).run_id;
  expect(await runState(secondRun)).toBe("PENDING");
  await setClock({ advance: 300 });
  expect(await runState(secondRun)).toBe("RUNNING");
  const skippedRun = await curl(
    "GET",
    `/api/2.1/jobs/runs/get?run_id=${String((await runNow()).run_id)}`,
  );
  expect(skippedRun.state).toMatchObject({ life_cycle_state: "SKIPPED" });
  await setClock({ advance: "1h" });
  expect(await runState(secondRun)).toBe("SUCCESS");
  await server.api("POST", "/_lakeform/outcomes", { task: "ingest", result: "FAILED" });
  const failingRun = (await runNow()).run_id;
  await setClock({ advance: "1h" });
  expect(await runState(failingRun)).toBe("FAILED");

  expect(await guideCall("/api/2.1/jobs/delete", job)).toEqual({});
  expect((await curl("GET", "/api/2.1/jobs/list")).jobs).toBeUndefined();
});

it("the workspace supports the guide's cluster and DBFS calls", async () => {
  // The guide has no payload for these calls.
  const spec = `{ "cluster_name": "guide", "spark_version": "12.2.x-scala2.12", "node_type_id": "Standard_DS3_v2", "num_workers": 2 }`;
  const { cluster_id } = await curl("POST", "/api/2.0/clusters/create", spec);
  sentUrls.add("/api/2.0/clusters/create");
  const { clusters } = (await guideCall("/api/2.0/clusters/list")) as {
    clusters: { cluster_id: string; cluster_source: string }[];
  };
  expect(
    clusters
      .filter(({ cluster_source }) => cluster_source === "API")
      .map((cluster) => cluster.cluster_id),
  ).toEqual([cluster_id]);
  expect(
    await curl("POST", "/api/2.0/clusters/delete", `{ "cluster_id": "${String(cluster_id)}" }`),
  ).toEqual({});
  sentUrls.add("/api/2.0/clusters/delete");
  const contents = base64('{"sample": true}');
  expect(await guideCall("/api/2.0/dbfs/put", { "<base64-encoded-content>": contents })).toEqual(
    {},
  );
  expect(await curl("GET", "/api/2.0/dbfs/read?path=/tmp/sample.json")).toEqual({
    bytes_read: 16,
    data: contents,
  });
});

it("these tests send every call of the guide; the workspace serves each API that it names, and no call without a token", async () => {
  expect(calls.map(({ url }) => url).filter((url) => !sentUrls.has(url))).toEqual([]);
  expect(calls).toHaveLength(11);
  const { workspace } = server;
  const families = {
    Jobs: "/api/2.1/jobs/list",
    Clusters: "/api/2.0/clusters/list",
    Libraries: "/api/2.0/libraries/all-cluster-statuses",
    Secrets: "/api/2.0/secrets/scopes/list",
    DBFS: "/api/2.0/dbfs/list?path=/",
    "Token Auth": "/api/2.0/token/list",
    "SQL Warehouses": "/api/2.0/sql/warehouses",
    "Unity Catalog": "/api/2.1/unity-catalog/catalogs",
  };
  const apiList = /available for:\n([\s\S]*?)\n- Uses/.exec(guide)?.[1] ?? "";
  expect([...apiList.matchAll(/\*\*(.+?)\*\*/g)].map(([, name]) => name)).toEqual(
    Object.keys(families),
  );
  for (const url of Object.values(families)) expect(await curl("GET", url)).toBeInstanceOf(Object);
  // The guide's example address without the part that selects the workspace.
  const example =
    /https:\/\/adb-[\d.]+\.azuredatabricks\.net(\/api\/2\.0\/\S+)/.exec(guide)?.[1] ?? "";
  expect(example).toBe("/api/2.0/jobs/runs/list");
  expect(await curl("GET", example)).toBeInstanceOf(Object);
  await expect(run("curl", ["-sS", "--fail", `${workspace.host}${example}`])).rejects.toThrow(
    "401",
  );
});
