import { serve, type Caller, type Server } from "./http-client";

let server: Server;
let bob: Caller;
beforeAll(async () => {
  server = await serve();
  bob = await server.asUser("bob@example.com");
});
afterAll(() => server.workspace.close());

const clusterSpec = {
  cluster_name: "c",
  spark_version: "15.4.x-scala2.12",
  node_type_id: "i3.xlarge",
  num_workers: 2,
};
const UC = "/api/2.1/unity-catalog";

describe("clusters", () => {
  it("go through their states, reject calls that do not fit the state, and are only deleted permanently if unpinned", async () => {
    const { api, workspace } = server;
    const { body } = await api("POST", "/api/2.1/clusters/create", clusterSpec);
    const id = String(body.cluster_id);
    const get = async (): Promise<Record<string, unknown>> =>
      (await api("GET", `/api/2.1/clusters/get?cluster_id=${id}`)).body;
    expect(await get()).toMatchObject({
      state: "PENDING",
      default_tags: { ClusterId: id },
      driver_node_type_id: "i3.xlarge",
      creator_user_name: "admin@lakeform.local",
    });
    expect(
      await api("POST", "/api/2.1/clusters/resize", { cluster_id: id, num_workers: 3 }),
    ).toMatchObject({
      status: 400,
      body: { error_code: "INVALID_STATE" },
    });
    await api("PUT", "/_lakeform/timing", {
      cluster_start_ms: 0,
      cluster_stop_ms: 0,
      library_install_ms: 0,
    });
    // The cluster was created before the timings were set: it starts in 250 ms.
    await new Promise((resolve) => setTimeout(resolve, 260));
    expect(await get()).toMatchObject({ state: "RUNNING" });
    await api("POST", "/api/2.0/libraries/install", {
      cluster_id: id,
      libraries: [{ whl: "/x.whl" }],
    });
    await api("POST", "/api/2.0/libraries/uninstall", {
      cluster_id: id,
      libraries: [{ whl: "/x.whl" }],
    });
    const statuses = (await api("GET", `/api/2.0/libraries/cluster-status?cluster_id=${id}`)).body
      .library_statuses;
    expect(statuses).toMatchObject([{ status: "UNINSTALL_ON_RESTART" }]);
    await api("POST", "/api/2.1/clusters/edit", {
      cluster_id: id,
      ...clusterSpec,
      autoscale: { min_workers: 1, max_workers: 4 },
      num_workers: undefined,
    });
    expect(await get()).toMatchObject({ autoscale: { min_workers: 1, max_workers: 4 } });
    expect((await get()).num_workers).toBeUndefined();
    expect((await api("GET", `/api/2.0/libraries/cluster-status?cluster_id=${id}`)).body).toEqual({
      cluster_id: id,
    });
    await api("POST", "/api/2.1/clusters/pin", { cluster_id: id });
    expect(
      (await api("GET", "/api/2.1/clusters/list?filter_by.is_pinned=true&page_size=100")).body
        .clusters,
    ).toHaveLength(1);
    expect(
      (await api("POST", "/api/2.1/clusters/permanent-delete", { cluster_id: id })).body.message,
    ).toContain("unpin the cluster first");
    await api("POST", "/api/2.1/clusters/unpin", { cluster_id: id });
    await api("POST", "/api/2.1/clusters/permanent-delete", { cluster_id: id });
    expect(await api("GET", `/api/2.1/clusters/get?cluster_id=${id}`)).toMatchObject({
      status: 400,
      body: { error_code: "INVALID_PARAMETER_VALUE", message: `Cluster ${id} does not exist` },
    });
    expect(workspace.store.collection("acls").get(["cluster", id])).toBeUndefined();
  });

  it("follow their policy, and can only be created with permission or with a permitted policy", async () => {
    const { api } = server;
    const definition = JSON.stringify({
      num_workers: { type: "range", maxValue: 3 },
      "custom_tags.team": { type: "fixed", value: "etl" },
      autotermination_minutes: { type: "unlimited", defaultValue: 30 },
    });
    const { policy_id } = (
      await api("POST", "/api/2.0/policies/clusters/create", { name: "small", definition })
    ).body;
    expect(
      (await api("POST", "/api/2.1/clusters/create", { ...clusterSpec, policy_id, num_workers: 9 }))
        .body.message,
    ).toContain("less than or equal to 3");
    const created = await api("POST", "/api/2.1/clusters/create", {
      ...clusterSpec,
      policy_id,
      apply_policy_default_values: true,
    });
    expect(
      (await api("GET", `/api/2.1/clusters/get?cluster_id=${String(created.body.cluster_id)}`))
        .body,
    ).toMatchObject({
      custom_tags: { team: "etl" },
      autotermination_minutes: 30,
    });
    expect(await bob("POST", "/api/2.1/clusters/create", clusterSpec)).toMatchObject({
      status: 403,
      body: { error_code: "PERMISSION_DENIED" },
    });
    expect(
      (await bob("GET", `/api/2.1/clusters/get?cluster_id=${String(created.body.cluster_id)}`))
        .status,
    ).toBe(403);
    await api("PATCH", `/api/2.0/permissions/cluster-policies/${String(policy_id)}`, {
      access_control_list: [{ user_name: "bob@example.com", permission_level: "CAN_USE" }],
    });
    expect(
      (await bob("POST", "/api/2.1/clusters/create", { ...clusterSpec, policy_id })).status,
    ).toBe(200);
    expect((await bob("GET", "/api/2.0/clusters/list")).body.clusters).toHaveLength(1);
  });

  it.each([
    ["a negative number of workers", { num_workers: -1 }],
    ["no Spark version", { spark_version: undefined }],
    ["no node type", { node_type_id: undefined }],
    ["more minimum than maximum workers", { autoscale: { min_workers: 5, max_workers: 1 } }],
    ["an idle time under 10 minutes", { autotermination_minutes: 3 }],
  ])("are rejected with %s", async (_, invalidFields) => {
    const { body } = await server.api("POST", "/api/2.1/clusters/create", {
      ...clusterSpec,
      ...invalidFields,
    });
    expect(body.error_code).toBe("INVALID_PARAMETER_VALUE");
  });
});

