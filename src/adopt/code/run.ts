/** Generates the factory call for each task type. */
import { posix } from "node:path";
import type { Value } from "../../resources/kind";
import {
  artifactHandle,
  codeOf,
  handleOf,
  escapeTemplates,
  copyFields,
  textOf,
  workspaceFile,
  type Entries,
} from "./common";
import type { CodeContext } from "./context";
import { scalar, type Fields } from "./fields";
import { call, fields, fieldsIfAny, list, text, type Code } from "./print";
import { NotExpressible } from "./source-file";

/** The parts of a job that the code of its tasks uses. */
export interface JobCode {
  readonly context: CodeContext;
  readonly hasGitSource: boolean;
  /**
   * Returns code for a string that may be a dynamic reference. A reference to a task or parameter
   * of the job becomes an expression with its constant.
   */
  valueCode(value: string): Code;
}

export interface Run {
  readonly code: Code;
  /** Whether the task runs on compute. Other tasks have no `on`. */
  readonly needsCompute: boolean;
  /** The warehouse that a notebook runs on, if any. */
  readonly on?: Code;
}

type CodeOfTask = (task: Fields, job: JobCode) => Omit<Run, "needsCompute">;

/**
 * Normalizes a path for the constructs: without the prefix /Workspace and without empty, . and ..
 * segments. Jobs accept any string.
 */
const normalizePath = (path: string): string =>
  posix
    .normalize(`/${path}`)
    .replace(/^(\/Workspace)+(?=\/)/, "")
    .replace(/(.)\/$/, "$1");

const computeRuns: Readonly<Record<string, CodeOfTask>> = {
  notebook_task: (task, job) => {
    const { file } = job.context;
    const name = file.use("NotebookTask");
    const path = task.string("notebook_path") ?? "";
    const parameters = parameterMap(task.map("base_parameters"), job);
    const warehouse = task.string("warehouse_id");
    const compute =
      warehouse === undefined
        ? {}
        : { on: handleOf("databricks_sql_endpoint", warehouse, job.context) };
    if (isInGit(task, path, job)) {
      // Jobs also accept an absolute path; an override restores it.
      const relative = path.replace(/^\/+/, "") || ".";
      if (relative !== path) task.putBack("notebook_path", path);
      return { code: call(`${name}.inGit`, textOf(relative), parameters), ...compute };
    }
    const normalized = normalizePath(path);
    const [, folder, notebookPath] = /^(\/Repos\/[^/]+\/[^/]+)\/(.+)$/.exec(path) ?? [];
    const repo =
      folder === undefined ? undefined : job.context.findAdopted("databricks_repo", folder);
    if (repo !== undefined)
      return {
        code: call(
          `${name}.of`,
          call(`${file.parameter(repo)}.notebook`, textOf(notebookPath)),
          parameters,
        ),
        ...compute,
      };
    const handle =
      normalized === path ? artifactHandle("databricks_notebook", path, job.context) : undefined;
    // An override restores the original path.
    if (normalized !== path) task.putBack("notebook_path", path);
    const code =
      handle === undefined
        ? call(`${name}.at`, textOf(normalized), parameters)
        : call(`${name}.of`, handle, parameters);
    return { code, ...compute };
  },
  spark_python_task: (task, job) => {
    const name = job.context.file.use("SparkPythonTask");
    const path = task.string("python_file") ?? "";
    const args = argumentList(task.strings("parameters"), job);
    if (isInGit(task, path, job)) return { code: call(`${name}.inGit`, textOf(path), args) };
    const file = workspaceFile(path, job.context);
    // A string without quotes is the constant of an artifact.
    return {
      code: call(
        `${name}.${typeof file === "string" && !file.startsWith('"') ? "of" : "at"}`,
        file,
        args,
      ),
    };
  },
  python_wheel_task: (task, job) => {
    const args =
      argumentList(task.strings("parameters"), job) ??
      parameterMap(task.map("named_parameters"), job);
    return {
      code: call(
        `${job.context.file.use("PythonWheelTask")}.of`,
        textOf(task.string("package_name") ?? ""),
        textOf(task.string("entry_point") ?? ""),
        args,
      ),
    };
  },
  spark_jar_task: (task, job) => {
    const name = `${job.context.file.use("SparkJarTask")}.of`;
    const main = textOf(task.string("main_class_name") ?? "");
    return {
      code: call(
        name,
        main,
        orEmpty(argumentList(task.strings("parameters"), job), task),
        fieldsIfAny(copyFields(task, "run_as_repl")),
      ),
    };
  },
  spark_submit_task: (task, job) => ({
    code: call(
      `${job.context.file.use("SparkSubmitTask")}.of`,
      argumentList(task.strings("parameters"), job) ?? list([]),
    ),
  }),
  dbt_task: (task, job) => {
    const commands = task.strings("commands") ?? [];
    const warehouse = task.string("warehouse_id");
    const props = fieldsIfAny([
      [
        "warehouse",
        warehouse === undefined
          ? undefined
          : handleOf("databricks_sql_endpoint", warehouse, job.context),
      ],
      ...copyFields(task, "catalog", "schema", "project_directory"),
      ["profilesDirectory", textOf(task.string("profiles_directory"))],
      ["source", explicitSource(task, job)],
    ]);
    return {
      code: call(
        `${job.context.file.use("DbtTask")}.of`,
        list(commands.map((command) => text(escapeTemplates(command)))),
        props,
      ),
    };
  },
};

