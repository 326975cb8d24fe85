/** AWS: placement and price of the instances. */
export interface AwsAttributes {
  readonly availability?: "SPOT" | "ON_DEMAND" | "SPOT_WITH_FALLBACK";
  /** Number of on-demand nodes, the driver first. */
  readonly firstOnDemand?: number;
  /** `us-west-2a`, or `auto`. */
  readonly zoneId?: string;
  readonly instanceProfileArn?: string;
  /** Percent of the on-demand price. */
  readonly spotBidPricePercent?: number;
  readonly ebsVolumeType?: "GENERAL_PURPOSE_SSD" | "THROUGHPUT_OPTIMIZED_HDD";
  readonly ebsVolumeCount?: number;
  /** GiB. */
  readonly ebsVolumeSize?: number;
  readonly ebsVolumeIops?: number;
  /** MiB a second. */
  readonly ebsVolumeThroughput?: number;
}

/** Azure: placement and price of the machines. */
export interface AzureAttributes {
  readonly availability?: "SPOT_AZURE" | "ON_DEMAND_AZURE" | "SPOT_WITH_FALLBACK_AZURE";
  readonly firstOnDemand?: number;
  /** -1: up to the on-demand price. */
  readonly spotBidMaxPrice?: number;
  /** The resource id of a capacity reservation group. With cdktn only. */
  readonly capacityReservationGroup?: string;
}

/** Google Cloud: placement and price of the machines. */
export interface GcpAttributes {
  readonly availability?: "PREEMPTIBLE_GCP" | "ON_DEMAND_GCP" | "PREEMPTIBLE_WITH_FALLBACK_GCP";
  readonly firstOnDemand?: number;
  readonly googleServiceAccount?: string;
  /** `us-central1-a`, `HA` or `AUTO`. */
  readonly zoneId?: string;
  /** GB. */
  readonly bootDiskSize?: number;
  readonly localSsdCount?: number;
  /** `SEV_SNP`, … With cdktn only. */
  readonly confidentialComputeType?: string;
}

/**
 * Placement and price of the machines. At most one cloud: attributes of two clouds are a compile
 * error.
 *
 * @example
 * const spot = workflow.addJobCluster("spot", {
 *   sparkVersion: SparkVersion.LTS_15_4,
 *   nodeType: NodeType.of("i3.xlarge"),
 *   size: ClusterSize.autoscale(1, 8),
 *   awsAttributes: { availability: "SPOT_WITH_FALLBACK", firstOnDemand: 1, zoneId: "auto" },
 * });
 * workflow.addTask("load", { run: NotebookTask.at("/Shared/load"), on: spot });
 */
export type CloudAttributes =
  | {
      readonly awsAttributes?: AwsAttributes;
      readonly azureAttributes?: never;
      readonly gcpAttributes?: never;
    }
  | {
      readonly awsAttributes?: never;
      readonly azureAttributes?: AzureAttributes;
      readonly gcpAttributes?: never;
    }
  | {
      readonly awsAttributes?: never;
      readonly azureAttributes?: never;
      readonly gcpAttributes?: GcpAttributes;
    };
