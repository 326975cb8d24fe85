/** Generates a job's code: a workflow with clusters, parameters and tasks. */
import type { Attributes, Value } from "../../resources/kind";
import {
  writeAccess,
  artifactHandle,
  handleOf,
  notifications,
  writeOverrides,
  escapeTemplates,
  principal,
  copyFields,
  textOf,
  libraries,
  codeOf,
  type Entries,
} from "./common";
import { clusterProps } from "./cluster";
import type { AdoptedObject, CodeContext } from "./context";
import { Fields, scalar } from "./fields";
import { call, fields, fieldsIfAny, list, literal, text, type Code } from "./print";
import { runOf, type JobCode, type Run } from "./run";
import { NotExpressible } from "./source-file";
import { scheduleOf } from "./schedule";
import { sortByDependency, usedNames } from "./task-order";

/**
 * Writes the statements of a job.
 * @returns the name of the workflow's constant
 * @throws NotExpressible for a job that the constructs cannot express
 */
export function writeJob(job: AdoptedObject, constructId: string, context: CodeContext): string {
  return new JobWriter(job, constructId, context).write();
}

const byKey =
  (key: string) =>
  (items: readonly Attributes[]): readonly Attributes[] =>
    [...items].sort((a, b) => (scalar(a[key]) < scalar(b[key]) ? -1 : 1));

class JobWriter implements JobCode {
  readonly hasGitSource: boolean;
  readonly #from: Fields;
  readonly #workflow: string;
  readonly #clusters = new Map<string, string>();
  readonly #environments = new Map<string, string>();
  readonly #parameters = new Map<string, string>();
  readonly #tasks = new Map<string, string>();
  readonly #conditions = new Set<string>();

  constructor(
    private readonly job: AdoptedObject,
    private readonly constructId: string,
    readonly context: CodeContext,
  ) {
    this.#from = new Fields(job.attributes);
    this.hasGitSource = this.#from.peek("git_source") !== undefined;
    this.#workflow = context.file.name("workflow", "workflow");
  }

