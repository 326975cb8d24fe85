import {
  blocks,
  innerTasks,
  isReference,
  number,
  text,
  type Block,
  type Check,
  type Finding,
} from "./rendered";
import { checkReferences, parametersOf } from "./references";
import { checkStart } from "./start";
import { upstreamOf } from "./task-graph";

const taskTypeOrder = [
  "notebook_task",
  "spark_python_task",
  "python_wheel_task",
  "spark_jar_task",
  "spark_submit_task",
  "sql_task",
  "dbt_task",
  "pipeline_task",
  "run_job_task",
  "condition_task",
  "for_each_task",
  "dashboard_task",
  "power_bi_task",
  "dbt_cloud_task",
  "dbt_platform_task",
  "gen_ai_compute_task",
  "clean_rooms_notebook_task",
  "alert_task",
  "ai_runtime_task",
  "python_operator_task",
] as const;
const taskTypes: ReadonlySet<string> = new Set(taskTypeOrder);
const typesThatNeedCompute: ReadonlySet<string> = new Set([
  "spark_python_task",
  "python_wheel_task",
  "spark_jar_task",
  "spark_submit_task",
  "dbt_task",
]);
/**
 * Fields of a single-task job, from before API 2.1. The official provider ignores them if the job
 * has a `task`.
 */
const singleTaskFields = [
  "library",
  "new_cluster",
  "existing_cluster_id",
  "max_retries",
  "min_retry_interval_millis",
  "retry_on_timeout",
  ...taskTypeOrder,
] as const;

const maxParameterBytes = 10_000;

/** Checks the triggers, tasks, clusters and references of a job, but not its task graph. */
export const checkJob: Check = (resource) => {
  const { body } = resource;
  const tasks = blocks(body, "task");
  const clusters = blocks(body, "job_cluster").map(
    (cluster) => text(cluster, "job_cluster_key") ?? "",
  );
  const environments = blocks(body, "environment").map(
    (environment) => text(environment, "environment_key") ?? "",
  );
  const tasksInLoops = tasks.flatMap(innerTasks);
  const findings: Finding[] = [];
  findings.push(...checkStart(body));
  if (tasks.length > 1000)
    findings.push({
      code: "TOO_MANY_TASKS",
      message: "the job has more than 1,000 tasks",
      value: String(tasks.length),
      allowed: "at most 1000",
      fix: "split the job, and run one part from the other with RunJobTask",
    });
  if (tasks.length > 0) {
    for (const field of singleTaskFields.filter((name) => body[name] !== undefined)) {
      findings.push({
        code: "JOB_LEVEL_FIELD",
        message: `${field} of the job is ignored, because the job has tasks`,
        value: field,
        fix: "set it on each task",
      });
    }
  }
  const gitSources = blocks(body, "git_source");
  if (
    gitSources.some(
      (source) =>
        ["branch", "tag", "commit"].filter((name) => source[name] !== undefined).length !== 1,
    )
  ) {
    findings.push({
      code: "BAD_GIT_REF",
      message: "the Git source does not have exactly one branch, tag or commit",
      allowed: "GitSource.branch, .tag or .commit",
      fix: "keep one of branch, tag and commit",
    });
  }
  if (gitSources.some((source) => source.provider === undefined)) {
    findings.push({
      code: "GIT_PROVIDER",
      message: "without a provider, every plan of a Git source would show a diff",
      fix: "set the provider of the Git source",
    });
  }
  const usedClusters = new Set(
    [...tasks, ...tasksInLoops].map((task) => text(task, "job_cluster_key")),
  );
  for (const key of clusters.filter((cluster) => !usedClusters.has(cluster))) {
    findings.push({
      code: "UNUSED_JOB_CLUSTER",
      message: "no task uses the job cluster",
      position: key,
      value: key,
      fix: "run a task on it, or remove it",
    });
  }
  const hasReferences = resource.json.includes("{{");
  const upstream = hasReferences ? upstreamOf(tasks) : new Map<string, ReadonlySet<string>>();
  const parameters = parametersOf(body);
  const context = {
    clusters,
    environments,
    hasGitSource: gitSources.length > 0,
    mayHaveLongParameters: Buffer.byteLength(resource.json) > maxParameterBytes,
  };
  for (const task of tasks) {
    findings.push(...checkTask(task, context));
    if (hasReferences)
      findings.push(
        ...checkReferences(
          task,
          upstream.get(text(task, "task_key") ?? "") ?? new Set(),
          parameters,
        ),
      );
    for (const loop of blocks(task, "for_each_task"))
      findings.push(...checkForEach(task, loop, context));
  }
  return findings;
};

