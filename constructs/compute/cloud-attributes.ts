/** AWS: where and at what price the machines are bought. */
export interface AwsAttributes {
  readonly availability?: "SPOT" | "ON_DEMAND" | "SPOT_WITH_FALLBACK";
  /** This many nodes, the driver first, are bought on demand. */
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

/** Azure: where and at what price the machines are bought. */
export interface AzureAttributes {
  readonly availability?: "SPOT_AZURE" | "ON_DEMAND_AZURE" | "SPOT_WITH_FALLBACK_AZURE";
  readonly firstOnDemand?: number;
  /** -1: up to the on-demand price. */
  readonly spotBidMaxPrice?: number;
}

/** Google Cloud: where and at what price the machines are bought. */
export interface GcpAttributes {
  readonly availability?: "PREEMPTIBLE_GCP" | "ON_DEMAND_GCP" | "PREEMPTIBLE_WITH_FALLBACK_GCP";
  readonly firstOnDemand?: number;
  readonly googleServiceAccount?: string;
  /** `us-central1-a`, `HA` or `AUTO`. */
  readonly zoneId?: string;
  /** GB. */
  readonly bootDiskSize?: number;
  readonly localSsdCount?: number;
}

/**
 * Where and at what price machines are bought. One cloud at most: attributes of two are a compile error.
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
  | { readonly awsAttributes?: AwsAttributes; readonly azureAttributes?: never; readonly gcpAttributes?: never }
  | { readonly awsAttributes?: never; readonly azureAttributes?: AzureAttributes; readonly gcpAttributes?: never }
  | { readonly awsAttributes?: never; readonly azureAttributes?: never; readonly gcpAttributes?: GcpAttributes };
