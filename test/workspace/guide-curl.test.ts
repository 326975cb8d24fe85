import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { base64, serve, type Served } from "./http-client";

const run = promisify(execFile);

/** The payloads of the REST guide, word for word. */
const createJob = `{
  "name": "daily-etl-pipeline",
  "tasks": [
    {
      "task_key": "ingest",
      "notebook_task": {
        "notebook_path": "/Shared/ingest_raw_data",
        "base_parameters": {
          "input_path": "s3://raw-data/"
        }
      },
      "job_cluster_key": "shared_cluster"
    },
    {
      "task_key": "transform",
      "depends_on": [
        { "task_key": "ingest" }
      ],
      "notebook_task": {
        "notebook_path": "/Shared/transform_data"
      },
      "job_cluster_key": "shared_cluster"
    }
  ],
  "job_clusters": [
    {
      "job_cluster_key": "shared_cluster",
      "new_cluster": {
        "spark_version": "12.2.x-scala2.12",
        "node_type_id": "Standard_DS3_v2",
        "num_workers": 2
      }
    }
  ]
}`;

let served: Served;
beforeAll(async () => (served = await serve()));
afterAll(() => served.workspace.close());

async function curl(method: "GET" | "POST", path: string, payload?: string): Promise<Record<string, unknown>> {
  const { workspace } = served;
  const data = payload === undefined ? [] : ["--data", payload];
  const headers = ["-H", `Authorization: Bearer ${workspace.token}`, "-H", "Content-Type: application/json"];
  const { stdout } = await run("curl", ["-sS", "--fail-with-body", "-X", method, ...headers, ...data, `${workspace.host}${path}`]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

it("answers the REST guide's calls as curl sends them", async () => {
  const { job_id } = await curl("POST", "/api/2.1/jobs/create", createJob);
  expect(Number.isSafeInteger(job_id)).toBe(true);
  expect(await curl("GET", "/api/2.1/jobs/list")).toMatchObject({ jobs: [{ job_id, settings: { name: "daily-etl-pipeline" } }] });
  const { run_id } = await curl(
    "POST",
    "/api/2.1/jobs/run-now",
    `{ "job_id": ${String(job_id)}, "notebook_params": { "input_date": "2024-01-01" } }`,
  );
  expect(await curl("GET", "/api/2.1/jobs/runs/list")).toMatchObject({ runs: [{ run_id, job_id }] });
  expect(await curl("GET", `/api/2.1/jobs/runs/list?job_id=${String(job_id)}&limit=5&offset=0`)).toMatchObject({ runs: [{ run_id }] });
  expect(await curl("GET", `/api/2.0/jobs/runs/list?limit=5&offset=0`)).toMatchObject({ runs: [{ run_id }] });
  const status = await curl("GET", `/api/2.1/jobs/runs/get?run_id=${String(run_id)}`);
  expect(status).toMatchObject({ run_id, state: { life_cycle_state: expect.stringMatching(/PENDING|RUNNING|TERMINATED/) as string } });
  await curl("POST", "/api/2.1/jobs/runs/cancel", `{ "run_id": ${String(run_id)} }`);
  expect(await curl("POST", "/api/2.1/jobs/delete", `{ "job_id": ${String(job_id)} }`)).toEqual({});
  const { cluster_id } = await curl(
    "POST",
    "/api/2.0/clusters/create",
    `{ "cluster_name": "guide", "spark_version": "12.2.x-scala2.12", "node_type_id": "Standard_DS3_v2", "num_workers": 2 }`,
  );
  expect(await curl("GET", "/api/2.0/clusters/list")).toMatchObject({ clusters: [{ cluster_id }] });
  expect(await curl("POST", "/api/2.0/clusters/delete", `{ "cluster_id": "${String(cluster_id)}" }`)).toEqual({});
  const contents = base64('{"sample": true}');
  expect(await curl("POST", "/api/2.0/dbfs/put", `{ "path": "/tmp/sample.json", "overwrite": true, "contents": "${contents}" }`)).toEqual(
    {},
  );
  expect(await curl("GET", "/api/2.0/dbfs/read?path=/tmp/sample.json")).toEqual({ bytes_read: 16, data: contents });
});
