/** Constructs whose props, together with those of the gallery, set every supported field. */
import {
  Alert,
  ClusterPolicy,
  Connection,
  Content,
  Credential,
  DatabricksApp,
  Entitlements,
  ExternalLocation,
  GlobalInitScript,
  Group,
  InitScript,
  InstancePool,
  InstanceProfile,
  IpAccessList,
  LogDelivery,
  MlflowExperiment,
  NodeType,
  NotificationDestination,
  OboToken,
  OnlineTable,
  Pipeline,
  PipelineLibrary,
  QualityMonitor,
  Query,
  Recipient,
  RegisteredModel,
  Schema,
  SecretScope,
  SecretValue,
  ServicePrincipal,
  ServicePrincipalSecret,
  ServingEndpoint,
  Share,
  SharingProvider,
  SqlWarehouse,
  StorageCredential,
  Table,
  User,
  VectorSearchEndpoint,
  VectorSearchIndex,
  View,
  Workflow,
  type FileEventQueue,
  type PipelineClusterProps,
  type WorkspaceStack,
} from "../../constructs";

/** The location of logs or scripts in S3, with every field. */
export const s3 = {
  destination: "s3://b/k",
  region: "r",
  endpoint: "https://e",
  enableEncryption: true,
  encryptionType: "sse-kms",
  kmsKey: "k",
  cannedAcl: "private",
} as const;

export function addEveryField(stack: WorkspaceStack): void {
  const secret = SecretValue.fromEnvironment("A_SECRET");
  const principal = {
    externalId: "e",
    force: true,
    active: true,
    forceDeleteRepos: true,
    forceDeleteHomeDir: true,
    disableAsUserDeletion: true,
  };
  const entitlements = {
    allowClusterCreate: true,
    allowInstancePoolCreate: true,
    databricksSqlAccess: true,
    workspaceAccess: true,
  };
  const ada = new User(stack, "ada", {
    userName: "ada@example.com",
    displayName: "Ada",
    ...principal,
    ...entitlements,
  });
  new User(stack, "eve", { userName: "eve@example.com", workspaceConsume: true });
  const applicationId = "00000000-0000-4000-8000-000000000001";
  const robot = new ServicePrincipal(stack, "robot", {
    displayName: "r",
    applicationId,
    ...principal,
    ...entitlements,
  });
  new ServicePrincipal(stack, "reader", { displayName: "reader", workspaceConsume: true });
  new Group(stack, "group", { displayName: "g", externalId: "e", force: true, ...entitlements });
  new Entitlements(stack, "of-user", { principal: User.named("eve@example.com"), ...entitlements });
  new Entitlements(stack, "of-robot", {
    principal: ServicePrincipal.withApplicationId(applicationId),
    workspaceConsume: true,
  });
  new Entitlements(stack, "of-group", { principal: Group.users });
  new InstanceProfile(stack, "profile", {
    instanceProfileArn: "arn:aws:iam::1:instance-profile/p",
    isMetaInstanceProfile: true,
  });

  const azureServicePrincipal = { directoryId: "d", applicationId: "a", clientSecret: secret };
  const identities = [
    { awsIamRole: { roleArn: "r" } },
    { azureManagedIdentity: { accessConnectorId: "c", managedIdentityId: "m" } },
    { azureServicePrincipal },
    { databricksGcpServiceAccount: true },
  ] as const;
  const settings = {
    owner: "o",
    comment: "c",
    readOnly: true,
    isolationMode: "ISOLATION_MODE_OPEN",
    skipValidation: true,
  } as const;
  const forceOptions = { forceDestroy: true, forceUpdate: true };
  identities.forEach((identity, index) => {
    new StorageCredential(stack, `storage-${index}`, {
      name: `s${index}`,
      ...settings,
      ...forceOptions,
      ...identity,
    });
    new Credential(stack, `credential-${index}`, {
      name: `c${index}`,
      purpose: "STORAGE",
      ...settings,
      ...forceOptions,
      ...identity,
    });
  });
  new StorageCredential(stack, "key", {
    name: "k",
    gcpServiceAccountKey: { email: "e", privateKeyId: "i", privateKey: secret },
  });
  new StorageCredential(stack, "r2", {
    name: "r",
    cloudflareApiToken: { accountId: "a", accessKeyId: "k", secretAccessKey: secret },
  });
  const azure = { queueUrl: "q", resourceGroup: "g", subscriptionId: "s" };
  const queues: FileEventQueue[] = [
    { managedAqs: azure },
    { managedPubsub: { subscriptionName: "s" } },
    { managedSqs: { queueUrl: "q" } },
    { providedAqs: azure },
    { providedPubsub: { subscriptionName: "s" } },
    { providedSqs: { queueUrl: "q" } },
  ];
  queues.forEach((fileEventQueue, index) => {
    new ExternalLocation(stack, `location-${index}`, {
      name: `l${index}`,
      url: `s3://b/${index}`,
      credential: StorageCredential.fromName("s"),
      ...settings,
      ...forceOptions,
      fallback: true,
      enableFileEvents: true,
      fileEventQueue,
      sseEncryptionDetails: { algorithm: "AWS_SSE_KMS", awsKmsKeyArn: "k" },
    });
  });
  const options = { host: "h" };
  new Connection(stack, "connection", {
    name: "c",
    connectionType: "MYSQL",
    options,
    comment: "c",
    properties: { a: "b" },
    owner: "o",
    readOnly: true,
  });
  new RegisteredModel(stack, "model", {
    schema: Schema.fromName("a.b"),
    name: "m",
    comment: "c",
    owner: "o",
    storageLocation: "s3://b/m",
  });
  new GlobalInitScript(stack, "script", {
    name: "s",
    content: Content.file("package.json"),
    enabled: true,
    position: 1,
  });
  new MlflowExperiment(stack, "experiment", {
    name: "/Shared/e",
    artifactLocation: "dbfs:/e",
    tags: { a: "b" },
  });
  new VectorSearchEndpoint(stack, "search", { name: "s", budgetPolicyId: "b" });
  new IpAccessList(stack, "list", {
    label: "l",
    listType: "BLOCK",
    ipAddresses: ["1.2.3.4"],
    enabled: true,
  });
  addSql(stack, ada);
  addDestinations(stack, secret);
  addPipelines(stack, ada, robot);
  addServing(stack);
  addSharing(stack, secret);
  addTables(stack, robot);
}

