import type { Blobs } from "../blobs";
import { WorkspaceError, type JsonObject, type JsonValue } from "../errors";
import { asArray, asObject, formatValue, asText } from "../jobs/json";
import {
  kindOf,
  latest,
  type Attempt,
  type Run,
  type TaskRun,
  type TerminationCode,
} from "../jobs/run-model";
import { exportNotebook } from "../objects/formats";
import { nameOf, type WorkspaceTree } from "../objects/tree";
import type { Principal } from "../principal-records";
import type { Report } from "./report";

/** The reason why a task cannot be executed. */
export class TaskProblem extends Error {
  constructor(
    message: string,
    /**
     * Whether the platform would not start the task either, so that the run fails with
     * INTERNAL_ERROR.
     */
    readonly notStarted = false,
    readonly code: TerminationCode = "RUN_EXECUTION_ERROR",
  ) {
    super(message);
  }
}

/** The part of a task's description that depends on the task type. */
export interface TaskWork {
  readonly kind: Report["kind"];
  readonly fields: JsonObject;
  readonly notices: readonly string[];
  /** The work of a SQL task, which is executed without a process. */
  readonly sql?: SqlWork;
}

export interface SqlWork {
  /** The path of the file, for the report. */
  readonly path: string;
  readonly text: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly warehouse: string;
  /** The catalog and schema of a saved query, if set. */
  readonly catalog?: string | undefined;
  readonly schema?: string | undefined;
}

interface TaskContext {
  readonly run: Run;
  readonly task: TaskRun;
  readonly attempt: Attempt;
  readonly caller: Principal;
  readonly objects: WorkspaceTree;
  readonly blobs: Blobs;
  /** Returns the settings of a saved query. */
  readonly queries: (id: string) => JsonObject | undefined;
}

