import type { Blobs } from "../blobs";
import { WorkspaceError, type JsonObject, type JsonValue } from "../errors";
import { asArray, asObject, show, text } from "../jobs/json";
import {
  kindOf,
  latest,
  type Attempt,
  type Run,
  type TaskRun,
  type TerminationCode,
} from "../jobs/run-model";
import { exported } from "../objects/formats";
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

/** The part of the description passed to the process that depends on the task type. */
export interface Work {
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

interface Parts {
  readonly run: Run;
  readonly task: TaskRun;
  readonly attempt: Attempt;
  readonly caller: Principal;
  readonly objects: WorkspaceTree;
  readonly blobs: Blobs;
  /** Returns the settings of a saved query. */
  readonly queries: (id: string) => JsonObject | undefined;
}

/** Returns the work of a task. @throws TaskProblem for unsupported task types and paths */
export async function workOf(parts: Parts): Promise<Work> {
  const { attempt, task } = parts;
  const spec = attempt.resolved ?? task.spec;
  const kind = kindOf(spec);
  const body = asObject(spec[kind ?? ""]) ?? {};
  if (text(body.source) === "GIT")
    throw new TaskProblem(unsupported(`the source of a ${kind ?? "task"} in Git`));
  const { wanted, notices } = librariesOf(parts.run, spec);
  const common: JsonObject = {
    libraries: wanted,
    parameters: {},
    arguments: [],
    values: valuesOf(parts.run),
    task_keys: parts.run.tasks.map((each) => each.key),
  };
  switch (kind) {
    case "notebook_task":
      return { kind: "notebook", notices, fields: { ...common, ...(await notebook(parts, body)) } };
    case "spark_python_task": {
      const given = text(body.python_file);
      if (/^(?!dbfs:|file:)[a-z0-9]+:\//i.test(given))
        throw new TaskProblem(unsupported(`the Python file ${given}, which is in cloud storage,`));
      return {
        kind: "python",
        notices,
        fields: {
          ...common,
          path: fileOf(given),
          arguments: asArray(body.parameters).map((each) => show(each)),
        },
      };
    }
    case "python_wheel_task": {
      const named = Object.entries(asObject(body.named_parameters) ?? {}).map(
        ([name, value]) => `--${name}=${show(value)}`,
      );
      const fields = {
        package: text(body.package_name),
        entry_point: text(body.entry_point),
        path: "",
      };
      return {
        kind: "wheel",
        notices,
        fields: {
          ...common,
          ...fields,
          arguments: [...asArray(body.parameters).map((each) => show(each)), ...named],
        },
      };
    }
    case "sql_task":
      return { kind: "sql", notices, fields: {}, sql: await sqlOf(parts, body) };
    default:
      throw new TaskProblem(unsupported(`a ${kind ?? "task of this kind"}`));
  }
}

const unsupported = (subject: string): string =>
  `${subject} cannot be executed here; script its outcome instead (docs/outcomes.md)`;

/** Returns a workspace object that the run's user may read. @throws TaskProblem */
function readable({ caller, objects, run }: Parts, address: string, type: "FILE" | "NOTEBOOK") {
  const { path } = objects.locate(address);
  const object = objects.get(path);
  if (
    object?.object_type !== type ||
    object.blob === undefined ||
    !objects.allows(caller, path, "CAN_READ")
  )
    throw new TaskProblem(
      `Unable to access the ${type.toLowerCase()} "${address}". Either it does not exist, or the identity used to run this job, ${run.run_as}, lacks the required permissions.`,
      true,
      "RESOURCE_NOT_FOUND",
    );
  return { path, object, blob: object.blob };
}

const texts = (map: JsonValue | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(asObject(map) ?? {}).map(([name, value]) => [name, show(value)]),
  );

async function notebook(parts: Parts, body: JsonObject): Promise<JsonObject> {
  const { path, object, blob } = readable(parts, text(body.notebook_path), "NOTEBOOK");
  const { language = "PYTHON" } = object;
  if (language !== "PYTHON" && language !== "SQL")
    throw new TaskProblem(unsupported(`a notebook in ${language}`));
  let source: Buffer;
  try {
    source = exported(object, nameOf(path), await parts.blobs.read(blob), "SOURCE").bytes;
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
    parameters: texts(body.base_parameters),
  };
}

async function sqlOf(parts: Parts, body: JsonObject): Promise<SqlWork> {
  const parameters = texts(body.parameters);
  const warehouse = text(body.warehouse_id);
  const [file, query] = [asObject(body.file), asObject(body.query)];
  if (file !== undefined) return { ...(await sqlFile(parts, file)), parameters, warehouse };
  if (query !== undefined) {
    const saved = savedQuery(parts, text(query.query_id));
    return { ...saved, parameters: { ...saved.parameters, ...parameters }, warehouse };
  }
  const what = ["alert", "dashboard"].find((name) => body[name] !== undefined);
  throw new TaskProblem(
    unsupported(`a SQL task with ${what === undefined ? "no file" : `a saved ${what}`}`),
  );
}

function savedQuery({ queries }: Parts, id: string): Omit<SqlWork, "warehouse"> {
  const found = queries(id);
  if (found === undefined)
    throw new TaskProblem(`Query ${id} does not exist.`, true, "RESOURCE_NOT_FOUND");
  const defaults = asArray(found.parameters).flatMap((item): [string, string][] => {
    const { name, text_value, numeric_value } = asObject(item) ?? {};
    const value = (asObject(text_value) ?? asObject(numeric_value))?.value;
    return value === undefined ? [] : [[text(name), show(value)]];
  });
  const named = (field: "catalog" | "schema"): string | undefined =>
    found[field] === undefined ? undefined : text(found[field]);
  return {
    path: text(found.display_name),
    text: text(found.query_text),
    parameters: Object.fromEntries(defaults),
    catalog: named("catalog"),
    schema: named("schema"),
  };
}

async function sqlFile(parts: Parts, file: JsonObject): Promise<Pick<SqlWork, "path" | "text">> {
  if (text(file.source) === "GIT") throw new TaskProblem(unsupported("a SQL file in Git"));
  const { path, blob } = readable(parts, text(file.path), "FILE");
  return { path, text: (await parts.blobs.read(blob)).toString("utf8") };
}

/**
 * Returns the location of a Python file in the task's mapped folder. An absolute path without a
 * scheme is a workspace file.
 */
function fileOf(uri: string): string {
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
function librariesOf(run: Run, spec: JsonObject): { wanted: JsonValue[]; notices: string[] } {
  const environment = asArray(run.environments)
    .map((each) => asObject(each))
    .find(
      (each) =>
        each?.environment_key === spec.environment_key && spec.environment_key !== undefined,
    );
  const dependencies = asArray(asObject(environment?.spec)?.dependencies).map((each) => ({
    path: show(each),
  }));
  const notices: string[] = [];
  const wanted = [...asArray(spec.libraries), ...dependencies].filter((item) => {
    const [kind = ""] = Object.keys(asObject(item) ?? {});
    if (!["jar", "maven", "cran", "egg"].includes(kind)) return true;
    notices.push(
      `the library ${JSON.stringify(item)} is not installed: the local workspace installs only Python packages`,
    );
    return false;
  });
  return { wanted, notices };
}

/** Returns the run's task values so far, by task. */
function valuesOf(run: Run): JsonObject {
  const set = run.tasks.flatMap((task) => {
    const { values } = latest(task);
    return values === undefined ? [] : [[task.key, values] as const];
  });
  return Object.fromEntries(set);
}
