/**
 * Calls of the official provider outside the recordings: variants of the recorded cases, according
 * to its published source. A stub replaces the client.
 */
import type { Client } from "../../src/api/client";
import { catalog } from "../../src/resources/kinds/catalog";
import { cluster } from "../../src/resources/kinds/cluster";
import { clusterPolicy } from "../../src/resources/kinds/cluster-policy";
import { withoutPoolFields } from "../../src/resources/families/cluster-spec";
import { currentUser } from "../../src/resources/data/current-user";
import { gitCredential } from "../../src/resources/kinds/git-credential";
import { grants } from "../../src/resources/kinds/grants";
import { instancePool } from "../../src/resources/kinds/instance-pool";
import { job } from "../../src/resources/kinds/job";
import type { Attributes, Kind } from "../../src/resources/kind";
import { notebook } from "../../src/resources/kinds/notebook";
import { permissions } from "../../src/resources/kinds/permissions";
import { difference } from "../../src/resources/families/privileges";
import { repo } from "../../src/resources/kinds/repo";
import { secret } from "../../src/resources/kinds/secret";
import { schemaOf } from "../../src/resources/shape/schema";
import { inSetOrder } from "../../src/resources/shape/sdk-set";
import { ucSchema } from "../../src/resources/kinds/uc-schema";
import { volume } from "../../src/resources/kinds/volume";
import { rejectWith, stubClient } from "../support/stub-client";

const context = { directory: "/tmp" };
const me = { "GET /api/2.0/preview/scim/v2/Me": { userName: "dev@example.com" } };
const acl = (group_name: string, permission_level: string): Attributes => ({
  group_name,
  permission_level,
});
const direct = (principal: Attributes, permission_level: string) => ({
  ...principal,
  all_permissions: [{ permission_level }],
});
const update = (kind: Kind, api: Client, id: string, prior: Attributes, planned: Attributes) =>
  kind.update?.(api, id, { ...prior }, { ...prior, ...planned }, context);