/** Returns the work of a task. @throws TaskProblem if the task cannot be executed */
export async function describeWork(context: TaskContext): Promise<TaskWork> {
  const { attempt, task } = context;
  const spec = attempt.resolved ?? task.spec;
  const kind = kindOf(spec);
  const body = asObject(spec[kind ?? ""]) ?? {};
  if (asText(body.source) === "GIT")
    throw new TaskProblem(unsupported(`the source of a ${kind ?? "task"} in Git`));
  const { packages, notices } = librariesOf(context.run, spec);
  const commonFields: JsonObject = {
    libraries: packages,
    parameters: {},
    arguments: [],
    values: taskValues(context.run),
    task_keys: context.run.tasks.map((task) => task.key),
  };
  switch (kind) {
    case "notebook_task":
      return {
        kind: "notebook",
        notices,
        fields: { ...commonFields, ...(await notebookFields(context, body)) },
      };
    case "spark_python_task": {
      const file = asText(body.python_file);
      if (/^(?!dbfs:|file:)[a-z0-9]+:\//i.test(file))
        throw new TaskProblem(unsupported(`the Python file ${file}, which is in cloud storage,`));
      return {
        kind: "python",
        notices,
        fields: {
          ...commonFields,
          path: mappedPath(file),
          arguments: asArray(body.parameters).map((parameter) => formatValue(parameter)),
        },
      };
    }
    case "python_wheel_task": {
      const namedArguments = Object.entries(asObject(body.named_parameters) ?? {}).map(
        ([name, value]) => `--${name}=${formatValue(value)}`,
      );
      const fields = {
        package: asText(body.package_name),
        entry_point: asText(body.entry_point),
        path: "",
      };
      return {
        kind: "wheel",
        notices,
        fields: {
          ...commonFields,
          ...fields,
          arguments: [
            ...asArray(body.parameters).map((parameter) => formatValue(parameter)),
            ...namedArguments,
          ],
        },
      };
    }
    case "sql_task":
      return { kind: "sql", notices, fields: {}, sql: await describeSqlWork(context, body) };
    default:
      throw new TaskProblem(unsupported(`a ${kind ?? "task of this kind"}`));
  }
}

const unsupported = (subject: string): string =>
  `${subject} cannot be executed here; script its outcome instead (docs/outcomes.md)`;

/** Returns a workspace object that the run's user may read. @throws TaskProblem */
function requireReadable(
  { caller, objects, run }: TaskContext,
  address: string,
  type: "FILE" | "NOTEBOOK",
) {
  const { path } = objects.locate(address);
  const object = objects.get(path);
  if (
    object?.object_type !== type ||
    object.blob === undefined ||
    !objects.hasPermission(caller, path, "CAN_READ")
  )
    throw new TaskProblem(
      `Unable to access the ${type.toLowerCase()} "${address}". Either it does not exist, or the identity used to run this job, ${run.run_as}, lacks the required permissions.`,
      true,
      "RESOURCE_NOT_FOUND",
    );
  return { path, object, blob: object.blob };
}

const stringMap = (map: JsonValue | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(asObject(map) ?? {}).map(([name, value]) => [name, formatValue(value)]),
  );

async function notebookFields(context: TaskContext, body: JsonObject): Promise<JsonObject> {
  const { path, object, blob } = requireReadable(context, asText(body.notebook_path), "NOTEBOOK");
  const { language = "PYTHON" } = object;
  if (language !== "PYTHON" && language !== "SQL")
    throw new TaskProblem(unsupported(`a notebook in ${language}`));
  let source: Buffer;
  try {
    source = exportNotebook(object, nameOf(path), await context.blobs.read(blob), "SOURCE").bytes;
  } catch (error) {
    if (error instanceof WorkspaceError)
      throw new TaskProblem(
        unsupported(`a notebook that was imported as ${object.stored_as ?? "another format"}`),
      );
    throw error;
  }
  return {
    path,
    language,
    source: source.toString("utf8"),
    parameters: stringMap(body.base_parameters),
  };
}

async function describeSqlWork(context: TaskContext, body: JsonObject): Promise<SqlWork> {
  const parameters = stringMap(body.parameters);
  const warehouse = asText(body.warehouse_id);
  const [file, query] = [asObject(body.file), asObject(body.query)];
  if (file !== undefined) return { ...(await sqlFile(context, file)), parameters, warehouse };
  if (query !== undefined) {
    const savedSettings = describeSavedQuery(context, asText(query.query_id));
    return {
      ...savedSettings,
      parameters: { ...savedSettings.parameters, ...parameters },
      warehouse,
    };
  }
  const savedType = ["alert", "dashboard"].find((name) => body[name] !== undefined);
  throw new TaskProblem(
    unsupported(`a SQL task with ${savedType === undefined ? "no file" : `a saved ${savedType}`}`),
  );
}

function describeSavedQuery({ queries }: TaskContext, id: string): Omit<SqlWork, "warehouse"> {
  const query = queries(id);
  if (query === undefined)
    throw new TaskProblem(`Query ${id} does not exist.`, true, "RESOURCE_NOT_FOUND");
  const defaults = asArray(query.parameters).flatMap((item): [string, string][] => {
    const { name, text_value, numeric_value } = asObject(item) ?? {};
    const value = (asObject(text_value) ?? asObject(numeric_value))?.value;
    return value === undefined ? [] : [[asText(name), formatValue(value)]];
  });
  const optionalText = (field: "catalog" | "schema"): string | undefined =>
    query[field] === undefined ? undefined : asText(query[field]);
  return {
    path: asText(query.display_name),
    text: asText(query.query_text),
    parameters: Object.fromEntries(defaults),
    catalog: optionalText("catalog"),
    schema: optionalText("schema"),
  };
}

async function sqlFile(
  context: TaskContext,
  file: JsonObject,
): Promise<Pick<SqlWork, "path" | "text">> {
  if (asText(file.source) === "GIT") throw new TaskProblem(unsupported("a SQL file in Git"));
  const { path, blob } = requireReadable(context, asText(file.path), "FILE");
  return { path, text: (await context.blobs.read(blob)).toString("utf8") };
}

/**
 * Returns the path of a Python file in the task's mapped folder. A path without a scheme is a
 * workspace file, unless it starts with `/Volumes/` or `/dbfs/`.
 */
function mappedPath(uri: string): string {
  if (uri.startsWith("file:")) return `/${uri.slice("file:".length).replace(/^\/+/, "")}`;
  if (uri.startsWith("dbfs:")) {
    const path = `/${uri.slice("dbfs:".length).replace(/^\/+/, "")}`;
    return path.startsWith("/Volumes/") ? path : `/dbfs${path}`;
  }
  return /^\/(Workspace|Volumes|dbfs)\//.test(uri)
    ? uri
    : `/Workspace${uri.startsWith("/") ? "" : "/"}${uri}`;
}

/**
 * Returns the Python packages of the task and its environment, and notices about libraries that
 * only a cluster can install.
 */
function librariesOf(run: Run, spec: JsonObject): { packages: JsonValue[]; notices: string[] } {
  const environment = asArray(run.environments)
    .map((item) => asObject(item))
    .find(
      (item) =>
        item?.environment_key === spec.environment_key && spec.environment_key !== undefined,
    );
  const dependencies = asArray(asObject(environment?.spec)?.dependencies).map((item) => ({
    dependency: formatValue(item),
  }));
  const notices: string[] = [];
  const packages = [...asArray(spec.libraries), ...dependencies].filter((item) => {
    const [kind = ""] = Object.keys(asObject(item) ?? {});
    if (!["jar", "maven", "cran", "egg"].includes(kind)) return true;
    notices.push(
      `the library ${JSON.stringify(item)} is not installed: the local workspace installs only Python packages`,
    );
    return false;
  });
  return { packages, notices };
}

/** Returns the run's task values so far, by task. */
function taskValues(run: Run): JsonObject {
  const entries = run.tasks.flatMap((task) => {
    const { values } = latest(task);
    return values === undefined ? [] : [[task.key, values] as const];
  });
  return Object.fromEntries(entries);
}
