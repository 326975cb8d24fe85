import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import {
  buildAndSynth,
  ClusterPolicy,
  ClusterSize,
  DashboardTask,
  DbtCloudTask,
  DbtPlatformTask,
  DbtTask,
  DedicatedCluster,
  GenAiComputeTask,
  InitScript,
  InstancePool,
  Library,
  LogDelivery,
  NodeType,
  NotebookTask,
  PipelineTask,
  PowerBiTask,
  PythonWheelTask,
  RunJobTask,
  Schedule,
  SecretValue,
  ServicePrincipal,
  SparkJarTask,
  SparkPythonTask,
  SparkSubmitTask,
  SparkVersion,
  SqlTask,
  SqlWarehouse,
  User,
  Workflow,
  WorkspaceStack,
  AllPurposeCluster,
  type ClusterSpecProps,
  type TaskProps,
} from "../../constructs";
import { Gallery } from "../../stacks/gallery/gallery";
import type { SchemaVersion } from "../../src/resources/shape/schema";
import { fieldsIn, officialSchemas } from "../support/official-schema";
import { addEveryField, s3 } from "../support/every-field";

type Json = Record<string, unknown>;

/** Clusters that together use every prop of a cluster. */
function specs(): ClusterSpecProps[] {
  const sparkVersion = SparkVersion.LTS_15_4;
  const nodeType = NodeType.of("i3.xlarge");
  const size = ClusterSize.fixed(1);
  const pool = InstancePool.fromId("pool-1");
  return [
    {
      sparkVersion,
      nodeType,
      driverNodeType: nodeType,
      size: ClusterSize.autoscale(1, 2),
      sparkConf: { a: "b" },
      sparkEnvVars: { A: "b" },
      customTags: { a: "b" },
      dataSecurityMode: "SINGLE_USER",
      singleUserName: "dev@example.com",
      runtimeEngine: "STANDARD",
      initScripts: [
        InitScript.workspace("/Shared/a.sh"),
        InitScript.volume("/Volumes/a/b/c/d.sh"),
        InitScript.abfss("abfss://a@b/c"),
        InitScript.gcs("gs://a/b"),
        InitScript.file("file:/a"),
        // eslint-disable-next-line @typescript-eslint/no-deprecated -- a deprecated method must stay usable
        InitScript.dbfs("dbfs:/a.sh"),
        InitScript.s3(s3),
      ],
      logDelivery: LogDelivery.s3(s3),
      dockerImage: {
        url: "registry/image",
        basicAuth: { username: "u", password: SecretValue.fromEnvironment("REGISTRY") },
      },
      sshPublicKeys: ["ssh-ed25519 AAAA"],
      enableElasticDisk: true,
      enableLocalDiskEncryption: true,
      remoteDiskThroughput: 1,
      totalInitialRemoteDiskSize: 1,
      mounts: [
        {
          serverAddress: "s",
          mountOptions: "o",
          localMountDirPath: "/a",
          remoteMountDirPath: "/b",
        },
      ],
      workloadType: { jobs: true, notebooks: true },
      awsAttributes: {
        availability: "SPOT",
        firstOnDemand: 1,
        zoneId: "auto",
        instanceProfileArn: "arn",
        spotBidPricePercent: 90,
        ebsVolumeType: "GENERAL_PURPOSE_SSD",
        ebsVolumeCount: 1,
        ebsVolumeSize: 1,
        ebsVolumeIops: 1,
        ebsVolumeThroughput: 1,
      },
    },
    {
      sparkVersion,
      nodeType,
      size,
      logDelivery: LogDelivery.volume("/Volumes/a/b/c"),
      azureAttributes: { availability: "SPOT_AZURE", firstOnDemand: 1, spotBidMaxPrice: -1 },
    },
    {
      sparkVersion,
      nodeType,
      size,
      logDelivery: LogDelivery.dbfs("dbfs:/logs"),
      gcpAttributes: {
        availability: "ON_DEMAND_GCP",
        firstOnDemand: 1,
        googleServiceAccount: "g",
        zoneId: "AUTO",
        bootDiskSize: 1,
        localSsdCount: 1,
      },
    },
    { sparkVersion, instancePool: pool, driverInstancePool: pool, size },
    {
      sparkVersion,
      policy: ClusterPolicy.fromId("policy-1"),
      applyPolicyDefaultValues: true,
      size: ClusterSize.fromPolicy(),
    },
    {
      sparkVersion,
      nodeType,
      size: ClusterSize.singleNode(),
      kind: "CLASSIC_PREVIEW",
      useMlRuntime: true,
    },
  ];
}

