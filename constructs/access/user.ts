import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { ConstructError, errorAt } from "../core/errors";
import { isReference } from "../core/names";
import { callerPosition } from "../core/caller-position";
import type { PrincipalProps } from "./entitlements";
import { existingPrincipal, type IUser } from "./principal";

export type UserProps = {
  /** The e-mail address. */
  readonly userName: string;
  /** The name to display. @default - the e-mail address */
  readonly displayName?: string;
} & PrincipalProps;

/**
 * A user of the workspace.
 *
 * @example
 * const ada = new User(stack, "ada", { userName: "ada@example.com", displayName: "Ada Lovelace" });
 * workflow.permissions.allow("CAN_MANAGE", ada, User.named("grace@example.com"));
 * @see https://docs.databricks.com/aws/en/admin/users-groups/users
 */
export class User extends Element implements IUser {
  /**
   * Refers to a user that is managed elsewhere. Users are identified by their e-mail addresses.
   * @throws ConstructError BAD_PRINCIPAL if it is not an e-mail address
   */
  static named(email: string): IUser {
    if (!isEmailAddress(email))
      throw new ConstructError("BAD_PRINCIPAL", "a user is identified by an e-mail address", {
        path: callerPosition(),
        value: email,
        fix: "for a group use Group.named, for a service principal ServicePrincipal.withApplicationId",
      });
    return existingPrincipal("user", email, (stack, id) => {
      const { DataDatabricksUser } = load("data-databricks-user");
      return new DataDatabricksUser(stack, id, { userName: email });
    });
  }

  readonly kind = "user";
  readonly name: string;
  /** The home folder `/Users/ada@example.com`, as a Terraform reference. */
  readonly home: string;
  readonly #userName: string;
  readonly #id: string;

  /** @throws ConstructError BAD_PRINCIPAL if the user name is not an e-mail address */
  constructor(scope: Construct, id: string, props: UserProps) {
    super(scope, id);
    if (!isEmailAddress(props.userName))
      throw errorAt(this, "BAD_PRINCIPAL", "a user is identified by an e-mail address", {
        value: props.userName,
        fix: "set userName to the e-mail address",
      });
    const { User: UserResource } = load("user");
    const resource = new UserResource(this, "Resource", { ...props });
    this.name = props.userName;
    this.home = resource.home;
    this.#userName = resource.userName;
    this.#id = resource.id;
  }

  renderName(): string {
    return this.#userName;
  }

  renderId(): string {
    return this.#id;
  }
}

function isEmailAddress(text: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(text) || isReference(text);
}