function addSharing(stack: WorkspaceStack, secret: SecretValue): void {
  new Recipient(stack, "recipient", {
    name: "r",
    authenticationType: "DATABRICKS",
    comment: "c",
    owner: "o",
    dataRecipientGlobalMetastoreId: "aws:eu:1",
    sharingCode: secret,
    expirationTime: 1,
    allowedIpAddresses: ["1.2.3.4"],
    properties: { country: "DE" },
  });
  new SharingProvider(stack, "partner", { name: "p", comment: "c", recipientProfile: secret });
  new Share(stack, "share", {
    name: "s",
    comment: "c",
    owner: "o",
    storageRoot: "s3://b",
    objects: [
      {
        object: "a.b.c",
        type: "TABLE",
        comment: "c",
        sharedAs: "b.d",
        stringSharedAs: "e",
        content: "x",
        cdfEnabled: true,
        historyDataSharing: true,
        startVersion: 1,
        partitions: [
          [
            { name: "country", op: "EQUAL", value: "DE" },
            { name: "team", op: "EQUAL", recipientPropertyKey: "team" },
          ],
        ],
      },
    ],
  });
}

function addTables(stack: WorkspaceStack, robot: ServicePrincipal): void {
  const [schema, warehouse] = [Schema.fromName("a.b"), SqlWarehouse.fromId("1a2b")];
  const commonOptions = { schema, warehouse, comment: "c", owner: "o", properties: { a: "b" } };
  const column = {
    name: "id",
    type: "bigint",
    comment: "c",
    nullable: false,
    identity: "always",
  } as const;
  const externalOptions = {
    storageLocation: "s3://b/t",
    storageCredentialName: "c",
    options: { header: "true" },
    dataSourceFormat: "CSV",
  };
  const table = new Table(stack, "table", {
    ...commonOptions,
    name: "t",
    columns: [column],
    clusterKeys: ["id"],
  });
  new Table(stack, "parts", {
    ...commonOptions,
    ...externalOptions,
    name: "u",
    columns: [column],
    partitions: ["id"],
  });
  new View(stack, "view", {
    ...commonOptions,
    name: "v",
    definition: "SELECT 1 AS a",
    columns: [{ name: "a", comment: "c" }],
  });
  const monitor = { table, assetsDir: "/a", outputSchema: schema };
  const timeWindows = { granularities: ["1 day"], timestampCol: "t" };
  new QualityMonitor(stack, "monitor", {
    ...monitor,
    timeSeries: timeWindows,
    baselineTable: table,
    slicingExprs: ["a"],
    customMetrics: [
      {
        name: "m",
        type: "CUSTOM_METRIC_TYPE_DRIFT",
        definition: "d",
        inputColumns: ["a"],
        outputDataType: "double",
      },
    ],
    schedule: { quartzCronExpression: "0 0 8 * * ?", timezoneId: "UTC" },
    notifications: {
      onFailure: ["a@example.com"],
      onNewClassificationTagDetected: ["b@example.com"],
    },
    dataClassification: true,
    warehouse,
    skipBuiltinDashboard: true,
  });
  new QualityMonitor(stack, "snapshots", { ...monitor, snapshot: true });
  const inference = {
    modelIdCol: "m",
    predictionCol: "p",
    problemType: "PROBLEM_TYPE_REGRESSION",
    labelCol: "l",
  } as const;
  new QualityMonitor(stack, "inference", {
    ...monitor,
    inferenceLog: { ...timeWindows, ...inference, predictionProbaCol: "q" },
  });
  const onlineOptions = {
    schema,
    source: table,
    primaryKeyColumns: ["id"],
    timeseriesKey: "t",
    performFullCopy: true,
  };
  new OnlineTable(stack, "online", { ...onlineOptions, name: "o", timeouts: { create: "1h" } });
  new OnlineTable(stack, "live", { ...onlineOptions, name: "l", run: "continuously" });
  const indexOptions = { schema, endpoint: VectorSearchEndpoint.fromName("s"), primaryKey: "id" };
  const columns = {
    sourceColumns: [{ name: "t", embeddingModelEndpointName: "e", modelEndpointNameForQuery: "q" }],
    vectorColumns: [{ name: "v", embeddingDimension: 8 }],
  };
  new VectorSearchIndex(stack, "index", {
    ...indexOptions,
    name: "i",
    deltaSync: {
      source: table,
      pipelineType: "CONTINUOUS",
      embeddingWritebackTable: "a.b.w",
      ...columns,
    },
    timeouts: { create: "1h" },
  });
  new VectorSearchIndex(stack, "direct", {
    ...indexOptions,
    name: "d",
    directAccess: { schema: { id: "int" }, ...columns },
  });
  new DatabricksApp(stack, "app", {
    name: "app",
    description: "d",
    userApiScopes: ["sql"],
    computeSize: "LARGE",
    budgetPolicyId: "b",
    noCompute: true,
    resources: [
      { name: "job", description: "d", job: { job: Workflow.fromId("1"), permission: "CAN_VIEW" } },
      {
        name: "secret",
        secret: { scope: SecretScope.fromScopeName("s"), key: "k", permission: "READ" },
      },
      { name: "serving", servingEndpoint: { name: "e", permission: "CAN_QUERY" } },
      { name: "warehouse", sqlWarehouse: { warehouse, permission: "CAN_USE" } },
      {
        name: "volume",
        ucSecurable: {
          securableFullName: "a.b.c",
          securableType: "VOLUME",
          permission: "READ_VOLUME",
        },
      },
      {
        name: "database",
        database: { instanceName: "i", databaseName: "d", permission: "CAN_CONNECT_AND_CREATE" },
      },
      { name: "space", genieSpace: { name: "g", spaceId: "1", permission: "CAN_RUN" } },
    ],
  });
  new ServicePrincipalSecret(stack, "login", {
    servicePrincipal: robot,
    lifetimeDays: 30,
    timeRotating: "2030",
  });
  new OboToken(stack, "obo", { servicePrincipal: robot, comment: "c", lifetimeDays: 30 });
}

