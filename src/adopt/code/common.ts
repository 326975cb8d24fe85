/** Generates the code that several constructs share. */
import type { Attributes, Value } from "../../resources/kind";
import type { ArtifactCode, ArtifactType, CodeContext, Grant } from "./context";
import { scalar, type Fields } from "./fields";
import { call, fields, fieldsIfAny, list, literal, text, type Code } from "./print";
import { NotExpressible } from "./source-file";

export type Entries = readonly (readonly [string, Code | undefined])[];

export const camel = (name: string): string =>
  name.replaceAll(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());

/** Escapes text for Terraform, which reads `${` and `%{` as the start of an expression. */
export const escapeTemplates = (value: string): string =>
  value.replaceAll(/[$%](?=\{)/g, (sign) => sign + sign);

export const textOf = (value: string | undefined): Code | undefined =>
  value === undefined ? undefined : text(escapeTemplates(value));
export const textsOf = (values: readonly string[] | undefined): Code | undefined =>
  values === undefined || values.length === 0
    ? undefined
    : list(values.map((value) => text(escapeTemplates(value))));
export const codeOf = (value: number | boolean | undefined): Code | undefined =>
  value === undefined ? undefined : String(value);

/** Takes fields that a construct has under the same name in camel case. */
export function copyFields(from: Fields, ...names: readonly string[]): Entries {
  return names.map((name) => {
    const value = from.take(name);
    return [camel(name), value === undefined ? undefined : literal(escapeValue(value))] as const;
  });
}

/** Escapes all strings in a value for Terraform. */
export function escapeValue(value: Value): Value {
  if (typeof value === "string") return escapeTemplates(value);
  if (Array.isArray(value)) return value.map(escapeValue);
  if (value !== null && typeof value === "object")
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, escapeValue(inner)]),
    );
  return value;
}

const notificationEvents = [
  "on_start",
  "on_success",
  "on_failure",
  "on_duration_warning_threshold_exceeded",
  "on_streaming_backlog_exceeded",
];

/**
 * Generates `emailNotifications`, `webhookNotifications`, `notificationSettings` and `health`,
 * which jobs and tasks share.
 */
export function notifications(from: Fields): Entries {
  const email = from.block("email_notifications");
  const webhook = from.block("webhook_notifications");
  const settings = from.block("notification_settings");
  const rules = from.block("health")?.blocks("rules") ?? [];
  return [
    [
      "emailNotifications",
      email && fieldsIfAny(copyFields(email, ...notificationEvents, "no_alert_for_skipped_runs")),
    ],
    [
      "webhookNotifications",
      webhook &&
        fieldsIfAny(
          notificationEvents.map((event) => {
            const ids = webhook.blocks(event).map((fields) => text(fields.string("id") ?? ""));
            return [camel(event), ids.length === 0 ? undefined : list(ids)] as const;
          }),
        ),
    ],
    [
      "notificationSettings",
      // An empty block also counts as set.
      settings &&
        fields(
          copyFields(
            settings,
            "no_alert_for_skipped_runs",
            "no_alert_for_canceled_runs",
            "alert_on_last_attempt",
          ),
        ),
    ],
    [
      "health",
      rules.length === 0
        ? undefined
        : list(
            rules.map((rule) => {
              if (rule.string("op") !== "GREATER_THAN")
                throw new NotExpressible("a health rule other than GREATER_THAN");
              return fields([
                ...copyFields(rule, "metric"),
                ["greaterThan", String(rule.number("value") ?? 0)],
              ]);
            }),
          ),
    ],
  ];
}

/** Generates a list of libraries; undefined if there are none. */
export function libraries(from: Fields, context: CodeContext): Code | undefined {
  const { file } = context;
  const entries = from.blocks("library").map((fields): Code => {
    const library = file.use("Library");
    for (const kind of ["whl", "jar", "egg", "requirements"] as const) {
      const workspacePath = fields.string(kind);
      if (workspacePath !== undefined)
        return call(`${library}.${kind}`, workspaceFile(workspacePath, context));
    }
    for (const kind of ["pypi", "cran"] as const) {
      const block = fields.block(kind);
      if (block !== undefined)
        return call(
          `${library}.${kind}`,
          textOf(block.string("package")),
          textOf(block.string("repo")),
        );
    }
    const maven = fields.block("maven");
    if (maven === undefined) throw new NotExpressible("a library of an unknown type");
    const options = fieldsIfAny(copyFields(maven, "exclusions", "repo"));
    return call(`${library}.maven`, textOf(maven.string("coordinates")), options);
  });
  return entries.length === 0 ? undefined : list(entries);
}

/**
 * Refers to a file in the workspace, DBFS or a volume: by its handle if it is adopted, else by its
 * path.
 */
