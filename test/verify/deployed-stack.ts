/** A stack with one object each of six kinds, deployed to a workspace. */
import fs from "node:fs";
import path from "node:path";
import type { VerifyReport } from "../../src/verify";
import type { JsonObject } from "../../src/workspace/errors";
import { makeFolder, removeFolders } from "../support/project";
import { check, deployDirect, openLab, type Deployed, type Lab, type Resources } from "./harness";

export const canary = "canary-9f1c7b2e";
/** The folder with the files of the code. */
export const directory = makeFolder("verify");
fs.writeFileSync(path.join(directory, "ingest.py"), "# Databricks notebook source\nprint(1)\n");
fs.writeFileSync(path.join(directory, "sample.json"), '{"a":1}');
export const variable = (name: string): string | undefined => (name === "key" ? canary : undefined);

export const resources: Resources = {
  databricks_directory: { folder: { path: "/Shared/etl" } },
  databricks_notebook: {
    ingest: { path: "/Shared/etl/ingest", source: "ingest.py", language: "PYTHON" },
  },
  databricks_dbfs_file: { sample: { path: "/tmp/sample.json", source: "sample.json" } },
  databricks_secret_scope: { scope: { name: "etl" } },
  databricks_secret: {
    key: { scope: "${databricks_secret_scope.scope.name}", key: "api", string_value: "${var.key}" },
  },
  databricks_job: {
    pipeline: {
      name: "daily-etl",
      tags: { lakeform: "lab/lab-local" },
      job_cluster: [
        {
          job_cluster_key: "shared",
          new_cluster: {
            spark_version: "12.2.x-scala2.12",
            node_type_id: "i3.xlarge",
            num_workers: 2,
          },
        },
      ],
      task: [
        {
          task_key: "ingest",
          job_cluster_key: "shared",
          notebook_task: { notebook_path: "${databricks_notebook.ingest.path}" },
        },
        {
          task_key: "transform",
          job_cluster_key: "shared",
          depends_on: [{ task_key: "ingest" }],
          notebook_task: { notebook_path: "/Shared/t" },
        },
      ],
    },
  },
};
const variables = { variable: { key: { type: "string", sensitive: true } } };

/** The workspace of the running test. */
export let lab: Lab;
export let deployed: Deployed;
/** Verifies the deployed stack. */
export const verifyLab = (options: Parameters<typeof check>[2] = {}): Promise<VerifyReport> =>
  check(lab, deployed, { directory, variable, ...options });
export const jobId = (): number =>
  Number(
    deployed.state.resources.find(({ type }) => type === "databricks_job")?.instances[0]?.attributes
      ?.id,
  );

export function addFaults(rules: readonly JsonObject[]): void {
  for (const rule of rules) lab.workspace.faults.add(rule);
}

/** Makes the workspace refuse to return what a path reads. */
export const refuseReads = (path: string): void =>
  addFaults([
    {
      method: "GET",
      path,
      status: 403,
      body: { error_code: "PERMISSION_DENIED", message: "no" },
    },
  ]);

/** Changes the job's settings in the workspace. */
export async function changeJob(
  change: (settings: Record<string, unknown>) => void,
  id = jobId(),
): Promise<void> {
  const { settings } = (await lab.client.get("/api/2.2/jobs/get", { query: { job_id: id } })) as {
    settings: Record<string, unknown>;
  };
  change(settings);
  await lab.client.post("/api/2.2/jobs/reset", { job_id: id, new_settings: settings });
}

/** Deploys the stack to a new workspace for each test of the file. */
export function useDeployedStack(): void {
  beforeEach(async () => {
    lab = await openLab();
    deployed = await deployDirect(lab, resources, { directory, more: variables, variable });
  });
  afterEach(() => lab.close());
  afterAll(removeFolders);
}
