import { invalid, missing } from "../errors";
import type { Fields } from "../fields";
import { page } from "../paging";
import type { Call, WorkspaceApp } from "../routes";
import { parents, unityCatalog, type SecurableType } from "./securables";

const V = ["2.1"];
const TYPES = ["metastore", "catalog", "schema", "volume", "table", "external_location", "storage_credential", "credential", "connection", "function", "share"] as const; // prettier-ignore

const PRIVILEGES = new Set([
  "ALL_PRIVILEGES", "ACCESS", "APPLY_TAG", "BROWSE", "CREATE", "CREATE_CATALOG", "CREATE_CLEAN_ROOM", "CREATE_CONNECTION", "CREATE_EXTERNAL_LOCATION", "CREATE_EXTERNAL_TABLE",
  "CREATE_EXTERNAL_VOLUME", "CREATE_FOREIGN_CATALOG", "CREATE_FOREIGN_SECURABLE", "CREATE_FUNCTION", "CREATE_MANAGED_STORAGE", "CREATE_MATERIALIZED_VIEW", "CREATE_MODEL",
  "CREATE_MODEL_VERSION", "CREATE_PROVIDER", "CREATE_RECIPIENT", "CREATE_SCHEMA", "CREATE_SERVICE_CREDENTIAL", "CREATE_SHARE", "CREATE_STORAGE_CREDENTIAL", "CREATE_TABLE",
  "CREATE_VIEW", "CREATE_VOLUME", "EXECUTE", "EXTERNAL_USE_LOCATION", "EXTERNAL_USE_SCHEMA", "MANAGE", "MANAGE_ALLOWLIST", "MODIFY", "READ_FILES", "READ_METADATA", "READ_PRIVATE_FILES",
  "READ_VOLUME", "REFRESH", "SELECT", "SET_SHARE_PERMISSION", "USAGE", "USE_CATALOG", "USE_CONNECTION", "USE_MARKETPLACE_ASSETS", "USE_PROVIDER", "USE_RECIPIENT", "USE_SCHEMA",
  "USE_SHARE", "WRITE_FILES", "WRITE_PRIVATE_FILES", "WRITE_VOLUME",
]); // prettier-ignore

/** Grants and effective grants of Unity Catalog. Ownership is not a grant, and implies none. */
export function grantRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const target = (call: Call): { readonly type: SecurableType; readonly fullName: string } => {
    const given = (call.params.type ?? "").toLowerCase();
    const type = TYPES.find((each) => each === given);
    const fullName = (call.params.name ?? "").toLowerCase();
    if (type === undefined)
      throw missing(`The local workspace has no securables of type '${given.slice(0, 100)}'.`);
    if (type === "metastore") {
      if (fullName !== uc.metastoreId)
        throw missing(`Metastore '${fullName.slice(0, 100)}' does not exist.`);
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
      if (type === "metastore" || type === "share")
        app.permissions.requireAdmin(call.caller, `grant on the ${type}`);
      else uc.requireOwner(call.caller, type, uc.need(type, fullName));
      const next = new Map(Object.entries(uc.grants(type, fullName)));
      for (const { principal, add, remove } of changes) {
        if (principal !== "account users" && type !== "share") app.principals.ensure(principal);
        const heldPrivileges = new Set(next.get(principal) ?? []);
        for (const privilege of remove) heldPrivileges.delete(privilege);
        for (const privilege of add) heldPrivileges.add(privilege);
        if (heldPrivileges.size === 0) next.delete(principal);
        else next.set(principal, [...heldPrivileges].sort());
      }
      const result = Object.fromEntries(next);
      uc.putGrants(type, fullName, result);
      return result;
    });
    return { privilege_assignments: assignments(grants, undefined) };
  });
  const effectiveOf = (call: Call): object[] => {
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
          source.type === type
            ? {}
            : {
                inherited_from_type: source.type.toUpperCase(),
                inherited_from_name: source.fullName,
              };
        effective.set(name, [
          ...(effective.get(name) ?? []),
          ...privileges.map((privilege) => ({ privilege, ...inherited })),
        ]);
      }
    return [...effective].map(([name, privileges]) => ({ principal: name, privileges }));
  };
  app.get(V, "/unity-catalog/effective-permissions/:type/:name", (call) => ({
    privilege_assignments: effectiveOf(call),
  }));

  // The paged variants of both endpoints.
  const paged = (input: Fields, field: string, all: object[]): object => {
    const size = input.optionalInteger("page_size") ?? 0;
    if (size !== 0 && size < 150)
      throw invalid(`page_size must be 0 or at least 150, got ${size}.`);
    const { items, next_page_token } = page(input, all, {
      byDefault: 1000,
      most: 1000,
      size: "page_size",
    });
    return { [field]: items, next_page_token };
  };
  app.get(V, "/unity-catalog/privilege-assignments/:type/:name", (call) => {
    const { type, fullName } = target(call);
    return paged(
      call.input,
      "privilege_assignments",
      assignments(uc.grants(type, fullName), call.input.optionalString("principal")),
    );
  });
  app.get(V, "/unity-catalog/effective-privilege-assignments/:type/:name", (call) =>
    paged(call.input, "effective_privilege_assignments", effectiveOf(call)),
  );
}

function changesIn(
  input: Fields,
): { readonly principal: string; readonly add: string[]; readonly remove: string[] }[] {
  return input.list("changes").map((change) => {
    const principal = change.string("principal");
    if (principal.length > 256)
      throw invalid("The principal's name is longer than 256 characters.");
    const [add, remove] = (["add", "remove"] as const).map((field) =>
      (change.optionalStrings(field) ?? []).map((each) => each.toUpperCase().replaceAll(" ", "_")),
    );
    const unknown = [...(add ?? []), ...(remove ?? [])].find(
      (privilege) => !PRIVILEGES.has(privilege),
    );
    if (unknown !== undefined)
      throw invalid(`Privilege ${unknown.slice(0, 100)} is not applicable to this entity.`);
    return { principal, add: add ?? [], remove: remove ?? [] };
  });
}