export function workspaceFile(workspacePath: string, context: CodeContext): Code {
  for (const [prefix, type] of [
    ["/Workspace/", "databricks_workspace_file"],
    ["dbfs:/", "databricks_dbfs_file"],
  ] as const) {
    if (!workspacePath.startsWith(prefix)) continue;
    const handle = artifactHandle(type, workspacePath.slice(prefix.length - 1), context);
    if (handle !== undefined) return handle;
  }
  const [, catalog, schema, volume, file] =
    /^\/Volumes\/([^/]+)\/([^/]+)\/([^/]+)\/(.+)$/.exec(workspacePath) ?? [];
  const volumeHandle =
    file === undefined
      ? undefined
      : context.findAdopted(
          "databricks_volume",
          `${catalog ?? ""}.${schema ?? ""}.${volume ?? ""}`,
        );
  return volumeHandle === undefined || file === undefined
    ? text(escapeTemplates(workspacePath))
    : call(`${context.file.parameter(volumeHandle)}.pathTo`, text(escapeTemplates(file)));
}

const handles = new WeakMap<CodeContext, Map<string, string>>();

/** Returns the constant for a key in this file; the first call writes its declaration. */
export function handleInFile(context: CodeContext, key: string, write: () => string): string {
  const knownHandles = handles.get(context) ?? new Map<string, string>();
  handles.set(context, knownHandles);
  const name = knownHandles.get(key) ?? write();
  knownHandles.set(key, name);
  return name;
}

const artifactKinds: Readonly<
  Record<ArtifactType, { readonly construct: string; readonly type: string; readonly kind: string }>
> = {
  databricks_notebook: { construct: "Notebook", type: "INotebook", kind: "notebook" },
  databricks_workspace_file: { construct: "WorkspaceFile", type: "IWorkspaceFile", kind: "file" },
  databricks_dbfs_file: { construct: "DbfsFile", type: "IDbfsFile", kind: "file" },
};

/**
 * Returns the constant of an artifact, which is declared at its first use in this file. If other
 * objects also use the artifact, returns a function parameter.
 */
export function artifactHandle(
  type: ArtifactType,
  path: string,
  context: CodeContext,
): string | undefined {
  const shared = context.findAdopted(type, path);
  if (shared !== undefined) return context.file.parameter(shared);
  const artifact = context.findArtifact(path);
  if (artifact?.type !== type) return undefined;
  return handleInFile(context, path, () => declareArtifact(artifact, context).name);
}

/**
 * Writes the statements of an artifact.
 * @returns its constant, its class, and the interface for parameters
 */
export function declareArtifact(
  artifact: ArtifactCode,
  context: CodeContext,
  preferredName?: string,
): { readonly name: string; readonly construct: string; readonly type: string } {
  const { file } = context;
  const { construct, type, kind } = artifactKinds[artifact.type];
  const name = file.name(preferredName ?? artifactName(artifact.path, kind), kind);
  const props = fields([
    ["path", text(escapeTemplates(artifact.path))],
    ["content", call(`${file.use("Content")}.file`, text(artifact.file))],
    ["language", artifact.language === undefined ? undefined : text(artifact.language)],
    [
      "acceptDeprecation",
      artifact.type === "databricks_dbfs_file" ? text("adopted as it was") : undefined,
    ],
  ]);
  file.writeAbove(() => {
    file.const(name, call(`new ${file.use(construct)}`, "stack", text(artifact.id), props));
    if (artifact.exists) file.statement(call(`${name}.adopt`, text(artifact.path)));
  });
  return { name, construct, type };
}

/**
 * Names an artifact after its path: `daily notebook`, `setup file`, `etl wheel`.
 * @param depth the number of path segments in the name
 */
export function artifactName(path: string, kind: string, depth = 1): string {
  const parts = path.split("/").slice(1);
  const folders = parts.slice(-depth, -1).join(" ");
  const base = `${folders === "" ? "" : `${folders} `}${parts.at(-1) ?? path}`;
  const wheel = /^([^-]+)-.*\.whl$/.exec(base)?.[1];
  if (wheel !== undefined) return `${wheel} wheel`;
  const name = kind === "notebook" ? base : base.replace(/(?<=.)\.[^.]*$/, "");
  return new RegExp(`${kind}s?$`, "i").test(name) ? name : `${name} ${kind}`;
}

/**
 * Returns the handle of an object: a parameter if it is adopted, else a constant created from its
 * id.
 */
