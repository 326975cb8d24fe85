import {
  AllPurposeCluster,
  Catalog,
  CatalogGrants,
  ClusterLibrary,
  ClusterPolicy,
  ClusterSize,
  Content,
  CurrentUser,
  DbfsFile,
  Directory,
  Group,
  InitScript,
  InstancePool,
  Library,
  LogDelivery,
  NodeType,
  Notebook,
  NotebookTask,
  Permissions,
  PolicyRule,
  PythonWheel,
  PythonWheelTask,
  Repo,
  RunJobTask,
  Schedule,
  Schema,
  SchemaGrants,
  Secret,
  SecretScope,
  SecretValue,
  Serverless,
  ServicePrincipal,
  SparkPythonTask,
  SparkVersion,
  SqlTask,
  SqlWarehouse,
  User,
  Volume,
  VolumeFile,
  VolumeGrants,
  Workflow,
  WorkspaceFile,
  type WorkspaceStack,
} from "../../constructs";
import { BuiltProject } from "../support/built-project";
import { expectExit } from "../support/cli";
import { removeFolders } from "../support/project";

const sparkVersion = SparkVersion.LTS_15_4;
const nodeType = NodeType.of("i3.xlarge");
const analysts = Group.named("analysts");

/** Adds the objects that another team owns. */
function addOwnedObjects(stack: WorkspaceStack): void {
  const folder = "/Shared/theirs";
  new AllPurposeCluster(stack, "cluster", {
    name: "their cluster",
    sparkVersion,
    nodeType,
    size: ClusterSize.fixed(1),
  });
  new ClusterPolicy(stack, "policy", {
    name: "their policy",
    definition: { num_workers: PolicyRule.range({ maxValue: 4 }) },
  });
  new InstancePool(stack, "pool", {
    name: "their pool",
    nodeType,
    idleInstanceAutoterminationMinutes: 10,
  });
  new SqlWarehouse(stack, "warehouse", { name: "their warehouse", clusterSize: "2X-Small" });
  new Notebook(stack, "notebook", {
    path: `${folder}/notebook`,
    language: "SQL",
    content: Content.text("SELECT 1\n"),
  });
  new Workflow(stack, "job", { name: "their job" }).addTask("a", {
    run: NotebookTask.at(`${folder}/notebook`),
    on: Serverless.compute,
  });
  new Directory(stack, "directory", { path: `${folder}/folder` });
  new WorkspaceFile(stack, "file", {
    path: `${folder}/main.py`,
    content: Content.text("print(1)\n"),
  });
  new DbfsFile(stack, "dbfs", {
    path: "/tmp/theirs.py",
    content: Content.text("print(1)\n"),
    acceptDeprecation: "a test",
  });
  new PythonWheel(stack, "wheel", {
    folder: `${folder}/wheels`,
    content: Content.file(`${process.cwd()}/stacks/gallery/files/etl-1.0-py3-none-any.whl`),
  });
  new Repo(stack, "repo", {
    url: "https://github.com/acme/etl",
    gitProvider: "gitHub",
    path: "/Repos/theirs/etl",
    branch: "main",
  });
  new SecretScope(stack, "secrets", { name: "theirs" });
  const catalog = new Catalog(stack, "catalog", { name: "theirs" });
  const volume = new Volume(stack, "volume", {
    schema: new Schema(stack, "schema", { catalog, name: "etl" }),
    name: "files",
  });
  new VolumeFile(stack, "volume-file", {
    path: volume.pathTo("setup.sh"),
    content: Content.text("true\n"),
  });
}

interface Ids {
  readonly policy: string;
  readonly pool: string;
  readonly warehouse: string;
  readonly cluster: string;
  readonly job: string;
  readonly repo: string;
  readonly wheel: string;
}

