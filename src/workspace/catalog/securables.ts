import { createHash, randomUUID } from "node:crypto";
import { denied, invalid, WorkspaceError, type ErrorCode, type JsonObject } from "../errors";
import type { Principal } from "../principal-records";
import type { WorkspaceApp } from "../routes";
import type { Collection } from "../store";

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

/** A catalog, schema, volume or table. Its name is in lower case, as in Unity Catalog. */
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

/** The parents of a securable, nearest first: `a.b.c` is in the schema `a.b` in the catalog `a`. */
export function parents(
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

  constructor(private readonly app: WorkspaceApp) {
    const digest = createHash("sha256").update(`metastore ${app.workspaceId}`).digest("hex");
    this.metastoreId = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-4${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
    this.privileges = app.store.collection("uc_grants");
  }

  of(type: SecurableType): Collection<Securable> {
    return this.app.store.collection<Securable>(`uc_${type}s`);
  }

  /** Checks one part of a name. @throws 400 for an invalid part */
  part(field: string, name: string): string {
    // eslint-disable-next-line no-control-regex -- matches control characters
    if (name.length > 255 || /[\s./\u0000-\u001f]/.test(name))
      throw invalid(`Invalid input: ${field} '${name.slice(0, 255)}' is not a valid name`);
    return name.toLowerCase();
  }

  find(type: SecurableType, fullName: string): Securable | undefined {
    return fullName.length > 1000 ? undefined : this.of(type).get(fullName.toLowerCase());
  }

  /** Returns a securable. @throws 404 with Unity Catalog's message */
  need(type: SecurableType, fullName: string): Securable {
    const found = this.find(type, fullName);
    if (found === undefined)
      throw new WorkspaceError(
        missingCodes[type],
        `${titles[type]} '${fullName.slice(0, 1000)}' does not exist.`,
      );
    return found;
  }

  /** Adds a securable. Call only inside `store.write`. @throws if the name is taken */
  add(type: SecurableType, fullName: string, caller: Principal, settings: JsonObject): Securable {
    if (this.find(type, fullName) !== undefined)
      throw new WorkspaceError(existsCodes[type], `${titles[type]} '${fullName}' already exists`);
    const now = this.app.clock.now();
    const result: Securable = {
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
    this.of(type).put(fullName, result);
    return result;
  }

  /**
   * Applies the fields of a request. The owner is changed first, as on the platform. Call only
   * inside `store.write`.
   */
  update(
    type: SecurableType,
    found: Securable,
    caller: Principal,
    settings: JsonObject,
    owner: string | undefined,
  ): Securable {
    this.requireOwner(caller, type, found);
    if (owner !== undefined && owner !== "") this.app.principals.ensure(owner);
    const next: Securable = {
      ...found,
      settings: { ...found.settings, ...settings },
      owner: owner === undefined || owner === "" ? found.owner : owner,
      updated_at: this.app.clock.now(),
      updated_by: caller.name,
    };
    this.of(type).put(found.full_name, next);
    return next;
  }

  /**
   * Renames an object, together with its children and grants. Call only inside `store.write`.
   * @throws if the name is taken
   */
  rename(type: SecurableType, found: Securable, newName: string | undefined): Securable {
    const name =
      newName === undefined || newName === "" ? found.name : this.part("new_name", newName);
    if (name === found.name) return found;
    const fullName = [...found.full_name.split(".").slice(0, -1), name].join(".");
    if (this.find(type, fullName) !== undefined)
      throw new WorkspaceError(existsCodes[type], `${titles[type]} '${fullName}' already exists`);
    for (const childType of ["schema", "volume", "table", "function"] as const)
      for (const each of this.within(childType, found.full_name))
        this.move(childType, each, `${fullName}${each.full_name.slice(found.full_name.length)}`);
    return this.move(type, { ...found, name }, fullName);
  }

  private move(type: SecurableType, found: Securable, fullName: string): Securable {
    const grants = this.grants(type, found.full_name);
    this.remove(type, found.full_name);
    const renamed = { ...found, full_name: fullName };
    this.of(type).put(fullName, renamed);
    if (Object.keys(grants).length > 0) this.putGrants(type, fullName, grants);
    return renamed;
  }

  /** Removes a securable and its grants. Call only inside `store.write`. */
  remove(type: SecurableType, fullName: string): void {
    this.of(type).remove(fullName);
    this.privileges.remove([type, fullName]);
  }

  /** Returns the securables whose full name starts with `prefix.`. */
  within(type: SecurableType, prefix: string): Securable[] {
    return this.of(type).values({ start: `${prefix}.`, end: `${prefix}/` });
  }

  grants(type: string, fullName: string): Record<string, string[]> {
    return this.privileges.get([type, fullName.toLowerCase()]) ?? {};
  }

  /** Replaces the grants on a securable. Call only inside `store.write`. */
  putGrants(type: string, fullName: string, grants: Record<string, string[]>): void {
    this.privileges.put([type, fullName.toLowerCase()], grants);
  }

  isOwner(caller: Principal, found: Securable): boolean {
    return caller.admin || found.owner === caller.name || caller.groups.includes(found.owner);
  }

  /** @throws 403 unless the caller is an admin, or owns the object or one of its parents */
  requireOwner(caller: Principal, type: SecurableType, found: Securable): void {
    const ancestors = parents(type, found.full_name).flatMap(
      (each) => this.find(each.type, each.fullName) ?? [],
    );
    const manages = this.has(caller, type, found.full_name, "MANAGE");
    if (!manages && ![found, ...ancestors].some((each) => this.isOwner(caller, each)))
      throw denied(`User does not have MANAGE on ${titles[type]} '${found.full_name}'.`);
  }

  /**
   * Whether the caller or one of its groups has a privilege on the object or one of its parents. ""
   * stands for any privilege.
   */
  has(caller: Principal, type: SecurableType, fullName: string, privilege: string): boolean {
    if (caller.admin) return true;
    const appliesToCaller = (name: string): boolean =>
      name === caller.name || caller.groups.includes(name) || name === "account users";
    return [
      { type, fullName },
      ...parents(type, fullName),
      { type: "metastore" as const, fullName: this.metastoreId },
    ].some((each) =>
      Object.entries(this.grants(each.type, each.fullName)).some(
        ([name, granted]) =>
          appliesToCaller(name) &&
          (granted.includes(privilege) ||
            granted.includes("ALL_PRIVILEGES") ||
            (privilege === "" && granted.length > 0)),
      ),
    );
  }

  /** @throws 403 unless the caller owns the object or has the privilege */
  require(caller: Principal, type: SecurableType, fullName: string, privilege: string): void {
    const found = type === "metastore" ? undefined : this.find(type, fullName);
    const owns = found !== undefined && this.isOwner(caller, found);
    if (!owns && !this.has(caller, type, fullName, privilege))
      throw denied(
        `User does not have ${privilege.replaceAll("_", " ")} on ${titles[type]} '${fullName}'.`,
      );
  }

  /**
   * Whether the caller sees the object: as its owner, or with any privilege on it, on one of its
   * parents or on one of its children.
   */
  visible(caller: Principal, type: SecurableType, found: Securable): boolean {
    if (this.isOwner(caller, found) || this.has(caller, type, found.full_name, "")) return true;
    const childTypes: SecurableType[] =
      type === "catalog"
        ? ["schema", "volume", "table"]
        : type === "schema"
          ? ["volume", "table"]
          : [];
    return childTypes.some((each) =>
      this.within(each, found.full_name).some(
        (item) =>
          this.isOwner(caller, item) ||
          Object.keys(this.grants(each, item.full_name)).some(
            (name) => name === caller.name || caller.groups.includes(name),
          ),
      ),
    );
  }

  /** The fields that every response about a securable contains. */
  common(found: Securable): JsonObject {
    const { name, full_name, owner, created_at, created_by, updated_at, updated_by, settings } =
      found;
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

/** Creates the instance that all API families share. */
export function unityCatalog(app: WorkspaceApp): UnityCatalog {
  const found = app.services.get("unity-catalog") as UnityCatalog | undefined;
  if (found !== undefined) return found;
  const result = new UnityCatalog(app);
  app.services.set("unity-catalog", result);
  return result;
}

/** Returns the named fields of a request, which are stored unchanged. */
export const kept = (values: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(
    names.flatMap((name) =>
      values[name] === undefined || values[name] === null ? [] : [[name, values[name]]],
    ),
  );

export const inheritedOptimization = {
  value: "ENABLE",
  inherited_from_type: "METASTORE",
  inherited_from_name: "local",
};
