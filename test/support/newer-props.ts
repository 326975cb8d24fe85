/**
 * Every prop of the constructs that needs newer bindings than those of provider 1.99.0, each in a
 * workflow or resource of its own.
 */
import {
  AiRuntimeTask,
  AlertTask,
  AllPurposeCluster,
  Aspects,
  Catalog,
  ClusterSize,
  Connection,
  Content,
  Dashboard,
  DashboardTask,
  DevelopmentMode,
  GitCredential,
  GitSource,
  InstancePool,
  NodeType,
  NotebookTask,
  PipelineTask,
  PythonOperatorTask,
  Repo,
  RunJobTask,
  Schedule,
  SecretValue,
  Serverless,
  ServingEndpoint,
  SparkVersion,
  SqlWarehouse,
  User,
  Workflow,
  type ClusterSpecProps,
  type Construct,
  type TaskProps,
  type WorkflowProps,
} from "../../constructs";

const warehouse = SqlWarehouse.fromId("1234567890abcdef");
const spec: ClusterSpecProps = {
  sparkVersion: SparkVersion.LTS_15_4,
  nodeType: NodeType.of("i3.xlarge"),
  size: ClusterSize.fixed(1),
};
const otherNodeTypes = [NodeType.of("i3.2xlarge")];

const notebook: TaskProps = { run: NotebookTask.at("/Shared/n"), on: Serverless.compute };
const workflow = (
  stack: Construct,
  name: string,
  props: Partial<WorkflowProps> = {},
  task: TaskProps = notebook,
): Workflow => {
  const created = new Workflow(stack, name, { name, ...props });
  created.addTask("main", task);
  return created;
};
const cluster = (stack: Construct, name: string, props: Partial<ClusterSpecProps>): Workflow => {
  const created = new Workflow(stack, name, { name });
  const main = created.addJobCluster("main", { ...spec, ...props } as ClusterSpecProps);
  created.addTask("main", { run: NotebookTask.at("/Shared/n"), on: main });
  return created;
};

