import { randomUUID } from "node:crypto";
import { derivedUuid } from "../derived-uuid";
import { denied, invalid, WorkspaceError, type ErrorCode, type JsonObject } from "../errors";
import type { Fields } from "../fields";
import type { Principal } from "../principal-records";
import type { WorkspaceApp } from "../routes";
import type { Collection, Key } from "../store";

export type SecurableType =
  | "metastore"
  | "catalog"
  | "schema"
  | "volume"
  | "table"
  | "external_location"
  | "storage_credential"
  | "credential"
  | "connection"
  | "function"
  | "share";

/** An object of Unity Catalog. Its name is in lower case, as on the platform. */
export interface Securable {
  readonly id: string;
  /** The fields that clients may set and change: comment, properties, … */
  readonly settings: JsonObject;
  readonly name: string;
  readonly full_name: string;
  readonly owner: string;
  readonly created_at: number;
  readonly created_by: string;
  readonly updated_at: number;
  readonly updated_by: string;
}

/** ALL_PRIVILEGES does not include these privileges, to prevent privilege escalation. */
const notInAllPrivileges: ReadonlySet<string> = new Set([
  "MANAGE",
  "READ_METADATA",
  "EXTERNAL_USE_SCHEMA",
  "EXTERNAL_USE_LOCATION",
]);

const titles: Readonly<Record<SecurableType, string>> = {
  metastore: "Metastore",
  catalog: "Catalog",
  schema: "Schema",
  volume: "Volume",
  table: "Table",
  external_location: "External Location",
  storage_credential: "Storage Credential",
  credential: "Credential",
  connection: "Connection",
  // The only functions here are registered models.
  function: "RegisteredModel",
  share: "Share",
};
const missingCodes: Readonly<Record<SecurableType, ErrorCode>> = {
  metastore: "RESOURCE_DOES_NOT_EXIST",
  catalog: "CATALOG_DOES_NOT_EXIST",
  schema: "SCHEMA_DOES_NOT_EXIST",
  volume: "VOLUME_DOES_NOT_EXIST",
  table: "TABLE_DOES_NOT_EXIST",
  external_location: "EXTERNAL_LOCATION_DOES_NOT_EXIST",
  storage_credential: "STORAGE_CREDENTIAL_DOES_NOT_EXIST",
  credential: "RESOURCE_DOES_NOT_EXIST",
  connection: "CONNECTION_DOES_NOT_EXIST",
  function: "RESOURCE_DOES_NOT_EXIST",
  share: "RESOURCE_DOES_NOT_EXIST",
};
const existsCodes: Readonly<Record<SecurableType, ErrorCode>> = {
  metastore: "RESOURCE_ALREADY_EXISTS",
  catalog: "CATALOG_ALREADY_EXISTS",
  schema: "SCHEMA_ALREADY_EXISTS",
  volume: "VOLUME_ALREADY_EXISTS",
  table: "RESOURCE_ALREADY_EXISTS",
  external_location: "EXTERNAL_LOCATION_ALREADY_EXISTS",
  storage_credential: "STORAGE_CREDENTIAL_ALREADY_EXISTS",
  credential: "RESOURCE_ALREADY_EXISTS",
  connection: "CONNECTION_ALREADY_EXISTS",
  function: "RESOURCE_ALREADY_EXISTS",
  share: "RESOURCE_ALREADY_EXISTS",
};

/** Returns the parents of a securable, nearest first: `a.b.c` is in schema `a.b` in catalog `a`. */
export function parentsOf(
  type: SecurableType,
  fullName: string,
): { readonly type: SecurableType; readonly fullName: string }[] {
  const parts = fullName.split(".");
  const schema = { type: "schema" as const, fullName: parts.slice(0, 2).join(".") };
  const catalog = { type: "catalog" as const, fullName: parts[0] ?? "" };
  return type === "volume" || type === "table" || type === "function"
    ? [schema, catalog]
    : type === "schema"
      ? [catalog]
      : [];
}

/** Unity Catalog objects, their owners and permissions. */
export class UnityCatalog {
  readonly metastoreId: string;
  private readonly privileges: Collection<Record<string, string[]>>;
  private readonly bindings: Collection<unknown>;
  private readonly monitors: Collection<unknown>;

  constructor(private readonly app: WorkspaceApp) {
    this.metastoreId = derivedUuid(`metastore ${app.workspaceId}`);
    this.privileges = app.store.collection("uc_grants");
    this.bindings = app.store.collection("uc_bindings");
    this.monitors = app.store.collection("uc_monitors");
  }

  collection(type: SecurableType): Collection<Securable> {
    return this.app.store.collection<Securable>(`uc_${type}s`);
  }

  all(type: SecurableType): readonly Securable[] {
    return this.collection(type).values();
  }

  /** Checks one part of a name and returns it in lower case. @throws 400 for an invalid part */
  namePart(field: string, name: string): string {
    // eslint-disable-next-line no-control-regex -- matches control characters
    if (name.length > 255 || /[\s./\u0000-\u001f]/.test(name))
      throw invalid(`Invalid input: ${field} '${name.slice(0, 255)}' is not a valid name`);
    return name.toLowerCase();
  }

