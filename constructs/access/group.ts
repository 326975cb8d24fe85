import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { ConstructError, errorAt } from "../core/errors";
import { callerPosition } from "../core/caller-position";
import type { EntitlementProps } from "./entitlements";
import { GroupMember } from "./group-member";
import { childId, existingPrincipal, keyOf, type IGroup, type Principal } from "./principal";

export type GroupProps = EntitlementProps & {
  /** The name, which must be unique in the workspace. */
  readonly displayName: string;
  /** The id of the group at the identity provider. Cannot be changed later. */
  readonly externalId?: string;
  /** Take over an existing group. @default false */
  readonly force?: boolean;
};

/**
 * A group of the workspace.
 *
 * @example
 * const engineers = new Group(stack, "engineers", {
 *   displayName: "data-engineers",
 *   allowClusterCreate: true,
 * });
 * engineers.addMember(User.named("ada@example.com"), Group.named("platform"));
 * workflow.permissions.allow("CAN_MANAGE_RUN", engineers, Group.users);
 * @see https://docs.databricks.com/aws/en/admin/users-groups/groups
 */
export class Group extends Element implements IGroup {
  /** The group of all users of the workspace. */
  static readonly users: IGroup = existingGroup("users");
  /** The group of the workspace's administrators. */
  static readonly admins: IGroup = existingGroup("admins");
  /** All users of the account, for grants in Unity Catalog. */
  static readonly accountUsers: IGroup = existingGroup("account users");

  /**
   * Refers to a group that is managed elsewhere.
   * @throws ConstructError BAD_PRINCIPAL if the name is empty or contains @
   */
  static named(name: string): IGroup {
    const problem = nameProblemOf(name);
    if (problem !== undefined)
      throw new ConstructError("BAD_PRINCIPAL", problem.message, {
        path: callerPosition(),
        value: name,
        fix: problem.fix,
      });
    return existingGroup(name);
  }

  readonly kind = "group";
  readonly name: string;
  readonly #displayName: string;
  readonly #id: string;
  readonly #members = new Set<string>();

  /**
   * @throws ConstructError BAD_PRINCIPAL if the name is empty, contains @, or is `users` or
   * `admins`
   */
  constructor(scope: Construct, id: string, props: GroupProps) {
    super(scope, id);
    const { displayName } = props;
    const problem = nameProblemOf(displayName) ?? reservedNameProblem(displayName);
    if (problem !== undefined)
      throw errorAt(this, "BAD_PRINCIPAL", problem.message, {
        value: displayName,
        fix: problem.fix,
      });
    const { Group: GroupResource } = load("group");
    const resource = new GroupResource(this, "Resource", { ...props });
    this.name = displayName;
    this.#displayName = resource.displayName;
    this.#id = resource.id;
  }

  /**
   * Adds members. Members that were added elsewhere are not changed.
   * @throws ConstructError DUPLICATE_MEMBER for a member that was already added, and for the group
   * itself
   */
  addMember(...members: readonly Principal[]): this {
    for (const member of members) {
      const key = keyOf(member);
      if (this.#members.has(key) || member === this) {
        throw errorAt(
          this,
          "DUPLICATE_MEMBER",
          member === this
            ? "a group cannot be its own member"
            : "the group already has this member",
          {
            value: key,
            fix:
              member === this ? "remove the group from its members" : "add each member only once",
          },
        );
      }
      this.#members.add(key);
      new GroupMember(this, childId(this, "Member", member), { group: this, member });
    }
    return this;
  }

  renderName(): string {
    return this.#displayName;
  }

  renderId(): string {
    return this.#id;
  }
}

function existingGroup(name: string): IGroup {
  return existingPrincipal("group", name, (stack, id) => {
    const { DataDatabricksGroup } = load("data-databricks-group");
    return new DataDatabricksGroup(stack, id, { displayName: name });
  });
}

interface NameProblem {
  readonly message: string;
  readonly fix: string;
}

function nameProblemOf(name: string): NameProblem | undefined {
  return name.trim() === "" || name.includes("@")
    ? {
        message: "a group is identified by its display name",
        fix: "use the display name of the group; for a person use User.named(email)",
      }
    : undefined;
}

function reservedNameProblem(name: string): NameProblem | undefined {
  return name === "users" || name === "admins"
    ? { message: "the platform creates this group", fix: `use Group.${name}` }
    : undefined;
}
