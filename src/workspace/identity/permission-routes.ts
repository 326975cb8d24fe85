import { invalid, missing, notImplemented, WorkspaceError } from "../errors";
import { clustersOf } from "../compute/clusters";
import type { Fields } from "../fields";
import { workspaceTree } from "../objects/tree";
import { levels, type Grant } from "../permissions";
import { idOfName, type StoredObject } from "../rest-objects";
import type { Call, WorkspaceApp } from "../routes";
import { ancestorsAndSelf } from "../tree";

/** The object types by their names in request paths. */
const types: Readonly<Record<string, string>> = {
  "cluster-policies": "cluster-policy",
  "instance-pools": "instance-pool",
  clusters: "cluster",
  pipelines: "pipelines",
  jobs: "job",
  notebooks: "notebook",
  directories: "directory",
  files: "file",
  repos: "repo",
  "authorization/tokens": "tokens",
  "authorization/passwords": "passwords",
  "sql/warehouses": "warehouse",
  warehouses: "warehouse",
  dashboards: "dashboard",
  experiments: "mlflowExperiment",
  "registered-models": "registered-model",
  "serving-endpoints": "serving-endpoint",
  "sql/alerts": "alert",
  "sql/queries": "query",
  alerts: "alert",
  queries: "query",
  "vector-search-endpoints": "vector-search-endpoints",
  apps: "apps",
};

/** Object types that the local workspace does not support: no routes are registered for them. */
const UNSUPPORTED_TYPES = new Set([
  "alertsv2",
  "database-instances",
  "database-projects",
  "dbsql-dashboards",
  "genie",
  "knowledge-assistants",
  "supervisor-agents",
]);

/** Object types that must have an owner. A warehouse may have none. */
const TYPES_WITH_OWNER = new Set(["job", "pipelines"]);
/**
 * The name of a type in responses, if it differs (the official provider rejects any other:
 * permissions/permission_definitions.go).
 */
const responseTypes: Readonly<Record<string, string>> = { warehouse: "warehouses" };
/** Objects without a parent, so the permission of `admins` on them is not inherited. */
const ROOT_OBJECTS = new Set(["directories/0", "registered-models/root"]);
/** The collection that stores the objects of each type, except the authorization types. */
const collections: Readonly<Record<string, string>> = {
  "cluster-policy": "cluster_policies",
  "instance-pool": "instance_pools",
  cluster: "clusters",
  job: "jobs",
  notebook: "workspace_paths",
  directory: "workspace_paths",
  file: "workspace_paths",
  repo: "workspace_paths",
  warehouse: "warehouses",
  mlflowExperiment: "mlflow_experiments",
  pipelines: "pipelines",
  dashboard: "lakeview_dashboards",
  "serving-endpoint": "serving_endpoints",
  alert: "sql_alerts",
  query: "sql_queries",
  "registered-model": "mlflow_models",
  "vector-search-endpoints": "vector_search_endpoints",
  apps: "apps",
};
/** Types that are stored by name, but have a separate id for permissions. */
const STORED_BY_NAME = new Set(["registered-model", "vector-search-endpoints"]);
/** The types of the objects in the workspace's folder tree. */
const TREE_TYPES = new Set(["notebook", "directory", "file", "repo"]);

interface Target {
  /** The name of the type in the path: `sql/warehouses`. */
  readonly requested: string;
  readonly type: string;
  /** The object's id; "" for an authorization type, which has no objects. */
  readonly id: string;
  /** The object id in the path: `0` is the root folder, although its object id differs. */
  readonly pathId: string;
}

