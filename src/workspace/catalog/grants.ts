import { invalid, missing } from "../errors";
import type { Fields } from "../fields";
import { page } from "../paging";
import type { Call, WorkspaceApp } from "../routes";
import { parentsOf, unityCatalog, type SecurableType } from "./securables";

const VERSIONS = ["2.1"];
const TYPES = [
  "metastore",
  "catalog",
  "schema",
  "volume",
  "table",
  "external_location",
  "storage_credential",
  "credential",
  "connection",
  "function",
  "share",
] as const;

const PRIVILEGES = new Set([
  "ALL_PRIVILEGES",
  "ACCESS",
  "APPLY_TAG",
  "BROWSE",
  "CREATE",
  "CREATE_CATALOG",
  "CREATE_CLEAN_ROOM",
  "CREATE_CONNECTION",
  "CREATE_EXTERNAL_LOCATION",
  "CREATE_EXTERNAL_TABLE",
  "CREATE_EXTERNAL_VOLUME",
  "CREATE_FOREIGN_CATALOG",
  "CREATE_FOREIGN_SECURABLE",
  "CREATE_FUNCTION",
  "CREATE_MANAGED_STORAGE",
  "CREATE_MATERIALIZED_VIEW",
  "CREATE_MODEL",
  "CREATE_MODEL_VERSION",
  "CREATE_PROVIDER",
  "CREATE_RECIPIENT",
  "CREATE_SCHEMA",
  "CREATE_SERVICE_CREDENTIAL",
  "CREATE_SHARE",
  "CREATE_STORAGE_CREDENTIAL",
  "CREATE_TABLE",
  "CREATE_VIEW",
  "CREATE_VOLUME",
  "EXECUTE",
  "EXTERNAL_USE_LOCATION",
  "EXTERNAL_USE_SCHEMA",
  "MANAGE",
  "MANAGE_ALLOWLIST",
  "MODIFY",
  "READ_FILES",
  "READ_METADATA",
  "READ_PRIVATE_FILES",
  "READ_VOLUME",
  "REFRESH",
  "SELECT",
  "SET_SHARE_PERMISSION",
  "USAGE",
  "USE_CATALOG",
  "USE_CONNECTION",
  "USE_MARKETPLACE_ASSETS",
  "USE_PROVIDER",
  "USE_RECIPIENT",
  "USE_SCHEMA",
  "USE_SHARE",
  "WRITE_FILES",
  "WRITE_PRIVATE_FILES",
  "WRITE_VOLUME",
]);