describe("permissions", () => {
  const list = "/api/2.0/permissions/sql/warehouses/w1";

  test("of a warehouse get the caller as manager and as owner", async () => {
    const { api, requests } = stubClient(me);
    await permissions.create(
      api,
      { sql_endpoint_id: "w1", access_control: [acl("users", "CAN_USE")] },
      context,
    );
    const entries = [
      acl("users", "CAN_USE"),
      { user_name: "dev@example.com", permission_level: "CAN_MANAGE" },
    ];
    expect(requests.at(-1)).toBe(
      `PUT ${list} ${JSON.stringify({ access_control_list: [...entries, { user_name: "dev@example.com", permission_level: "IS_OWNER" }] })}`,
    );
  });

  test("of a warehouse are sent again without an owner if it has none", async () => {
    let times = 0;
    const put = () =>
      times++ === 0
        ? rejectWith(400, "Warehouse with no existing owner must provide a new owner")()
        : {};
    const { api, requests } = stubClient({ ...me, [`PUT ${list}`]: put });
    await permissions.create(
      api,
      { sql_endpoint_id: "w1", access_control: [acl("users", "CAN_USE")] },
      context,
    );
    expect(
      requests.filter((call) => call.startsWith("PUT")).map((call) => call.includes("IS_OWNER")),
    ).toEqual([true, false]);
  });

  test("of a warehouse leave, when destroyed, the caller as manager, the creator as owner and a direct entry of admins", async () => {
    const { api, requests } = stubClient({
      ...me,
      [`GET ${list}`]: {
        access_control_list: [
          direct({ group_name: "admins" }, "CAN_MANAGE"),
          direct({ group_name: "users" }, "CAN_USE"),
        ],
      },
      "GET /api/2.0/sql/warehouses/w1": { creator_name: "maker@example.com" },
    });
    await permissions.delete(api, "/sql/warehouses/w1", {}, context);
    expect(requests).toEqual([
      `GET ${list}`,
      "GET /api/2.0/preview/scim/v2/Me",
      "GET /api/2.0/sql/warehouses/w1",
      `PUT ${list} ${JSON.stringify({
        access_control_list: [
          acl("admins", "CAN_MANAGE"),
          { user_name: "dev@example.com", permission_level: "CAN_MANAGE" },
          { user_name: "maker@example.com", permission_level: "IS_OWNER" },
        ],
      })}`,
    ]);
  });

  test("of a deleted job and of a pipeline are destroyed without a call", async () => {
    const { api, requests } = stubClient({
      ...me,
      "GET /api/2.2/jobs/get": rejectWith(404, "Job 1 does not exist."),
    });
    await permissions.delete(api, "/jobs/1", {}, context);
    await permissions.delete(api, "/pipelines/p", {}, context);
    expect(requests).toEqual(["GET /api/2.0/permissions/jobs/1", "GET /api/2.2/jobs/get"]);
  });

  test("are rejected if the caller could no longer manage the object", async () => {
    const { api, requests } = stubClient(me);
    const entry = { user_name: "dev@example.com", permission_level: "CAN_RESTART" };
    await expect(
      permissions.create(api, { cluster_id: "c", access_control: [entry] }, context),
    ).rejects.toMatchObject({
      code: "LOCKED_OUT",
    });
    expect(requests).toHaveLength(1);
    const policy = {
      cluster_policy_id: "p",
      access_control: [{ ...entry, permission_level: "CAN_USE" }],
    };
    await expect(permissions.create(api, policy, context)).resolves.toEqual({
      id: "/cluster-policies/p",
    });
  });

  test("of a deleted cluster are missing; those of the root folder keep the admins", async () => {
    const { api, requests } = stubClient({
      ...me,
      "GET /api/2.0/permissions/clusters/c": rejectWith(404, "Cluster c does not exist"),
    });
    expect(await permissions.read(api, "/clusters/c", { known: {} })).toBeUndefined();
    await permissions.create(
      api,
      { directory_id: "0", access_control: [acl("users", "CAN_READ")] },
      context,
    );
    expect(requests.at(-1)).toContain('"group_name":"admins"');
  });

  test("have names that are returned in lower case, and stored as the configuration spells them", async () => {
    const { api } = stubClient({
      ...me,
      "GET /api/2.0/permissions/jobs/1": {
        object_type: "job",
        access_control_list: [
          direct({ user_name: "Ann@Example.com" }, "CAN_VIEW"),
          direct({ user_name: "Bob@Example.com" }, "CAN_VIEW"),
        ],
      },
    });
    const known = {
      job_id: "1",
      access_control: [{ user_name: "Ann@example.com", permission_level: "CAN_VIEW" }],
    };
    const found = await permissions.read(api, "/jobs/1", { known });
    expect(found?.attributes.access_control).toEqual([
      { user_name: "Ann@example.com", permission_level: "CAN_VIEW" },
      { user_name: "bob@example.com", permission_level: "CAN_VIEW" },
    ]);
  });

  test("are sent in the order of the official provider's hashes", () => {
    const entries = schemaOf("databricks_permissions")?.block.blocks.access_control?.block;
    const libraries = schemaOf("databricks_cluster")?.block.blocks.library?.block;
    if (entries === undefined || libraries === undefined) throw new Error("no such block");
    const pypi = (name: string) => ({ pypi: [{ package: name }] });
    // Both are recorded, in permissions-cluster and cluster-libraries.
    expect(
      inSetOrder(entries, [acl("data-team", "CAN_RESTART"), acl("users", "CAN_ATTACH_TO")])[0],
    ).toEqual(acl("users", "CAN_ATTACH_TO"));
    expect(inSetOrder(libraries, [pypi("simplejson"), pypi("requests")])).toEqual([
      pypi("requests"),
      pypi("simplejson"),
    ]);
  });
});

