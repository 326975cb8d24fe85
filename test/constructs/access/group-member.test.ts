import { Group, GroupMember, User } from "../../../constructs";
import { defaultChild, synth } from "../support";

test("GroupMember adds a principal to a group that is managed elsewhere", () => {
  const { resourceOf } = synth((stack) => {
    const member = new GroupMember(stack, "ada", {
      group: Group.named("analysts"),
      member: User.named("ada@example.com"),
    });
    expect(defaultChild(member)).toBe("databricks_group_member");
  });
  expect(resourceOf("databricks_group_member")).toEqual({
    group_id: expect.stringMatching(/^\$\{data\.databricks_group\./) as unknown,
    member_id: expect.stringMatching(/^\$\{data\.databricks_user\./) as unknown,
  });
});