const selfContainedRuns: Readonly<Record<string, CodeOfTask>> = {
  sql_task: (task, job) => ({ code: sqlTask(task, job) }),
  pipeline_task: (task, { context }) => ({
    code: call(
      `${context.file.use("PipelineTask")}.of`,
      textOf(task.string("pipeline_id") ?? ""),
      fieldsIfAny(copyFields(task, "full_refresh")),
    ),
  }),
  run_job_task: (task, job) => {
    const { context } = job;
    const parameters = parameterMap(task.map("job_parameters"), job);
    const pipeline = task.block("pipeline_params");
    const options = fieldsIfAny([
      ["pipelineFullRefresh", pipeline && codeOf(pipeline.boolean("full_refresh") ?? false)],
    ]);
    const workflow = handleOf("databricks_job", scalar(task.take("job_id")), context);
    return {
      code: call(
        `${context.file.use("RunJobTask")}.of`,
        workflow,
        parameters ?? (options && "{}"),
        options,
      ),
    };
  },
  dashboard_task: (task, { context }) => {
    const warehouse = task.string("warehouse_id");
    const subscription = task.block("subscription");
    const props = fieldsIfAny([
      [
        "warehouse",
        warehouse === undefined
          ? undefined
          : handleOf("databricks_sql_endpoint", warehouse, context),
      ],
      [
        "subscription",
        subscription &&
          fields([
            ["subscribers", subscribers(subscription, "subscribers", context) ?? list([])],
            ...copyFields(subscription, "custom_subject", "paused"),
          ]),
      ],
    ]);
    return {
      code: call(
        `${context.file.use("DashboardTask")}.of`,
        textOf(task.string("dashboard_id") ?? ""),
        props,
      ),
    };
  },
  power_bi_task: (task, { context }) => {
    const warehouse = task.string("warehouse_id");
    const model = task.block("power_bi_model");
    const tables = task
      .blocks("tables")
      .map((table) => fields(copyFields(table, "catalog", "schema", "name", "storage_mode")));
    return {
      code: call(
        `${context.file.use("PowerBiTask")}.of`,
        fields([
          ...copyFields(task, "connection_resource_name"),
          [
            "warehouse",
            warehouse === undefined
              ? undefined
              : handleOf("databricks_sql_endpoint", warehouse, context),
          ],
          [
            "model",
            fields(
              model === undefined
                ? []
                : copyFields(
                    model,
                    "workspace_name",
                    "model_name",
                    "storage_mode",
                    "authentication_method",
                    "overwrite_existing",
                  ),
            ),
          ],
          ["tables", list(tables)],
          ...copyFields(task, "refresh_after_update"),
        ]),
      ),
    };
  },
  dbt_cloud_task: (task, { context }) => ({
    code: call(
      `${context.file.use("DbtCloudTask")}.of`,
      textOf(task.string("connection_resource_name") ?? ""),
      String(task.number("dbt_cloud_job_id") ?? 0),
    ),
  }),
  dbt_platform_task: (task, { context }) => ({
    code: call(
      `${context.file.use("DbtPlatformTask")}.of`,
      textOf(task.string("connection_resource_name") ?? ""),
      textOf(task.string("dbt_platform_job_id") ?? ""),
    ),
  }),
  gen_ai_compute_task: (task, job) => {
    const compute = task.block("compute");
    const source = task.string("source");
    return {
      code: call(
        `${job.context.file.use("GenAiComputeTask")}.of`,
        fields([
          ...copyFields(task, "dl_runtime_image"),
          [
            "compute",
            fields(
              compute === undefined
                ? []
                : copyFields(compute, "gpu_type", "num_gpus", "gpu_node_pool_id"),
            ),
          ],
          ...copyFields(task, "command", "training_script_path"),
          ["source", source === "WORKSPACE" ? undefined : textOf(source)],
          ...copyFields(
            task,
            "mlflow_experiment_name",
            "yaml_parameters",
            "yaml_parameters_file_path",
          ),
        ]),
      ),
    };
  },
};

