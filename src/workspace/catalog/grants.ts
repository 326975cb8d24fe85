import { invalid, missing, type JsonObject } from "../errors";
import type { Fields } from "../fields";
import type { Call, WorkspaceApp } from "../routes";
import { parents, unityCatalog, type SecurableType } from "./securables";

const V = ["2.1"];
const TYPES = ["metastore", "catalog", "schema", "volume", "table"] as const;

const PRIVILEGES = new Set([
  "ALL_PRIVILEGES", "ACCESS", "APPLY_TAG", "BROWSE", "CREATE", "CREATE_CATALOG", "CREATE_CLEAN_ROOM", "CREATE_CONNECTION", "CREATE_EXTERNAL_LOCATION", "CREATE_EXTERNAL_TABLE",
  "CREATE_EXTERNAL_VOLUME", "CREATE_FOREIGN_CATALOG", "CREATE_FOREIGN_SECURABLE", "CREATE_FUNCTION", "CREATE_MANAGED_STORAGE", "CREATE_MATERIALIZED_VIEW", "CREATE_MODEL",
  "CREATE_MODEL_VERSION", "CREATE_PROVIDER", "CREATE_RECIPIENT", "CREATE_SCHEMA", "CREATE_SERVICE_CREDENTIAL", "CREATE_SHARE", "CREATE_STORAGE_CREDENTIAL", "CREATE_TABLE",
  "CREATE_VIEW", "CREATE_VOLUME", "EXECUTE", "EXTERNAL_USE_LOCATION", "EXTERNAL_USE_SCHEMA", "MANAGE", "MANAGE_ALLOWLIST", "MODIFY", "READ_FILES", "READ_METADATA", "READ_PRIVATE_FILES",
  "READ_VOLUME", "REFRESH", "SELECT", "SET_SHARE_PERMISSION", "USAGE", "USE_CATALOG", "USE_CONNECTION", "USE_MARKETPLACE_ASSETS", "USE_PROVIDER", "USE_RECIPIENT", "USE_SCHEMA",
  "USE_SHARE", "WRITE_FILES", "WRITE_PRIVATE_FILES", "WRITE_VOLUME",
]); // prettier-ignore

/** Grants and effective grants of Unity Catalog. Ownership is not a grant, and none is implied. */
export function grantRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const target = (call: Call): { readonly type: SecurableType; readonly fullName: string } => {
    const given = (call.params.type ?? "").toLowerCase();
    const type = TYPES.find((each) => each === given);
    const fullName = (call.params.name ?? "").toLowerCase();
    if (type === undefined) throw missing(`The local workspace has no securables of type '${given.slice(0, 100)}'.`);
    if (type === "metastore") {
      if (fullName !== uc.metastoreId) throw missing(`Metastore '${fullName.slice(0, 100)}' does not exist.`);
    } else uc.need(type, fullName);
    return { type, fullName };
  };
  const assignments = (grants: Record<string, string[]>, principal: string | undefined): object[] =>
    Object.entries(grants)
      .filter(([name]) => principal === undefined || name === principal)
      .map(([name, privileges]) => ({ principal: name, privileges }));

  app.get(V, "/unity-catalog/permissions/:type/:name", (call) => {
    const { type, fullName } = target(call);
    const found = assignments(uc.grants(type, fullName), call.input.optionalString("principal"));
    return found.length === 0 ? {} : { privilege_assignments: found };
  });
  app.patch(V, "/unity-catalog/permissions/:type/:name", async (call) => {
    const changes = changesIn(call.input);
    const grants = await app.store.write(() => {
      const { type, fullName } = target(call);
      if (type === "metastore") app.permissions.requireAdmin(call.caller, "grant on the metastore");
      else uc.requireOwner(call.caller, type, uc.need(type, fullName));
      const next = new Map(Object.entries(uc.grants(type, fullName)));
      for (const { principal, add, remove } of changes) {
        if (principal !== "account users") app.principals.ensure(principal);
        const held = new Set(next.get(principal) ?? []);
        for (const privilege of remove) held.delete(privilege);
        for (const privilege of add) held.add(privilege);
        if (held.size === 0) next.delete(principal);
        else next.set(principal, [...held].sort());
      }
      const result = Object.fromEntries(next);
      uc.putGrants(type, fullName, result);
      return result;
    });
    return { privilege_assignments: assignments(grants, undefined) };
  });
  app.get(V, "/unity-catalog/effective-permissions/:type/:name", (call) => {
    const { type, fullName } = target(call);
    const principal = call.input.optionalString("principal");
    const sources = [
      { type, fullName },
      ...parents(type, fullName),
      ...(type === "metastore" ? [] : [{ type: "metastore" as const, fullName: uc.metastoreId }]),
    ];
    const effective = new Map<string, object[]>();
    for (const source of sources)
      for (const [name, privileges] of Object.entries(uc.grants(source.type, source.fullName))) {
        if (principal !== undefined && name !== principal) continue;
        const inherited =
          source.type === type ? {} : { inherited_from_type: source.type.toUpperCase(), inherited_from_name: source.fullName };
        effective.set(name, [...(effective.get(name) ?? []), ...privileges.map((privilege) => ({ privilege, ...inherited }))]);
      }
    return { privilege_assignments: [...effective].map(([name, privileges]) => ({ principal: name, privileges })) };
  });
}

