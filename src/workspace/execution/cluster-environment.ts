import { clustersOf } from "../compute/clusters";
import { WorkspaceError, type JsonObject } from "../errors";
import { asObject, formatValue, asText } from "../jobs/json";
import type { Attempt, Run } from "../jobs/run-model";
import type { Principal } from "../principal-records";
import type { WorkspaceApp } from "../routes";
import { createReader } from "../web/reader";
import { TaskProblem } from "./task-spec";

/** The runtime version of tasks on serverless compute: they do not specify one. */
const DEFAULT_RUNTIME = "15.4";

/**
 * Returns the environment variables of the task's cluster: the runtime version, and
 * `spark_env_vars` with resolved secret references.
 * @param addSecret called with each secret value, so that it is redacted in the output
 * @throws TaskProblem if a secret cannot be read
 */
export async function readClusterEnvironment(
  app: WorkspaceApp,
  caller: Principal,
  run: Run,
  attempt: Attempt,
  addSecret: (value: string) => void,
): Promise<Record<string, string>> {
  const spec = clusterSettings(app, run, attempt) ?? {};
  const variables: Record<string, string> = {
    DATABRICKS_RUNTIME_VERSION:
      /^(\d+\.\w+)/.exec(asText(spec.spark_version))?.[1] ?? DEFAULT_RUNTIME,
  };
  for (const [name, value] of Object.entries(asObject(spec.spark_env_vars) ?? {}))
    variables[name] = await resolveSecret(app, caller, formatValue(value), addSecret);
  return variables;
}

function clusterSettings(
  app: WorkspaceApp,
  run: Run,
  { resolved, cluster_id }: Attempt,
): JsonObject | undefined {
  const ownSettings = asObject(resolved?.new_cluster);
  if (ownSettings !== undefined) return ownSettings;
  const key = asText(resolved?.job_cluster_key);
  const jobCluster = run.job_clusters
    .map((item) => asObject(item))
    .find((item) => item?.job_cluster_key === key && key !== "");
  if (jobCluster !== undefined) return asObject(jobCluster.new_cluster);
  return cluster_id === undefined ? undefined : clustersOf(app).find(cluster_id)?.spec;
}

async function resolveSecret(
  app: WorkspaceApp,
  caller: Principal,
  value: string,
  addSecret: (value: string) => void,
): Promise<string> {
  const [, scope, key] = /^\{\{secrets\/([^/]+)\/([^/}]+)\}\}$/.exec(value) ?? [];
  if (scope === undefined || key === undefined) return value;
  let secretValue: string;
  try {
    const secret = await createReader(app, caller)("/api/2.0/secrets/get", { scope, key });
    secretValue = Buffer.from(asText(secret.value), "base64").toString("utf8");
  } catch (error) {
    if (error instanceof WorkspaceError)
      throw new TaskProblem(
        `cannot set the environment of the task's cluster: ${error.message}`,
        true,
      );
    throw error;
  }
  addSecret(secretValue);
  return secretValue;
}