/** @throws NotExpressible for a task without a type, or whose type has no construct */
export function runOf(task: Fields, job: JobCode): Run {
  for (const [kind, make] of Object.entries(computeRuns)) {
    const block = task.block(kind);
    if (block !== undefined) return { needsCompute: true, ...make(block, job) };
  }
  for (const [kind, make] of Object.entries(selfContainedRuns)) {
    const block = task.block(kind);
    if (block !== undefined) return { needsCompute: false, ...make(block, job) };
  }
  const kind = task
    .remaining()
    .map(([name]) => name)
    .find((name) => name.endsWith("_task"));
  throw new NotExpressible(
    kind === undefined ? "a task that runs nothing" : `no construct for a task of type ${kind}`,
  );
}

function sqlTask(task: Fields, job: JobCode): Code {
  const { context } = job;
  const name = context.file.use("SqlTask");
  const warehouse = [
    "warehouse",
    handleOf("databricks_sql_endpoint", task.string("warehouse_id") ?? "", context),
  ] as const;
  const parameters = ["parameters", parameterMap(task.map("parameters"), job)] as const;
  const [query, file] = [task.block("query"), task.block("file")];
  if (query !== undefined)
    return call(
      `${name}.query`,
      textOf(query.string("query_id") ?? ""),
      fields([warehouse, parameters]),
    );
  if (file !== undefined) {
    const path = file.string("path") ?? "";
    const git = isInGit(file, path, job);
    return call(
      `${name}.${git ? "fileInGit" : "file"}`,
      git ? textOf(path) : workspaceFile(path, context),
      fields([warehouse, parameters]),
    );
  }
  for (const kind of ["dashboard", "alert"] as const) {
    const block = task.block(kind);
    if (block === undefined) continue;
    const props: Entries = [
      warehouse,
      parameters,
      ["subscriptions", subscribers(block, "subscriptions", context)],
      ...copyFields(
        block,
        "pause_subscriptions",
        ...(kind === "dashboard" ? ["custom_subject"] : []),
      ),
    ];
    return call(`${name}.${kind}`, textOf(block.string(`${kind}_id`) ?? ""), fields(props));
  }
  throw new NotExpressible("a SQL task without query, file, dashboard or alert");
}

function subscribers(from: Fields, field: string, { file }: CodeContext): Code | undefined {
  const codes = from.blocks(field).map((block): Code => {
    const destination = block.string("destination_id");
    return destination === undefined
      ? call(`${file.use("User")}.named`, textOf(block.string("user_name") ?? ""))
      : fields([["destinationId", text(destination)]]);
  });
  return codes.length === 0 ? undefined : list(codes);
}

/**
 * Whether the path is in the job's Git source. Takes the `source` field, because the factory sets
 * it.
 */
function isInGit(from: Fields, path: string, { hasGitSource }: JobCode): boolean {
  const source = from.string("source");
  return source === undefined ? hasGitSource && !path.startsWith("/") : source === "GIT";
}

/** Returns the `source` argument, if it is not the construct's default. */
function explicitSource(from: Fields, { hasGitSource }: JobCode): Code | undefined {
  const source = from.string("source");
  return source === undefined || source === (hasGitSource ? "GIT" : "WORKSPACE")
    ? undefined
    : text(source);
}

function parameterMap(
  map: Readonly<Record<string, string>> | undefined,
  job: JobCode,
): Code | undefined {
  return (
    map &&
    fieldsIfAny(Object.entries(map).map(([name, value]) => [name, job.valueCode(value)] as const))
  );
}

function argumentList(values: readonly string[] | undefined, job: JobCode): Code | undefined {
  return values === undefined || values.length === 0
    ? undefined
    : list(values.map((value) => job.valueCode(value)));
}

/**
 * Returns the list of arguments; an empty list if it is omitted, but the task has `run_as_repl`.
 */
function orEmpty(code: Code | undefined, task: Fields): Code | undefined {
  const value: Value | undefined = task.peek("run_as_repl");
  return code ?? (value === undefined ? undefined : list([]));
}