describe("Unity Catalog", () => {
  const url = "/api/2.1/unity-catalog";
  const named = {
    name: "main",
    comment: "old",
    owner: "a",
    properties: {},
    options: {},
    isolation_mode: "OPEN",
  };

  test("sends a removed comment as an empty string", async () => {
    const { api, requests } = stubClient({});
    await update(catalog, api, "main", named, { comment: null });
    await update(
      ucSchema,
      api,
      "main.s",
      { ...named, catalog_name: "main", name: "s" },
      { comment: null },
    );
    await update(
      volume,
      api,
      "main.s.v",
      { catalog_name: "main", schema_name: "s", name: "v", comment: "old" },
      { comment: null },
    );
    expect(requests).toEqual([
      `PATCH ${url}/catalogs/main {"isolation_mode":"OPEN","comment":""}`,
      `PATCH ${url}/schemas/main.s {"comment":""}`,
      `PATCH ${url}/volumes/main.s.v {"comment":""}`,
    ]);
  });

  test("restores the owner if the rest of the update is rejected", async () => {
    const { api, requests } = stubClient({});
    let times = 0;
    const patch = api.patch.bind(api);
    api.patch = async (path, body, options) => {
      await patch(path, body, options);
      return ++times === 2 ? rejectWith(400, "no")() : {};
    };
    await expect(
      update(ucSchema, api, "main.s", named, { owner: "b", comment: "new" }),
    ).rejects.toThrow("no");
    expect(requests.map((call) => call.slice(call.indexOf("{")))).toEqual([
      '{"owner":"b"}',
      '{"comment":"new"}',
      '{"owner":"a"}',
    ]);
  });

  test("sends options only in the create, except for authorized paths; other changed options replace the catalog", async () => {
    const { api, requests } = stubClient({});
    const options = { database: "d", authorized_paths: "/x" };
    await catalog.create(api, { name: "f", connection_name: "c", options, owner: "b" }, context);
    expect(requests.at(-1)).toBe(`PATCH ${url}/catalogs/f {"owner":"b"}`);
    await update(catalog, api, "f", { name: "f", options: { database: "d" } }, { options });
    expect(requests.at(-1)).toBe(`PATCH ${url}/catalogs/f {"options":{"authorized_paths":"/x"}}`);
    expect(catalog.forcesNew?.options?.({ database: "d" }, options)).toBe(false);
    expect(catalog.forcesNew?.options?.({ database: "e" }, options)).toBe(true);
  });

  test("makes no call for force_destroy alone, and reads the metastore only if one is set", async () => {
    const { api, requests } = stubClient({});
    await update(catalog, api, "main", { ...named, metastore_id: "" }, { force_destroy: true });
    expect(requests).toEqual([]);
  });

  test("sets a new volume's owner together with its comment", async () => {
    const { api, requests } = stubClient({});
    await volume.create(
      api,
      {
        catalog_name: "c",
        schema_name: "s",
        name: "v",
        volume_type: "MANAGED",
        comment: "x",
        owner: "o",
      },
      context,
    );
    expect(requests.at(-1)).toBe(`PATCH ${url}/volumes/c.s.v {"comment":"x","owner":"o"}`);
  });

  test("rejects values that are not in the list", () => {
    expect(catalog.validate?.({ enable_predictive_optimization: "YES" })[0]?.path).toBe(
      "enable_predictive_optimization",
    );
    expect(volume.validate?.({ volume_type: "OTHER" })[0]?.path).toBe("volume_type");
    expect(volume.validate?.({ volume_type: "EXTERNAL" })).toEqual([]);
  });
});