export function handleOf(type: string, id: string, context: CodeContext): string {
  const adoptedCode = context.findAdopted(type, id);
  if (adoptedCode !== undefined) return context.file.parameter(adoptedCode);
  const factory = factoriesById[type];
  if (factory === undefined) throw new Error(`no factory for ${type}`);
  return handleInFile(context, `${type} ${id}`, () => {
    const { file } = context;
    const title = context.nameOf(type, id);
    const name = file.name(title ?? factory.kind, factory.kind);
    file.writeAbove(() => {
      if (title !== undefined && title !== id) file.comment(`${title}: not adopted`);
      file.const(name, call(`${file.use(factory.construct)}.${factory.factory}`, text(id)));
    });
    return name;
  });
}

/** The factories that create a handle from the id of an object that is not adopted. */
const factoriesById: Readonly<
  Record<string, { readonly construct: string; readonly factory: string; readonly kind: string }>
> = {
  databricks_job: { construct: "Workflow", factory: "fromId", kind: "workflow" },
  databricks_cluster: { construct: "AllPurposeCluster", factory: "fromId", kind: "cluster" },
  databricks_cluster_policy: { construct: "ClusterPolicy", factory: "fromId", kind: "policy" },
  databricks_instance_pool: { construct: "InstancePool", factory: "fromId", kind: "pool" },
  databricks_sql_endpoint: { construct: "SqlWarehouse", factory: "fromId", kind: "warehouse" },
  databricks_secret_scope: { construct: "SecretScope", factory: "fromScopeName", kind: "scope" },
  databricks_catalog: { construct: "Catalog", factory: "fromName", kind: "catalog" },
  databricks_schema: { construct: "Schema", factory: "fromName", kind: "schema" },
};

/**
 * Generates `User.named("…")`, `Group.named("…")` or `ServicePrincipal.withApplicationId("…")` for
 * the principal of an access entry.
 */
export function principal(entry: Attributes, { file }: CodeContext): Code {
  const { user_name: user, group_name: group, service_principal_name: application } = entry;
  if (typeof user === "string" && user !== "") return call(`${file.use("User")}.named`, text(user));
  if (typeof application === "string" && application !== "")
    return call(`${file.use("ServicePrincipal")}.withApplicationId`, text(application));
  return call(`${file.use("Group")}.named`, text(typeof group === "string" ? group : ""));
}

/**
 * Writes `handle.permissions.allow(level, …)`, one call per level, and the import block of the
 * access list.
 * @param handle the construct, or the code of an access list without a construct
 */
export function writeAccess(
  handle: string | { readonly list: string },
  object: { readonly access?: { readonly id: string; readonly entries: readonly Attributes[] } },
  context: CodeContext,
): void {
  if (object.access === undefined) return;
  const list = typeof handle === "string" ? `${handle}.permissions` : handle.list;
  const levels = [
    ...new Set(object.access.entries.map((entry) => scalar(entry["permission_level"]))),
  ].sort();
  for (const level of levels) {
    const entries = object.access.entries.filter((entry) => entry["permission_level"] === level);
    context.file.statement(
      call(`${list}.allow`, text(level), ...entries.map((entry) => principal(entry, context))),
    );
  }
  if (object.access.id !== "")
    context.file.statement(call(`${list}.adopt`, text(object.access.id)));
}

/**
 * Writes `handle.grants.give(principal, …)` or, for a secret scope, the call for the level, such as
 * `handle.grants.read(principal)`; then the import blocks.
 */
export function writeGrants(
  handle: string,
  object: { readonly id: string; readonly type: string; readonly grants?: readonly Grant[] },
  context: CodeContext,
): void {
  const { file } = context;
  if (object.grants === undefined || object.grants.length === 0) return;
  for (const { principal: name, privileges } of object.grants) {
    const principalCode = principal(principalEntry(name), context);
    file.statement(
      object.type === "databricks_secret_scope"
        ? call(`${handle}.grants.${(privileges[0] ?? "read").toLowerCase()}`, principalCode)
        : call(`${handle}.grants.give`, principalCode, ...privileges.map(text)),
    );
  }
  if (object.id !== "") file.statement(call(`${handle}.grants.adopt`, text(object.id)));
}

/**
 * Determines the type of a grant's principal: an email address is a user, a UUID is a service
 * principal, any other name is a group.
 */
function principalEntry(name: string): Attributes {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name))
    return { service_principal_name: name };
  return name.includes("@") ? { user_name: name } : { group_name: name };
}

/** Writes the statements that set the remaining fields on the Terraform resource. */
export function writeOverrides(
  handle: string,
  remaining: readonly (readonly [string, Value])[],
  { file }: CodeContext,
): void {
  if (remaining.length === 0) return;
  file.comment(
    "The constructs have no property for these fields: they are set on the Terraform resource.",
  );
  for (const [path, value] of remaining) {
    const resource = `(${handle}.node.defaultChild as ${file.use("TerraformResource")})`;
    file.statement(call(`${resource}.addOverride`, text(path), literal(escapeValue(value))));
  }
}