describe("permissions", () => {
  it("are replaced by PUT, extended by PATCH, inherited by admins, and enforced", async () => {
    const { api } = server;
    const { id } = (
      await api("POST", "/api/2.0/sql/warehouses", { name: "wh", cluster_size: "Small" })
    ).body;
    const path = `/api/2.0/permissions/sql/warehouses/${String(id)}`;
    expect((await bob("GET", `/api/2.0/sql/warehouses/${String(id)}`)).status).toBe(403);
    expect(
      (
        await bob("PATCH", path, {
          access_control_list: [{ user_name: "bob@example.com", permission_level: "CAN_MANAGE" }],
        })
      ).status,
    ).toBe(403);
    const job = (await api("POST", "/api/2.2/jobs/create", { name: "owned", tasks: [] })).body
      .job_id;
    const entries = {
      access_control_list: [{ group_name: "users", permission_level: "CAN_VIEW" }],
    };
    expect(
      (await api("PUT", `/api/2.0/permissions/jobs/${String(job)}`, entries)).body.message,
    ).toContain("exactly one owner");
    const { body } = await api("PATCH", path, {
      access_control_list: [{ group_name: "users", permission_level: "CAN_USE" }],
    });
    expect(body).toMatchObject({
      object_id: `/sql/warehouses/${String(id)}`,
      object_type: "warehouses",
      access_control_list: [
        {
          user_name: "admin@lakeform.local",
          all_permissions: [{ permission_level: "IS_OWNER", inherited: false }],
        },
        {
          group_name: "users",
          all_permissions: [{ permission_level: "CAN_USE", inherited: false }],
        },
        {
          group_name: "admins",
          all_permissions: [{ permission_level: "CAN_MANAGE", inherited: true }],
        },
      ],
    });
    expect((await bob("GET", `/api/2.0/sql/warehouses/${String(id)}`)).status).toBe(200);
    expect((await bob("DELETE", `/api/2.0/sql/warehouses/${String(id)}`)).status).toBe(403);
    expect((await api("GET", "/api/2.0/permissions/jobs/42")).body.error_code).toBe(
      "RESOURCE_DOES_NOT_EXIST",
    );
    expect((await api("GET", "/api/2.0/permissions/nonsense/42")).status).toBe(400);
    expect((await api("GET", "/api/2.0/permissions/authorization/tokens")).body).toMatchObject({
      object_id: "/authorization/tokens",
      object_type: "tokens",
    });
    const replaced = await api("PUT", path, {
      access_control_list: [{ user_name: "bob@example.com", permission_level: "CAN_MANAGE" }],
    });
    expect(replaced.body.access_control_list).toMatchObject([
      { user_name: "bob@example.com" },
      { group_name: "admins" },
    ]);
    expect((await bob("DELETE", `/api/2.0/sql/warehouses/${String(id)}`)).status).toBe(200);
  });
});