describe("clusters", () => {
  test("omit fields that an instance pool sets", () => {
    const aws_attributes = { availability: "SPOT", instance_profile_arn: "arn" };
    const spec = {
      instance_pool_id: "p",
      node_type_id: "i3",
      driver_node_type_id: "i3",
      enable_elastic_disk: true,
      aws_attributes,
      num_workers: 1,
    };
    expect(withoutPoolFields(spec)).toEqual({
      instance_pool_id: "p",
      aws_attributes: { instance_profile_arn: "arn" },
      num_workers: 1,
    });
    expect(withoutPoolFields({ driver_instance_pool_id: "p", node_type_id: "i3" })).toEqual({
      node_type_id: "i3",
    });
  });

  test("that change their pool take their driver with them", async () => {
    const found = { state: "RUNNING" };
    const { api, requests } = stubClient({ "GET /api/2.1/clusters/get": found });
    const prior = {
      instance_pool_id: "a",
      driver_instance_pool_id: "a",
      spark_version: "x",
      num_workers: 1,
      node_type_id: "i3",
    };
    await update(cluster, api, "c", prior, { instance_pool_id: "b" });
    expect(requests.at(-1)).toBe(
      'POST /api/2.1/clusters/edit {"driver_instance_pool_id":"b","instance_pool_id":"b","num_workers":1,"spark_version":"x","cluster_id":"c"}',
    );
  });

  test("compare their libraries with those installed, after any change", async () => {
    const library = [{ whl: "/a.whl" }];
    const statuses = [{ library: { whl: "/a.whl" } }, { library: { whl: "/foreign.whl" } }];
    const { api, requests } = stubClient({
      "GET /api/2.1/clusters/get": { state: "RUNNING" },
      "GET /api/2.0/libraries/cluster-status": { library_statuses: statuses },
    });
    await update(
      cluster,
      api,
      "c",
      { spark_version: "x", num_workers: 1, library },
      { num_workers: 2 },
    );
    expect(requests).toContain(
      'POST /api/2.0/libraries/uninstall {"cluster_id":"c","libraries":[{"whl":"/foreign.whl"}]}',
    );
    expect(requests.some((call) => call.includes("libraries/install"))).toBe(false);
  });

  test("of one node keep the settings added by the platform, and the zone that it chose", () => {
    const before = { ResourceClass: "SingleNode", team: "x" };
    expect(cluster.adjust?.custom_tags?.(before, { team: "y" }, { is_single_node: true })).toEqual({
      ResourceClass: "SingleNode",
      team: "y",
    });
    expect(cluster.adjust?.custom_tags?.(before, { team: "y" }, {})).toEqual({ team: "y" });
    const around = { ...context, prior: {}, config: {} };
    for (const kind of [
      cluster.suppress?.["aws_attributes.zone_id"],
      job.suppress?.["job_cluster.new_cluster.aws_attributes.zone_id"],
    ]) {
      expect([
        kind?.("us-east-1a", "auto", around),
        kind?.("us-east-1a", "us-east-1b", around),
        kind?.("", "auto", around),
      ]).toEqual([true, false, false]);
    }
  });

  test("send workload types even if they are false", async () => {
    const { api, requests } = stubClient({ "POST /api/2.1/clusters/create": { cluster_id: "c" } });
    const workload_type = [{ clients: [{ jobs: false, notebooks: true }] }];
    await cluster.create(
      api,
      { spark_version: "x", num_workers: 1, no_wait: true, workload_type },
      context,
    );
    expect(requests[0]).toContain('"workload_type":{"clients":{"jobs":false,"notebooks":true}}');
  });
});