  /** Returns the full name of the schema that a request names. @throws 400 for an invalid name */
  parseSchema(input: Fields): string {
    const catalog = this.namePart("catalog_name", input.string("catalog_name"));
    return `${catalog}.${this.namePart("schema_name", input.string("schema_name"))}`;
  }

  find(type: SecurableType, fullName: string): Securable | undefined {
    return fullName.length > 1000 ? undefined : this.collection(type).get(fullName.toLowerCase());
  }

  /** Returns a securable. @throws 404 with Unity Catalog's message */
  mustFind(type: SecurableType, fullName: string): Securable {
    const securable = this.find(type, fullName);
    if (securable === undefined)
      throw new WorkspaceError(
        missingCodes[type],
        `${titles[type]} '${fullName.slice(0, 1000)}' does not exist.`,
      );
    return securable;
  }

  /** Adds a securable. Call only inside `store.write`. @throws if the name is taken */
  add(type: SecurableType, fullName: string, caller: Principal, settings: JsonObject): Securable {
    if (this.find(type, fullName) !== undefined)
      throw new WorkspaceError(existsCodes[type], `${titles[type]} '${fullName}' already exists`);
    const now = this.app.clock.now();
    const securable: Securable = {
      id: randomUUID(),
      settings,
      name: fullName.slice(fullName.lastIndexOf(".") + 1),
      full_name: fullName,
      owner: caller.name,
      created_at: now,
      created_by: caller.name,
      updated_at: now,
      updated_by: caller.name,
    };
    this.collection(type).put(fullName, securable);
    return securable;
  }

  /**
   * Applies the settings and the new owner of a request. Call only inside `store.write`.
   * @throws 403 as {@link requireOwner} does
   */
  update(
    type: SecurableType,
    securable: Securable,
    caller: Principal,
    settings: JsonObject,
    owner: string | undefined,
  ): Securable {
    this.requireOwner(caller, type, securable);
    if (owner !== undefined && owner !== "") this.app.principals.ensure(owner);
    const updated: Securable = {
      ...securable,
      settings: { ...securable.settings, ...settings },
      owner: owner === undefined || owner === "" ? securable.owner : owner,
      updated_at: this.app.clock.now(),
      updated_by: caller.name,
    };
    this.collection(type).put(securable.full_name, updated);
    return updated;
  }

  /**
   * Renames an object and moves its children, with the grants, bindings and monitors of the object
   * and its children. Call only inside `store.write`.
   * @throws if the name is taken
   */
  rename(type: SecurableType, securable: Securable, newName: string | undefined): Securable {
    const name =
      newName === undefined || newName === "" ? securable.name : this.namePart("new_name", newName);
    if (name === securable.name) return securable;
    const fullName = [...securable.full_name.split(".").slice(0, -1), name].join(".");
    if (this.find(type, fullName) !== undefined)
      throw new WorkspaceError(existsCodes[type], `${titles[type]} '${fullName}' already exists`);
    for (const childType of ["schema", "volume", "table", "function"] as const)
      for (const child of this.childrenOf(childType, securable.full_name))
        this.moveTo(
          childType,
          child,
          `${fullName}${child.full_name.slice(securable.full_name.length)}`,
        );
    return this.moveTo(type, { ...securable, name }, fullName);
  }

  private moveTo(type: SecurableType, securable: Securable, fullName: string): Securable {
    const newAttachments = this.attachmentsOf(type, fullName);
    this.attachmentsOf(type, securable.full_name).forEach(({ collection, key }, index) => {
      const value = collection.get(key);
      const newKey = newAttachments[index]?.key;
      if (value !== undefined && newKey !== undefined) collection.put(newKey, value);
    });
    this.remove(type, securable.full_name);
    const renamedSecurable = { ...securable, full_name: fullName };
    this.collection(type).put(fullName, renamedSecurable);
    return renamedSecurable;
  }

  /** Removes a securable, its grants, bindings and monitor. Call only inside `store.write`. */
  remove(type: SecurableType, fullName: string): void {
    this.collection(type).remove(fullName);
    for (const { collection, key } of this.attachmentsOf(type, fullName)) collection.remove(key);
  }

  /** Returns the collections and keys of a securable's grants, bindings and monitor. */
  private attachmentsOf(
    type: SecurableType,
    fullName: string,
  ): { readonly collection: Collection<unknown>; readonly key: Key }[] {
    const key = [type, fullName];
    return [
      { collection: this.privileges, key },
      { collection: this.bindings, key },
      ...(type === "table" ? [{ collection: this.monitors, key: fullName }] : []),
    ];
  }

  /** Returns the securables whose full name starts with `prefix.`. */
  childrenOf(type: SecurableType, prefix: string): Securable[] {
    // "/" is the character after ".", so this is the end of the names that start with `prefix.`.
    return this.collection(type).values({ start: `${prefix}.`, end: `${prefix}/` });
  }

