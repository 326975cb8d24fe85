import { defined } from "../../src/defined";
import type { Construct } from "../core/bindings";
import { errorAt } from "../core/errors";
import { renderFieldsOfNewerBindings } from "../core/newer-bindings";
import { WorkspaceStack } from "../core/workspace-stack";
import type { SecretReference } from "../secrets/secret-reference";
import type { SecretValue } from "../secrets/secret-value";
import type {
  AwsAttributes,
  AzureAttributes,
  CloudAttributes,
  GcpAttributes,
} from "./cloud-attributes";
import type { IClusterPolicy } from "./cluster-policy";
import type { ClusterSize, RenderedSize } from "./cluster-size";
import type { InitScript, LogDelivery, RenderedInitScript } from "./init-script";
import type { IInstancePool } from "./instance-pool";
import { renderFlexibility, type NodeType } from "./node-type";
import { renderDefinition, type PolicyAttribute, type PolicyDefinition } from "./policy-rule";
import { valuesFromPolicy } from "./policy-supplied";
import type { SparkVersion } from "./spark-version";

export type DataSecurityMode =
  | "NONE"
  | "SINGLE_USER"
  | "USER_ISOLATION"
  | "LEGACY_TABLE_ACL"
  | "LEGACY_PASSTHROUGH"
  | "LEGACY_SINGLE_USER"
  | "LEGACY_SINGLE_USER_STANDARD"
  | "DATA_SECURITY_MODE_AUTO"
  | "DATA_SECURITY_MODE_STANDARD"
  | "DATA_SECURITY_MODE_DEDICATED";

/**
 * A value of Spark configuration or an environment variable: a literal, or a reference to a secret.
 */
export type ClusterSetting = string | number | boolean | SecretReference;

export interface DockerImage {
  /** The image with its registry and tag: `registry.example.com/spark:15.4`. */
  readonly url: string;
  /** The login at the registry. @default - none */
  readonly basicAuth?: {
    /** The user name at the registry. */
    readonly username: string;
    /** The password or token of the user. */
    readonly password: SecretValue;
  };
}

/** A network file system that each node mounts. */
export interface ClusterMount {
  /** The host name of the file server. */
  readonly serverAddress: string;
  /** Options of the mount command. */
  readonly mountOptions?: string;
  /** The folder on the nodes. */
  readonly localMountDirPath: string;
  /** The folder on the file server. @default - its root */
  readonly remoteMountDirPath?: string;
}

interface CommonProps {
  /** The Databricks Runtime: `SparkVersion.LTS_15_4`. */
  readonly sparkVersion: SparkVersion;
  /**
   * The number of workers: `ClusterSize.fixed(2)`, `.autoscale(1, 8)`, `.singleNode()` or
   * `.fromPolicy()`.
   */
  readonly size: ClusterSize;
  /**
   * Apply the policy's defaults to fields that are not set. REST does not return this setting, so
   * verify cannot check it.
   * @default false
   */
  readonly applyPolicyDefaultValues?: boolean;
  /** Spark properties, such as `spark.sql.shuffle.partitions`. */
  readonly sparkConf?: Readonly<Record<string, ClusterSetting>>;
  /** Environment variables of the driver and the workers. */
  readonly sparkEnvVars?: Readonly<Record<string, ClusterSetting>>;
  /** Tags of the machines and disks at the cloud provider. */
  readonly customTags?: Readonly<Record<string, string>>;
  /** Who can use the cluster, and whether it can access Unity Catalog. */
  readonly dataSecurityMode?: DataSecurityMode;
  /**
   * The user or group that may use the cluster exclusively. Requires a data security mode for a
   * single user: one with SINGLE_USER in its name, or DATA_SECURITY_MODE_DEDICATED or …_AUTO.
   */
  readonly singleUserName?: string;
  /** The engine that runs queries. @default - chosen by the platform */
  readonly runtimeEngine?: "STANDARD" | "PHOTON";
  /** The init scripts, at most ten. They run in this order. */
  readonly initScripts?: readonly InitScript[];
  /** Where the cluster's logs are stored. @default - logs are not stored */
  readonly logDelivery?: LogDelivery;
  /** The container image of the nodes. @default - the image of the runtime */
  readonly dockerImage?: DockerImage;
  /**
   * The public keys for SSH connections to the nodes, as user `ubuntu` on port 2200; at most ten.
   */
  readonly sshPublicKeys?: readonly string[];
  /** Enlarge the disks of a node when they are nearly full. */
  readonly enableElasticDisk?: boolean;
  /** Encrypt the data on local disks. */
  readonly enableLocalDiskEncryption?: boolean;
  /** The throughput of remote disks in MB/s. Google Cloud and Azure only. */
  readonly remoteDiskThroughput?: number;
  /** The initial size of remote disks in GB. Google Cloud only. */
  readonly totalInitialRemoteDiskSize?: number;
  /** Network file systems that the nodes mount. */
  readonly mounts?: readonly ClusterMount[];
  /**
   * CLASSIC_PREVIEW enables the simplified form of cluster settings, in which useMlRuntime selects
   * the runtime, and ClusterSize.singleNode() a single node.
   */
  readonly kind?: "CLASSIC_PREVIEW";
  /** Use the machine learning runtime. Requires `kind`. */
  readonly useMlRuntime?: boolean;
  /**
   * Node types to try for the workers, in this order, if their own type is out of stock. Requires
   * cdktn.
   * @default - none
   */
  readonly alternateNodeTypes?: readonly NodeType[];
  /**
   * Node types to try for the driver, in this order, if its own type is out of stock. Requires
   * cdktn.
   * @default - none
   */
  readonly driverAlternateNodeTypes?: readonly NodeType[];
  /**
   * The id of the AWS context in which alternate node types are requested. Requires cdktn.
   * @default - none
   */
  readonly awsContextId?: string;
  /** How the cluster resolves its libraries. Requires cdktn. @default - the platform's */
  readonly dependencyMode?: string;
  /** The workloads that may run on the cluster. @default - notebooks and jobs */
  readonly workloadType?: { readonly jobs: boolean; readonly notebooks: boolean };
}