describe("Unity Catalog", () => {
  it("has catalogs with a default schema, and rejects callers without the privilege", async () => {
    const { api } = server;
    const assignment = (await api("GET", `${UC}/current-metastore-assignment`)).body;
    expect((await api("POST", `${UC}/catalogs`, { name: "Sales" })).body).toMatchObject({
      name: "sales",
      metastore_id: assignment.metastore_id,
      isolation_mode: "OPEN",
      catalog_type: "MANAGED_CATALOG",
    });
    expect(await api("POST", `${UC}/catalogs`, { name: "sales" })).toMatchObject({
      status: 400,
      body: { error_code: "CATALOG_ALREADY_EXISTS" },
    });
    expect((await api("DELETE", `${UC}/schemas/sales.default`)).status).toBe(200);
    expect(
      (await bob("POST", `${UC}/schemas`, { catalog_name: "sales", name: "raw" })).status,
    ).toBe(403);
    expect((await bob("GET", `${UC}/catalogs`)).body.catalogs).toEqual([]);
    await api("PATCH", `${UC}/permissions/catalog/sales`, {
      changes: [{ principal: "bob@example.com", add: ["USE_CATALOG", "CREATE_SCHEMA"] }],
    });
    expect(
      (await bob("POST", `${UC}/schemas`, { catalog_name: "sales", name: "raw" })).body,
    ).toMatchObject({
      full_name: "sales.raw",
      owner: "bob@example.com",
    });
    expect((await bob("PATCH", `${UC}/catalogs/sales`, { comment: "mine" })).status).toBe(403);
    expect(
      (
        await bob("POST", `${UC}/volumes`, {
          catalog_name: "sales",
          schema_name: "raw",
          name: "in",
        })
      ).status,
    ).toBe(200);
    expect(
      (await api("GET", `${UC}/effective-permissions/volume/sales.raw.in`)).body
        .privilege_assignments,
    ).toMatchObject([
      {
        principal: "bob@example.com",
        privileges: [
          { privilege: "CREATE_SCHEMA", inherited_from_type: "CATALOG" },
          { privilege: "USE_CATALOG" },
        ],
      },
    ]);
    expect((await api("DELETE", `${UC}/catalogs/sales`)).body.error_code).toBe("BAD_REQUEST");
    expect(
      (
        await api("PATCH", `${UC}/permissions/catalog/sales`, {
          changes: [{ principal: "x", add: ["FLY"] }],
        })
      ).status,
    ).toBe(400);
  });

  it("renames catalogs, schemas and volumes, with their contents, grants and bindings", async () => {
    const { api } = server;
    await api("POST", `${UC}/catalogs`, { name: "old", isolation_mode: "ISOLATED" });
    await api("POST", `${UC}/catalogs`, { name: "taken" });
    await api("POST", `${UC}/schemas`, { catalog_name: "old", name: "raw" });
    await api("POST", `${UC}/volumes`, {
      catalog_name: "old",
      schema_name: "raw",
      name: "in",
      volume_type: "MANAGED",
    });
    await api("POST", `${UC}/tables`, { catalog_name: "old", schema_name: "raw", name: "orders" });
    await api("PUT", "/api/2.0/fs/files/Volumes/old/raw/in/a.txt", "kept");
    await api("PATCH", `${UC}/permissions/volume/old.raw.in`, {
      changes: [{ principal: "team", add: ["READ_VOLUME"] }],
    });
    await api("PATCH", `${UC}/bindings/catalog/old`, { add: [{ workspace_id: 1 }] });
    expect(await api("PATCH", `${UC}/catalogs/old`, { new_name: "taken" })).toMatchObject({
      status: 400,
      body: { error_code: "CATALOG_ALREADY_EXISTS" },
    });
    expect((await api("PATCH", `${UC}/catalogs/old`, { new_name: "New" })).body).toMatchObject({
      name: "new",
      full_name: "new",
    });
    expect((await api("PATCH", `${UC}/schemas/new.raw`, { new_name: "clean" })).body).toMatchObject(
      {
        name: "clean",
        full_name: "new.clean",
      },
    );
    expect(
      (await api("PATCH", `${UC}/volumes/new.clean.in`, { new_name: "out" })).body,
    ).toMatchObject({
      full_name: "new.clean.out",
      catalog_name: "new",
      schema_name: "clean",
    });
    expect((await api("GET", "/api/2.0/fs/files/Volumes/new/clean/out/a.txt")).text).toBe("kept");
    expect((await api("GET", `${UC}/permissions/volume/new.clean.out`)).body).toEqual({
      privilege_assignments: [{ principal: "team", privileges: ["READ_VOLUME"] }],
    });
    expect(
      (await api("GET", `${UC}/privilege-assignments/volume/new.clean.out?page_size=0`)).body,
    ).toEqual({
      privilege_assignments: [{ principal: "team", privileges: ["READ_VOLUME"] }],
    });
    expect(
      (await api("GET", `${UC}/privilege-assignments/volume/new.clean.out?page_size=10`)).status,
    ).toBe(400);
    expect((await api("GET", `${UC}/bindings/catalog/new`)).body).toMatchObject({
      bindings: [{ workspace_id: 1 }],
    });
    expect(
      (await api("GET", `${UC}/table-summaries?catalog_name=new&table_name_pattern=o%25r_`)).body,
    ).toEqual({
      tables: [{ full_name: "new.clean.orders", table_type: "MANAGED" }],
    });
    expect(
      (await api("GET", `${UC}/table-summaries?catalog_name=new&schema_name_pattern=raw`)).body,
    ).toEqual({ tables: [] });
    for (const path of [
      "catalogs/old",
      "schemas/old.raw",
      "schemas/new.raw",
      "volumes/new.clean.in",
      "tables/old.raw.orders",
    ])
      expect(await api("GET", `${UC}/${path}`)).toMatchObject({ status: 404 });
    await api("DELETE", `${UC}/catalogs/new?force=true`);
  });

  it("lets admins change the metastore's settings and the default catalog", async () => {
    const { api, workspace } = server;
    const { metastore_id: id } = (await api("GET", `${UC}/current-metastore-assignment`)).body;
    expect(
      (await api("PATCH", `${UC}/metastores/${String(id)}`, { new_name: "lake", owner: "team" }))
        .body,
    ).toMatchObject({
      metastore_id: id,
      name: "lake",
      owner: "team",
    });
    await api("PATCH", `${UC}/workspaces/${workspace.workspaceId}/metastore`, {
      metastore_id: id,
      default_catalog_name: "new",
    });
    expect((await api("GET", `${UC}/current-metastore-assignment`)).body).toMatchObject({
      metastore_id: id,
      default_catalog_name: "new",
    });
    expect(
      await bob("PATCH", `${UC}/metastores/${String(id)}`, { new_name: "mine" }),
    ).toMatchObject({ status: 403 });
    expect(await api("PUT", `${UC}/workspaces/1/metastore`, { metastore_id: id })).toMatchObject({
      status: 404,
    });
  });

  it("stores the files of volumes, for users with permission, until the volume is deleted", async () => {
    const { api } = server;
    const file = "/api/2.0/fs/files/Volumes/sales/raw/in/a/b%20c.bin";
    const bytes = Buffer.alloc(200_000, 9);
    expect(
      (await api("PUT", file, bytes, { "content-type": "application/octet-stream" })).status,
    ).toBe(204);
    const head = await api("HEAD", file);
    expect(head.headers.get("content-length")).toBe("200000");
    expect((await api("HEAD", file)).headers.get("last-modified")).toBe(
      head.headers.get("last-modified"),
    );
    expect((await api("GET", file)).text).toHaveLength(200_000);
    expect((await api("PUT", `${file}?overwrite=false`, bytes)).status).toBe(409);
    expect((await api("PUT", file, "shorter")).status).toBe(204);
    expect((await api("GET", file, undefined, { range: "bytes=1-3" })).text).toBe("hor");
    expect(
      (await api("GET", "/api/2.0/fs/directories/Volumes/sales/raw/in/a")).body.contents,
    ).toMatchObject([{ name: "b c.bin", path: "/Volumes/sales/raw/in/a/b c.bin", file_size: 7 }]);
    for (const path of [
      "Volumes/sales/raw/none/x",
      "Volumes/sales/raw/in/%2e%2e/%2e%2e/x",
      "etc/passwd",
    ])
      expect((await api("PUT", `/api/2.0/fs/files/${path}`, "x")).status).toBeGreaterThanOrEqual(
        400,
      );
    const carol = await server.asUser("carol@example.com");
    expect((await carol("GET", file)).status).toBe(403);
    await api("PATCH", `${UC}/volumes/sales.raw.in`, { new_name: "out" });
    expect((await api("GET", file.replace("/in/", "/out/"))).text).toBe("shorter");
    expect((await api("DELETE", `${UC}/catalogs/sales?force=true`)).status).toBe(200);
    expect(server.workspace.store.collection("volume_files").count()).toBe(0);
  });
});

