import { dataKinds, findDataKind } from "../../../src/resources";
import type { Attributes } from "../../../src/resources/kind";
import { dataSourceTypes } from "../../../src/resources/shape/schema";
import { openKindLab, type KindLab } from "../kind-lab";

let lab: KindLab;
let clusterId: string;
beforeAll(async () => {
  lab = await openKindLab();
  const { api } = lab;
  await api.post("/api/2.2/jobs/create", {
    name: "etl",
    tasks: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }],
    git_source: {
      git_url: "https://github.com/acme/etl",
      git_provider: "gitHub",
      git_branch: "main",
    },
  });
  const cluster = {
    cluster_name: "c",
    spark_version: "15.4.x-scala2.12",
    node_type_id: "i3.xlarge",
    num_workers: 1,
  };
  clusterId = ((await api.post("/api/2.1/clusters/create", cluster)) as { cluster_id: string })
    .cluster_id;
  const content = Buffer.from("print(1)").toString("base64");
  await api.post("/api/2.0/workspace/import", {
    path: "/Shared/n",
    language: "PYTHON",
    format: "SOURCE",
    content,
  });
  await api.post("/api/2.0/dbfs/put", {
    path: "/tmp/x",
    contents: Buffer.from("hello").toString("base64"),
    overwrite: true,
  });
  await api.post("/api/2.1/unity-catalog/catalogs", { name: "lake", comment: "c" });
  await api.post("/api/2.1/unity-catalog/schemas", { catalog_name: "lake", name: "raw" });
  await api.post("/api/2.1/unity-catalog/volumes", {
    catalog_name: "lake",
    schema_name: "raw",
    name: "in",
    volume_type: "MANAGED",
  });
});
afterAll(() => lab.close());

async function readData(type: string, config: Attributes = {}): Promise<Attributes> {
  const kind = findDataKind(`databricks_${type}`);
  if (kind === undefined) throw new Error(`no data source ${type}`);
  return kind.read(lab.reader, config, lab.context);
}

test("every data source of the schema is implemented", () => {
  expect(dataKinds.map(({ type }) => type).sort()).toEqual([...dataSourceTypes()].sort());
});

test("the current user and the configuration are read", async () => {
  const user = await readData("current_user");
  expect(user).toMatchObject({
    workspace_url: lab.workspace.host,
    home: `/Users/${user.user_name as string}`,
  });
  expect(await readData("current_config")).toMatchObject({
    host: lab.workspace.host,
    cloud_type: "aws",
    is_account: false,
    auth_type: "pat",
  });
});

test("the newest LTS Spark version is read, and an error lists the available ones", async () => {
  expect((await readData("spark_version", { long_term_support: true })).id).toMatch(/-scala2\.12$/);
  await expect(readData("spark_version", { spark_version: "0.1" })).rejects.toMatchObject({
    code: "NO_SPARK_VERSION",
  });
});

test("the smallest matching node type is read, or the default one if none matches", async () => {
  expect((await readData("node_type", { min_cores: 4 })).id).toEqual(expect.any(String));
  expect((await readData("node_type", { min_cores: 100_000 })).id).toBe("i3.xlarge");
});

test("jobs are read by name and by id", async () => {
  const byName = await readData("job", { job_name: "etl" });
  expect((await readData("jobs")).ids).toEqual({ etl: byName.id });
  expect((await readData("jobs", { job_name_contains: "ET" })).ids).toEqual({ etl: byName.id });
  expect((await readData("jobs", { job_name_contains: "x" })).ids).toEqual({});
  expect(byName.job_settings).toMatchObject([
    {
      settings: [
        {
          name: "etl",
          task: [{ task_key: "a" }],
          git_source: [{ url: "https://github.com/acme/etl", branch: "main" }],
        },
      ],
    },
  ]);
  await expect(readData("job", { job_name: "none" })).rejects.toMatchObject({
    code: "NO_SUCH_JOB",
  });
});