/** Where the nodes come from: a node type, a pool, or, if neither is set, the policy. */
type Machines =
  | {
      /** The node type of the workers, and of the driver unless `driverNodeType` is set. */
      readonly nodeType: NodeType;
      /** The node type of the driver. @default - the node type of the workers */
      readonly driverNodeType?: NodeType;
      readonly instancePool?: never;
      readonly driverInstancePool?: never;
      /** The policy that limits the settings of the cluster. */
      readonly policy?: IClusterPolicy;
    }
  | {
      /** The pool of the workers, and of the driver unless `driverInstancePool` is set. */
      readonly instancePool: IInstancePool;
      /** The pool of the driver. @default - the pool of the workers */
      readonly driverInstancePool?: IInstancePool;
      readonly nodeType?: never;
      readonly driverNodeType?: never;
      /** The policy that limits the settings of the cluster. */
      readonly policy?: IClusterPolicy;
    }
  | {
      /** The policy that limits the settings of the cluster. */
      readonly policy: IClusterPolicy;
      readonly nodeType?: never;
      readonly driverNodeType?: never;
      readonly instancePool?: never;
      readonly driverInstancePool?: never;
    };

/**
 * The settings of a job cluster or an all-purpose cluster.
 *
 * @example
 * const own = workflow.addJobCluster("own", {
 *   sparkVersion: SparkVersion.LTS_15_4,
 *   nodeType: NodeType.of("Standard_DS3_v2"),
 *   driverNodeType: NodeType.of("Standard_DS4_v2"),
 *   size: ClusterSize.fixed(4),
 *   sparkConf: {
 *     "spark.sql.shuffle.partitions": 64,
 *     "spark.hadoop.fs.s3a.secret.key": secrets.reference("s3-key"),
 *   },
 *   sparkEnvVars: { STAGE: "prod" },
 *   initScripts: [InitScript.volume("/Volumes/main/etl/scripts/setup.sh")],
 *   logDelivery: LogDelivery.volume("/Volumes/main/etl/logs"),
 *   dockerImage: {
 *     url: "registry.example.com/spark:15.4",
 *     basicAuth: {
 *       username: "puller",
 *       password: SecretValue.fromEnvironment("REGISTRY_PASSWORD"),
 *     },
 *   },
 *   dataSecurityMode: "SINGLE_USER",
 * });
 * workflow.addTask("load", { run: NotebookTask.at("/Shared/load"), on: own });
 */
export type ClusterSpecProps = CommonProps & Machines & CloudAttributes;

/**
 * A cluster in the naming of the bindings, valid both for a job's new cluster and for a cluster
 * resource.
 */
export interface RenderedCluster {
  sparkVersion: string;
  nodeTypeId?: string;
  driverNodeTypeId?: string;
  instancePoolId?: string;
  driverInstancePoolId?: string;
  policyId?: string;
  applyPolicyDefaultValues?: boolean;
  numWorkers?: number;
  autoscale?: { readonly minWorkers: number; readonly maxWorkers: number };
  sparkConf?: Record<string, string>;
  sparkEnvVars?: Record<string, string>;
  customTags?: Record<string, string>;
  dataSecurityMode?: string;
  singleUserName?: string;
  runtimeEngine?: string;
  initScripts?: RenderedInitScript[];
  clusterLogConf?: LogDelivery["rendered"];
  dockerImage?: {
    readonly url: string;
    readonly basicAuth?: { readonly username: string; readonly password: string };
  };
  sshPublicKeys?: string[];
  enableElasticDisk?: boolean;
  enableLocalDiskEncryption?: boolean;
  remoteDiskThroughput?: number;
  totalInitialRemoteDiskSize?: number;
  clusterMountInfo?: {
    readonly localMountDirPath: string;
    readonly remoteMountDirPath?: string;
    readonly networkFilesystemInfo: {
      readonly serverAddress: string;
      readonly mountOptions?: string;
    };
  }[];
  kind?: string;
  isSingleNode?: boolean;
  useMlRuntime?: boolean;
  workloadType?: { readonly clients: { readonly jobs: boolean; readonly notebooks: boolean } };
  awsAttributes?: AwsAttributes;
  azureAttributes?: AzureAttributes;
  gcpAttributes?: GcpAttributes;
}

