import {
  Entitlements,
  Group,
  ServicePrincipal,
  User,
  type WorkspaceStack,
} from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

test("entitlements can be set for each kind of principal", () => {
  const { resourcesOf } = synth((stack) => {
    const group = new Entitlements(stack, "g", {
      principal: Group.named("analysts"),
      databricksSqlAccess: true,
    });
    new Entitlements(stack, "u", {
      principal: User.named("ada@example.com"),
      workspaceConsume: true,
    });
    const robot = ServicePrincipal.withApplicationId("00000000-0000-4000-8000-000000000001");
    new Entitlements(stack, "s", { principal: robot, allowClusterCreate: true });
    // @ts-expect-error workspaceConsume and workspaceAccess exclude each other
    new Entitlements(stack, "both", {
      principal: Group.users,
      workspaceConsume: true,
      workspaceAccess: true,
    });
    expect(defaultChild(group)).toBe("databricks_entitlements");
  });
  expect(
    resourcesOf("databricks_entitlements")
      .map((body) => Object.keys(body).sort().join(" "))
      .sort(),
  ).toEqual([
    "allow_cluster_create service_principal_id",
    "databricks_sql_access group_id",
    "group_id workspace_access workspace_consume",
    "user_id workspace_consume",
  ]);
});

test("entitlements reject a principal of the stack, since its entitlements are set on the principal itself", () => {
  const build = (stack: WorkspaceStack): unknown =>
    new Entitlements(stack, "e", { principal: new Group(stack, "g", { displayName: "g" }) });
  expect(codes(build)).toEqual(["ENTITLEMENTS_TWICE"]);
});