export const newerProps: Readonly<Record<string, (stack: Construct) => unknown>> = {
  parentPath: (stack) => workflow(stack, "parent", { parentPath: "/Shared/jobs" }),
  sparseCheckout: (stack) =>
    workflow(stack, "sparse", {
      gitSource: GitSource.branch("https://github.com/a/b", "gitHub", "main").sparse(["src"]),
    }),
  sqlCondition: (stack) => {
    workflow(stack, "when-cron", {
      schedule: Schedule.cron("0 0 6 * * ?", "UTC").onlyIf("q", warehouse, "ON_TRUE"),
    });
    workflow(stack, "when-trigger", {
      schedule: Schedule.every(1, "DAYS").onlyIf("q", warehouse, "ON_TRUE"),
    });
  },
  triggers: (stack) => {
    const waitTimes = { minTimeBetweenTriggersSeconds: 60, waitAfterLastChangeSeconds: 120 };
    const model = { ...waitTimes, securableName: "main.models", aliases: ["champion"] };
    const events = [
      Schedule.fileArrival("s3://b/landing/", waitTimes),
      Schedule.tableUpdate(["main.a.b"], { ...waitTimes, condition: "ALL_UPDATED" }),
      Schedule.modelUpdate("MODEL_ALIAS_SET", model),
    ];
    workflow(stack, "any", {
      schedule: Schedule.anyOf(Schedule.every(1, "DAYS").paused(), ...events),
    });
    const weekdays = Schedule.cron("0 0 6 * * ?", "UTC").onlyIf("q", warehouse, "ON_TRUE");
    const schedule = Schedule.anyOf(weekdays, Schedule.cron("0 0 9 ? * SAT", "Europe/Berlin"));
    workflow(stack, "any-cron", { schedule });
    Aspects.of(workflow(stack, "any-copy", { schedule })).add(
      new DevelopmentMode({ user: "ada@example.com" }),
    );
  },
  maintenanceWindow: (stack) =>
    workflow(stack, "window", {
      schedule: Schedule.continuous({
        maintenanceWindow: { dayOfWeek: "SUNDAY", startHour: 3, timezoneId: "UTC" },
      }),
    }),
  baseEnvironment: (stack) =>
    workflow(stack, "base").addEnvironment("tools", {
      environmentVersion: "4",
      baseEnvironment: "/Workspace/Shared/base.yml",
    }),
  workerNodeTypeFlexibility: (stack) =>
    cluster(stack, "worker", { alternateNodeTypes: otherNodeTypes }),
  driverNodeTypeFlexibility: (stack) =>
    cluster(stack, "driver", { driverAlternateNodeTypes: otherNodeTypes }),
  awsContextId: (stack) => {
    cluster(stack, "context", {
      alternateNodeTypes: otherNodeTypes,
      driverAlternateNodeTypes: otherNodeTypes,
      awsContextId: "c-1",
    });
    cluster(stack, "context-alone", { awsContextId: "c-1" });
  },
  serverlessComputeId: (stack) => {
    const created = new Workflow(stack, "serverless-compute", { name: "serverless compute" });
    created.addTask("main", {
      run: NotebookTask.at("/Shared/n"),
      on: created.addJobCluster("main", { serverlessComputeId: "s-1" }),
    });
  },
  dependencyMode: (stack) => cluster(stack, "mode", { dependencyMode: "STRICT" }),
  capacityReservationGroup: (stack) =>
    cluster(stack, "group", { azureAttributes: { capacityReservationGroup: "/subscriptions/a" } }),
  confidentialComputeType: (stack) =>
    cluster(stack, "secret-machines", { gcpAttributes: { confidentialComputeType: "SEV_SNP" } }),
  compute: (stack) => workflow(stack, "gpu", {}, { ...notebook, hardwareAccelerator: "GPU_1xA10" }),
  aiRuntimeTask: (stack) => {
    const deployments = [
      {
        name: "d",
        commandPath: "/Shared/train.sh",
        compute: { acceleratorType: "GPU_8xH100", acceleratorCount: 8 },
      },
    ];
    const optionalProps = {
      codeSourcePath: "/Shared/src",
      dockerImageUrl: "i",
      mlflowRun: "r",
      mlflowExperimentDirectory: "e",
      mlflowArtifactLocation: "a",
    };
    workflow(
      stack,
      "runtime",
      {},
      { run: AiRuntimeTask.of({ experiment: "x", deployments, ...optionalProps }) },
    );
  },
  parameters: (stack) =>
    workflow(stack, "alert-parameters", {}, { run: AlertTask.of("a", { parameters: { a: "b" } }) }),
  alertTask: (stack) =>
    workflow(
      stack,
      "alert",
      {},
      {
        run: AlertTask.of("a", {
          warehouse,
          subscribers: [User.named("a@example.com"), { destinationId: "d" }],
        }),
      },
    ),
  pythonOperatorTask: (stack) =>
    workflow(
      stack,
      "operator",
      {},
      { run: PythonOperatorTask.of("a.b:c", { day: "1" }), on: Serverless.compute },
    ),
  filters: (stack) =>
    workflow(stack, "filters", {}, { run: DashboardTask.of("d", { filters: { region: "EU" } }) }),
  refreshSelection: (stack) =>
    workflow(stack, "refresh", {}, { run: PipelineTask.of("p", { refreshSelection: ["a"] }) }),
  fullRefreshSelection: (stack) =>
    workflow(stack, "full", {}, { run: PipelineTask.of("p", { fullRefreshSelection: ["a"] }) }),
  refreshFlowSelection: (stack) =>
    workflow(stack, "flow", {}, { run: PipelineTask.of("p", { refreshFlowSelection: ["a"] }) }),
  resetCheckpointSelection: (stack) =>
    workflow(
      stack,
      "reset",
      {},
      { run: PipelineTask.of("p", { resetCheckpointSelection: ["a"] }) },
    ),
  "refreshSelection, parameters": (stack) =>
    workflow(
      stack,
      "parameters",
      {},
      { run: PipelineTask.of("p", { refreshSelection: ["a"], parameters: { a: "b" } }) },
    ),
  "refreshSelection, fullRefreshSelection, refreshFlowSelection, resetCheckpointSelection": (
    stack,
  ) => {
    const pipelineSelection = {
      refreshSelection: ["a"],
      fullRefreshSelection: ["b"],
      refreshFlowSelection: ["c"],
      resetCheckpointSelection: ["d"],
    };
    workflow(
      stack,
      "other",
      {},
      { run: RunJobTask.of(Workflow.fromId("1"), undefined, { pipelineSelection }) },
    );
  },
  clearCloudAttributesOnRemove: (stack) =>
    new AllPurposeCluster(stack, "clear", {
      ...spec,
      name: "clear",
      clearCloudAttributesOnRemove: true,
    }),
  nodeTypeFlexibility: (stack) =>
    new InstancePool(stack, "pool", {
      name: "pool",
      nodeType: NodeType.of("i3.xlarge"),
      idleInstanceAutoterminationMinutes: 10,
      alternateNodeTypes: otherNodeTypes,
    }),
  "customMaxRetentionHours, managedEncryptionSettings": (stack) =>
    new Catalog(stack, "catalog", {
      name: "sales",
      customMaxRetentionHours: 48,
      managedEncryptionSettings: {
        customerManagedKeyId: "k",
        azureKeyVaultKeyId: "v",
        azureEncryptionSettings: {
          azureTenantId: "t",
          azureCmkAccessConnectorId: "c",
          azureCmkManagedIdentityId: "i",
        },
      },
    }),
  telemetryConfig: (stack) =>
    new ServingEndpoint(stack, "telemetry", {
      name: "telemetry",
      servedEntities: [
        { name: "m", entity: "main.ml.m", entityVersion: "1", workloadSize: "Small" },
      ],
      telemetryConfig: {
        enabledTelemetryFeatures: ["LOGS"],
        telemetryProfileId: "p",
        inferenceTableConfig: { name: "main.ml.requests", samplingFraction: 0.5 },
        tableNames: {
          annotationsTable: "main.ml.a",
          logsTable: "main.ml.l",
          metricsTable: "main.ml.m",
          tracesTable: "main.ml.t",
        },
      },
    }),
  burstScalingEnabled: (stack) =>
    new ServingEndpoint(stack, "burst", {
      name: "burst",
      servedEntities: [
        {
          name: "m",
          entity: "main.ml.m",
          entityVersion: "1",
          workloadSize: "Small",
          burstScalingEnabled: true,
        },
      ],
    }),
  workspaceId: (stack) =>
    new Connection(stack, "placed", {
      name: "placed",
      connectionType: "MYSQL",
      options: { host: "h" },
    }).inWorkspace(process.env["WORKSPACE_ID"] ?? "2"),
  environmentSettings: (stack) =>
    new Connection(stack, "connection", {
      name: "c",
      connectionType: "MYSQL",
      options: { host: "h" },
      environmentSettings: { environmentVersion: "4", javaDependencies: ["a.jar"] },
    }),
  "datasetCatalog, datasetSchema": (stack) =>
    new Dashboard(stack, "dashboard", {
      displayName: "d",
      warehouse,
      content: Content.text("{}"),
      parentPath: "/Shared",
      datasetCatalog: "main",
      datasetSchema: "sales",
    }),
  gitCredentialId: (stack) =>
    new Repo(stack, "repo", {
      url: "https://github.com/a/b",
      gitProvider: "gitHub",
      branch: "main",
      gitCredentialId: 7,
    }),
  principalId: (stack) =>
    new GitCredential(stack, "credential", {
      gitProvider: "gitHub",
      personalAccessToken: SecretValue.fromEnvironment("TOKEN"),
      principalId: Number(process.env["PRINCIPAL_ID"] ?? 7),
    }),
};