interface JobContext {
  readonly clusters: readonly string[];
  readonly environments: readonly string[];
  readonly hasGitSource: boolean;
  /** False if the whole job is shorter than the limit of each task's parameters. */
  readonly mayHaveLongParameters: boolean;
}

function checkTask(
  task: Block,
  context: JobContext,
  position = text(task, "task_key") ?? "",
): Finding[] {
  const findings: Finding[] = [];
  const types = typesOf(task);
  if (types.length !== 1) {
    findings.push({
      code: "TASK_TYPE",
      message: "the task does not have exactly one type",
      position,
      value: types.join(", ") || "nothing",
      allowed: "exactly one",
      fix: "keep one type, and create a separate task for each of the other types",
    });
  }
  const clusterKey = text(task, "job_cluster_key");
  // The API reports a missing job cluster only at run time (databricks/cli#5518).
  if (clusterKey !== undefined && !context.clusters.includes(clusterKey)) {
    findings.push({
      code: "UNKNOWN_JOB_CLUSTER",
      message: "the job has no such cluster",
      position,
      value: clusterKey,
      allowed: context.clusters.join(", ") || "none",
      fix: "set `on` to the handle that workflow.addJobCluster returned",
    });
  }
  const environmentKey = text(task, "environment_key");
  if (environmentKey !== undefined && !context.environments.includes(environmentKey)) {
    findings.push({
      code: "UNKNOWN_ENVIRONMENT_KEY",
      message: "the job has no such environment",
      position,
      value: environmentKey,
      allowed: context.environments.join(", ") || "none",
      fix: "set `on` to the handle that workflow.addEnvironment returned",
    });
  }
  const hasCluster =
    clusterKey !== undefined ||
    task.existing_cluster_id !== undefined ||
    blocks(task, "new_cluster").length > 0;
  if (
    types.some((type) => typesThatNeedCompute.has(type)) &&
    !hasCluster &&
    environmentKey === undefined
  ) {
    findings.push({
      code: "NO_COMPUTE",
      message: "the task has no compute",
      position,
      fix: "set `on` to a job cluster, a cluster or an environment",
    });
  }
  if (types.includes("spark_submit_task") && blocks(task, "new_cluster").length === 0) {
    findings.push({
      code: "SPARK_SUBMIT_CLUSTER",
      message: "spark-submit requires a new cluster of its own",
      position,
      fix: "set `on` to new DedicatedCluster(…)",
    });
  }
  if (blocks(task, "library").length > 0 && !hasCluster) {
    findings.push({
      code: "LIBRARIES_WITHOUT_CLUSTER",
      message: "libraries are installed on clusters only",
      position,
      fix: "for serverless compute, add them to the dependencies of the environment",
    });
  }
  findings.push(...findDuplicateLibraries(task, position));
  for (const type of types) {
    for (const run of blocks(task, type)) {
      const size = context.mayHaveLongParameters ? parameterBytes(run) : 0;
      if (size > maxParameterBytes) {
        findings.push({
          code: "PARAMETERS_TOO_LONG",
          message: "the parameters of the task are larger than 10,000 bytes of JSON",
          position,
          value: `${size} bytes`,
          allowed: "at most 10000",
          fix: "put them into a file, and pass its path",
        });
      }
      const source = text(run, "source");
      if (source === "GIT" && !context.hasGitSource) {
        findings.push({
          code: "NO_GIT_SOURCE",
          message: "the task takes its file from Git, but the job has no Git source",
          position,
          fix: "give the workflow a gitSource",
        });
      }
    }
  }
  const retries = number(task, "max_retries");
  if (retries !== undefined && (!Number.isInteger(retries) || retries < -1)) {
    findings.push({
      code: "OUT_OF_RANGE",
      message: "invalid number of retries",
      position,
      value: String(retries),
      allowed: "-1 (unlimited), or 0 and higher",
      fix: "set maxRetries to the number of retries",
    });
  }
  const timeout = number(task, "timeout_seconds");
  if (timeout !== undefined && (!Number.isInteger(timeout) || timeout < 0)) {
    findings.push({
      code: "OUT_OF_RANGE",
      message: "invalid timeout",
      position,
      value: String(timeout),
      allowed: "a whole number of seconds, 0 or more",
      fix: "set timeoutSeconds; 0 means no timeout",
    });
  }
  return findings;
}

