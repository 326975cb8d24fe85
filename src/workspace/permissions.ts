import { denied } from "./errors";
import type { Principals } from "./principals";
import type { Principal } from "./principal-records";
import type { Collection, Store } from "./store";

/** A direct grant on an object. */
export interface Grant {
  readonly kind: "user" | "group" | "service_principal";
  readonly name: string;
  readonly level: string;
}

/** The levels of each object type, lowest first. A level includes all lower ones. */
export const levels: Readonly<Record<string, readonly string[]>> = {
  "cluster-policy": ["CAN_USE"],
  "instance-pool": ["CAN_ATTACH_TO", "CAN_MANAGE"],
  cluster: ["CAN_ATTACH_TO", "CAN_RESTART", "CAN_MANAGE"],
  pipelines: ["CAN_VIEW", "CAN_RUN", "CAN_MANAGE", "IS_OWNER"],
  job: ["CAN_VIEW", "CAN_MANAGE_RUN", "CAN_MANAGE", "IS_OWNER"],
  notebook: ["CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"],
  directory: ["CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"],
  file: ["CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"],
  repo: ["CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"],
  tokens: ["CAN_USE", "CAN_MANAGE"],
  passwords: ["CAN_USE", "CAN_MANAGE"],
  warehouse: ["CAN_VIEW", "CAN_MONITOR", "CAN_USE", "CAN_MANAGE", "IS_OWNER"],
  dashboard: ["CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"],
  mlflowExperiment: ["CAN_READ", "CAN_EDIT", "CAN_MANAGE"],
  "registered-model": [
    "CAN_READ",
    "CAN_EDIT",
    "CAN_MANAGE_STAGING_VERSIONS",
    "CAN_MANAGE_PRODUCTION_VERSIONS",
    "CAN_MANAGE",
  ],
  apps: ["CAN_USE", "CAN_MANAGE"],
  alert: ["CAN_VIEW", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"],
  query: ["CAN_VIEW", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"],
  "vector-search-endpoints": ["CAN_USE", "CAN_MANAGE"],
  "serving-endpoint": ["CAN_VIEW", "CAN_QUERY", "CAN_MANAGE"],
};

/**
 * Permissions on objects. Admins have all permissions; other callers need a grant to themselves or
 * to one of their groups.
 */
export class Permissions {
  private readonly acls: Collection<Grant[]>;

  constructor(
    store: Store,
    private readonly principals: Principals,
  ) {
    this.acls = store.collection("acls");
  }

  /** Returns the direct grants on an object. */
  directGrants(type: string, id: string | number): Grant[] {
    return this.acls.get([type, String(id)]) ?? [];
  }

  /** Replaces the direct grants on an object. Call only inside `store.write`. */
  replace(type: string, id: string | number, grants: Grant[]): void {
    this.acls.put([type, String(id)], grants);
  }

  /** Grants the highest level to the creator of an object. Call only inside `store.write`. */
  grantToCreator(type: string, id: string | number, caller: Principal): void {
    const level = levels[type]?.at(-1) ?? "CAN_MANAGE";
    this.replace(type, id, [{ kind: caller.kind, name: caller.name, level }]);
  }

  /** Removes the grants on a deleted object. Call only inside `store.write`. */
  removeGrants(type: string, id: string | number): void {
    this.acls.remove([type, String(id)]);
  }

  /** Whether the caller has at least `level` on the object. */
  allows(caller: Principal, type: string, id: string | number, level: string): boolean {
    if (caller.admin) return true;
    const order = levels[type] ?? [];
    return this.directGrants(type, id).some((grant) => {
      // Everyone counts as a member of `users`.
      const appliesToCaller =
        grant.kind === "group"
          ? caller.groups.includes(grant.name) || grant.name === "users"
          : grant.name === caller.name;
      return appliesToCaller && order.indexOf(grant.level) >= order.indexOf(level);
    });
  }

  /** @throws 403 unless the caller has at least `level` */
  require(caller: Principal, type: string, id: string | number, level: string): void {
    if (!this.allows(caller, type, id, level))
      throw denied(
        `${caller.name} does not have ${level} permissions on ${type} ${id}. Please contact the owner or an administrator for access.`,
      );
  }

  /** @throws 403 unless the caller is an admin */
  requireAdmin(caller: Principal, action: string): void {
    if (!caller.admin) throw denied(`Only workspace admins can ${action}.`);
  }

  /** Whether the principal exists, which a grant requires. */
  principalExists(kind: Grant["kind"], name: string): boolean {
    if (kind === "group") return this.principals.findGroup(name) !== undefined;
    return this.principals.findUser(name)?.kind === kind;
  }
}