test("a job data source without an id and a name is rejected, unless one is not known yet", () => {
  const validate = (config: Attributes) => findDataKind("databricks_job")?.validate?.(config);
  const unset = { id: null, job_id: null, job_name: null, name: null };
  expect(validate(unset)).toEqual([{ path: "job_id", message: "job_id or job_name is required" }]);
  expect(validate({ ...unset, job_name: "n" })).toEqual([]);
  const { job_id: _unknown, ...withUnknownId } = unset;
  expect(validate(withUnknownId)).toEqual([]);
});

test("a name that two jobs have is rejected", async () => {
  await lab.api.post("/api/2.2/jobs/create", { name: "twin" });
  const { job_id } = (await lab.api.post("/api/2.2/jobs/create", { name: "twin" })) as {
    job_id: number;
  };
  await expect(readData("jobs")).rejects.toMatchObject({ code: "DUPLICATE_JOB_NAME" });
  expect((await readData("jobs", { key: "id" })).ids).toMatchObject({ [String(job_id)]: "twin" });
});

test("clusters are read by name and by id", async () => {
  expect(await readData("cluster", { cluster_name: "c" })).toMatchObject({
    id: clusterId,
    cluster_info: [{ cluster_id: clusterId, num_workers: 1 }],
  });
  expect(await readData("cluster", { cluster_id: clusterId })).toMatchObject({ cluster_name: "c" });
  expect((await readData("clusters", { cluster_name_contains: "C" })).ids).toEqual([clusterId]);
  await expect(
    readData("cluster", { cluster_name: "none", cluster_id: clusterId }),
  ).rejects.toMatchObject({ code: "NO_SUCH_CLUSTER" });
  await expect(readData("cluster")).rejects.toMatchObject({ code: "NOTHING_ASKED" });
});

test("a notebook and a DBFS file are read with their content", async () => {
  const notebook = await readData("notebook", { path: "/Shared/n", format: "SOURCE" });
  expect(Buffer.from(notebook.content as string, "base64").toString()).toContain("print(1)");
  expect(notebook).toMatchObject({
    language: "PYTHON",
    object_type: "NOTEBOOK",
    workspace_path: "/Workspace/Shared/n",
  });
  expect(
    await readData("notebook", { path: "/Workspace/Shared/n", format: "SOURCE" }),
  ).toMatchObject({ workspace_path: "/Workspace/Shared/n" });
  const file = await readData("dbfs_file", { path: "/tmp/x", limit_file_size: true });
  expect(file).toMatchObject({ file_size: 5, content: Buffer.from("hello").toString("base64") });
});

test("a DBFS file of complete blocks is read", async () => {
  const whole = Buffer.alloc(2_000_000, 7);
  const { handle } = (await lab.api.post("/api/2.0/dbfs/create", { path: "/tmp/whole" })) as {
    handle: number;
  };
  for (const block of [whole.subarray(0, 1_000_000), whole.subarray(1_000_000)]) {
    await lab.api.post("/api/2.0/dbfs/add-block", { handle, data: block.toString("base64") });
  }
  await lab.api.post("/api/2.0/dbfs/close", { handle });
  const { content } = await readData("dbfs_file", { path: "/tmp/whole", limit_file_size: true });
  expect(Buffer.from(content as string, "base64").equals(whole)).toBe(true);
});

test("a catalog, a schema and a volume are read", async () => {
  expect(await readData("catalog", { name: "lake" })).toMatchObject({
    id: "lake",
    catalog_info: [{ name: "lake", comment: "c" }],
  });
  expect(await readData("schema", { name: "lake.raw" })).toMatchObject({
    schema_info: [{ name: "raw", catalog_name: "lake" }],
  });
  expect(await readData("volume", { name: "lake.raw.in" })).toMatchObject({
    volume_info: [{ name: "in", volume_type: "MANAGED" }],
  });
});