describe("entitlements", () => {
  it("are required to create clusters, warehouses and pools, of which lists only show a user's own", async () => {
    const { api } = server;
    const pool = { instance_pool_name: "carol's", node_type_id: "i3.xlarge" };
    const carol = await server.asUser("carol@example.com");
    const calls = [
      ["/api/2.1/clusters/create", clusterSpec],
      ["/api/2.0/sql/warehouses", { name: "carol's", cluster_size: "Small" }],
      ["/api/2.0/instance-pools/create", pool],
    ] as const;
    for (const [path, body] of calls)
      expect([path, (await carol("POST", path, body)).status]).toEqual([path, 403]);
    await api("POST", "/api/2.0/preview/scim/v2/Groups", {
      displayName: "makers",
      members: [{ value: (await carol("GET", "/api/2.0/preview/scim/v2/Me")).body.id }],
      entitlements: [{ value: "allow-cluster-create" }, { value: "allow-instance-pool-create" }],
    });
    for (const [path, body] of calls)
      expect([path, (await carol("POST", path, body)).status]).toEqual([path, 200]);
    await api("POST", "/api/2.0/sql/warehouses", { name: "hidden", cluster_size: "Small" });
    const sources = JSON.parse((await carol("GET", "/api/2.0/preview/sql/data_sources")).text) as {
      name: string;
    }[];
    expect(sources.map(({ name }) => name)).toContain("carol's");
    expect(sources.map(({ name }) => name)).not.toContain("hidden");
    const names = async (query: string): Promise<unknown[]> =>
      (
        (await carol("GET", `/api/2.1/clusters/list?${query}`)).body.clusters as {
          cluster_name: string;
        }[]
      ).map((cluster) => cluster.cluster_name);
    await carol("POST", "/api/2.1/clusters/create", { ...clusterSpec, cluster_name: "a" });
    expect(await names("sort_by.field=CLUSTER_NAME")).toEqual(["a", "c"]);
    expect(await names("sort_by.field=CLUSTER_NAME&sort_by.direction=DESC")).toEqual(["c", "a"]);
  });
});