  write(): string {
    const { file } = this.context;
    const from = this.#from;
    // Computed fields: neither in the code nor in the overrides.
    for (const name of ["id", "url", "format"]) from.take(name);
    const props = this.#props();
    const [clusters, environments, parameters] = [
      from.blocks("job_cluster", byKey("job_cluster_key")),
      from.blocks("environment", byKey("environment_key")),
      from.blocks("parameter", byKey("name")),
    ];
    const tasks = from.blocks("task", byKey("task_key"));
    if (tasks.length === 0)
      throw new NotExpressible("a job without tasks, or in the old single-task format");
    const namesInUse = usedNames(tasks);
    file.reserve([...namesInUse.tasks], "task");
    const clusterEntries = new Map(
      clusters.map((cluster) => [
        cluster.string("job_cluster_key") ?? "",
        clusterProps(newClusterOf(cluster), this.context),
      ]),
    );
    const sortedTasks = sortByDependency(tasks);
    file.const(
      this.#workflow,
      call(`new ${file.use("Workflow")}`, "stack", text(this.constructId), fields(props)),
    );
    if (this.job.id !== "") file.statement(call(`${this.#workflow}.adopt`, text(this.job.id)));
    for (const [key, entries] of clusterEntries)
      this.#declare(
        this.#clusters,
        key,
        "cluster",
        namesInUse.clusters,
        call(`${this.#workflow}.addJobCluster`, text(key), fields(entries)),
      );
    for (const environment of environments) this.#environment(environment, namesInUse.environments);
    for (const parameter of parameters) {
      const name = parameter.string("name") ?? "";
      this.#declare(
        this.#parameters,
        name,
        "parameter",
        namesInUse.parameters,
        call(
          `${this.#workflow}.addParameter`,
          text(name),
          textOf(parameter.string("default") ?? ""),
        ),
      );
    }
    // Put blank lines around the tasks if there are more than two.
    const hasManyTasks = sortedTasks.length > 2;
    if (hasManyTasks) file.blank();
    for (const task of sortedTasks) this.#task(task, namesInUse.tasks);
    if (hasManyTasks) file.blank();
    writeAccess(this.#workflow, this.job, this.context);
    writeOverrides(this.#workflow, from.remaining(), this.context);
    return this.#workflow;
  }

  #props(): Entries {
    const from = this.#from;
    const runAs = from.block("run_as");
    const runs = from.number("max_concurrent_runs");
    const queue = from.block("queue")?.boolean("enabled");
    const mode = from.string("edit_mode");
    const target = from.string("performance_target");
    const git = from.block("git_source");
    return [
      ...copyFields(from, "name", "description"),
      ["tags", stringMap(from.map("tags"))],
      ["schedule", scheduleOf(from, this.context.file)],
      [
        "runAs",
        runAs &&
          principal(
            {
              user_name: runAs.string("user_name") ?? null,
              service_principal_name: runAs.string("service_principal_name") ?? null,
            },
            this.context,
          ),
      ],
      ["gitSource", git && this.#gitSource(git)],
      ["maxConcurrentRuns", runs === 1 ? undefined : codeOf(runs)],
      ...copyFields(from, "timeout_seconds"),
      ["queue", codeOf(queue)],
      ...notifications(from),
      ["editMode", mode === "EDITABLE" ? undefined : textOf(mode)],
      ["performanceTarget", textOf(target)],
      ...copyFields(from, "budget_policy_id", "usage_policy_id"),
    ];
  }

  #gitSource(git: Fields): Code {
    const name = this.context.file.use("GitSource");
    for (const kind of ["branch", "tag", "commit"]) {
      const reference = git.string(kind);
      if (reference !== undefined)
        return call(
          `${name}.${kind}`,
          textOf(git.string("url") ?? ""),
          textOf(git.string("provider") ?? ""),
          textOf(reference),
        );
    }
    throw new NotExpressible("a Git source without a branch, tag or commit");
  }

  /** Writes a statement, and declares a constant only if something refers to it. */
  #declare(
    constants: Map<string, string>,
    key: string,
    kind: string,
    namesInUse: ReadonlySet<string>,
    code: Code,
  ): void {
    const { file } = this.context;
    if (!namesInUse.has(key)) return file.statement(code);
    const name = kind === "task" ? file.reservedName(key, kind) : file.name(key, kind);
    constants.set(key, name);
    file.const(name, code);
  }

  #environment(from: Fields, namesInUse: ReadonlySet<string>): void {
    const key = from.string("environment_key") ?? "";
    const spec = from.block("spec");
    if (spec?.peek("environment_version") === undefined && spec?.peek("client") === undefined)
      throw new NotExpressible("a serverless environment without a version");
    const props = fields([
      ...copyFields(spec, "environment_version", "client"),
      ["dependencies", this.#dependencies(spec.strings("dependencies"))],
      ["javaDependencies", this.#dependencies(spec.strings("java_dependencies"))],
    ]);
    this.#declare(
      this.#environments,
      key,
      "environment",
      namesInUse,
      call(`${this.#workflow}.addEnvironment`, text(key), props),
    );
  }

  /** Generates the dependencies of an environment. An adopted file is referred to by its handle. */
  #dependencies(dependencies: readonly string[] = []): Code | undefined {
    const codes = dependencies.map((dependency) => {
      const handle = dependency.startsWith("/Workspace/")
        ? artifactHandle(
            "databricks_workspace_file",
            dependency.slice("/Workspace".length),
            this.context,
          )
        : undefined;
      return handle === undefined
        ? text(escapeTemplates(dependency))
        : call(`${handle}.renderPath`);
    });
    return codes.length === 0 ? undefined : list(codes);
  }

  #task(task: Fields, namesInUse: ReadonlySet<string>): void {
    const key = task.string("task_key") ?? "";
    const after = this.#after(task);
    const condition = task.block("condition_task");
    const loop = task.block("for_each_task");
    const base = taskBase(task);
    const [method, props] =
      condition !== undefined
        ? ["addCondition", fields([...this.#condition(condition), ["after", after], ...base])]
        : loop !== undefined
          ? ["addForEach", fields([...this.#forEach(loop), ["after", after], ...base])]
          : ["addTask", fields([...this.#work(task, key), ["after", after], ...base])];
    const code = call(`${this.#workflow}.${method}`, text(key), props);
    if (condition !== undefined) this.#conditions.add(key);
    this.#declare(this.#tasks, key, "task", namesInUse, code);
  }

  #after(task: Fields): Code | undefined {
    const edges = task.blocks("depends_on").map((edge): Code => {
      const key = edge.string("task_key") ?? "";
      const outcome = edge.string("outcome");
      const name = this.#tasks.get(key);
      if (name === undefined)
        throw new NotExpressible(`a task that depends on ${key}, which the job does not have`);
      if (this.#conditions.has(key) && outcome === undefined)
        throw new NotExpressible(`a task that depends on ${key} without naming its outcome`);
      if (!this.#conditions.has(key) && outcome !== undefined)
        throw new NotExpressible(
          `a task that depends on an outcome of ${key}, which is not a condition`,
        );
      return outcome === undefined ? name : `${name}.when${outcome === "true" ? "True" : "False"}`;
    });
    return edges.length === 0 ? undefined : list(edges);
  }

  #condition(from: Fields): Entries {
    return [
      ["left", this.valueCode(from.string("left") ?? "")],
      ["op", text(from.string("op") ?? "")],
      ["right", this.valueCode(from.string("right") ?? "")],
    ];
  }

  #forEach(from: Fields): Entries {
    const inner = from.block("task");
    if (inner === undefined) throw new NotExpressible("a for_each without its task");
    const key = inner.string("task_key") ?? "";
    const task = fields([["key", text(key)], ...this.#work(inner, key), ...taskBase(inner)]);
    return [
      ["inputs", this.#inputs(from.string("inputs") ?? "")],
      ...copyFields(from, "concurrency"),
      ["task", task],
    ];
  }

  /**
   * Generates the inputs of a for-each task: as a list, if its JSON equals the original string,
   * else as the string.
   */
  #inputs(inputs: string): Code {
    const parsed = parsedList(inputs);
    return parsed === undefined ? this.valueCode(inputs) : literal(parsed);
  }

  /** Generates `run` and `on`, and the settings that apply only to tasks with compute. */
  #work(task: Fields, key: string): Entries {
    const run = runOf(task, this);
    const taskLibraries = run.needsCompute ? libraries(task, this.context) : undefined;
    const retries = task.number("max_retries");
    return [
      ["run", run.code],
      ["on", run.needsCompute ? this.#compute(task, key, run) : undefined],
      ["libraries", taskLibraries],
      ["maxRetries", codeOf(retries)],
      ...copyFields(
        task,
        "min_retry_interval_millis",
        "retry_on_timeout",
        "disable_auto_optimization",
      ),
    ];
  }

  #compute(task: Fields, key: string, run: Run): Code {
    const { file } = this.context;
    if (run.on !== undefined) return run.on;
    const [clusterKey, existingClusterId, newCluster, environment] = [
      task.string("job_cluster_key"),
      task.string("existing_cluster_id"),
      task.block("new_cluster"),
      task.string("environment_key"),
    ];
    if (clusterKey !== undefined)
      return this.#constantOf(this.#clusters, clusterKey, "job cluster");
    if (existingClusterId !== undefined)
      return handleOf("databricks_cluster", existingClusterId, this.context);
    if (environment !== undefined)
      return this.#constantOf(this.#environments, environment, "environment");
    if (newCluster === undefined) return `${file.use("Serverless")}.compute`;
    const name = file.name(`${key} cluster`, "cluster");
    const id = this.context.constructId(`${this.constructId}-${key}-cluster`);
    const props = fields(clusterProps(newCluster, this.context));
    file.writeAbove(() =>
      file.const(name, call(`new ${file.use("DedicatedCluster")}`, "stack", text(id), props)),
    );
    return name;
  }

  #constantOf(names: ReadonlyMap<string, string>, key: string, kind: string): string {
    const name = names.get(key);
    if (name === undefined)
      throw new NotExpressible(`a task on the ${kind} ${key}, which the job does not have`);
    return name;
  }

  valueCode(value: string): Code {
    const [, parameter, task, result] =
      /^\{\{(?:job\.parameters\.(\w+)|tasks\.(\w+)\.(?:values\.(\w+)))\}\}$/.exec(value) ?? [];
    const name = parameter === undefined ? undefined : this.#parameters.get(parameter);
    if (name !== undefined) return name;
    const upstream =
      task === undefined || this.#conditions.has(task) ? undefined : this.#tasks.get(task);
    if (upstream !== undefined && result !== undefined)
      return call(`${upstream}.value`, text(result));
    const [, timeName, part] = /^\{\{job\.(start_time|trigger\.time)\.(\w+)\}\}$/.exec(value) ?? [];
    if (part !== undefined && timeParts.has(part)) {
      const factory = timeName === "start_time" ? "jobStartTime" : "jobTriggerTime";
      return call(`${this.context.file.use("DynamicReference")}.${factory}`, text(part));
    }
    const constant = dynamicReferences[value];
    return constant === undefined
      ? text(escapeTemplates(value))
      : `${this.context.file.use("DynamicReference")}.${constant}`;
  }
}

const timeParts = new Set(
  "iso_date iso_datetime iso_weekday is_weekday timestamp_ms year month day hour minute second".split(
    " ",
  ),
);

const dynamicReferences: Readonly<Record<string, string>> = {
  "{{job.id}}": "jobId",
  "{{job.name}}": "jobName",
  "{{job.run_id}}": "jobRunId",
  "{{job.repair_count}}": "jobRepairCount",
  "{{job.trigger.type}}": "jobTriggerType",
  "{{workspace.id}}": "workspaceId",
  "{{workspace.url}}": "workspaceUrl",
  "{{task.run_id}}": "taskRunId",
  "{{task.name}}": "taskName",
  "{{input}}": "input",
};

function newClusterOf(jobCluster: Fields): Fields {
  const newCluster = jobCluster.block("new_cluster");
  if (newCluster === undefined) throw new NotExpressible("a job cluster without its settings");
  return newCluster;
}

function taskBase(task: Fields): Entries {
  const runIf = task.string("run_if");
  return [
    ["runIf", runIf === "ALL_SUCCESS" ? undefined : textOf(runIf)],
    ...copyFields(task, "description", "timeout_seconds", "disabled"),
    ...notifications(task),
  ];
}

const stringMap = (map: Readonly<Record<string, string>> | undefined): Code | undefined =>
  map &&
  fieldsIfAny(
    Object.entries(map)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, text(escapeTemplates(value))] as const),
  );

/** Parses a JSON list of scalars or of flat objects; undefined if its JSON would differ. */
function parsedList(json: string): Value[] | undefined {
  if (!json.startsWith("[")) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  const isScalar = (item: unknown): boolean =>
    ["string", "number", "boolean"].includes(typeof item);
  const isRecord = (item: unknown): boolean =>
    typeof item === "object" &&
    item !== null &&
    !Array.isArray(item) &&
    Object.values(item).every(isScalar);
  if (
    !Array.isArray(value) ||
    !(value.every(isScalar) || value.every(isRecord)) ||
    JSON.stringify(value) !== json
  )
    return undefined;
  return value as Value[];
}