  grantsOf(type: string, fullName: string): Record<string, string[]> {
    return this.privileges.get([type, fullName.toLowerCase()]) ?? {};
  }

  /** Replaces the grants on a securable. Call only inside `store.write`. */
  putGrants(type: string, fullName: string, grants: Record<string, string[]>): void {
    this.privileges.put([type, fullName.toLowerCase()], grants);
  }

  isOwner(caller: Principal, securable: Securable): boolean {
    return (
      caller.admin || securable.owner === caller.name || caller.groups.includes(securable.owner)
    );
  }

  /**
   * @throws 403 unless the caller is an admin, owns the object or one of its parents, or has MANAGE
   * on one of them
   */
  requireOwner(caller: Principal, type: SecurableType, securable: Securable): void {
    const ancestors = parentsOf(type, securable.full_name).flatMap(
      (ancestor) => this.find(ancestor.type, ancestor.fullName) ?? [],
    );
    const canManage = this.hasPrivilege(caller, type, securable.full_name, "MANAGE");
    if (
      !canManage &&
      ![securable, ...ancestors].some((candidate) => this.isOwner(caller, candidate))
    )
      throw denied(`User does not have MANAGE on ${titles[type]} '${securable.full_name}'.`);
  }

  /**
   * Whether the caller is an admin, or the caller or one of its groups has a privilege on the
   * object, on one of its parents or on the metastore. With "": any privilege.
   */
  hasPrivilege(
    caller: Principal,
    type: SecurableType,
    fullName: string,
    privilege: string,
  ): boolean {
    if (caller.admin) return true;
    return [
      { type, fullName },
      ...parentsOf(type, fullName),
      { type: "metastore" as const, fullName: this.metastoreId },
    ].some((source) =>
      Object.entries(this.grantsOf(source.type, source.fullName)).some(
        ([name, privileges]) =>
          appliesTo(caller, name) &&
          (privileges.includes(privilege) ||
            (privileges.includes("ALL_PRIVILEGES") && !notInAllPrivileges.has(privilege)) ||
            (privilege === "" && privileges.length > 0)),
      ),
    );
  }

  /** Whether the caller owns the object, or {@link hasPrivilege} is true. */
  allows(caller: Principal, type: SecurableType, fullName: string, privilege: string): boolean {
    const securable = type === "metastore" ? undefined : this.find(type, fullName);
    return (
      (securable !== undefined && this.isOwner(caller, securable)) ||
      this.hasPrivilege(caller, type, fullName, privilege)
    );
  }

  /** @throws 403 unless {@link allows} is true */
  requirePrivilege(
    caller: Principal,
    type: SecurableType,
    fullName: string,
    privilege: string,
  ): void {
    if (!this.allows(caller, type, fullName, privilege))
      throw denied(
        `User does not have ${privilege.replaceAll("_", " ")} on ${titles[type]} '${fullName}'.`,
      );
  }

  /**
   * Whether the caller sees the object: as the owner of the object or of one of its children, or
   * with any privilege on the object, its parents, its children or the metastore.
   */
  isVisible(caller: Principal, type: SecurableType, securable: Securable): boolean {
    if (this.isOwner(caller, securable) || this.hasPrivilege(caller, type, securable.full_name, ""))
      return true;
    const childTypes: SecurableType[] =
      type === "catalog"
        ? ["schema", "volume", "table", "function"]
        : type === "schema"
          ? ["volume", "table", "function"]
          : [];
    return childTypes.some((childType) =>
      this.childrenOf(childType, securable.full_name).some(
        (child) =>
          this.isOwner(caller, child) ||
          Object.keys(this.grantsOf(childType, child.full_name)).some((name) =>
            appliesTo(caller, name),
          ),
      ),
    );
  }

  /** The fields that every response about a securable contains. */
  commonFields(securable: Securable): JsonObject {
    const { name, full_name, owner, created_at, created_by, updated_at, updated_by, settings } =
      securable;
    return {
      ...settings,
      name,
      full_name,
      owner,
      metastore_id: this.metastoreId,
      created_at,
      created_by,
      updated_at,
      updated_by,
    };
  }
}

/** Whether a grant to a principal applies to the caller: directly or through a group. */
const appliesTo = (caller: Principal, principal: string): boolean =>
  principal === caller.name || caller.groups.includes(principal) || principal === "account users";

/** Returns the instance that all API families share; the first call creates it. */
export function unityCatalog(app: WorkspaceApp): UnityCatalog {
  const existing = app.services.get("unity-catalog") as UnityCatalog | undefined;
  if (existing !== undefined) return existing;
  const catalog = new UnityCatalog(app);
  app.services.set("unity-catalog", catalog);
  return catalog;
}

/** The predictive optimization that catalogs and schemas inherit from the metastore. */
export const inheritedOptimization = {
  value: "ENABLE",
  inherited_from_type: "METASTORE",
  inherited_from_name: "local",
};
