import {
  AllPurposeCluster,
  ClusterPolicy,
  Directory,
  Group,
  InstancePool,
  Notebook,
  Permissions,
  Repo,
  ServicePrincipal,
  SqlWarehouse,
  User,
  Workflow,
  WorkspaceFile,
} from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

const warehouse = SqlWarehouse.fromId("w1");

describe("permissions", () => {
  test("are sorted by principal, each with its level", () => {
    const { resourceOf } = synth((stack) => {
      const list = Permissions.onWarehouse(stack, "list", warehouse);
      list
        .allow("CAN_USE", Group.named("b"), Group.named("a"))
        .allow("IS_OWNER", User.named("ada@example.com"));
      expect(defaultChild(list)).toBe("databricks_permissions");
    });
    expect(resourceOf("databricks_permissions")).toEqual({
      sql_endpoint_id: "w1",
      access_control: [
        { group_name: "a", permission_level: "CAN_USE" },
        { group_name: "b", permission_level: "CAN_USE" },
        { user_name: "ada@example.com", permission_level: "IS_OWNER" },
      ],
    });
  });

  test("name their object in the field of its type", () => {
    const { resourcesOf } = synth((stack) => {
      Permissions.onJob(stack, "job", Workflow.fromId("1")).allow("CAN_VIEW", Group.users);
      Permissions.onCluster(stack, "cluster", AllPurposeCluster.fromId("c")).allow(
        "CAN_RESTART",
        Group.users,
      );
      Permissions.onClusterPolicy(stack, "policy", ClusterPolicy.fromId("p")).allow(
        "CAN_USE",
        Group.users,
      );
      Permissions.onInstancePool(stack, "pool", InstancePool.fromId("i")).allow(
        "CAN_ATTACH_TO",
        Group.users,
      );
      Permissions.onNotebook(stack, "notebook", "/a").allow("CAN_RUN", Group.users);
      Permissions.onDirectory(stack, "directory", "/b").allow("CAN_READ", Group.users);
      Permissions.onWorkspaceFile(stack, "file", "/c").allow("CAN_EDIT", Group.users);
      Permissions.onRepo(stack, "repo", "7").allow(
        "CAN_MANAGE",
        ServicePrincipal.withApplicationId("00000000-0000-4000-8000-000000000001"),
      );
      Permissions.onTokens(stack, "tokens").allow("CAN_USE", Group.users);
    });
    expect(
      resourcesOf("databricks_permissions").flatMap((permissions) =>
        Object.keys(permissions).filter((key) => key !== "access_control"),
      ),
    ).toEqual([
      "cluster_id",
      "directory_path",
      "workspace_file_path",
      "job_id",
      "notebook_path",
      "cluster_policy_id",
      "instance_pool_id",
      "repo_id",
      "authorization",
    ]);
  });

  test("accept handles of existing objects", () => {
    const { resourcesOf } = synth((stack) => {
      Permissions.onNotebook(stack, "notebook", Notebook.fromPath("/a")).allow(
        "CAN_RUN",
        Group.users,
      );
      Permissions.onDirectory(stack, "directory", Directory.fromPath("/b")).allow(
        "CAN_READ",
        Group.users,
      );
      Permissions.onWorkspaceFile(stack, "file", WorkspaceFile.fromPath("/c")).allow(
        "CAN_EDIT",
        Group.users,
      );
      Permissions.onRepo(stack, "repo", Repo.fromPath("/Repos/a/b")).allow(
        "CAN_MANAGE",
        Group.users,
      );
      Permissions.onRepo(stack, "repo-by-id", Repo.fromId("7")).allow("CAN_MANAGE", Group.users);
    });
    const targets = resourcesOf("databricks_permissions").map(
      ({ access_control: _, ...target }) => target,
    );
    expect(targets).toEqual(
      expect.arrayContaining([
        { notebook_path: "/a" },
        { directory_path: "/b" },
        { workspace_file_path: "/c" },
        { repo_path: "/Repos/a/b" },
        { repo_id: "7" },
      ]),
    );
  });

  const allow = (act: (list: ReturnType<typeof Permissions.onWarehouse>) => void): string[] =>
    codes((stack) => act(Permissions.onWarehouse(stack, "list", warehouse)));
  test("reject two levels, admins, a group as owner, two owners, and an empty list", () => {
    expect(
      allow((list) => list.allow("CAN_USE", Group.users).allow("CAN_MANAGE", Group.users)),
    ).toEqual(["TWO_LEVELS"]);
    expect(allow((list) => list.allow("CAN_USE", Group.admins))).toEqual(["ADMIN_PERMISSIONS"]);
    expect(allow((list) => list.allow("IS_OWNER", Group.users))).toEqual(["GROUP_OWNER"]);
    expect(allow((list) => list.allow("IS_OWNER", User.named("a@b"), User.named("c@d")))).toEqual([
      "TWO_OWNERS",
    ]);
    expect(allow(() => undefined)).toEqual(["INVALID_CONSTRUCT"]);
  });
});