/** Returns the size of the JSON of a task's parameters. */
function parameterBytes(run: Block): number {
  const parameters =
    run.base_parameters ?? run.named_parameters ?? run.parameters ?? run.job_parameters ?? {};
  return Buffer.byteLength(JSON.stringify(parameters));
}

/** Returns the types of a task, in the order of {@link taskTypeOrder}. */
function typesOf(task: Block): readonly string[] {
  const types = Object.keys(task).filter(
    (name) => taskTypes.has(name) && blocks(task, name).length > 0,
  );
  return types.length < 2 ? types : taskTypeOrder.filter((type) => types.includes(type));
}

function checkForEach(task: Block, loop: Block, context: JobContext): Finding[] {
  const position = text(task, "task_key") ?? "";
  const findings: Finding[] = [];
  for (const field of ["max_retries", "min_retry_interval_millis", "retry_on_timeout"].filter(
    (name) => task[name] !== undefined,
  )) {
    findings.push({
      code: "FOR_EACH_RETRIES",
      message: "a for_each task is not retried as a unit",
      position,
      value: field,
      fix: "set it on the inner task",
    });
  }
  const concurrency = number(loop, "concurrency");
  if (
    concurrency !== undefined &&
    (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 100)
  ) {
    findings.push({
      code: "OUT_OF_RANGE",
      message: "invalid concurrency",
      position,
      value: String(concurrency),
      allowed: "1 to 100",
      fix: "set concurrency to the number of parallel iterations",
    });
  }
  const inputs = text(loop, "inputs") ?? "";
  if (inputs.length > 5000) {
    findings.push({
      code: "INPUTS_TOO_LONG",
      message: "the inputs are longer than 5,000 characters",
      position,
      value: `${inputs.length} characters`,
      fix: "pass them as a task value",
    });
  }
  if (!inputs.includes("{{") && !isReference(inputs) && !isJsonList(inputs)) {
    findings.push({
      code: "BAD_INPUTS",
      message: "the inputs are not a JSON list",
      position,
      value: inputs.slice(0, 60),
      allowed: '["a", "b"], or a reference',
      fix: "set inputs to a list, or to a task's value",
    });
  }
  for (const inner of blocks(loop, "task")) {
    if (blocks(inner, "for_each_task").length > 0)
      findings.push({
        code: "NESTED_FOR_EACH",
        message: "a for_each cannot run another for_each",
        position,
        fix: "use RunJobTask as the inner task, and put the other for_each in that job",
      });
    findings.push(...checkTask(inner, context, `${position}/${text(inner, "task_key") ?? ""}`));
  }
  return findings;
}

function isJsonList(value: string): boolean {
  try {
    return Array.isArray(JSON.parse(value));
  } catch {
    return false;
  }
}

/**
 * Finds libraries that a task lists more than once, in any version. The platform installs all
 * versions, and it is undefined which one is used (databricks/terraform-provider-databricks#5771).
 */
function findDuplicateLibraries(task: Block, position: string): Finding[] {
  const libraries = blocks(task, "library");
  if (libraries.length < 2) return [];
  const identities = new Set<string>();
  const findings: Finding[] = [];
  for (const library of libraries) {
    const identity = libraryIdentity(library);
    if (identities.has(identity))
      findings.push({
        code: "DUPLICATE_LIBRARY",
        message: "the task lists a library more than once, in the same or another version",
        position,
        value: identity,
        fix: "keep one of them",
      });
    identities.add(identity);
  }
  return findings;
}

/**
 * Returns a key that is equal for all versions of a PyPI, Maven or CRAN package and of a wheel. For
 * other files, it is the path.
 */
function libraryIdentity(library: Block): string {
  const [pypi] = blocks(library, "pypi");
  if (pypi !== undefined)
    return `pypi ${(/^\s*[\w.-]+/.exec(text(pypi, "package") ?? "")?.[0] ?? "")
      .trim()
      .toLowerCase()
      .replaceAll(/[-_.]+/g, "-")}`;
  const [maven] = blocks(library, "maven");
  if (maven !== undefined)
    return `maven ${(text(maven, "coordinates") ?? "").split(":").slice(0, 2).join(":")}`;
  const [cran] = blocks(library, "cran");
  if (cran !== undefined) return `cran ${text(cran, "package") ?? ""}`;
  const file =
    text(library, "whl") ??
    text(library, "jar") ??
    text(library, "egg") ??
    text(library, "requirements") ??
    JSON.stringify(library);
  return /([^/]+?)-[^/]*\.whl$/.exec(file)?.[1]?.toLowerCase() ?? file;
}