/** Routes of `/api/2.0/permissions/{type}/{id}`, for every object type. */
export function permissionRoutes(app: WorkspaceApp): void {
  const { permissions } = app;
  const resolveTarget = (call: Call): Target => {
    const parts = (call.params["*"] ?? "").split("/");
    const twoPartType = `${parts[0] ?? ""}/${parts[1] ?? ""}`;
    const hasTwoPartType =
      types[twoPartType] !== undefined &&
      (parts.length >= 3 || twoPartType.startsWith("authorization/"));
    const requested = hasTwoPartType ? twoPartType : (parts[0] ?? "");
    const isAuthorization = requested.startsWith("authorization/");
    const pathId = isAuthorization ? "" : parts.slice(requested.split("/").length).join("/");
    const type = Object.hasOwn(types, requested) ? types[requested] : undefined;
    const id =
      type === "directory" && pathId === "0"
        ? String(workspaceTree(app).mustFind("/").object_id)
        : pathId;
    if (type === undefined)
      throw invalid(`'${requested.slice(0, 100)}' is not an object type that has permissions.`);
    if (id === "" && !isAuthorization)
      throw invalid(`The path names no object: expected /permissions/${requested}/<id>.`);
    if (!isAuthorization) requireExisting(app, type, id);
    return { requested, type, id, pathId };
  };

  const renderPermissions = ({ requested, type, id, pathId }: Target): object => {
    const bySubject = new Map<string, { subject: object; all_permissions: object[] }>();
    const add = (grant: Pick<Grant, "kind" | "name" | "level">, inheritedFrom?: string): void => {
      const key = `${grant.kind}:${grant.name}`;
      const entry = bySubject.get(key) ?? {
        subject: { [subjectField(grant.kind)]: grant.name },
        all_permissions: [],
      };
      entry.all_permissions.push({
        permission_level: grant.level,
        inherited: inheritedFrom !== undefined,
        ...(inheritedFrom === undefined ? {} : { inherited_from_object: [inheritedFrom] }),
      });
      bySubject.set(key, entry);
    };
    const directGrants = permissions.directGrants(type, id);
    const inheritedGrants = findInheritedGrants(app, type, id);
    for (const grant of directGrants) add(grant);
    for (const { grant, from } of inheritedGrants) add(grant, from);
    // Admins have every permission, and are listed once, whether or not their grant is explicit.
    const listsAdmins = [...directGrants, ...inheritedGrants.map(({ grant }) => grant)].some(
      ({ kind, name }) => kind === "group" && name === "admins",
    );
    const level = (levels[type] ?? []).includes("CAN_MANAGE")
      ? "CAN_MANAGE"
      : (levels[type]?.at(-1) ?? "CAN_MANAGE");
    const isRoot = id === "" || ROOT_OBJECTS.has(`${requested}/${pathId}`);
    // The access lists of these two types do not contain admins by default.
    if (!listsAdmins && type !== "cluster-policy" && type !== "passwords")
      add({ kind: "group", name: "admins", level }, isRoot ? undefined : `/${requested}/`);
    return {
      object_id: id === "" ? `/${requested}` : `/${requested}/${pathId}`,
      object_type: responseTypes[type] ?? type,
      access_control_list: [...bySubject.values()].map(({ subject, all_permissions }) => ({
        ...subject,
        all_permissions,
      })),
    };
  };
  const requireTreePermission = (
    { caller }: Pick<Call, "caller">,
    id: string,
    level: string,
  ): void => {
    const tree = workspaceTree(app);
    tree.requirePermission(caller, tree.pathOf(Number(id)) ?? "/", level);
  };
  const requireManage = ({ caller }: Call, { type, id }: Target): void => {
    const order = levels[type] ?? [];
    if (id === "" || type === "cluster-policy")
      permissions.requireAdmin(caller, `change the permissions of ${type}`);
    else if (TREE_TYPES.has(type)) requireTreePermission({ caller }, id, "CAN_MANAGE");
    else
      permissions.require(
        caller,
        type,
        id,
        order.includes("CAN_MANAGE") ? "CAN_MANAGE" : (order.at(-1) ?? "CAN_MANAGE"),
      );
  };

  const rejectUnsupported = (call: Call): void => {
    if (!UNSUPPORTED_TYPES.has((call.params["*"] ?? "").split("/")[0] ?? "")) return;
    app.log(`not implemented: ${call.method} ${call.path}`);
    throw notImplemented(call);
  };

  app.get(["2.0"], "/permissions/*", (call) => {
    rejectUnsupported(call);
    const path = call.params["*"] ?? "";
    if (path.endsWith("/permissionLevels")) {
      const type = Object.entries(types).find(([requested]) =>
        path.startsWith(`${requested}/`),
      )?.[1];
      if (type === undefined) throw invalid("Objects of this type do not have permissions.");
      return {
        permission_levels: (levels[type] ?? []).map((level) => ({
          permission_level: level,
          description: level,
        })),
      };
    }
    const target = resolveTarget(call);
    if (TREE_TYPES.has(target.type)) requireTreePermission(call, target.id, "CAN_READ");
    else if (target.id !== "")
      permissions.require(
        call.caller,
        target.type,
        target.id,
        levels[target.type]?.[0] ?? "CAN_USE",
      );
    return renderPermissions(target);
  });
  const changeHandler = (replace: boolean) => async (call: Call) => {
    rejectUnsupported(call);
    const target = resolveTarget(call);
    const grants = parseGrants(call.input, target.type);
    await app.store.write(() => {
      requireManage(call, target);
      for (const { kind, name } of grants) app.principals.ensure(name, kind);
      const unchangedGrants = replace
        ? []
        : permissions
            .directGrants(target.type, target.id)
            .filter(
              (grant) =>
                !grants.some(({ kind, name }) => kind === grant.kind && name === grant.name),
            );
      // A new owner replaces the old one.
      const hasNewOwner = grants.some(({ level }) => level === "IS_OWNER");
      const newGrants = [
        ...unchangedGrants.filter(({ level }) => !(hasNewOwner && level === "IS_OWNER")),
        ...grants,
      ];
      const owners = newGrants.filter(({ level }) => level === "IS_OWNER").length;
      if (owners > 1 || (owners === 0 && TYPES_WITH_OWNER.has(target.type)))
        throw invalid(`The ${target.type} must have exactly one owner.`);
      permissions.replace(target.type, target.id, newGrants);
    });
    return renderPermissions(target);
  };
  app.put(["2.0"], "/permissions/*", changeHandler(true));
  app.patch(["2.0"], "/permissions/*", changeHandler(false));
}

