import { Catalog, Group, ServicePrincipal, User } from "../../../constructs";
import { codes, defaultChild, synth, type Json } from "../support";

describe("group", () => {
  test("has members of the stack by reference, and looks up each other member once", () => {
    const { resourcesOf, json } = synth((stack) => {
      const group = new Group(stack, "engineers", {
        displayName: "engineers",
        allowClusterCreate: true,
      });
      const inner = new Group(stack, "inner", { displayName: "inner" });
      group.addMember(inner, User.named("ada@example.com"), Group.named("platform"));
      inner.addMember(
        User.named("ada@example.com"),
        ServicePrincipal.withApplicationId("00000000-0000-4000-8000-000000000001"),
      );
      expect([defaultChild(group), group.name]).toEqual(["databricks_group", "engineers"]);
    });
    expect(resourcesOf("databricks_group")[0]).toMatchObject({
      display_name: "engineers",
      allow_cluster_create: true,
    });
    const members = resourcesOf("databricks_group_member");
    expect(members).toHaveLength(5);
    for (const { group_id } of members)
      expect(group_id).toMatch(/^\$\{databricks_group\..*\.id\}$/);
    expect(
      members
        .map(({ member_id }) => /^\$\{(data\.)?databricks_\w+/.exec(member_id as string)?.[0])
        .sort(),
    ).toEqual([
      "${data.databricks_group",
      "${data.databricks_service_principal",
      "${data.databricks_user",
      "${data.databricks_user",
      "${databricks_group",
    ]);
    expect(Object.values((json.data as Record<string, Json>).databricks_user ?? {})).toMatchObject([
      { user_name: "ada@example.com" },
    ]);
  });
  test("can have grants next to a service principal of the same name", () => {
    const { resourcesOf } = synth((stack) => {
      const group = new Group(stack, "etl", { displayName: "etl" });
      const robot = new ServicePrincipal(stack, "robot", { displayName: "etl" });
      new Catalog(stack, "c", { name: "c" }).grants.use(group, robot).give(group, "USE_SCHEMA");
    });
    expect(resourcesOf("databricks_grant").map(({ privileges }) => privileges)).toEqual([
      ["USE_CATALOG", "USE_SCHEMA"],
      ["USE_CATALOG"],
    ]);
    expect(JSON.stringify(resourcesOf("databricks_grant"))).toMatch(
      /databricks_group.*display_name.*databricks_service_principal.*application_id/,
    );
  });
  test("rejects names of users, reserved names, a duplicate member, and itself as a member", () => {
    expect(codes((stack) => new Group(stack, "g", { displayName: "ada@example.com" }))).toEqual([
      "BAD_PRINCIPAL",
    ]);
    expect(codes((stack) => new Group(stack, "g", { displayName: "admins" }))).toEqual([
      "BAD_PRINCIPAL",
    ]);
    expect(
      codes((stack) =>
        new Group(stack, "g", { displayName: "g" }).addMember(Group.users, Group.users),
      ),
    ).toEqual(["DUPLICATE_MEMBER"]);
    expect(
      codes((stack) => {
        const group = new Group(stack, "g", { displayName: "g" });
        group.addMember(group);
      }),
    ).toEqual(["DUPLICATE_MEMBER"]);
  });
});