describe("default warehouses", () => {
  it("can be set by users for themselves, and are visible to admins", async () => {
    const { api } = server;
    const path = "/api/warehouses/v1/default-warehouse-overrides";
    const { id } = (
      await api("POST", "/api/2.0/sql/warehouses", { name: "favourite", cluster_size: "Small" })
    ).body;
    expect(
      await bob("POST", `${path}?default_warehouse_override_id=me`, { type: "CUSTOM" }),
    ).toMatchObject({ status: 400 });
    const created = await bob("POST", `${path}?default_warehouse_override_id=me`, {
      type: "CUSTOM",
      warehouse_id: id,
    });
    expect(created.body).toMatchObject({
      type: "CUSTOM",
      warehouse_id: id,
      name: expect.stringMatching(/^default-warehouse-overrides\/\d+$/) as string,
    });
    expect((await api("GET", `/api/warehouses/v1/${String(created.body.name)}`)).body).toEqual(
      created.body,
    );
    expect((await api("GET", path)).body).toEqual({ default_warehouse_overrides: [created.body] });
    expect(
      await bob(
        "GET",
        `${path}/${(await api("GET", "/api/2.0/preview/scim/v2/Me")).body.id as string}`,
      ),
    ).toMatchObject({
      status: 403,
    });
    expect(
      (await bob("PATCH", `${path}/me?update_mask=type`, { type: "LAST_SELECTED" })).body,
    ).not.toHaveProperty("warehouse_id");
    await bob("DELETE", `${path}/me`);
    expect(await bob("GET", `${path}/me`)).toMatchObject({
      status: 404,
      body: { error_code: "RESOURCE_DOES_NOT_EXIST" },
    });
  });
});