test("lists and single objects of a list are read", async () => {
  const { api } = lab;
  const table = { catalog_name: "lake", schema_name: "raw", columns: [] };
  await api.post("/api/2.1/unity-catalog/tables", { ...table, name: "t" });
  await api.post("/api/2.1/unity-catalog/tables", { ...table, name: "v", table_type: "VIEW" });
  const role = { role_arn: "arn:aws:iam::123456789012:role/x" };
  await api.post("/api/2.1/unity-catalog/storage-credentials", {
    name: "cred",
    aws_iam_role: role,
  });
  await api.post("/api/2.1/unity-catalog/external-locations", {
    name: "loc",
    url: "s3://b/x",
    credential_name: "cred",
  });
  const pipeline = {
    name: "nightly load",
    catalog: "lake",
    schema: "raw",
    libraries: [{ notebook: { path: "/Shared/n" } }],
  };
  const { pipeline_id } = (await api.post("/api/2.0/pipelines", pipeline)) as {
    pipeline_id: string;
  };
  const pool = { instance_pool_name: "pool", node_type_id: "i3.xlarge" };
  const { instance_pool_id } = (await api.post("/api/2.0/instance-pools/create", pool)) as {
    instance_pool_id: string;
  };
  const { policy_id } = (await api.post("/api/2.0/policies/clusters/create", {
    name: "p",
    definition: "{}",
  })) as { policy_id: string };
  const schemaArguments = { catalog_name: "lake", schema_name: "raw" };
  expect((await readData("catalogs")).ids).toEqual(expect.arrayContaining(["lake", "main"]));
  expect((await readData("schemas", { catalog_name: "lake" })).ids).toEqual(
    expect.arrayContaining(["lake.raw"]),
  );
  expect([
    (await readData("tables", schemaArguments)).ids,
    (await readData("views", schemaArguments)).ids,
  ]).toEqual([["lake.raw.t"], ["lake.raw.v"]]);
  expect([
    (await readData("storage_credentials")).names,
    (await readData("external_locations")).names,
  ]).toEqual([["cred"], ["loc"]]);
  expect(await readData("storage_credential", { name: "cred" })).toMatchObject({
    storage_credential_info: [{ aws_iam_role: [role] }],
  });
  expect(await readData("external_location", { name: "loc" })).toMatchObject({
    external_location_info: [{ url: "s3://b/x" }],
  });
  const pipelines = async (pipeline_name: string): Promise<unknown> =>
    (await readData("pipelines", { pipeline_name })).ids;
  expect([await pipelines("%LOAD"), await pipelines("night%"), await pipelines("load")]).toEqual([
    [pipeline_id],
    [pipeline_id],
    [],
  ]);
  expect(await readData("instance_pool", { name: "pool" })).toMatchObject({
    id: instance_pool_id,
    pool_info: [{ node_type_id: "i3.xlarge" }],
  });
  expect(await readData("cluster_policy", { name: "p" })).toMatchObject({
    id: policy_id,
    definition: "{}",
  });
  await expect(readData("instance_pool", { name: "none" })).rejects.toMatchObject({
    code: "NO_SUCH_OBJECT",
  });
  expect(await readData("zones")).toMatchObject({
    default_zone: "us-west-2a",
    zones: ["us-west-2a", "us-west-2b", "us-west-2c"],
  });
  expect(await readData("directory", { path: "/Shared" })).toMatchObject({
    workspace_path: "/Workspace/Shared",
    object_id: expect.any(Number) as number,
  });
  await expect(readData("directory", { path: "/Shared/n" })).rejects.toMatchObject({
    code: "NO_SUCH_DIRECTORY",
  });
  // A stub, because the local workspace has no ids that a number cannot represent.
  const object = { object_type: "DIRECTORY", object_id: "9007199254740993" };
  const reader = { ...lab.reader, get: () => Promise.resolve(object) };
  const directory = findDataKind("databricks_directory");
  expect(await directory?.read(reader, { path: "/x" }, lab.context)).toMatchObject({
    object_id: "9007199254740993",
  });
  const { id, metastore_info } = await readData("current_metastore");
  expect(metastore_info).toMatchObject([{ metastore_id: id }]);
});