describe("jobs", () => {
  const base = { name: "j", task: [{ task_key: "a" }] };

  test("derive the git provider from a URL of Azure DevOps", async () => {
    const { api, requests } = stubClient({ "POST /api/2.2/jobs/create": { job_id: 1 } });
    const source = { url: "https://team.visualstudio.com/x/_git/y", branch: "main" };
    await job.create(api, { ...base, git_source: [source] }, context);
    expect(requests[0]).toContain('"git_provider":"azureDevOpsServices"');
  });

  test("that always run report a run that the platform cannot start", async () => {
    const state = { life_cycle_state: "INTERNAL_ERROR", state_message: "no such cluster" };
    const { api } = stubClient({
      "POST /api/2.2/jobs/create": { job_id: 1 },
      "POST /api/2.2/jobs/run-now": { run_id: 2 },
      "GET /api/2.2/jobs/runs/get": { state },
    });
    await expect(job.create(api, { ...base, always_running: true }, context)).rejects.toMatchObject(
      { id: "1", cause: { code: "RUN_FAILED", details: { value: "run 2" } } },
    );
  });

  test("with a git source of an unknown provider, or without a reference, are refused before any call", async () => {
    const { api, requests } = stubClient({});
    const create = (source: Attributes) =>
      job.create(api, { ...base, git_source: [source] }, context);
    await expect(
      create({ url: "https://git.example.com/x", branch: "main" }),
    ).rejects.toMatchObject({ code: "NO_GIT_PROVIDER" });
    await expect(create({ url: "https://github.com/x/y" })).rejects.toMatchObject({
      code: "NO_GIT_REFERENCE",
    });
    expect(requests).toEqual([]);
  });

  test("that are paused have their runs ended after an update, and no new one started", async () => {
    const { api, requests } = stubClient({
      "GET /api/2.2/jobs/runs/list": { runs: [{ run_id: 5 }] },
      "GET /api/2.2/jobs/runs/get": { state: { life_cycle_state: "TERMINATED" } },
    });
    await update(
      job,
      api,
      "1",
      { ...base, control_run_state: true },
      { continuous: [{ pause_status: "PAUSED" }] },
    );
    expect(requests.slice(1)).toEqual([
      "GET /api/2.2/jobs/runs/list",
      'POST /api/2.2/jobs/runs/cancel {"run_id":5}',
      "GET /api/2.2/jobs/runs/get",
    ]);
  });

  test("reject values that the official provider refuses", () => {
    const paths = (config: Attributes) => job.validate?.(config).map(({ path }) => path);
    expect(paths({ schedule: [{ pause_status: "OFF" }], max_concurrent_runs: -1 })).toEqual([
      "schedule.0.pause_status",
      "max_concurrent_runs",
    ]);
    expect(paths({ git_source: [{ url: "http://github.com/x" }] })).toEqual(["git_source.0.url"]);
    expect(
      paths({ job_cluster: [{ new_cluster: [{ num_workers: -1, runtime_engine: "FAST" }] }] }),
    ).toEqual([
      "job_cluster.0.new_cluster.0.runtime_engine",
      "job_cluster.0.new_cluster.0.num_workers",
    ]);
    expect(paths({ control_run_state: true, max_concurrent_runs: 2, continuous: [{}] })).toEqual([
      "control_run_state",
    ]);
  });
});

