/** Placement and price of AWS instances. */
export interface AwsAttributes {
  /**
   * Whether nodes beyond `firstOnDemand` are spot instances, and whether on-demand instances
   * replace unavailable ones.
   */
  readonly availability?: "SPOT" | "ON_DEMAND" | "SPOT_WITH_FALLBACK";
  /** The number of on-demand nodes; the driver counts first. */
  readonly firstOnDemand?: number;
  /** The availability zone: `us-west-2a`, or `auto`. */
  readonly zoneId?: string;
  /**
   * The instance profile whose permissions the nodes have. It must be registered in the workspace.
   */
  readonly instanceProfileArn?: string;
  /** The highest spot price, in percent of the on-demand price. */
  readonly spotBidPricePercent?: number;
  /** The type of the EBS volumes: SSD or magnetic disk. */
  readonly ebsVolumeType?: "GENERAL_PURPOSE_SSD" | "THROUGHPUT_OPTIMIZED_HDD";
  /** The number of EBS volumes per node. */
  readonly ebsVolumeCount?: number;
  /** The size of each volume in GiB. */
  readonly ebsVolumeSize?: number;
  /** The IOPS of each volume. */
  readonly ebsVolumeIops?: number;
  /** The throughput of each volume in MiB/s. */
  readonly ebsVolumeThroughput?: number;
}

/** Placement and price of Azure machines. */
export interface AzureAttributes {
  /**
   * Whether nodes beyond `firstOnDemand` are spot machines, and whether on-demand machines replace
   * unavailable ones.
   */
  readonly availability?: "SPOT_AZURE" | "ON_DEMAND_AZURE" | "SPOT_WITH_FALLBACK_AZURE";
  /** The number of on-demand nodes; the driver counts first. */
  readonly firstOnDemand?: number;
  /** The highest spot price; -1 means up to the on-demand price. */
  readonly spotBidMaxPrice?: number;
  /** The resource id of a capacity reservation group. Requires cdktn. */
  readonly capacityReservationGroup?: string;
}

/** Placement and price of Google Cloud machines. */
export interface GcpAttributes {
  /**
   * Whether nodes beyond `firstOnDemand` are preemptible, and whether on-demand machines replace
   * unavailable ones.
   */
  readonly availability?: "PREEMPTIBLE_GCP" | "ON_DEMAND_GCP" | "PREEMPTIBLE_WITH_FALLBACK_GCP";
  /** The number of on-demand nodes; the driver counts first. */
  readonly firstOnDemand?: number;
  /** The e-mail address of the service account whose permissions the nodes have. */
  readonly googleServiceAccount?: string;
  /** The availability zone: `us-central1-a`, `HA` or `AUTO`. */
  readonly zoneId?: string;
  /** The size of the boot disk in GB. */
  readonly bootDiskSize?: number;
  /** The number of local SSDs per node. */
  readonly localSsdCount?: number;
  /** The type of confidential computing: `SEV_SNP`, …. Requires cdktn. */
  readonly confidentialComputeType?: string;
}

/**
 * Placement and price of the machines. Attributes of more than one cloud are a compile error.
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
      /** For a workspace on AWS. */
      readonly awsAttributes?: AwsAttributes;
      readonly azureAttributes?: never;
      readonly gcpAttributes?: never;
    }
  | {
      readonly awsAttributes?: never;
      /** For a workspace on Azure. */
      readonly azureAttributes?: AzureAttributes;
      readonly gcpAttributes?: never;
    }
  | {
      readonly awsAttributes?: never;
      readonly azureAttributes?: never;
      /** For a workspace on Google Cloud. */
      readonly gcpAttributes?: GcpAttributes;
    };
