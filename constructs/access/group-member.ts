import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import type { IGroup, Principal } from "./principal";

export interface GroupMemberProps {
  /** The group that gets the member. */
  readonly group: IGroup;
  /** The user, service principal or group to add. */
  readonly member: Principal;
}

/**
 * A member of a group that is managed elsewhere. For a group of this stack, use `group.addMember`.
 *
 * @example
 * new GroupMember(stack, "ada", {
 *   group: Group.named("analysts"),
 *   member: User.named("ada@example.com"),
 * });
 * @see https://docs.databricks.com/aws/en/admin/users-groups/groups
 */
export class GroupMember extends Element {
  constructor(scope: Construct, id: string, { group, member }: GroupMemberProps) {
    super(scope, id);
    const { GroupMember: GroupMemberResource } = load("group-member");
    new GroupMemberResource(this, "Resource", {
      groupId: group.renderId(this),
      memberId: member.renderId(this),
    });
  }
}
