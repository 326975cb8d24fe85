import {
  ClusterSize,
  DashboardTask,
  DbtCloudTask,
  DbtPlatformTask,
  DbtTask,
  DynamicReference,
  FanOut,
  GenAiComputeTask,
  GitSource,
  Group,
  IngestTransformPublish,
  Library,
  MedallionPipeline,
  NodeType,
  NotebookTask,
  PipelineTask,
  PowerBiTask,
  PythonWheelTask,
  RunJobTask,
  Schedule,
  Serverless,
  SparkJarTask,
  SparkPythonTask,
  SparkSubmitTask,
  SparkVersion,
  SqlTask,
  User,
  Workflow,
  type Construct,
  type SqlWarehouse,
} from "../../constructs";
import type { Artifacts } from "./artifacts";
import type { Compute } from "./compute";

const destination = "0481e838-0a59-4eff-9541-a4ca6f149574";
const email = ["oncall@example.com"];

/** Adds jobs that show the task types, triggers and settings. */
export function addJobs(
  stack: Construct,
  compute: Compute,
  artifacts: Artifacts,
  warehouse: SqlWarehouse,
): void {
  const etl = new Workflow(stack, "etl", {
    name: "gallery etl",
    description: "every type of task that runs on a cluster",
    tags: { purpose: "gallery" },
    schedule: Schedule.cron("0 0 6 * * ?", "Europe/Berlin").paused(),
    maxConcurrentRuns: 2,
    timeoutSeconds: 7200,
    queue: true,
    emailNotifications: {
      onStart: email,
      onSuccess: email,
      onFailure: email,
      onDurationWarningThresholdExceeded: email,
      onStreamingBacklogExceeded: email,
      noAlertForSkippedRuns: true,
    },
    webhookNotifications: {
      onStart: [destination],
      onSuccess: [destination],
      onFailure: [destination],
      onDurationWarningThresholdExceeded: [destination],
      onStreamingBacklogExceeded: [destination],
    },
    notificationSettings: { noAlertForCanceledRuns: true, noAlertForSkippedRuns: true },
    health: [{ metric: "RUN_DURATION_SECONDS", greaterThan: 3600 }],
    editMode: "UI_LOCKED",
    performanceTarget: "STANDARD",
    budgetPolicyId: "11111111-2222-4333-8444-555555555555",
    usagePolicyId: "11111111-2222-4333-8444-666666666666",
  });
  etl.permissions.allow("CAN_MANAGE_RUN", Group.users);
  const day = etl.addParameter("day", "2024-01-01");
  const shared = etl.addJobCluster("shared", {
    sparkVersion: SparkVersion.LTS_15_4,
    nodeType: NodeType.of("i3.xlarge"),
    size: ClusterSize.fixed(2),
  });
  const ingest = etl.addTask("ingest", {
    run: NotebookTask.of(artifacts.notebook, {
      day,
      started: DynamicReference.jobStartTime("iso_date"),
    }),
    on: shared,
    description: "reads the raw data",
    maxRetries: 2,
    minRetryIntervalMillis: 60_000,
    retryOnTimeout: true,
    timeoutSeconds: 1800,
    emailNotifications: {
      onStart: email,
      onSuccess: email,
      onFailure: email,
      onDurationWarningThresholdExceeded: email,
      onStreamingBacklogExceeded: email,
      noAlertForSkippedRuns: true,
    },
    webhookNotifications: {
      onStart: [destination],
      onSuccess: [destination],
      onFailure: [destination],
      onDurationWarningThresholdExceeded: [destination],
      onStreamingBacklogExceeded: [destination],
    },
    notificationSettings: {
      alertOnLastAttempt: true,
      noAlertForCanceledRuns: true,
      noAlertForSkippedRuns: true,
    },
    health: [{ metric: "RUN_DURATION_SECONDS", greaterThan: 1200 }],
    libraries: [
      Library.pypi("requests==2.31.0", "https://pypi.example.com/simple"),
      Library.maven("com.acme:tools:1.0.0", {
        exclusions: ["org.slf4j:slf4j-api"],
        repo: "https://maven.example.com",
      }),
      Library.cran("data.table", "https://cran.example.com"),
      Library.jar("/Volumes/main/gallery/jars/tools.jar"),
      Library.whl(artifacts.wheel),
      Library.requirements("/Workspace/Shared/gallery/requirements.txt"),
    ],
  });
  const fresh = etl.addCondition("fresh", {
    left: ingest.value("rows"),
    op: "GREATER_THAN",
    right: "0",
    after: [ingest],
  });
  const clean = etl.addTask("clean", {
    run: SparkPythonTask.of(artifacts.main, ["--rows", ingest.value("rows")]),
    on: shared,
    after: [fresh.whenTrue],
    disabled: true,
  });
  etl.addTask("nothing_new", {
    run: NotebookTask.at("/Shared/gallery-notebook"),
    on: warehouse,
    after: [fresh.whenFalse],
  });
  etl.addTask("wheel", {
    run: PythonWheelTask.of("etl", "main", ["--fast"]),
    on: shared,
    after: [clean],
    libraries: [Library.whl(artifacts.wheel)],
  });
  etl.addTask("wheel_named", {
    run: PythonWheelTask.of("etl", "main", { mode: "fast" }),
    on: compute.cluster,
    after: [clean],
    libraries: [Library.whl(artifacts.wheel)],
  });
  etl.addTask("jar", {
    run: SparkJarTask.of("com.acme.etl.Main", ["--full"], { runAsRepl: true }),
    on: shared,
    after: [clean],
    libraries: [Library.jar("/Volumes/main/gallery/jars/etl.jar")],
  });
  etl.addTask("submit", {
    run: SparkSubmitTask.of(["--class", "com.acme.etl.Main", "s3://gallery/etl.jar"]),
    on: compute.dedicated,
  });
  etl.addTask("folder", {
    run: NotebookTask.of(artifacts.folder.notebook("reports/daily")),
    on: shared,
    after: [clean],
    runIf: "ALL_DONE",
  });
  etl.addForEach("each", {
    inputs: ["de", "ch"],
    concurrency: 2,
    after: [ingest],
    task: {
      key: "each_country",
      run: NotebookTask.at("/Shared/gallery-notebook", { country: DynamicReference.input }),
      on: shared,
      description: "one country",
      maxRetries: 1,
      minRetryIntervalMillis: 1000,
      retryOnTimeout: false,
      timeoutSeconds: 600,
    },
  });

  const sql = new Workflow(stack, "sql-tasks", {
    name: "gallery sql",
    schedule: Schedule.every(1, "DAYS").paused(),
  });
  const subscriptions = [User.named("dev@example.com"), { destinationId: destination }];
  sql.addTask("query", {
    run: SqlTask.query("5b2a1f6e-0000-4000-8000-000000000001", {
      warehouse,
      parameters: { country: "de" },
    }),
  });
  sql.addTask("dashboard", {
    run: SqlTask.dashboard("5b2a1f6e-0000-4000-8000-000000000002", {
      warehouse,
      customSubject: "daily",
      pauseSubscriptions: true,
      subscriptions,
    }),
  });
  sql.addTask("alert", {
    run: SqlTask.alert("5b2a1f6e-0000-4000-8000-000000000003", {
      warehouse,
      pauseSubscriptions: true,
      subscriptions,
    }),
  });
  sql.addTask("file", { run: SqlTask.file(artifacts.sql, { warehouse }) });
  sql.addTask("lakeview", {
    run: DashboardTask.of("01ef0000000000000000000000000001", {
      warehouse,
      subscription: { subscribers: subscriptions, customSubject: "daily", paused: true },
    }),
  });
  sql.addTask("pipeline", {
    run: PipelineTask.of("8a1b2c3d-0000-4000-8000-000000000001", { fullRefresh: true }),
  });
  sql.addTask("other_job", {
    run: RunJobTask.of(etl, { day: "2024-01-02" }, { pipelineFullRefresh: false }),
  });
  sql.addTask("dbt_platform", { run: DbtPlatformTask.of("dbt", "70403103919") });
  sql.addTask("dbt_cloud", { run: DbtCloudTask.of("dbt", 70_403) });
  sql.addTask("power_bi", {
    run: PowerBiTask.of({
      connectionResourceName: "power-bi",
      warehouse,
      model: {
        workspaceName: "sales",
        modelName: "orders",
        storageMode: "DIRECT_QUERY",
        authenticationMethod: "OAUTH",
        overwriteExisting: true,
      },
      tables: [{ catalog: "main", schema: "gold", name: "orders", storageMode: "DIRECT_QUERY" }],
      refreshAfterUpdate: true,
    }),
  });
  sql.addTask("training", {
    run: GenAiComputeTask.of({
      dlRuntimeImage: "pytorch:2.6",
      compute: { gpuType: "GPU_1xA10", numGpus: 1, gpuNodePoolId: "pool-1" },
      command: "python train.py",
      trainingScriptPath: "/Workspace/Shared/train.py",
      mlflowExperimentName: "/Shared/gallery-experiment",
      yamlParameters: "epochs: 1",
      yamlParametersFilePath: "/Workspace/Shared/parameters.yaml",
    }),
  });

  const git = new Workflow(stack, "from-git", {
    name: "gallery git",
    gitSource: GitSource.tag("https://github.com/acme/etl", "gitHub", "v1.2.0"),
    schedule: Schedule.fileArrival("/Volumes/main/gallery/landing/", {
      minTimeBetweenTriggersSeconds: 60,
      waitAfterLastChangeSeconds: 60,
    }).paused(),
  });
  const environment = git.addEnvironment("default", {
    environmentVersion: "4",
    dependencies: ["requests==2.31.0"],
    javaDependencies: ["/Volumes/main/gallery/jars/tools.jar"],
  });
  git.addTask("notebook", {
    run: NotebookTask.inGit("notebooks/ingest"),
    on: Serverless.compute,
    disableAutoOptimization: true,
  });
  git.addTask("python", { run: SparkPythonTask.inGit("src/main.py"), on: environment });
  git.addTask("sql", { run: SqlTask.fileInGit("sql/daily.sql", { warehouse }) });
  git.addTask("dbt", {
    run: DbtTask.of(["dbt deps", "dbt run"], {
      warehouse,
      catalog: "main",
      schema: "gold",
      projectDirectory: "dbt",
      profilesDirectory: "dbt/profiles",
    }),
    on: environment,
  });
  const branch = new Workflow(stack, "from-branch", {
    name: "gallery branch",
    gitSource: GitSource.branch("https://github.com/acme/etl", "gitHub", "main"),
    schedule: Schedule.tableUpdate(["main.gallery.raw"], {
      condition: "ALL_UPDATED",
      minTimeBetweenTriggersSeconds: 60,
      waitAfterLastChangeSeconds: 60,
    }).paused(),
  });
  branch.addTask("notebook", {
    run: NotebookTask.inGit("notebooks/ingest"),
    on: Serverless.compute,
  });
  const commit = new Workflow(stack, "from-commit", {
    name: "gallery commit",
    gitSource: GitSource.commit(
      "https://github.com/acme/etl",
      "gitHub",
      "0123456789abcdef0123456789abcdef01234567",
    ),
    schedule: Schedule.continuous({ taskRetryMode: "ON_FAILURE" }).paused(),
    controlRunState: true,
  });
  commit.addTask("notebook", {
    run: NotebookTask.inGit("notebooks/stream"),
    on: Serverless.compute,
  });

  new MedallionPipeline(stack, "medallion", {
    name: "gallery medallion",
    bronze: [{ key: "ingest", run: NotebookTask.at("/Shared/gallery-notebook") }],
    silver: [{ key: "clean", run: NotebookTask.at("/Shared/gallery-notebook") }],
    gold: [{ key: "report", run: NotebookTask.at("/Shared/gallery-notebook") }],
    on: Serverless.compute,
  });
  new FanOut(stack, "fan-out", {
    name: "gallery fan-out",
    items: ["de", "ch"],
    run: (country) => NotebookTask.at("/Shared/gallery-notebook", { country }),
    join: { key: "merge", run: NotebookTask.at("/Shared/gallery-notebook") },
    on: {
      sparkVersion: SparkVersion.LTS_15_4,
      nodeType: NodeType.of("i3.xlarge"),
      size: ClusterSize.fixed(1),
    },
  });
  new IngestTransformPublish(stack, "orders", {
    name: "gallery orders",
    ingest: NotebookTask.at("/Shared/gallery-notebook"),
    transform: NotebookTask.at("/Shared/gallery-notebook"),
    publish: NotebookTask.at("/Shared/gallery-notebook"),
    on: Serverless.compute,
    maxRetries: 1,
    publishWhenAny: "rows",
  });
}