describe("principals, Git credentials and Git folders", () => {
  it("include users and groups, which SCIM creates, changes, deactivates and deletes", async () => {
    const { api } = server;
    const { body } = await api("POST", "/api/2.0/preview/scim/v2/Users", {
      userName: "dora@example.com",
      entitlements: [{}, { value: "workspace-access" }],
    });
    expect(body.entitlements).toEqual([{ value: "workspace-access" }]);
    expect(
      await api("POST", "/api/2.0/preview/scim/v2/Users", { userName: "DORA@example.com" }),
    ).toMatchObject({
      status: 409,
      body: { detail: "User with username DORA@example.com already exists." },
    });
    const group = (
      await api("POST", "/api/2.0/preview/scim/v2/Groups", {
        displayName: "etl",
        members: [{ value: body.id }],
      })
    ).body;
    const users = await api(
      "GET",
      `/api/2.0/preview/scim/v2/Users?filter=${encodeURIComponent('userName eq "dora@example.com"')}&attributes=id,groups`,
    );
    expect(users.body).toMatchObject({
      totalResults: 1,
      Resources: [
        {
          id: body.id,
          groups: expect.arrayContaining([
            expect.objectContaining({ display: "etl" }),
          ]) as unknown[],
        },
      ],
    });
    await api("PATCH", `/api/2.0/preview/scim/v2/Groups/${String(group.id)}`, {
      Operations: [{ op: "remove", path: `members[value eq "${String(body.id)}"]` }],
    });
    expect(
      (await api("GET", `/api/2.0/preview/scim/v2/Groups/${String(group.id)}`)).body.members,
    ).toEqual([]);
    expect(
      (await bob("POST", "/api/2.0/preview/scim/v2/Groups", { displayName: "mine" })).status,
    ).toBe(403);
    const dora = await server.asUser("dora@example.com");
    await api("PATCH", `/api/2.0/preview/scim/v2/Users/${String(body.id)}`, {
      Operations: [{ op: "replace", path: "active", value: false }],
    });
    expect((await dora("GET", "/api/2.0/preview/scim/v2/Me")).status).toBe(403);
    expect((await api("DELETE", `/api/2.0/preview/scim/v2/Users/${String(body.id)}`)).status).toBe(
      204,
    );
    expect((await dora("GET", "/api/2.0/preview/scim/v2/Me")).status).toBe(401);
  });

  it("include one Git credential per user, and Git folders, which need an existing parent", async () => {
    const { api, workspace } = server;
    const { body } = await api("POST", "/api/2.0/git-credentials", {
      git_provider: "gitHub",
      git_username: "dev",
      personal_access_token: "ghp_secret",
    });
    expect(body).toEqual({
      credential_id: expect.any(Number) as number,
      git_provider: "gitHub",
      git_username: "dev",
    });
    expect(
      (await api("POST", "/api/2.0/git-credentials", { git_provider: "gitHub" })).body.message,
    ).toContain("Only one Git credential is supported for this user at this time");
    expect(
      (await bob("GET", `/api/2.0/git-credentials/${String(body.credential_id)}`)).status,
    ).toBe(404);
    expect(JSON.stringify(workspace.journal({ limit: 10_000 }))).not.toContain("ghp_secret");
    expect(
      (
        await api("POST", "/api/2.0/repos", {
          url: "https://github.com/acme/etl.git",
          path: "/Repos/team/etl",
        })
      ).status,
    ).toBe(404);
    await api("POST", "/api/2.0/workspace/mkdirs", { path: "/Repos/team" });
    const repo = (
      await api("POST", "/api/2.0/repos", {
        url: "https://github.com/acme/etl.git",
        path: "/Repos/team/etl",
      })
    ).body;
    await api("PATCH", `/api/2.0/repos/${String(repo.id)}`, { branch: "release" });
    expect((await api("GET", `/api/2.0/repos/${String(repo.id)}`)).body).toMatchObject({
      provider: "gitHub",
      branch: "release",
      path: "/Repos/team/etl",
    });
    expect(
      (await api("GET", "/api/2.0/workspace/get-status?path=/Repos/team/etl")).body,
    ).toMatchObject({
      object_type: "REPO",
      object_id: repo.id,
    });
    expect((await api("DELETE", `/api/2.0/repos/${String(repo.id)}`)).status).toBe(200);
    expect((await api("GET", `/api/2.0/repos/${String(repo.id)}`)).status).toBe(404);
  });
});