/**
 * Checks a cluster's props and renders them. Errors are collected and reported with all others of
 * the stack.
 */
export function renderCluster(scope: Construct, props: ClusterSpecProps): RenderedCluster {
  checkCluster(scope, props);
  const size = props.size.isFromPolicy
    ? sizeOfPolicy(props.policy?.definition)
    : props.size.rendered;
  const isSimplified = props.kind !== undefined;
  const { awsContextId } = props;
  const awsContext = renderFieldsOfNewerBindings(scope, { awsContextId }, "1.132.0");
  const policyValues = valuesFromPolicy(
    props.policy?.definition,
    props.applyPolicyDefaultValues === true,
  );
  const rendered: RenderedCluster = {
    sparkVersion: props.sparkVersion.key,
    nodeTypeId: props.nodeType?.id,
    driverNodeTypeId: props.driverNodeType?.id,
    instancePoolId: props.instancePool?.renderId(),
    driverInstancePoolId: props.driverInstancePool?.renderId(),
    policyId: props.policy?.renderId(),
    applyPolicyDefaultValues: props.applyPolicyDefaultValues,
    numWorkers: isSimplified && props.size.isSingleNode ? undefined : size.numWorkers,
    autoscale: size.autoscale,
    sparkConf: renderSettings({
      ...policyValues.sparkConf,
      ...(isSimplified ? {} : size.sparkConf),
      ...props.sparkConf,
    }),
    sparkEnvVars: renderSettings({ ...policyValues.sparkEnvVars, ...props.sparkEnvVars }),
    customTags: sortedByKey({
      ...policyValues.customTags,
      ...(isSimplified ? {} : size.customTags),
      ...props.customTags,
    }),
    dataSecurityMode: props.dataSecurityMode ?? policyValues.dataSecurityMode,
    singleUserName: props.singleUserName ?? policyValues.singleUserName,
    runtimeEngine: props.runtimeEngine ?? policyValues.runtimeEngine,
    initScripts: props.initScripts?.map((script) => script.rendered),
    clusterLogConf: props.logDelivery?.rendered,
    dockerImage: props.dockerImage && {
      url: props.dockerImage.url,
      ...(props.dockerImage.basicAuth && {
        basicAuth: {
          username: props.dockerImage.basicAuth.username,
          password: props.dockerImage.basicAuth.password.render(scope),
        },
      }),
    },
    sshPublicKeys: props.sshPublicKeys && [...props.sshPublicKeys],
    enableElasticDisk: props.enableElasticDisk,
    enableLocalDiskEncryption: props.enableLocalDiskEncryption,
    remoteDiskThroughput: props.remoteDiskThroughput,
    totalInitialRemoteDiskSize: props.totalInitialRemoteDiskSize,
    clusterMountInfo: props.mounts?.map(({ serverAddress, mountOptions, ...mount }) => ({
      ...mount,
      networkFilesystemInfo: { serverAddress, mountOptions },
    })),
    kind: props.kind,
    isSingleNode: isSimplified && props.size.isSingleNode ? true : undefined,
    useMlRuntime: props.useMlRuntime,
    workloadType: props.workloadType && { clients: props.workloadType },
    awsAttributes: props.awsAttributes,
    azureAttributes:
      props.azureAttributes &&
      renderPlacement(scope, props.azureAttributes, "capacityReservationGroup"),
    gcpAttributes:
      props.gcpAttributes && renderPlacement(scope, props.gcpAttributes, "confidentialComputeType"),
    ...renderFieldsOfNewerBindings(scope, {
      workerNodeTypeFlexibility: renderFlexibility(props.alternateNodeTypes, awsContext),
      driverNodeTypeFlexibility: renderFlexibility(
        props.driverAlternateNodeTypes,
        props.driverAlternateNodeTypes && awsContext,
      ),
      dependencyMode: props.dependencyMode,
    }),
  };
  // cdktf would visit undefined fields for each cluster of each job, so they are dropped.
  return defined(rendered);
}