test("objects are read with their fields, and a folder with its paths", async () => {
  const { api } = lab;
  const scim = "/api/2.0/preview/scim/v2";
  const ids: string[] = [];
  for (const userName of ["list.one@example.com", "list.two@example.com"])
    ids.push(
      ((await api.post(`${scim}/Users`, { userName, displayName: "Listed" })) as { id: string }).id,
    );
  const users = (
    await readData("users", { filter: 'userName sw "list."', extra_attributes: "active" })
  ).users as Attributes[];
  expect(
    users.map(({ id, user_name, display_name, active }) => [id, user_name, display_name, active]),
  ).toEqual([
    [ids[0], "list.one@example.com", "Listed", true],
    [ids[1], "list.two@example.com", "Listed", true],
  ]);
  expect(((await readData("users")).users as Attributes[]).length).toBeGreaterThan(1);
  const robot = (await api.post(`${scim}/ServicePrincipals`, { displayName: "listed robot" })) as {
    id: string;
    applicationId: string;
  };
  expect(await readData("service_principals", { display_name_contains: "listed" })).toMatchObject({
    id: "_",
    application_ids: [robot.applicationId],
    service_principals: [
      {
        id: robot.id,
        display_name: "listed robot",
        home: `/Users/${robot.applicationId}`,
        active: true,
      },
    ],
  });
  expect((await readData("volumes", { catalog_name: "lake", schema_name: "raw" })).ids).toEqual([
    "lake.raw.in",
  ]);
  const entity = { name: "m", entity_name: "m", entity_version: "1" };
  await api.post("/api/2.0/serving-endpoints", {
    name: "listed",
    config: { served_entities: [entity] },
  });
  expect(await readData("serving_endpoints")).toMatchObject({
    endpoints: [{ name: "listed", task: null, config: [] }],
  });
  for (const name of ["Mail", "Other"])
    await api.post("/api/2.0/notification-destinations", {
      display_name: name,
      config: { email: { addresses: ["a@example.com"] } },
    });
  expect(
    await readData("notification_destinations", { display_name_contains: "mai", type: "EMAIL" }),
  ).toEqual({
    display_name_contains: "mai",
    type: "EMAIL",
    notification_destinations: [
      { id: expect.any(String) as string, display_name: "Mail", destination_type: "EMAIL" },
    ],
  });
  expect(
    findDataKind("databricks_notification_destinations")?.validate?.({ type: "FAX" }),
  ).toHaveLength(1);
  await api.post("/api/2.0/lakeview/dashboards", {
    display_name: "Sales",
    parent_path: "/Shared",
    serialized_dashboard: "{}",
  });
  expect(await readData("dashboards", { dashboard_name_contains: "sal" })).toMatchObject({
    dashboards: [{ display_name: "Sales", path: null }],
  });
  expect((await readData("dashboards", { dashboard_name_contains: "x" })).dashboards).toEqual([]);
  const arn = "arn:aws:iam::123456789012:instance-profile/teams/listed";
  await api.post("/api/2.0/instance-profiles/add", { instance_profile_arn: arn });
  expect(await readData("instance_profiles")).toMatchObject({
    id: "_",
    instance_profiles: [{ name: "listed", arn, is_meta: false }],
  });
  const { experiment_id } = (await api.post("/api/2.0/mlflow/experiments/create", {
    name: "/Shared/tries",
  })) as { experiment_id: string };
  const experiment = {
    id: experiment_id,
    experiment_id,
    name: "/Shared/tries",
    lifecycle_stage: "active",
  };
  expect(await readData("mlflow_experiment", { name: "/Shared/tries" })).toMatchObject(experiment);
  expect(await readData("mlflow_experiment", { experiment_id })).toMatchObject(experiment);
  await expect(readData("mlflow_experiment", { name: "/Shared/none" })).rejects.toMatchObject({
    status: 404,
  });
  await expect(readData("mlflow_experiment")).rejects.toMatchObject({ code: "NOTHING_ASKED" });
  await api.post("/api/2.0/workspace/mkdirs", { path: "/Shared/paths/deep" });
  const content = Buffer.from("1").toString("base64");
  for (const path of ["/Shared/paths/a", "/Shared/paths/deep/b"])
    await api.post("/api/2.0/workspace/import", {
      path,
      language: "SQL",
      format: "SOURCE",
      content,
    });
  const a = { path: "/Shared/paths/a", language: "SQL" };
  expect(
    (await readData("notebook_paths", { path: "/Shared/paths", recursive: false }))
      .notebook_path_list,
  ).toEqual([a]);
  const tree = { path: "/Shared/paths", recursive: true };
  const below = { path: "/Shared/paths/deep/b", language: "SQL" };
  expect(await readData("notebook_paths", tree)).toEqual({
    ...tree,
    id: "/Shared/paths",
    notebook_path_list: [a, below],
  });
  await api.post("/api/2.0/dbfs/put", {
    path: "/paths/deep/x",
    contents: Buffer.from("hello").toString("base64"),
  });
  expect(
    (await readData("dbfs_file_paths", { path: "/paths", recursive: false })).path_list,
  ).toEqual([{ path: "/paths/deep", file_size: 0 }]);
  const files = { path_list: [{ path: "/paths/deep/x", file_size: 5 }] };
  expect(await readData("dbfs_file_paths", { path: "/paths", recursive: true })).toMatchObject(
    files,
  );
});

