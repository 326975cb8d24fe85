import type { CloudAttributes } from "../compute/cloud-attributes";
import type { IClusterPolicy } from "../compute/cluster-policy";
import type { ClusterSetting } from "../compute/cluster-spec";
import type { InitScript, LogDelivery } from "../compute/init-script";
import type { IInstancePool } from "../compute/instance-pool";
import type { NodeType } from "../compute/node-type";
import type { PipelineResourceConfig } from "../core/bindings";

/** The settings of a pipeline's cluster. The platform chooses those that are not set. */
export type PipelineClusterProps = {
  /**
   * The clusters that the settings apply to: `default` for all, `updates` or `maintenance`.
   * @default "default"
   */
  readonly label?: "default" | "maintenance" | "updates";
  /** The node type of the workers. @default - chosen by the platform */
  readonly nodeType?: NodeType;
  /** The node type of the driver. @default - the node type of the workers */
  readonly driverNodeType?: NodeType;
  /** The pool of the workers. @default - none */
  readonly instancePool?: IInstancePool;
  /** The pool of the driver. @default - the pool of the workers */
  readonly driverInstancePool?: IInstancePool;
  /** The policy that limits the settings. @default - none */
  readonly policy?: IClusterPolicy;
  /** Apply the policy's defaults to fields that are not set. */
  readonly applyPolicyDefaultValues?: boolean;
  /** A fixed number of workers. Set `numWorkers` or `autoscale`. */
  readonly numWorkers?: number;
  /** The range of workers. */
  readonly autoscale?: {
    /** The minimum number of workers. */
    readonly minWorkers: number;
    /** The maximum number of workers. */
    readonly maxWorkers: number;
    /** ENHANCED optimizes for streams, LEGACY scales like a job cluster. */
    readonly mode?: "ENHANCED" | "LEGACY";
  };
  /** Spark properties, such as `spark.sql.shuffle.partitions`. */
  readonly sparkConf?: Readonly<Record<string, ClusterSetting>>;
  /** Environment variables of the driver and the workers. */
  readonly sparkEnvVars?: Readonly<Record<string, ClusterSetting>>;
  /** Tags of the machines and disks at the cloud provider. */
  readonly customTags?: Readonly<Record<string, string>>;
  /** The init scripts. They run in this order. @default - none */
  readonly initScripts?: readonly InitScript[];
  /** Where the clusters' logs are stored. @default - logs are not stored */
  readonly logDelivery?: LogDelivery;
  /** The public keys for SSH connections to the nodes. */
  readonly sshPublicKeys?: readonly string[];
  /** Encrypt the data on local disks. */
  readonly enableLocalDiskEncryption?: boolean;
} & CloudAttributes;

type RenderedPipelineCluster =
  Exclude<PipelineResourceConfig["cluster"], undefined> extends infer Clusters
    ? Clusters extends (infer Cluster)[]
      ? Cluster
      : never
    : never;

/** Renders the settings in the naming of the bindings. */
export function renderPipelineCluster(props: PipelineClusterProps): RenderedPipelineCluster {
  const {
    nodeType,
    driverNodeType,
    instancePool,
    driverInstancePool,
    policy,
    logDelivery,
    sshPublicKeys,
    initScripts,
    ...rest
  } = props;
  return {
    ...rest,
    label: props.label ?? "default",
    nodeTypeId: nodeType?.id,
    driverNodeTypeId: driverNodeType?.id,
    instancePoolId: instancePool?.renderId(),
    driverInstancePoolId: driverInstancePool?.renderId(),
    policyId: policy?.renderId(),
    sparkConf: renderSettings(props.sparkConf),
    sparkEnvVars: renderSettings(props.sparkEnvVars),
    customTags: props.customTags && { ...props.customTags },
    initScripts: initScripts?.map((script) => script.rendered),
    clusterLogConf: logDelivery?.rendered,
    sshPublicKeys: sshPublicKeys && [...sshPublicKeys],
  };
}

function renderSettings(
  values: Readonly<Record<string, ClusterSetting>> | undefined,
): Record<string, string> | undefined {
  return (
    values &&
    Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, value.toString()] as const),
    )
  );
}