function addEverything(stack: WorkspaceStack): void {
  const warehouse = SqlWarehouse.fromId("w");
  const dedicated = specs().map(
    (spec, index) => new DedicatedCluster(stack, `dedicated-${index}`, spec),
  );
  const [first] = dedicated;
  if (first === undefined) throw new Error("no cluster");
  const jobWithAllFields = new Workflow(stack, "all", {
    name: "all",
    runAs: ServicePrincipal.withApplicationId("00000000-0000-4000-8000-000000000001"),
    schedule: Schedule.modelUpdate("MODEL_ALIAS_SET", {
      securableName: "main.models",
      aliases: ["champion"],
      minTimeBetweenTriggersSeconds: 60,
      waitAfterLastChangeSeconds: 60,
    }),
    timeouts: { create: "1m", update: "1m" },
  });
  new Workflow(stack, "by-user", { name: "by user", runAs: User.named("dev@example.com") }).addTask(
    "a",
    { run: PipelineTask.of("p") },
  );
  const subscriptions = [User.named("dev@example.com"), { destinationId: "d" }];
  const environment = jobWithAllFields.addEnvironment("environment", { environmentVersion: "4" });
  const clusters = specs().map((spec, index) =>
    jobWithAllFields.addJobCluster(`cluster-${index}`, spec),
  );
  clusters.forEach((cluster, index) =>
    jobWithAllFields.addTask(`on-${index}`, { run: NotebookTask.at("/a"), on: cluster }),
  );
  const [shared] = clusters;
  if (shared === undefined) throw new Error("no cluster");
  const people = {
    onStart: ["a@b"],
    onSuccess: ["a@b"],
    onFailure: ["a@b"],
    onDurationWarningThresholdExceeded: ["a@b"],
    onStreamingBacklogExceeded: ["a@b"],
  };
  const libraries = [
    Library.pypi("a==1", "https://r"),
    Library.maven("g:a:1", { exclusions: ["x:y"], repo: "https://r" }),
    Library.cran("c", "https://r"),
    Library.jar("/a.jar"),
    Library.whl("/a-1-py3-none-any.whl"),
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- a deprecated method must stay usable
    Library.egg("/a.egg"),
    Library.requirements("/requirements.txt"),
  ];
  const runs: TaskProps[] = [
    {
      run: NotebookTask.at("/a", { b: "c" }),
      on: shared,
      libraries,
      description: "d",
      timeoutSeconds: 1,
      maxRetries: 1,
      minRetryIntervalMillis: 1,
      retryOnTimeout: true,
      disableAutoOptimization: true,
      emailNotifications: { ...people, noAlertForSkippedRuns: true },
      webhookNotifications: people,
      notificationSettings: {
        alertOnLastAttempt: true,
        noAlertForCanceledRuns: true,
        noAlertForSkippedRuns: true,
      },
      health: [{ metric: "RUN_DURATION_SECONDS", greaterThan: 1 }],
    },
    ...dedicated.map((on) => ({ run: NotebookTask.at("/a"), on }) as const),
    { run: NotebookTask.at("/a"), on: warehouse },
    { run: SparkPythonTask.at("/a.py", ["a"]), on: AllPurposeCluster.fromId("c") },
    { run: PythonWheelTask.of("p", "e", ["a"]), on: environment },
    { run: PythonWheelTask.of("p", "e", { a: "b" }), on: environment },
    { run: SparkJarTask.of("a.B", ["a"], { runAsRepl: true }), on: shared },
    { run: SparkSubmitTask.of(["a"]), on: first },
    { run: SqlTask.query("q", { warehouse, parameters: { a: "b" } }) },
    { run: SqlTask.file("/a.sql", { warehouse }) },
    { run: SqlTask.alert("a", { warehouse, pauseSubscriptions: true, subscriptions }) },
    {
      run: SqlTask.dashboard("d", {
        warehouse,
        pauseSubscriptions: true,
        subscriptions,
        customSubject: "s",
      }),
    },
    {
      run: DbtTask.of(["dbt run"], {
        warehouse,
        catalog: "c",
        schema: "s",
        projectDirectory: "p",
        profilesDirectory: "f",
      }),
      on: environment,
    },
    { run: PipelineTask.of("p", { fullRefresh: true }) },
    { run: RunJobTask.of(Workflow.fromId("1"), { a: "b" }, { pipelineFullRefresh: true }) },
    {
      run: DashboardTask.of("d", {
        warehouse,
        subscription: { subscribers: subscriptions, customSubject: "s", paused: true },
      }),
    },
    { run: DbtPlatformTask.of("c", "j") },
    { run: DbtCloudTask.of("c", 1) },
    {
      run: PowerBiTask.of({
        connectionResourceName: "c",
        warehouse,
        model: {
          workspaceName: "w",
          modelName: "m",
          storageMode: "DUAL",
          authenticationMethod: "PAT",
          overwriteExisting: true,
        },
        tables: [{ catalog: "c", schema: "s", name: "n", storageMode: "IMPORT" }],
        refreshAfterUpdate: true,
      }),
    },
    {
      run: GenAiComputeTask.of({
        dlRuntimeImage: "i",
        compute: { gpuType: "g", numGpus: 1, gpuNodePoolId: "p" },
        command: "c",
        trainingScriptPath: "/a",
        mlflowExperimentName: "e",
        yamlParameters: "y",
        yamlParametersFilePath: "/y",
      }),
    },
  ];
  runs.forEach((props, index) => {
    jobWithAllFields.addTask(`plain-${index}`, props);
    jobWithAllFields.addForEach(`each-${index}`, {
      inputs: ["a"],
      concurrency: 1,
      task: { key: `inner-${index}`, ...props },
    });
  });
  const clusterSpec = specs().at(0);
  if (clusterSpec !== undefined) {
    new AllPurposeCluster(stack, "standing", { ...clusterSpec, name: "standing", libraries });
  }
}