function addServing(stack: WorkspaceStack): void {
  const guardrail = {
    invalidKeywords: ["a"],
    validTopics: ["a"],
    safety: true,
    pii: { behavior: "BLOCK" },
  };
  const externalModel = { name: "m", provider: "openai", task: "llm/v1/chat" };
  const models = [
    { ai21LabsConfig: { ai21LabsApiKey: "{{secrets/a/b}}" } },
    {
      amazonBedrockConfig: {
        awsRegion: "r",
        bedrockProvider: "b",
        awsAccessKeyId: "{{secrets/a/b}}",
        awsSecretAccessKey: "{{secrets/a/b}}",
        instanceProfileArn: "a",
      },
    },
    { anthropicConfig: { anthropicApiKey: "{{secrets/a/b}}" } },
    { cohereConfig: { cohereApiBase: "b", cohereApiKey: "{{secrets/a/b}}" } },
    {
      customProviderConfig: {
        customProviderUrl: "u",
        apiKeyAuth: { key: "k", value: "v" },
        bearerTokenAuth: { token: "{{secrets/a/b}}" },
      },
    },
    {
      databricksModelServingConfig: {
        databricksWorkspaceUrl: "u",
        databricksApiToken: "{{secrets/a/b}}",
      },
    },
    { googleCloudVertexAiConfig: { projectId: "p", region: "r", privateKey: "{{secrets/a/b}}" } },
    {
      openaiConfig: {
        microsoftEntraClientId: "c",
        microsoftEntraClientSecret: "{{secrets/a/b}}",
        microsoftEntraTenantId: "t",
        openaiApiBase: "b",
        openaiApiKey: "{{secrets/a/b}}",
        openaiApiType: "t",
        openaiApiVersion: "v",
        openaiDeploymentName: "d",
        openaiOrganization: "o",
      },
    },
    { palmConfig: { palmApiKey: "{{secrets/a/b}}" } },
  ];
  new ServingEndpoint(stack, "serving", {
    name: "s",
    servedEntities: [
      {
        name: "own",
        entity: "a.b.c",
        entityVersion: "1",
        workloadSize: "Small",
        workloadType: "CPU",
        scaleToZeroEnabled: true,
        environmentVars: { A: "b" },
        instanceProfileArn: "a",
        minProvisionedConcurrency: 1,
        maxProvisionedConcurrency: 2,
        minProvisionedThroughput: 1,
        maxProvisionedThroughput: 2,
        provisionedModelUnits: 1,
      },
      ...models.map((config, index) => ({
        name: `e${index}`,
        externalModel: { ...externalModel, ...config },
      })),
    ],
    traffic: { own: 100 },
    autoCaptureConfig: { catalogName: "c", schemaName: "s", tableNamePrefix: "p", enabled: true },
    tags: { a: "b" },
    aiGateway: {
      fallbackConfig: { enabled: true },
      guardrails: { input: guardrail, output: guardrail },
      inferenceTableConfig: {
        catalogName: "c",
        schemaName: "s",
        tableNamePrefix: "p",
        enabled: true,
      },
      rateLimits: [{ calls: 1, key: "user", principal: "p", renewalPeriod: "minute", tokens: 1 }],
      usageTrackingConfig: { enabled: true },
    },
    emailNotifications: { onUpdateSuccess: ["a@b"], onUpdateFailure: ["a@b"] },
    routeOptimized: true,
    description: "d",
    budgetPolicyId: "b",
    timeouts: { create: "1h", update: "1h" },
  });
}