/** Routes of Unity Catalog's grants and effective grants. Ownership is not listed as a grant. */
export function grantRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const findTarget = (call: Call): { readonly type: SecurableType; readonly fullName: string } => {
    const requestedType = (call.params.type ?? "").toLowerCase();
    const type = TYPES.find((name) => name === requestedType);
    const fullName = (call.params.name ?? "").toLowerCase();
    if (type === undefined)
      throw missing(
        `The local workspace has no securables of type '${requestedType.slice(0, 100)}'.`,
      );
    if (type === "metastore") {
      if (fullName !== uc.metastoreId)
        throw missing(`Metastore '${fullName.slice(0, 100)}' does not exist.`);
    } else uc.mustFind(type, fullName);
    return { type, fullName };
  };
  const toAssignments = (
    grants: Record<string, string[]>,
    principal: string | undefined,
  ): object[] =>
    Object.entries(grants)
      .filter(([name]) => principal === undefined || name === principal)
      .map(([name, privileges]) => ({ principal: name, privileges }));

  app.get(VERSIONS, "/unity-catalog/permissions/:type/:name", (call) => {
    const { type, fullName } = findTarget(call);
    const matches = toAssignments(
      uc.grantsOf(type, fullName),
      call.input.optionalString("principal"),
    );
    return matches.length === 0 ? {} : { privilege_assignments: matches };
  });
  app.patch(VERSIONS, "/unity-catalog/permissions/:type/:name", async (call) => {
    const changes = parseChanges(call.input);
    const grants = await app.store.write(() => {
      const { type, fullName } = findTarget(call);
      if (type === "metastore" || type === "share")
        app.permissions.requireAdmin(call.caller, `grant on the ${type}`);
      else uc.requireOwner(call.caller, type, uc.mustFind(type, fullName));
      const grantsByPrincipal = new Map(Object.entries(uc.grantsOf(type, fullName)));
      for (const { principal, add, remove } of changes) {
        if (principal !== "account users" && type !== "share") app.principals.ensure(principal);
        const principalPrivileges = new Set(grantsByPrincipal.get(principal) ?? []);
        for (const privilege of remove) principalPrivileges.delete(privilege);
        for (const privilege of add) principalPrivileges.add(privilege);
        if (principalPrivileges.size === 0) grantsByPrincipal.delete(principal);
        else grantsByPrincipal.set(principal, [...principalPrivileges].sort());
      }
      const newGrants = Object.fromEntries(grantsByPrincipal);
      uc.putGrants(type, fullName, newGrants);
      return newGrants;
    });
    return { privilege_assignments: toAssignments(grants, undefined) };
  });
  const effectivePrivileges = (call: Call): object[] => {
    const { type, fullName } = findTarget(call);
    const principal = call.input.optionalString("principal");
    const sources = [
      { type, fullName },
      ...parentsOf(type, fullName),
      ...(type === "metastore" ? [] : [{ type: "metastore" as const, fullName: uc.metastoreId }]),
    ];
    const assignments = new Map<string, object[]>();
    for (const source of sources)
      for (const [name, privileges] of Object.entries(uc.grantsOf(source.type, source.fullName))) {
        if (principal !== undefined && name !== principal) continue;
        const inheritance =
          source.type === type
            ? {}
            : {
                inherited_from_type: source.type.toUpperCase(),
                inherited_from_name: source.fullName,
              };
        assignments.set(name, [
          ...(assignments.get(name) ?? []),
          ...privileges.map((privilege) => ({ privilege, ...inheritance })),
        ]);
      }
    return [...assignments].map(([name, privileges]) => ({ principal: name, privileges }));
  };
  app.get(VERSIONS, "/unity-catalog/effective-permissions/:type/:name", (call) => ({
    privilege_assignments: effectivePrivileges(call),
  }));

  // Both endpoints also exist with paging, under other names.
  const respondWithPage = (input: Fields, field: string, allItems: object[]): object => {
    const size = input.optionalInteger("page_size") ?? 0;
    if (size !== 0 && size < 150)
      throw invalid(`page_size must be 0 or at least 150, got ${size}.`);
    const { items, next_page_token } = page(input, allItems, {
      defaultSize: 1000,
      maxSize: 1000,
      sizeParameter: "page_size",
    });
    return { [field]: items, next_page_token };
  };
  app.get(VERSIONS, "/unity-catalog/privilege-assignments/:type/:name", (call) => {
    const { type, fullName } = findTarget(call);
    return respondWithPage(
      call.input,
      "privilege_assignments",
      toAssignments(uc.grantsOf(type, fullName), call.input.optionalString("principal")),
    );
  });
  app.get(VERSIONS, "/unity-catalog/effective-privilege-assignments/:type/:name", (call) =>
    respondWithPage(call.input, "effective_privilege_assignments", effectivePrivileges(call)),
  );
}

function parseChanges(
  input: Fields,
): { readonly principal: string; readonly add: string[]; readonly remove: string[] }[] {
  return input.list("changes").map((change) => {
    const principal = change.string("principal");
    if (principal.length > 256)
      throw invalid("The principal's name is longer than 256 characters.");
    const [add, remove] = (["add", "remove"] as const).map((field) =>
      (change.optionalStrings(field) ?? []).map((name) => name.toUpperCase().replaceAll(" ", "_")),
    );
    const unknown = [...(add ?? []), ...(remove ?? [])].find(
      (privilege) => !PRIVILEGES.has(privilege),
    );
    if (unknown !== undefined)
      throw invalid(`Privilege ${unknown.slice(0, 100)} is not applicable to this entity.`);
    return { principal, add: add ?? [], remove: remove ?? [] };
  });
}