/** Returns the paths of the fields that resources of a type set, without list indices. */
function fieldsOf(json: Json, type: string): Set<string> {
  const fields = new Set<string>();
  const visit = (value: unknown, prefix: string): void => {
    if (Array.isArray(value)) for (const item of value) visit(item, prefix);
    else if (typeof value === "object" && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        if (key === "//") continue;
        fields.add(`${prefix}${key}`);
        visit(inner, `${prefix}${key}.`);
      }
    }
  };
  for (const body of Object.values((json.resource as Record<string, Json>)[type] ?? {}))
    visit(body, "");
  return fields;
}

const otherTypes = [
  ...[
    "user",
    "group",
    "group_member",
    "service_principal",
    "entitlements",
    "group_role",
    "user_role",
    "service_principal_role",
  ],
  ...[
    "instance_profile",
    "storage_credential",
    "credential",
    "external_location",
    "connection",
    "registered_model",
    "workspace_binding",
  ],
  ...[
    "global_init_script",
    "pipeline",
    "mlflow_experiment",
    "mlflow_model",
    "vector_search_endpoint",
    "query",
    "alert",
  ],
  ...["notification_destination", "ip_access_list", "workspace_conf", "dashboard", "model_serving"],
  ...[
    "share",
    "recipient",
    "provider",
    "app",
    "quality_monitor",
    "vector_search_index",
    "online_table",
    "sql_table",
  ],
  ...["service_principal_secret", "obo_token"],
].map((name) => `databricks_${name}`);

describe("fields of the provider", () => {
  const root = path.join(__dirname, "..", "..");
  const outdir = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-fields-")), "out");
  let stacks: Json[];

  beforeAll(() => {
    buildAndSynth(
      (app) => {
        new Gallery(app);
        addEveryField(
          new WorkspaceStack(app, "fields", {
            project: "tests",
            environment: { name: "local", values: {} },
          }),
        );
        addEverything(
          new WorkspaceStack(app, "everything", {
            project: "tests",
            environment: { name: "local", values: {} },
          }),
        );
      },
      { outdir },
    );
    stacks = ["gallery-local", "everything-local", "fields-local"].map(
      (name) =>
        JSON.parse(
          fs.readFileSync(path.join(outdir, "stacks", name, "cdk.tf.json"), "utf8"),
        ) as Json,
    );
  });
  afterAll(() => fs.rmSync(path.dirname(outdir), { recursive: true, force: true }));

  const unreachableFields = new Set(
    [
      ...fs
        .readFileSync(path.join(root, "docs", "constructs", "not-reachable.md"), "utf8")
        .matchAll(/^\| `([^`]+)` \| \S/gm),
    ].map(([, field]) => field ?? ""),
  );
  /** Computed-only fields cannot be set. */
  const settableIn = (
    version: SchemaVersion,
  ): { readonly type: string; readonly field: string }[] =>
    [...officialSchemas(version)].flatMap(([type, { block }]) =>
      fieldsIn(block)
        .filter(
          ({ path, field }) =>
            path !== "id" &&
            ("block" in field || field.optional === true || field.required === true),
        )
        .map(({ path: field }) => ({ type, field })),
    );
  // toolkits.long.test.ts does the same for fields that only newer bindings have.
  const settable = settableIn("1.99.0");

  const includesField = (entry: string, field: string): boolean =>
    field === entry || field.startsWith(`${entry}.`);

  const types = ["databricks_job", "databricks_cluster", "databricks_sql_endpoint", ...otherTypes];

  test.each(types)("include every field of %s in a construct, or list it with a reason", (type) => {
    const renderedFields = new Set(stacks.flatMap((json) => [...fieldsOf(json, type)]));
    const missingFields = settable
      .filter((item) => item.type === type && !renderedFields.has(item.field))
      .map((item) => `${type}.${item.field}`)
      .filter((field) => ![...unreachableFields].some((entry) => includesField(entry, field)));
    expect(missingFields).toEqual([]);
  });

  test("that are listed as missing exist in the schema and have no construct property", () => {
    const allFields = new Set(
      [...settable, ...settableIn("1.132.0")].map(({ type, field }) => `${type}.${field}`),
    );
    const renderedFields = new Set(
      types.flatMap((type) =>
        stacks.flatMap((json) => [...fieldsOf(json, type)].map((field) => `${type}.${field}`)),
      ),
    );
    expect(
      [...unreachableFields].filter((entry) => renderedFields.has(entry) || !allFields.has(entry)),
    ).toEqual([]);
  });
});