function changesIn(input: Fields): { readonly principal: string; readonly add: string[]; readonly remove: string[] }[] {
  return input.list("changes").map((change) => {
    const principal = change.string("principal");
    if (principal.length > 256) throw invalid("The principal's name is longer than 256 characters.");
    const [add, remove] = (["add", "remove"] as const).map((field) =>
      (change.optionalStrings(field) ?? []).map((each) => each.toUpperCase().replaceAll(" ", "_")),
    );
    const unknown = [...(add ?? []), ...(remove ?? [])].find((privilege) => !PRIVILEGES.has(privilege));
    if (unknown !== undefined) throw invalid(`Privilege ${unknown.slice(0, 100)} is not applicable to this entity.`);
    return { principal, add: add ?? [], remove: remove ?? [] };
  });
}

interface Binding {
  readonly workspace_id: number;
  readonly binding_type: "BINDING_TYPE_READ_WRITE" | "BINDING_TYPE_READ_ONLY";
}

/** The metastore that the workspace is assigned to, and which workspaces may use an isolated catalog. */
export function metastoreRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const workspaceId = Number(app.workspaceId);
  const metastore: JsonObject = {
    metastore_id: uc.metastoreId,
    name: "local",
    region: "local",
    cloud: "aws",
    owner: "admins",
    global_metastore_id: `aws:local:${uc.metastoreId}`,
    privilege_model_version: "1.0",
    storage_root: `s3://local-metastore/${uc.metastoreId}`,
    delta_sharing_scope: "INTERNAL",
  };
  app.get(V, "/unity-catalog/current-metastore-assignment", () => ({
    metastore_id: uc.metastoreId,
    workspace_id: workspaceId,
    default_catalog_name: "main",
  }));
  app.get(V, "/unity-catalog/metastore_summary", () => metastore);
  app.get(V, "/unity-catalog/metastores", () => ({ metastores: [metastore] }));
  app.get(V, "/unity-catalog/metastores/:id", ({ params }) => {
    if (params.id !== uc.metastoreId) throw missing(`Metastore '${params.id ?? ""}' does not exist.`);
    return metastore;
  });

  const bindings = app.store.collection<Binding[]>("uc_bindings");
  const found = (name: string | undefined): string => uc.need("catalog", name ?? "").full_name;
  const listOf = (name: string): Binding[] => bindings.get(["catalog", name]) ?? [];
  const change = async (call: Call, name: string | undefined, add: readonly Binding[], remove: readonly number[]): Promise<Binding[]> =>
    app.store.write(() => {
      const catalog = found(name);
      uc.requireOwner(call.caller, "catalog", uc.need("catalog", catalog));
      const gone = new Set([...remove, ...add.map(({ workspace_id }) => workspace_id)]);
      const next = [...listOf(catalog).filter(({ workspace_id }) => !gone.has(workspace_id)), ...add];
      bindings.put(["catalog", catalog], next);
      return next;
    });
  const bindingsIn = (input: Fields, field: string): Binding[] =>
    input.list(field).map((each) => ({
      workspace_id: each.integer("workspace_id"),
      binding_type: each.optionalEnum("binding_type", ["BINDING_TYPE_READ_WRITE", "BINDING_TYPE_READ_ONLY"]) ?? "BINDING_TYPE_READ_WRITE",
    }));
  const catalogOnly = (type: string | undefined): void => {
    if (type !== "catalog") throw missing(`The local workspace has no securables of type '${(type ?? "").slice(0, 100)}' with bindings.`);
  };
  app.get(V, "/unity-catalog/bindings/:type/:name", ({ params }) => {
    catalogOnly(params.type);
    return { bindings: listOf(found(params.name)) };
  });
  app.patch(V, "/unity-catalog/bindings/:type/:name", async (call) => {
    catalogOnly(call.params.type);
    const remove = bindingsIn(call.input, "remove").map(({ workspace_id }) => workspace_id);
    return { bindings: await change(call, call.params.name, bindingsIn(call.input, "add"), remove) };
  });
  const numbers = (input: Fields, field: string): number[] =>
    (input.optionalArray(field) ?? []).map((each) => {
      if (typeof each !== "number" || !Number.isSafeInteger(each)) throw invalid(`${field} must be numbers of workspaces`);
      return each;
    });
  app.get(V, "/unity-catalog/workspace-bindings/catalogs/:name", ({ params }) => ({
    workspaces: listOf(found(params.name)).map(({ workspace_id }) => workspace_id),
  }));
  app.patch(V, "/unity-catalog/workspace-bindings/catalogs/:name", async (call) => {
    const add = numbers(call.input, "assign_workspaces").map((workspace_id): Binding => ({
      workspace_id,
      binding_type: "BINDING_TYPE_READ_WRITE",
    }));
    const next = await change(call, call.params.name, add, numbers(call.input, "unassign_workspaces"));
    return { workspaces: next.map(({ workspace_id }) => workspace_id) };
  });
}