/**
 * Returns the placement attributes.
 * @param newField a field that older bindings do not have
 * @throws ConstructError NEWER_BINDINGS_NEEDED if the field is set and the bindings lack it
 */
function renderPlacement<T extends object>(
  scope: Construct,
  attributes: T,
  newField: keyof T & string,
): T {
  const { [newField]: value, ...rest } = attributes;
  return { ...rest, ...renderFieldsOfNewerBindings(scope, { [newField]: value }) } as T;
}

/**
 * Returns the size that the policy sets, if its rules are known to the stack. Without a size, the
 * provider sends zero workers, which a policy that requires workers rejects (databricks/cli#6230),
 * so the policy's value is written explicitly.
 */
function sizeOfPolicy(definition: PolicyDefinition | undefined): RenderedSize {
  const numberFromRule = (attribute: PolicyAttribute): number | undefined => {
    const rule = definition?.[attribute]?.rendered;
    const policyValue =
      rule?.type === "fixed"
        ? rule.value
        : rule !== undefined && "defaultValue" in rule
          ? rule.defaultValue
          : undefined;
    return typeof policyValue === "number" ? policyValue : undefined;
  };
  const minWorkers = numberFromRule("autoscale.min_workers");
  const maxWorkers = numberFromRule("autoscale.max_workers");
  const numWorkers = numberFromRule("num_workers");
  if (minWorkers !== undefined && maxWorkers !== undefined)
    return { autoscale: { minWorkers, maxWorkers } };
  return numWorkers === undefined ? {} : { numWorkers };
}

/** Reports the mistakes in a cluster's props that cannot be excluded at compile time. */
function checkCluster(scope: Construct, props: ClusterSpecProps): void {
  const stack = WorkspaceStack.around(scope);
  if (props.policy?.definition !== undefined)
    stack.knowPolicy(props.policy.renderId(), renderDefinition(props.policy.definition));
  const report = (code: string, message: string, details: Parameters<typeof errorAt>[3]): void =>
    stack.report(errorAt(scope, code, message, details));
  if (props.applyPolicyDefaultValues === true && props.policy === undefined) {
    report("DEFAULTS_WITHOUT_POLICY", "applyPolicyDefaultValues is set, but there is no policy", {
      fix: "set a policy for the cluster",
    });
  }
  if (props.initScripts !== undefined && props.initScripts.length > 10) {
    report("TOO_MANY_INIT_SCRIPTS", "a cluster has at most ten init scripts", {
      value: String(props.initScripts.length),
      allowed: "at most 10",
      fix: "combine scripts, or build a custom image",
    });
  }
  if (props.sshPublicKeys !== undefined && props.sshPublicKeys.length > 10) {
    report("TOO_MANY_SSH_KEYS", "a cluster has at most ten public keys", {
      value: String(props.sshPublicKeys.length),
      allowed: "at most 10",
      fix: "remove keys that are no longer used",
    });
  }
  // The policy may set a size without workers.
  const hasWorkers = !props.size.isSingleNode && !props.size.isFromPolicy;
  const profile = props.sparkConf?.["spark.databricks.cluster.profile"];
  if (hasWorkers && profile === "singleNode") {
    report(
      "SINGLE_NODE_WITH_WORKERS",
      "the Spark configuration is single-node, but the size has workers",
      {
        value: props.size.description,
        fix: "set size: ClusterSize.singleNode(), and leave the profile out of sparkConf",
      },
    );
  }
  const master = props.sparkConf?.["spark.master"];
  if (hasWorkers && typeof master === "string" && master.startsWith("local")) {
    report("SINGLE_NODE_WITH_WORKERS", "spark.master is local, but the size has workers", {
      value: `${master}, ${props.size.description}`,
      fix: "set size: ClusterSize.singleNode(), and leave spark.master out of sparkConf",
    });
  }
  if (props.useMlRuntime !== undefined && props.kind === undefined) {
    report("ML_RUNTIME_WITHOUT_KIND", "useMlRuntime works with the simplified form only", {
      fix: 'set kind: "CLASSIC_PREVIEW", or select an ML runtime as sparkVersion',
    });
  }
  if (
    props.singleUserName !== undefined &&
    props.dataSecurityMode !== undefined &&
    !/SINGLE_USER|DEDICATED|AUTO/.test(props.dataSecurityMode)
  ) {
    report("SINGLE_USER_MODE", "singleUserName needs a data security mode for a single user", {
      value: props.dataSecurityMode,
      allowed: "a mode with SINGLE_USER, DEDICATED or AUTO in its name",
      fix: "set dataSecurityMode to one of these, or remove singleUserName",
    });
  }
}

function renderSettings(
  values: Readonly<Record<string, ClusterSetting>>,
): Record<string, string> | undefined {
  return sortedByKey(
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)])),
  );
}

function sortedByKey(values: Readonly<Record<string, string>>): Record<string, string> | undefined {
  const entries = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