function addSql(stack: WorkspaceStack, owner: User): void {
  const multiValuesOptions = { prefix: '"', separator: ",", suffix: '"' };
  const query = new Query(stack, "query", {
    displayName: "q",
    warehouse: SqlWarehouse.fromId("w"),
    queryText: "SELECT 1",
    parentPath: "/Shared",
    description: "d",
    owner,
    runAsMode: "VIEWER",
    applyAutoLimit: true,
    catalog: "c",
    schema: "s",
    tags: ["t"],
    parameters: [
      { name: "t", title: "T", textValue: { value: "a" } },
      { name: "n", numericValue: { value: 1 } },
      { name: "d", dateValue: { dateValue: "2025-01-01", precision: "DAY_PRECISION" } },
      { name: "y", dateValue: { dynamicDateValue: "NOW" } },
      {
        name: "r",
        dateRangeValue: {
          dateRangeValue: { start: "a", end: "b" },
          precision: "DAY_PRECISION",
          startDayOfWeek: 1,
        },
      },
      { name: "w", dateRangeValue: { dynamicDateRangeValue: "THIS_WEEK" } },
      { name: "e", enumValue: { enumOptions: ["a", "b"], values: ["a"], multiValuesOptions } },
      {
        name: "b",
        queryBackedValue: { query: Query.fromId("q"), values: ["a"], multiValuesOptions },
      },
    ],
  });
  const alertOptions = {
    parentPath: "/Shared",
    owner,
    secondsToRetrigger: 60,
    notifyOnOk: true,
    customBody: "b",
    customSubject: "s",
  };
  ["a", 1, true].forEach((threshold, index) => {
    const condition = { column: "c", op: "EQUAL", threshold, emptyResultState: "OK" } as const;
    new Alert(stack, `alert-${index}`, { displayName: "a", query, condition, ...alertOptions });
  });
}

