import fs from "node:fs";
import path from "node:path";
import { stateId } from "../../src/resources";
import { schemaOf } from "../../src/resources/shape/schema";
import { galleryProject, secrets } from "../support/both-ways";
import { expectExit, lakeform } from "../support/cli";
import { removeFolders } from "../support/project";
import type { Json, JsonObject } from "../support/replay-format";
import { noChanges, Stack } from "../support/stack";
import { useWorkspace } from "../support/workspace";

describe("the gallery of all constructs", () => {
  const workspace = useWorkspace();
  afterAll(removeFolders);

  test("is deployed to the local workspace, verified without findings, and destroyed", async () => {
    const { root } = galleryProject();
    const env = {
      LAKEFORM_LOCAL_HOST: workspace.host,
      LAKEFORM_LOCAL_TOKEN: workspace.token,
      ...secrets,
    };
    expectExit(await lakeform(root, ["deploy", "gallery-local", "--auto-approve"], env), 0);
    expectExit(await lakeform(root, ["verify", "gallery-local"], env), 0);
    const deepVerify = await lakeform(
      root,
      ["verify", "gallery-local", "--deep", "--unmanaged", "all", "--format", "json"],
      env,
    );
    const { unmanaged } = JSON.parse(deepVerify.stdout) as {
      unmanaged: readonly { title: string; name: string }[];
    };
    // These objects exist in every local workspace.
    expect(unmanaged.map(({ title, name }) => `${title} ${name}`)).toEqual([
      "catalog main",
      "token lakeform workspace",
    ]);
    expectExit(await lakeform(root, ["destroy", "gallery-local", "--auto-approve"], env), 0);
  });

  test("is applied, verified, imported and destroyed by plain terraform, with empty plans in between", async () => {
    const stack = await Stack.open();
    try {
      const connection = {
        LAKEFORM_LOCAL_HOST: stack.workspace.host,
        LAKEFORM_LOCAL_TOKEN: stack.workspace.token,
      };
      const { root } = galleryProject();
      expectExit(
        await lakeform(root, ["synth", "gallery-local"], { ...connection, ...secrets }),
        0,
      );
      const { directory } = stack;
      directory.remove("main.tf.json");
      fs.cpSync(path.join(root, "cdktf.out", "stacks", "gallery-local"), directory.path, {
        recursive: true,
      });
      const synthesized = path.join(directory.path, "cdk.tf.json");
      const json = JSON.parse(fs.readFileSync(synthesized, "utf8")) as {
        variable?: JsonObject;
        terraform: JsonObject;
        resource: Record<string, Record<string, JsonObject>>;
      };
      // Keep the state in Terraform's default file, as in the other tests.
      const { backend: _backend, ...terraform } = json.terraform;
      fs.writeFileSync(synthesized, JSON.stringify({ ...json, terraform }));
      for (const name of Object.keys(json.variable ?? {}))
        directory.environment[`TF_VAR_${name}`] = "s3cret-value";
      const inventoryBefore = await inventory(stack);

      expect((await stack.apply()).errors).toEqual([]);
      expect(await stack.plan("-detailed-exitcode")).toEqual(noChanges);
      await expectVerifyDetectsDrift(stack);
      const state = directory.readState();
      const importable = state.filter(({ mode, type }) => mode === "managed" && isImportable(type));
      const imports = importable.map(({ type, name, instances }) => ({
        to: `${type}.${name}`,
        id: stateId(type, instances[0]?.attributes) as string,
      }));
      directory.write("import.tf.json", { import: imports });
      directory.writeState([]);
      const { actions, errors } = await stack.plan();
      expect(errors).toEqual([]);
      const expectedActions = Object.entries(json.resource).flatMap(([type, bodies]) =>
        Object.entries(bodies).map(
          ([name, config]) => [`${type}.${name}`, planAfterImport(type, config)] as const,
        ),
      );
      expect(actions).toEqual(Object.fromEntries(expectedActions));
      directory.remove("import.tf.json");
      directory.writeState(state);
      expect(await stack.plan("-detailed-exitcode")).toEqual(noChanges);

      expect((await stack.terraform("destroy", "-auto-approve")).errors).toEqual([]);
      expect(stack.state()).toEqual({});
      expect(await inventory(stack)).toEqual(inventoryBefore);
    } finally {
      await stack.close();
    }
  });
});

/**
 * The plan after an import, according to the recordings of the official provider: contents, secrets
 * and configuration-only fields are not read.
 */
