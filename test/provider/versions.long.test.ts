/**
 * States can be used with any supported version of the provider without a change. All tests share
 * one Terraform project.
 */
import fs from "node:fs";
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { Directory } from "../support/replay-terraform";

type State = {
  resources: { type: string; instances: { attributes: Record<string, unknown> }[] }[];
};

describe("a state of another version of the provider", () => {
  let workspace: RunningWorkspace;
  let directory: Directory;

  beforeAll(async () => {
    workspace = await startWorkspace();
    directory = new Directory(
      { DATABRICKS_HOST: workspace.host, DATABRICKS_TOKEN: workspace.token },
      "Terraform's own",
    );
  });
  afterAll(async () => {
    directory.close();
    await workspace.close();
  });

  const shared = {
    databricks_job: {
      a: { name: "a", task: [{ task_key: "t", notebook_task: [{ notebook_path: "/Shared/n" }] }] },
    },
    databricks_secret_scope: { a: { name: "a" } },
    databricks_secret: {
      a: { scope: "${databricks_secret_scope.a.name}", key: "k", string_value: "canary" },
    },
    databricks_catalog: { a: { name: "sales" } },
    databricks_grants: {
      a: {
        catalog: "${databricks_catalog.a.name}",
        grant: [{ principal: "account users", privileges: ["USE CATALOG"] }],
      },
    },
    databricks_git_credential: {
      a: { git_provider: "gitHub", git_username: "u", personal_access_token: "canary" },
    },
    databricks_dashboard: {
      a: {
        display_name: "d",
        warehouse_id: "w",
        parent_path: "/Shared",
        serialized_dashboard: "{}",
      },
    },
    databricks_group: { a: { display_name: "g" } },
  };
  const pool = {
    instance_pool_name: "p",
    node_type_id: "i3.xlarge",
    idle_instance_autotermination_minutes: 10,
    min_idle_instances: 0,
  };
  const write = (version: string, fields: object = {}): void =>
    directory.write("main.tf.json", {
      terraform: {
        required_providers: { databricks: { source: "databricks/databricks", version } },
      },
      resource: { ...shared, databricks_instance_pool: { a: { ...pool, ...fields } } },
    });
  const terraform = async (...words: string[]): Promise<{ code: number; text: string }> => {
    const { code, stdout, stderr } = await directory.terraform([
      ...words,
      "-no-color",
      "-input=false",
    ]);
    return { code, text: stdout + stderr };
  };
  const useVersion = async (version: string, fields: object = {}): Promise<void> => {
    write(version, fields);
    expect(await terraform("init", "-upgrade")).toMatchObject({ code: 0 });
  };
  const plan = (): ReturnType<typeof terraform> => terraform("plan", "-detailed-exitcode");
  const attributes = (type: string): Record<string, unknown> => {
    const state = JSON.parse(
      fs.readFileSync(path.join(directory.path, "terraform.tfstate"), "utf8"),
    ) as State;
    return (
      state.resources.find((resource) => resource.type === type)?.instances[0]?.attributes ?? {}
    );
  };

  test("causes no planned change from 1.99.0 to 1.132.0 with new fields, and back", async () => {
    await useVersion("1.99.0");
    expect(await terraform("apply", "-auto-approve")).toMatchObject({ code: 0 });
    expect(attributes("databricks_secret")).not.toHaveProperty("provider_config");

    await useVersion("1.132.0");
    expect(await plan()).toMatchObject({
      code: 0,
      text: expect.stringContaining("No changes") as string,
    });
    // The current provider stores the workspace of an object.
    expect(await terraform("apply", "-auto-approve", "-refresh-only")).toMatchObject({ code: 0 });
    for (const type of ["databricks_secret", "databricks_job", "databricks_grants"])
      expect([type, attributes(type)["provider_config"]]).toEqual([
        type,
        [{ workspace_id: workspace.workspaceId }],
      ]);
    expect(await plan()).toMatchObject({ code: 0 });

    // As with the official provider: Terraform shows that a value is no longer sensitive in the
    // older version.
    await useVersion("1.99.0");
    const planAfterReturn = await plan();
    expect(
      [...planAfterReturn.text.matchAll(/# (\S+) will be/g)].map(([, address]) => address),
    ).toEqual(["databricks_git_credential.a"]);
    expect(planAfterReturn.text).toContain("will no longer be marked as sensitive");
    expect(await terraform("apply", "-auto-approve")).toMatchObject({ code: 0 });

    const flexible = { node_type_flexibility: [{ alternate_node_type_ids: ["i3.2xlarge"] }] };
    write("1.99.0", flexible);
    expect(await plan()).toMatchObject({
      code: 1,
      text: expect.stringContaining("node_type_flexibility") as string,
    });
    await useVersion("1.132.0", flexible);
    expect(await terraform("apply", "-auto-approve")).toMatchObject({ code: 0 });
    expect(await plan()).toMatchObject({ code: 0 });
  });

  test("is refused in a different workspace", async () => {
    const otherWorkspaceConfig = { provider_config: [{ workspace_id: "17" }] };
    write("1.132.0", otherWorkspaceConfig);
    directory.write("data.tf.json", {
      data: { databricks_current_user: { me: otherWorkspaceConfig } },
    });
    const { code, text } = await plan();
    expect(code).toBe(1);
    expect(text.match(/OTHER_WORKSPACE/g)).toHaveLength(2);
    expect(text).toContain(workspace.workspaceId);
  });
});
