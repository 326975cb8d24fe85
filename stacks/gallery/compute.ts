import {
  AllPurposeCluster,
  ClusterLibrary,
  ClusterPolicy,
  ClusterSize,
  DedicatedCluster,
  InitScript,
  InstancePool,
  Library,
  LogDelivery,
  NodeType,
  PolicyRule,
  SecretValue,
  SparkVersion,
  type IWorkspaceFile,
  type Construct,
  type SecretScope,
} from "../../constructs";

export interface Compute {
  readonly pool: InstancePool;
  readonly policy: ClusterPolicy;
  readonly cluster: AllPurposeCluster;
  readonly dedicated: DedicatedCluster;
}

/**
 * Adds a pool, a policy and clusters of every kind: fixed size, autoscaling, single node, with a
 * policy, from a pool, and on each of the three clouds.
 */
export function addCompute(
  stack: Construct,
  secrets: SecretScope,
  script: IWorkspaceFile,
): Compute {
  const runtime = SparkVersion.LTS_15_4;
  const pool = new InstancePool(stack, "pool", {
    name: "gallery",
    nodeType: NodeType.of("i3.xlarge"),
    idleInstanceAutoterminationMinutes: 15,
    minIdleInstances: 0,
    maxCapacity: 10,
    preloadedSparkVersion: runtime,
    enableElasticDisk: true,
    disk: { count: 1, size: 100, type: { ebsVolumeType: "GENERAL_PURPOSE_SSD" } },
    awsAttributes: { availability: "SPOT", zoneId: "us-west-2a", spotBidPricePercent: 80 },
  });
  const policy = new ClusterPolicy(stack, "policy", {
    name: "gallery",
    description: "small clusters only",
    maxClustersPerUser: 3,
    definition: {
      num_workers: PolicyRule.range({ minValue: 1, maxValue: 8, defaultValue: 2 }),
      node_type_id: PolicyRule.allowlist(["i3.xlarge", "Standard_DS3_v2"], {
        defaultValue: "i3.xlarge",
      }),
      "custom_tags.team": PolicyRule.fixed("gallery"),
      "spark_conf.spark.databricks.delta.preview.enabled": PolicyRule.forbidden(),
    },
    libraries: [Library.pypi("requests==2.31.0")],
  });

  const cluster = new AllPurposeCluster(stack, "cluster", {
    name: "gallery aws",
    sparkVersion: runtime,
    nodeType: NodeType.of("i3.xlarge"),
    driverNodeType: NodeType.of("i3.2xlarge"),
    size: ClusterSize.autoscale(1, 4),
    autoterminationMinutes: 30,
    isPinned: true,
    noWait: false,
    sparkConf: {
      "spark.sql.shuffle.partitions": 64,
      "spark.hadoop.gallery.key": secrets.reference("api-key"),
    },
    sparkEnvVars: { GALLERY: "1" },
    customTags: { purpose: "gallery" },
    dataSecurityMode: "SINGLE_USER",
    singleUserName: "dev@example.com",
    runtimeEngine: "PHOTON",
    initScripts: [
      InitScript.workspace(script),
      InitScript.volume("/Volumes/main/gallery/scripts/setup.sh"),
      InitScript.abfss("abfss://scripts@gallery.dfs.core.windows.net/setup.sh"),
      InitScript.gcs("gs://gallery/setup.sh"),
      InitScript.file("file:/opt/setup.sh"),
      InitScript.s3({
        destination: "s3://gallery/setup.sh",
        region: "us-west-2",
        endpoint: "https://s3.us-west-2.amazonaws.com",
        enableEncryption: true,
        encryptionType: "sse-kms",
        kmsKey: "arn:aws:kms:us-west-2:123456789012:key/gallery",
        cannedAcl: "bucket-owner-full-control",
      }),
    ],
    logDelivery: LogDelivery.s3({
      destination: "s3://gallery/logs",
      region: "us-west-2",
      endpoint: "https://s3.us-west-2.amazonaws.com",
      enableEncryption: true,
      encryptionType: "sse-kms",
      kmsKey: "arn:aws:kms:us-west-2:123456789012:key/gallery",
      cannedAcl: "bucket-owner-full-control",
    }),
    dockerImage: {
      url: "registry.example.com/spark:15.4",
      basicAuth: {
        username: "puller",
        password: SecretValue.fromEnvironment("GALLERY_REGISTRY_PASSWORD"),
      },
    },
    sshPublicKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGallery gallery@example.com"],
    enableElasticDisk: true,
    enableLocalDiskEncryption: false,
    workloadType: { jobs: false, notebooks: true },
    mounts: [
      {
        serverAddress: "nfs.example.com",
        mountOptions: "rsize=1048576,wsize=1048576",
        localMountDirPath: "/mnt/gallery",
        remoteMountDirPath: "gallery",
      },
    ],
    libraries: [
      Library.pypi("numpy==1.26.4", "https://pypi.example.com/simple"),
      Library.maven("com.acme:tools:1.0.0", {
        exclusions: ["org.slf4j:slf4j-api"],
        repo: "https://maven.example.com",
      }),
      Library.cran("data.table", "https://cran.example.com"),
      Library.jar("/Volumes/main/gallery/jars/tools.jar"),
      Library.whl("/Volumes/main/gallery/wheels/tools-1.0-py3-none-any.whl"),
      Library.requirements("/Workspace/Shared/gallery/requirements.txt"),
    ],
    awsAttributes: {
      availability: "SPOT_WITH_FALLBACK",
      firstOnDemand: 1,
      zoneId: "auto",
      instanceProfileArn: "arn:aws:iam::123456789012:instance-profile/gallery",
      spotBidPricePercent: 90,
      ebsVolumeType: "GENERAL_PURPOSE_SSD",
      ebsVolumeCount: 1,
      ebsVolumeSize: 100,
      ebsVolumeIops: 3000,
      ebsVolumeThroughput: 125,
    },
    timeouts: { create: "30m", update: "30m", delete: "30m" },
  });

  new AllPurposeCluster(stack, "azure", {
    name: "gallery azure",
    sparkVersion: runtime,
    nodeType: NodeType.of("Standard_DS3_v2"),
    size: ClusterSize.singleNode(),
    remoteDiskThroughput: 200,
    azureAttributes: {
      availability: "SPOT_WITH_FALLBACK_AZURE",
      firstOnDemand: 1,
      spotBidMaxPrice: -1,
    },
    logDelivery: LogDelivery.volume("/Volumes/main/gallery/logs"),
  });
  new AllPurposeCluster(stack, "google", {
    name: "gallery google",
    sparkVersion: runtime,
    nodeType: NodeType.of("n2-highmem-4"),
    size: ClusterSize.fixed(2),
    totalInitialRemoteDiskSize: 200,
    logDelivery: LogDelivery.dbfs("dbfs:/cluster-logs"),
    gcpAttributes: {
      availability: "PREEMPTIBLE_WITH_FALLBACK_GCP",
      firstOnDemand: 1,
      googleServiceAccount: "gallery@example.iam.gserviceaccount.com",
      zoneId: "AUTO",
      bootDiskSize: 100,
      localSsdCount: 1,
    },
  });
  new AllPurposeCluster(stack, "pooled", {
    name: "gallery pooled",
    sparkVersion: runtime,
    instancePool: pool,
    driverInstancePool: pool,
    size: ClusterSize.fixed(1),
  });
  new AllPurposeCluster(stack, "by-policy", {
    name: "gallery by policy",
    sparkVersion: runtime,
    policy,
    applyPolicyDefaultValues: true,
    size: ClusterSize.fromPolicy(),
  });
  const simple = new AllPurposeCluster(stack, "simple", {
    name: "gallery simple",
    sparkVersion: runtime,
    nodeType: NodeType.of("i3.xlarge"),
    size: ClusterSize.singleNode(),
    kind: "CLASSIC_PREVIEW",
    useMlRuntime: true,
  });
  new ClusterLibrary(stack, "library", { cluster: simple, library: Library.pypi("scipy==1.13.1") });

  const dedicated = new DedicatedCluster(stack, "dedicated", {
    sparkVersion: runtime,
    nodeType: NodeType.of("i3.xlarge"),
    size: ClusterSize.fixed(1),
  });
  return { pool, policy, cluster, dedicated };
}