test("a SQL warehouse is read by name first, then by id", async () => {
  const warehouse = (await lab.api.post("/api/2.0/sql/warehouses", {
    name: "w",
    cluster_size: "Small",
    max_num_clusters: 1,
  })) as {
    id: string;
  };
  expect(await readData("sql_warehouse", { name: "w" })).toMatchObject({
    id: warehouse.id,
    cluster_size: "Small",
  });
  expect(await readData("sql_warehouse", { id: warehouse.id })).toMatchObject({ name: "w" });
  expect((await readData("sql_warehouses", { warehouse_name_contains: "W" })).ids).toEqual([
    warehouse.id,
  ]);
  await expect(readData("sql_warehouse", { name: "none", id: warehouse.id })).rejects.toMatchObject(
    {
      code: "NO_SUCH_WAREHOUSE",
    },
  );
  await expect(readData("sql_warehouse", { id: "none" })).rejects.toMatchObject({
    code: "NO_SUCH_WAREHOUSE",
  });
});

test("a user, a service principal and a group with its members are read by name and by id", async () => {
  const createPrincipal = async (collection: string, body: object): Promise<string> =>
    ((await lab.api.post(`/api/2.0/preview/scim/v2/${collection}`, body)) as { id: string }).id;
  const ada = await createPrincipal("Users", { userName: "ada.l@example.com", displayName: "Ada" });
  const robot = await createPrincipal("ServicePrincipals", { displayName: "robot" });
  const inner = await createPrincipal("Groups", {
    displayName: "inner",
    members: [{ value: ada }],
    roles: [{ value: "arn:inner" }],
  });
  const outer = await createPrincipal("Groups", {
    displayName: "outer",
    members: [{ value: inner }, { value: robot }],
    entitlements: [{ value: "allow-cluster-create" }],
    roles: [{ value: "arn:outer" }],
  });
  const user = {
    id: ada,
    user_name: "ada.l@example.com",
    home: "/Users/ada.l@example.com",
    alphanumeric: "ada_l",
    active: true,
  };
  expect(await readData("user", { user_name: "ada.l@example.com" })).toMatchObject(user);
  expect(await readData("user", { user_id: ada })).toMatchObject(user);
  const { application_id } = await readData("service_principal", { display_name: "robot" });
  expect(
    await readData("service_principal", { application_id: application_id as string }),
  ).toMatchObject({ id: robot, sp_id: robot });
  expect(await readData("group", { display_name: "outer" })).toMatchObject({
    id: outer,
    allow_cluster_create: true,
    child_groups: [inner],
    service_principals: [robot],
    members: [inner, robot].sort(),
    instance_profiles: ["arn:outer"],
  });
  const inherited = {
    id: inner,
    users: [ada],
    groups: [outer],
    allow_cluster_create: true,
    instance_profiles: ["arn:inner", "arn:outer"],
  };
  expect(await readData("group", { display_name: "inner", recursive: true })).toMatchObject(
    inherited,
  );
  expect(await readData("group", { display_name: "inner", recursive: false })).toMatchObject({
    allow_cluster_create: false,
  });
  await expect(readData("group", { display_name: "none" })).rejects.toMatchObject({
    code: "NO_SUCH_PRINCIPAL",
  });
  await expect(readData("service_principal")).rejects.toMatchObject({ code: "NOTHING_ASKED" });
  await createPrincipal("ServicePrincipals", { displayName: "robot" });
  await expect(readData("service_principal", { display_name: "robot" })).rejects.toMatchObject({
    code: "DUPLICATE_PRINCIPAL_NAME",
  });
});