const subjectField = (kind: Grant["kind"]): string =>
  kind === "user" ? "user_name" : kind === "group" ? "group_name" : "service_principal_name";

function parseGrants(input: Fields, type: string): Grant[] {
  const order = levels[type] ?? [];
  const grants = input.list("access_control_list").map((entry): Grant => {
    const subjects = (["user", "group", "service_principal"] as const).filter(
      (kind) => (entry.optionalString(subjectField(kind)) ?? "") !== "",
    );
    const [kind] = subjects;
    if (kind === undefined || subjects.length !== 1)
      throw invalid(
        "An access control entry must name exactly one of user_name, group_name and service_principal_name.",
      );
    const name = entry.string(subjectField(kind));
    if (name.length > 256) throw invalid("The principal's name is longer than 256 characters.");
    const level = entry.string("permission_level");
    if (!order.includes(level))
      throw invalid(
        `Permission type ${level.slice(0, 100)} is not defined for ${type}; it must be one of ${order.join(", ")}.`,
      );
    if (level === "IS_OWNER" && kind === "group")
      throw invalid(`A group cannot be the owner of a ${type}.`);
    // CAN_USE is the only level of some types.
    if (kind === "group" && name === "admins" && level !== "CAN_MANAGE" && level !== "CAN_USE")
      throw new WorkspaceError(
        "BAD_REQUEST",
        "The permissions of the admins group cannot be lowered.",
      );
    return { kind, name, level };
  });
  return [...new Map(grants.map((grant) => [`${grant.kind}:${grant.name}`, grant])).values()];
}

function requireExisting(app: WorkspaceApp, type: string, id: string): void {
  const collection = collections[type];
  const hasNumericId = type === "job" || TREE_TYPES.has(type);
  const key = hasNumericId ? Number(/^\d{1,16}$/.test(id) ? id : NaN) : id.slice(0, 200);
  const doesExist =
    (collection !== undefined && !Number.isNaN(key) && app.store.collection(collection).has(key)) ||
    // The parent of all registered models is not stored.
    (type === "registered-model" && id === "root") ||
    (STORED_BY_NAME.has(type) && isStoredByName(app, collection ?? "", id)) ||
    // The job of a submitted run has an access list, although no call returns the job.
    (type === "job" && app.permissions.directGrants("job", id).length > 0);
  if (!doesExist)
    throw missing(
      `${type.charAt(0).toUpperCase()}${type.slice(1)} ${id.slice(0, 200)} does not exist.`,
    );
  // Throws for a purged cluster.
  if (type === "cluster") clustersOf(app).mustFind(id);
}

function isStoredByName(app: WorkspaceApp, collection: string, id: string): boolean {
  const objects = app.store.collection<StoredObject>(collection).values();
  return objects.some((object) => idOfName(object.id) === id);
}

/** Returns the permissions inherited from the folders above a notebook, file, folder or repo. */
function findInheritedGrants(
  app: WorkspaceApp,
  type: string,
  id: string,
): { readonly grant: Grant; readonly from: string }[] {
  if (!TREE_TYPES.has(type)) return [];
  const tree = workspaceTree(app);
  const path = tree.pathOf(Number(id));
  if (path === undefined) return [];
  return ancestorsAndSelf(path)
    .slice(0, -1)
    .flatMap((folderPath) => {
      const folder = tree.get(folderPath);
      return folder === undefined
        ? []
        : app.permissions
            .directGrants("directory", folder.object_id)
            .map((grant) => ({ grant, from: `/directories/${folder.object_id}` }));
    });
}