/** Adds constructs that use each of these objects, through every factory for existing objects. */
function addUsers(stack: WorkspaceStack, ids: Ids): void {
  const warehouse = SqlWarehouse.fromName(stack, "warehouse", "their warehouse");
  const volume = Volume.fromName("theirs.etl.files");
  const secrets = SecretScope.fromScopeName("theirs");
  const schema = Schema.fromName("theirs.etl");
  const repo = Repo.fromPath("/Repos/theirs/etl");

  const job = new Workflow(stack, "job", {
    name: "our job",
    schedule: Schedule.fileArrival(volume.pathTo("in/")).paused(),
  });
  const withPolicy = job.addJobCluster("with-policy", {
    sparkVersion,
    nodeType,
    policy: ClusterPolicy.fromId(ids.policy, { num_workers: PolicyRule.range({ maxValue: 4 }) }),
    size: ClusterSize.fixed(2),
    initScripts: [
      InitScript.volume(VolumeFile.fromPath("/Volumes/theirs/etl/files/setup.sh")),
      InitScript.workspace(WorkspaceFile.fromPath("/Platform/setup.sh")),
    ],
    logDelivery: LogDelivery.volume(volume.pathTo("logs")),
    sparkConf: { "spark.hadoop.key": secrets.reference("key") },
  });
  const pooled = job.addJobCluster("pooled", {
    sparkVersion,
    instancePool: InstancePool.fromId(ids.pool),
    size: ClusterSize.fixed(1),
  });
  const byName = AllPurposeCluster.fromName(stack, "cluster", "their cluster");
  const byId = AllPurposeCluster.fromId(ids.cluster);
  job.addTask("notebook", {
    run: NotebookTask.of(Notebook.fromPath("/Shared/theirs/notebook")),
    on: withPolicy,
  });
  job.addTask("repo", {
    run: NotebookTask.of(repo.notebook("jobs/load")),
    on: Serverless.compute,
  });
  job.addTask("python", {
    run: SparkPythonTask.of(WorkspaceFile.fromPath("/Shared/theirs/main.py")),
    on: pooled,
  });
  job.addTask("dbfs", { run: SparkPythonTask.of(DbfsFile.fromPath("/tmp/theirs.py")), on: byName });
  job.addTask("wheel", {
    run: PythonWheelTask.of("etl", "main"),
    on: byId,
    libraries: [Library.whl(PythonWheel.fromPath(ids.wheel))],
  });
  job.addTask("sql", { run: SqlTask.query("12345678-1234-1234-1234-123456789012", { warehouse }) });
  job.addTask("by-name", {
    run: RunJobTask.of(Workflow.fromName(stack, "their-job", "their job")),
  });
  job.addTask("by-id", { run: RunJobTask.of(Workflow.fromId(ids.job)) });

  new ClusterLibrary(stack, "library", {
    cluster: byId,
    library: Library.pypi("requests==2.31.0"),
  });
  new Secret(stack, "secret", {
    scope: secrets,
    key: "key",
    value: SecretValue.fromEnvironment("OUR_KEY"),
  });
  new Volume(stack, "our-volume", { schema, name: "ours" });
  new Schema(stack, "our-schema", { catalog: Catalog.fromName("theirs"), name: "ours" });
  new VolumeFile(stack, "our-file", {
    path: volume.pathTo("ours.txt"),
    content: Content.text("ours\n"),
  });
  CatalogGrants.on(stack, "on-catalog", Catalog.fromName("theirs")).use(analysts);
  SchemaGrants.on(stack, "on-schema", schema).read(analysts);
  VolumeGrants.on(stack, "on-volume", volume).read(User.named("ada@example.com"));

  Permissions.onJob(stack, "p-job", Workflow.fromId(ids.job)).allow("CAN_VIEW", analysts);
  Permissions.onCluster(stack, "p-cluster", byName).allow("CAN_ATTACH_TO", analysts);
  Permissions.onClusterPolicy(stack, "p-policy", ClusterPolicy.fromId(ids.policy)).allow(
    "CAN_USE",
    analysts,
  );
  Permissions.onInstancePool(stack, "p-pool", InstancePool.fromId(ids.pool)).allow(
    "CAN_ATTACH_TO",
    analysts,
  );
  Permissions.onWarehouse(stack, "p-warehouse", SqlWarehouse.fromId(ids.warehouse)).allow(
    "CAN_USE",
    analysts,
  );
  Permissions.onNotebook(stack, "p-notebook", Notebook.fromPath("/Shared/theirs/notebook")).allow(
    "CAN_RUN",
    analysts,
  );
  Permissions.onDirectory(stack, "p-directory", Directory.fromPath("/Shared/theirs/folder")).allow(
    "CAN_READ",
    analysts,
  );
  Permissions.onWorkspaceFile(
    stack,
    "p-file",
    WorkspaceFile.fromPath("/Shared/theirs/main.py"),
  ).allow("CAN_READ", analysts);
  Permissions.onRepo(stack, "p-repo", Repo.fromId(ids.repo)).allow(
    "CAN_READ",
    analysts,
    ServicePrincipal.withApplicationId("8b4fb6c4-2d2a-4a0c-9c3e-5a1f0d6b7e11"),
  );

  const me = new CurrentUser(stack, "me");
  new Notebook(stack, "draft", {
    path: `${me.home}/draft`,
    language: "SQL",
    content: Content.text("SELECT 2\n"),
  });
}

describe("existing objects", () => {
  let project: BuiltProject;
  beforeAll(async () => {
    project = await BuiltProject.open({ OUR_KEY: "canary" });
  });
  afterAll(async () => {
    await project.close();
    removeFolders();
  });

  test("can be used by a stack that does not own them, and are kept when that stack is destroyed", async () => {
    project.build({ owner: addOwnedObjects });
    await project.deployClean("owner-local");
    const id = (type: string, construct: string): string =>
      String(project.state("owner-local", type, construct).id);
    const ids: Ids = {
      policy: id("databricks_cluster_policy", "policy"),
      pool: id("databricks_instance_pool", "pool"),
      warehouse: id("databricks_sql_endpoint", "warehouse"),
      cluster: id("databricks_cluster", "cluster"),
      job: id("databricks_job", "job"),
      repo: id("databricks_repo", "repo"),
      wheel: String(project.state("owner-local", "databricks_workspace_file", "wheel").path),
    };
    project.build({ owner: addOwnedObjects, user: (stack) => addUsers(stack, ids) });
    await project.deployClean("user-local");

    const { jobs = [] } = (await project.get(
      "/api/2.2/jobs/list?name=our%20job&expand_tasks=true",
    )) as {
      jobs?: {
        settings: {
          tasks: {
            task_key: string;
            existing_cluster_id?: string;
            run_job_task?: { job_id: number };
          }[];
        };
      }[];
    };
    const tasksByKey = new Map(jobs[0]?.settings.tasks.map((task) => [task.task_key, task]));
    expect([
      tasksByKey.get("dbfs")?.existing_cluster_id,
      tasksByKey.get("wheel")?.existing_cluster_id,
    ]).toEqual([ids.cluster, ids.cluster]);
    expect(
      [
        tasksByKey.get("by-name")?.run_job_task?.job_id,
        tasksByKey.get("by-id")?.run_job_task?.job_id,
      ].map(String),
    ).toEqual([ids.job, ids.job]);

    expectExit(await project.run("destroy", "user-local", "--auto-approve", "--quiet"), 0);
    expectExit(await project.run("verify", "owner-local"), 0);
  }, 180_000);
});
