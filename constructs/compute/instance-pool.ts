import { Permissions, type InstancePoolLevel } from "../access/permissions";
import { InstancePoolResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { existingId } from "../core/names";
import { renderFieldsOfNewerBindings } from "../core/newer-bindings";
import { WorkspaceStack } from "../core/workspace-stack";
import { renderFlexibility, type NodeType } from "./node-type";
import type { SparkVersion } from "./spark-version";

/**
 * Placement and price of a pool's machines. Attributes of more than one cloud are a compile error.
 */
export type PoolCloudAttributes =
  | {
      /** For a workspace on AWS. */
      readonly awsAttributes?: {
        /**
         * Whether the machines are spot or on-demand instances.
         * @default - chosen by the platform
         */
        readonly availability?: "SPOT" | "ON_DEMAND";
        /** The availability zone, such as `us-west-2a`. */
        readonly zoneId?: string;
        /** The highest spot price, in percent of the on-demand price. */
        readonly spotBidPricePercent?: number;
        /** The instance profile whose permissions the machines have. */
        readonly instanceProfileArn?: string;
      };
      readonly azureAttributes?: never;
      readonly gcpAttributes?: never;
    }
  | {
      /** For a workspace on Azure. */
      readonly azureAttributes?: {
        /** Whether the machines are spot or on-demand. @default - chosen by the platform */
        readonly availability?: "SPOT_AZURE" | "ON_DEMAND_AZURE";
        /** The highest spot price; -1 means up to the on-demand price. */
        readonly spotBidMaxPrice?: number;
      };
      readonly awsAttributes?: never;
      readonly gcpAttributes?: never;
    }
  | {
      /** For a workspace on Google Cloud. */
      readonly gcpAttributes?: {
        /** Whether the machines are preemptible or on-demand. @default - chosen by the platform */
        readonly gcpAvailability?:
          "PREEMPTIBLE_GCP" | "ON_DEMAND_GCP" | "PREEMPTIBLE_WITH_FALLBACK_GCP";
        /** The availability zone: `us-central1-a`, `HA` or `AUTO`. */
        readonly zoneId?: string;
        /** The number of local SSDs per machine. */
        readonly localSsdCount?: number;
      };
      readonly awsAttributes?: never;
      readonly azureAttributes?: never;
    };

export type InstancePoolProps = {
  /** The name, without the environment's prefix. */
  readonly name: string;
  /** The type of the machines. Cannot be changed later. */
  readonly nodeType: NodeType;
  /**
   * Node types to try, in this order, if the node type is out of stock. Requires cdktn.
   * @default - none
   */
  readonly alternateNodeTypes?: readonly NodeType[];
  /** The number of minutes after which idle machines beyond the minimum are released. */
  readonly idleInstanceAutoterminationMinutes: number;
  /** The number of idle machines to keep ready. @default 0 */
  readonly minIdleInstances?: number;
  /** The maximum number of machines. @default - no limit */
  readonly maxCapacity?: number;
  /** The runtime to preload on idle machines, so that clusters start faster. */
  readonly preloadedSparkVersion?: SparkVersion;
  /** Tags of the machines and disks at the cloud provider. */
  readonly customTags?: Readonly<Record<string, string>>;
  /** Add the stack's stamp, a tag that lets verify find unmanaged copies. @default true */
  readonly stamp?: boolean;
  /**
   * Enlarge the disks of a machine when they are nearly full.
   * @default true, the provider's default
   */
  readonly enableElasticDisk?: boolean;
  /** Additional disks of each machine. */
  readonly disk?: {
    /** The number of disks per machine. */
    readonly count: number;
    /** The size in GiB. */
    readonly size: number;
    /** The type of the disks. @default - chosen by the platform */
    readonly type?:
      | {
          /** The type of disks on AWS. */
          readonly ebsVolumeType: "GENERAL_PURPOSE_SSD" | "THROUGHPUT_OPTIMIZED_HDD";
        }
      | {
          /** The type of disks on Azure. */
          readonly azureDiskVolumeType: "PREMIUM_LRS" | "STANDARD_LRS";
        };
  };
} & PoolCloudAttributes;

/**
 * An instance pool, managed by this stack or elsewhere. Used for clusters and
 * `Permissions.onInstancePool`.
 */
export interface IInstancePool {
  /** Distinguishes an instance pool from other handles at compile time. */
  readonly kind: "instance pool";
  /** Returns the id, which is a Terraform reference for an instance pool of this stack. */
  renderId(): string;
}

/**
 * A pool of idle machines. Clusters that use it start faster.
 *
 * @example
 * const pool = new InstancePool(stack, "pool", {
 *   name: "jobs",
 *   nodeType: NodeType.of("i3.xlarge"),
 *   idleInstanceAutoterminationMinutes: 15,
 * });
 * @see https://docs.databricks.com/aws/en/compute/pools
 */
export class InstancePool extends Element implements IInstancePool {
  /** Refers to the pool with this id, which is managed elsewhere. @throws ConstructError BAD_ID */
  static fromId(poolId: string): IInstancePool {
    const id = existingId("instance pool", poolId, { example: "0101-120000-brick1-pool-ABCD1234" });
    return { kind: "instance pool", renderId: () => id };
  }

  readonly kind = "instance pool";
  readonly #resource: InstancePoolResource;
  #permissions: Permissions<InstancePoolLevel> | undefined;

  /** @throws ConstructError BAD_POOL */
  constructor(scope: Construct, id: string, props: InstancePoolProps) {
    super(scope, id);
    const { minIdleInstances: min, maxCapacity: max } = props;
    if (
      props.idleInstanceAutoterminationMinutes < 0 ||
      (min !== undefined && max !== undefined && min > max)
    ) {
      throw errorAt(this, "BAD_POOL", "invalid size or idle time of the pool", {
        value: `idle ${props.idleInstanceAutoterminationMinutes} min, ${min ?? 0} to ${max ?? "any"} machines`,
        allowed: "0 or more minutes, and no more idle instances than the maximum capacity",
        fix: "correct idleInstanceAutoterminationMinutes, minIdleInstances or maxCapacity",
      });
    }
    const stack = WorkspaceStack.around(this);
    this.#resource = new InstancePoolResource(this, "Resource", {
      instancePoolName: stack.named(props.name),
      nodeTypeId: props.nodeType.id,
      idleInstanceAutoterminationMinutes: props.idleInstanceAutoterminationMinutes,
      minIdleInstances: min,
      maxCapacity: max,
      preloadedSparkVersions: props.preloadedSparkVersion && [props.preloadedSparkVersion.key],
      customTags: stack.stamped(props.customTags, props.stamp),
      enableElasticDisk: props.enableElasticDisk,
      diskSpec: props.disk && {
        diskCount: props.disk.count,
        diskSize: props.disk.size,
        diskType: props.disk.type,
      },
      awsAttributes: props.awsAttributes,
      azureAttributes: props.azureAttributes,
      gcpAttributes: props.gcpAttributes,
      ...renderFieldsOfNewerBindings(this, {
        nodeTypeFlexibility: renderFlexibility(props.alternateNodeTypes),
      }),
    });
  }

  /** The access list of the instance pool. It replaces all other permissions on the object. */
  get permissions(): Permissions<InstancePoolLevel> {
    return (this.#permissions ??= Permissions.onInstancePool(this, "Permissions", this));
  }

  renderId(): string {
    return this.#resource.id;
  }
}