function addDestinations(stack: WorkspaceStack, secret: SecretValue): void {
  const microsoftTeams = {
    url: secret,
    appId: secret,
    authSecret: secret,
    channelUrl: secret,
    tenantId: secret,
  };
  [
    { email: { addresses: ["a@b"] } },
    { slack: { url: secret, oauthToken: secret, channelId: secret } },
    { pagerduty: { integrationKey: secret } },
    { microsoftTeams },
    { genericWebhook: { url: secret, username: secret, password: secret } },
  ].forEach(
    (destination, index) =>
      new NotificationDestination(stack, `destination-${index}`, {
        displayName: "d",
        ...destination,
      }),
  );
}

function addPipelines(stack: WorkspaceStack, ada: User, robot: ServicePrincipal): void {
  const pool = InstancePool.fromId("p");
  const nodeType = NodeType.of("i3.xlarge");
  const scripts = [
    InitScript.workspace("/a.sh"),
    InitScript.volume("/Volumes/a/b/c/d.sh"),
    InitScript.abfss("abfss://a@b/c"),
    InitScript.gcs("gs://a/b"),
    InitScript.file("file:/a"),
    InitScript.s3(s3),
  ];
  const clusters: PipelineClusterProps[] = [
    {
      nodeType,
      driverNodeType: nodeType,
      policy: ClusterPolicy.fromId("c"),
      applyPolicyDefaultValues: true,
      numWorkers: 1,
      sparkConf: { a: 1 },
      sparkEnvVars: { A: "b" },
      customTags: { a: "b" },
      initScripts: scripts,
      logDelivery: LogDelivery.s3(s3),
      sshPublicKeys: ["k"],
      enableLocalDiskEncryption: true,
      awsAttributes: {
        availability: "SPOT",
        firstOnDemand: 1,
        zoneId: "auto",
        instanceProfileArn: "a",
        spotBidPricePercent: 90,
        ebsVolumeType: "GENERAL_PURPOSE_SSD",
        ebsVolumeCount: 1,
        ebsVolumeSize: 1,
        ebsVolumeIops: 1,
        ebsVolumeThroughput: 1,
      },
    },
    {
      label: "maintenance",
      instancePool: pool,
      driverInstancePool: pool,
      autoscale: { minWorkers: 1, maxWorkers: 2, mode: "LEGACY" },
      logDelivery: LogDelivery.volume("/Volumes/a/b/c"),
      azureAttributes: { availability: "SPOT_AZURE", firstOnDemand: 1, spotBidMaxPrice: -1 },
    },
    {
      label: "updates",
      logDelivery: LogDelivery.dbfs("dbfs:/logs"),
      gcpAttributes: {
        availability: "ON_DEMAND_GCP",
        firstOnDemand: 1,
        googleServiceAccount: "g",
        zoneId: "AUTO",
        localSsdCount: 1,
      },
    },
  ];
  new Pipeline(stack, "pipeline", {
    name: "p",
    catalog: "c",
    schema: "s",
    clusters,
    libraries: [
      PipelineLibrary.notebook("/a"),
      PipelineLibrary.file("/b"),
      PipelineLibrary.glob("/c/**"),
      PipelineLibrary.jar("/d.jar"),
      PipelineLibrary.maven("g:a:1", { exclusions: ["x:y"], repo: "r" }),
    ],
    continuous: true,
    development: true,
    photon: true,
    edition: "PRO",
    channel: "CURRENT",
    configuration: { a: "b" },
    tags: { a: "b" },
    rootPath: "/a",
    environment: { dependencies: ["a"] },
    eventLog: { name: "e", catalog: "c", schema: "s" },
    filters: { include: ["a"], exclude: ["b"] },
    notifications: [{ emailRecipients: ["a@b"], alerts: ["on-flow-failure"] }],
    restartWindow: { startHour: 1, daysOfWeek: ["MONDAY"], timeZoneId: "UTC" },
    runAs: ada,
    budgetPolicyId: "b",
    usagePolicyId: "u",
    allowDuplicateNames: true,
    timeouts: { default: "1h" },
  });
  const tableConfiguration = {
    excludeColumns: ["a"],
    includeColumns: ["a"],
    primaryKeys: ["a"],
    salesforceIncludeFormulaFields: true,
    scdType: "SCD_TYPE_1",
    sequenceBy: ["a"],
    queryBasedConnectorConfig: {
      cursorColumns: ["a"],
      deletionCondition: "d",
      hardDeletionSyncMinIntervalInSeconds: 1,
    },
    workdayReportParameters: {
      incremental: true,
      parameters: { a: "b" },
      reportParameters: [{ key: "a", value: "b" }],
    },
  };
  const destination = { destinationCatalog: "c", destinationSchema: "s", tableConfiguration };
  new Pipeline(stack, "ingestion", {
    name: "ingestion",
    ingestionDefinition: {
      connectionName: "c",
      ingestFromUcForeignCatalog: true,
      ingestionGatewayId: "g",
      netsuiteJarPath: "/j",
      sourceType: "MYSQL",
      objects: [
        { report: { sourceUrl: "u", destinationTable: "t", ...destination } },
        { schema: { sourceCatalog: "c", sourceSchema: "s", ...destination } },
        {
          table: {
            sourceCatalog: "c",
            sourceSchema: "s",
            sourceTable: "t",
            destinationTable: "t",
            ...destination,
          },
        },
      ],
      sourceConfigurations: [
        {
          catalog: {
            sourceCatalog: "c",
            postgres: { slotConfig: { publicationName: "p", slotName: "s" } },
          },
        },
      ],
      tableConfiguration,
    },
    gatewayDefinition: {
      connectionId: "c",
      connectionName: "c",
      gatewayStorageCatalog: "c",
      gatewayStorageName: "n",
      gatewayStorageSchema: "s",
      connectionParameters: { sourceCatalog: "c" },
    },
  });
  new Pipeline(stack, "stored", {
    name: "stored",
    storage: "dbfs:/a",
    serverless: true,
    runAs: robot,
    libraries: [PipelineLibrary.notebook("/a")],
  });
}