function planAfterImport(type: string, config: JsonObject): string {
  const setsAny = (...fields: string[]): boolean => fields.some((field) => field in config);
  if (!isImportable(type)) return "create";
  if (["databricks_secret", "databricks_dbfs_file", "databricks_file"].includes(type))
    return "replace";
  if (setsAny("initial_manage_principal", "lifetime_seconds")) return "replace";
  if (
    ["databricks_notebook", "databricks_workspace_file", "databricks_git_credential"].includes(type)
  )
    return "update";
  if (["databricks_provider", "databricks_sql_table"].includes(type)) return "update";
  const neverReturned = [
    "apply_policy_default_values",
    "docker_image.basic_auth.password",
    "trigger.table_update.condition",

    "azure_service_principal.client_secret",
    "config.generic_webhook.url",
    "content_base64",
    "custom_config",
    "options",
    "serialized_dashboard",
  ];
  if (neverReturned.some((field) => sets(config, field.split(".")))) return "update";
  return setsAny(
    ...onlyInCode.filter((field) => type !== "databricks_pipeline" || field !== "library"),
  )
    ? "update"
    : "import";
}

/** The id of a service principal's secret does not contain the service principal. */
const isImportable = (type: string): boolean =>
  schemaOf(type)?.importable === true && type !== "databricks_service_principal_secret";

/** Fields that the workspace does not store. */
const onlyInCode = [
  "force_destroy",
  "delete_recursive",
  "control_run_state",
  "library",
  "force_delete_repos",
];

/** Whether a configuration sets a field. A single block may be an object instead of a list. */
function sets(block: Json | undefined, [name = "", ...innerFields]: readonly string[]): boolean {
  return [block]
    .flat()
    .some(
      (item) =>
        isObject(item) &&
        name in item &&
        (innerFields.length === 0 || sets(item[name], innerFields)),
    );
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Checks that verify, in a folder that Terraform uses, reports only matches, and a difference after
 * one field has changed.
 */
async function expectVerifyDetectsDrift(stack: Stack): Promise<void> {
  const verify = (): ReturnType<typeof lakeform> =>
    lakeform(stack.directory.path, ["verify", "--dir", "."], stack.directory.environment);
  expectExit(await verify(), 0);
  const [address, { id, name }] = Object.entries(stack.state()).find(([key]) =>
    key.startsWith("databricks_job."),
  ) as [string, JsonObject];
  const rename = (to: unknown): Promise<JsonObject> =>
    stack.call("POST", "/api/2.2/jobs/update", { job_id: Number(id), new_settings: { name: to } });
  await rename("by hand");
  const verifyAfterRename = await verify();
  expectExit(verifyAfterRename, 2);
  expect(verifyAfterRename.stdout).toContain(address);
  await rename(name);
  expectExit(await verify(), 0);
}

/** Lists the objects of the workspace, by the call that lists them. */
async function inventory(stack: Stack): Promise<Record<string, string[]>> {
  const lists = [
    ["/api/2.2/jobs/list?limit=100", "jobs", "job_id"],
    ["/api/2.1/clusters/list", "clusters", "cluster_id"],
    ["/api/2.0/policies/clusters/list", "policies", "policy_id"],
    ["/api/2.0/instance-pools/list", "instance_pools", "instance_pool_id"],
    ["/api/2.0/sql/warehouses", "warehouses", "id"],
    ["/api/2.0/secrets/scopes/list", "scopes", "name"],
    ["/api/2.0/token/list", "token_infos", "token_id"],
    ["/api/2.0/repos", "repos", "id"],
    ["/api/2.0/git-credentials", "credentials", "credential_id"],
    ["/api/2.1/unity-catalog/catalogs", "catalogs", "name"],
  ] as const;
  const idsByCall = lists.map(async ([call, list, field]) => {
    const items = ((await stack.call("GET", call))[list] ?? []) as JsonObject[];
    return [call, items.map((item) => JSON.stringify(item[field])).sort()] as const;
  });
  return {
    ...Object.fromEntries(await Promise.all(idsByCall)),
    dbfs: await filesIn(stack, "/api/2.0/dbfs/list", "files", "/"),
    workspace: await filesIn(stack, "/api/2.0/workspace/list", "objects", "/"),
  };
}

/** Lists the objects below a folder, but no folders: those created for a file remain after it. */
async function filesIn(
  stack: Stack,
  call: string,
  list: string,
  folder: string,
): Promise<string[]> {
  const items = ((await stack.call("GET", `${call}?path=${encodeURIComponent(folder)}`))[list] ??
    []) as JsonObject[];
  const paths = items.map(async ({ path: file, is_dir, object_type }) =>
    is_dir === true || object_type === "DIRECTORY"
      ? filesIn(stack, call, list, file as string)
      : [file as string],
  );
  return (await Promise.all(paths)).flat();
}
