import { ConstructError } from "../core/errors";
import { callerPosition } from "../core/source";

/** A principal that can be given permissions: a user by e-mail address, a group by name, a service principal by its application id. */
export type Principal = User | Group | ServicePrincipal;

/**
 * A user of the workspace, by e-mail address.
 *
 * @example
 * workflow.permissions.allow("CAN_MANAGE", User.named("ada@example.com"), Group.named("data-engineers"));
 * workflow.permissions.allow("CAN_MANAGE_RUN", ServicePrincipal.withApplicationId("8b4fb6c4-2d2a-4a0c-9c3e-5a1f0d6b7e11"));
 */
export class User {
  /** @throws ConstructError BAD_PRINCIPAL if it is not an e-mail address */
  static named(email: string): User {
    if (!/^[^\s@]+@[^\s@]+$/.test(email)) {
      throw new ConstructError("BAD_PRINCIPAL", "a user is named by an e-mail address", { path: callerPosition(), value: email });
    }
    return new User(email);
  }

  readonly kind = "user";
  readonly #brand = "User";
  private constructor(readonly name: string) {}

  toString(): string {
    return `${this.#brand} ${this.name}`;
  }
}

/** A group of the workspace or the account, by its name. */
export class Group {
  static readonly users = new Group("users");
  static readonly admins = new Group("admins");
  /** Everyone in the account: for Unity Catalog. */
  static readonly accountUsers = new Group("account users");

  /** @throws ConstructError BAD_PRINCIPAL if it is empty or an e-mail address */
  static named(name: string): Group {
    if (name.trim() === "" || name.includes("@")) {
      throw new ConstructError("BAD_PRINCIPAL", "a group is named by its display name", {
        path: callerPosition(),
        value: name,
        fix: "for a person use User.named(email)",
      });
    }
    return new Group(name);
  }

  readonly kind = "group";
  readonly #brand = "Group";
  private constructor(readonly name: string) {}

  toString(): string {
    return `${this.#brand} ${this.name}`;
  }
}

/** A service principal, by its application id. */
export class ServicePrincipal {
  /** @throws ConstructError BAD_PRINCIPAL if it is not a UUID */
  static withApplicationId(applicationId: string): ServicePrincipal {
    if (!/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(applicationId)) {
      throw new ConstructError("BAD_PRINCIPAL", "a service principal is named by its application id", {
        path: callerPosition(),
        value: applicationId,
        allowed: "a UUID, not the display name",
      });
    }
    return new ServicePrincipal(applicationId);
  }

  readonly kind = "service principal";
  readonly #brand = "ServicePrincipal";
  private constructor(readonly name: string) {}

  toString(): string {
    return `${this.#brand} ${this.name}`;
  }
}