describe("other kinds", () => {
  test("edit a policy of a family instead of creating it, and reset it instead of deleting it", async () => {
    const { api, requests } = stubClient({
      "GET /api/2.0/policy-families": {
        policy_families: [{ policy_family_id: "personal-vm", name: "Personal Compute" }],
      },
      "GET /api/2.0/policies/clusters/list": {
        policies: [{ policy_id: "P", name: "Personal Compute" }],
      },
      "POST /api/2.0/policies/clusters/create": { policy_id: "Q" },
    });
    const own = {
      name: "Personal Compute",
      policy_family_id: "personal-vm",
      policy_family_definition_overrides: "{}",
    };
    expect((await clusterPolicy.create(api, own, context)).id).toBe("P");
    await clusterPolicy.delete(api, "P", own, context);
    expect(requests.filter((call) => call.startsWith("POST"))).toEqual([
      'POST /api/2.0/policies/clusters/edit {"name":"Personal Compute","policy_family_definition_overrides":"{}","policy_family_id":"personal-vm","policy_id":"P"}',
      'POST /api/2.0/policies/clusters/edit {"name":"Personal Compute","policy_family_id":"personal-vm","policy_id":"P"}',
    ]);
    expect((await clusterPolicy.create(api, { ...own, name: "mine" }, context)).id).toBe("Q");
  });

  test("require a value for a secret, and convert the caller's name to an identifier character by character", async () => {
    const named = { scope: "s", key: "k" };
    expect(secret.validate?.({ ...named, string_value: "" })[0]?.path).toBe("string_value");
    expect(secret.validate?.({ ...named, string_value: undefined as never })).toEqual([]);
    const { api } = stubClient({
      "GET /api/2.0/preview/scim/v2/Me": { userName: "A.-b_c@example.com" },
    });
    expect((await currentUser.read(api, {}, context)).alphanumeric).toBe("a__b_c");
  });

  test("send changes of grants by principal", () => {
    const to = new Map([
      ["b", ["SELECT"]],
      ["a", ["SELECT"]],
    ]);
    expect(difference(new Map([["0", ["MODIFY"]]]), to).map(({ principal }) => principal)).toEqual([
      "0",
      "a",
      "b",
    ]);
  });

  test("create a notebook's folder only if the workspace reports that it is missing", async () => {
    const content = { path: "/Shared/x/n", language: "PYTHON", content_base64: "eA==" };
    const other = stubClient({
      "POST /api/2.0/workspace/import": rejectWith(404, "No such thing"),
    });
    await expect(notebook.create(other.api, content, context)).rejects.toThrow("No such thing");
    expect(other.requests).toHaveLength(1);
  });

  test("delete a complete archive before importing it again, without a language", async () => {
    const { api, requests } = stubClient({});
    await update(
      notebook,
      api,
      "/d",
      { path: "/d", format: "DBC", object_type: "DIRECTORY", language: "PYTHON" },
      { content_base64: "eA==" },
    );
    expect(requests).toEqual([
      'POST /api/2.0/workspace/delete {"path":"/d","recursive":true}',
      'POST /api/2.0/workspace/import {"content":"eA==","path":"/d","format":"DBC"}',
    ]);
  });

  test("require normalized paths of files, and base64 content", () => {
    const refusedPaths = ["", "Volumes/a", "dbfs:/a", "/a//b", "/a/../b", "/a/"];
    for (const path of refusedPaths) expect(notebook.validate?.({ path })[0]?.path).toBe("path");
    expect(notebook.validate?.({ path: "/Shared/a", content_base64: "not base64" })[0]?.path).toBe(
      "content_base64",
    );
    expect(
      notebook.validate?.({
        path: "/Shared/a",
        content_base64: "eA==",
        language: "SQL",
        format: "SOURCE",
      }),
    ).toEqual([]);
  });

  test("report at apply that a repo on an unknown host needs a provider", async () => {
    const { api, requests } = stubClient({});
    const config = { url: "https://git.example.com/x", path: "/Repos/a/b/" };
    expect(repo.validate?.(config)).toEqual([]);
    await expect(repo.create(api, config, context)).rejects.toMatchObject({
      code: "NO_GIT_PROVIDER",
    });
    expect(requests).toEqual([]);
    expect(
      repo.validate?.({ url: "git@github.com:x/y", branch: " " }).map(({ path }) => path),
    ).toEqual(["url", "branch"]);
  });

  test("send removed fields of a Git credential, and read its token from the environment", async () => {
    const { api, requests } = stubClient({});
    await update(
      gitCredential,
      api,
      "1",
      { git_provider: "gitHub", name: "n", is_default_for_provider: true },
      { name: null, is_default_for_provider: null },
    );
    expect(requests[0]).toBe(
      'PATCH /api/2.0/git-credentials/1 {"git_provider":"gitHub","name":"","is_default_for_provider":false}',
    );
    expect(gitCredential.defaults).toHaveProperty("personal_access_token");
  });

  test("check that a metastore is the workspace's before changing grants on it", async () => {
    const { api } = stubClient({
      "GET /api/2.1/unity-catalog/current-metastore-assignment": { metastore_id: "other" },
    });
    const wanted = {
      metastore: "mine",
      grant: [{ principal: "a", privileges: ["CREATE_CATALOG"] }],
    };
    await expect(grants.create(api, wanted, context)).rejects.toMatchObject({
      code: "OTHER_METASTORE",
    });
  });

  test("send the overrides of a pool's fleet under the plural name", async () => {
    const { api, requests } = stubClient({
      "POST /api/2.0/instance-pools/create": { instance_pool_id: "p" },
    });
    const launch_template_override = [{ availability_zone: "z", instance_type: "i3" }];
    const instance_pool_fleet_attributes = [{ launch_template_override }];
    await instancePool.create(
      api,
      {
        instance_pool_name: "p",
        idle_instance_autotermination_minutes: 1,
        instance_pool_fleet_attributes,
      },
      context,
    );
    expect(requests[0]).toContain('"launch_template_overrides":[{');
    expect(instancePool.validate?.({ aws_attributes: [{ availability: "CHEAP" }] })[0]?.path).toBe(
      "aws_attributes.0.availability",
    );
  });
});
