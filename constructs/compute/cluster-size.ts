import { ConstructError } from "../core/errors";
import { callerPosition } from "../core/caller-position";

/** The fields that a size sets on a cluster. */
export interface RenderedSize {
  readonly numWorkers?: number;
  readonly autoscale?: { readonly minWorkers: number; readonly maxWorkers: number };
  readonly sparkConf?: Readonly<Record<string, string>>;
  readonly customTags?: Readonly<Record<string, string>>;
}

/**
 * The number of workers. There is one factory for each form, so that a cluster cannot have both a
 * fixed number and a range.
 */
export class ClusterSize {
  /**
   * A fixed number of workers.
   * @throws ConstructError BAD_CLUSTER_SIZE unless the size is an integer from 1 to 100000
   * @example
   * ClusterSize.fixed(2);
   */
  static fixed(workers: number): ClusterSize {
    checkWorkers(workers);
    return new ClusterSize(`${workers} workers`, { numWorkers: workers });
  }

  /**
   * Autoscaling within a range.
   * @throws ConstructError BAD_CLUSTER_SIZE unless both bounds are integers from 1 to 100000, and
   * the lower bound is below the upper bound
   */
  static autoscale(minWorkers: number, maxWorkers: number): ClusterSize {
    checkWorkers(minWorkers);
    checkWorkers(maxWorkers);
    if (minWorkers >= maxWorkers) {
      throw new ConstructError("BAD_CLUSTER_SIZE", "the range of workers has no room to scale", {
        path: callerPosition(),
        value: `${minWorkers} to ${maxWorkers}`,
        allowed: "a lower bound below the upper bound",
        fix: `ClusterSize.fixed(${Math.max(minWorkers, maxWorkers)}) for a fixed number`,
      });
    }
    return new ClusterSize(`${minWorkers} to ${maxWorkers} workers`, {
      autoscale: { minWorkers, maxWorkers },
    });
  }

  /**
   * A driver without workers, with the Spark configuration and the tag that Databricks requires for
   * a single node.
   */
  static singleNode(): ClusterSize {
    return new ClusterSize("single node", {
      numWorkers: 0,
      sparkConf: { "spark.databricks.cluster.profile": "singleNode", "spark.master": "local[*]" },
      customTags: { ResourceClass: "SingleNode" },
    });
  }

  /** The size that the cluster's policy sets. */
  static fromPolicy(): ClusterSize {
    return new ClusterSize("from the policy", {});
  }

  /** Prevents objects of other classes from being accepted as a size. */
  readonly #brand = "ClusterSize";
  private constructor(
    readonly description: string,
    /** @internal */
    readonly rendered: RenderedSize,
  ) {}

  /** Whether the cluster has a driver and no workers. */
  get isSingleNode(): boolean {
    return this.rendered.numWorkers === 0;
  }

  /** Whether the policy sets the size. */
  get isFromPolicy(): boolean {
    return this.rendered.numWorkers === undefined && this.rendered.autoscale === undefined;
  }

  toString(): string {
    return this.description;
  }

  toJSON(): string {
    // Always true: an unused private field would be a compile error.
    return this.#brand === "ClusterSize" ? this.description : "";
  }
}

function checkWorkers(workers: number): void {
  if (Number.isInteger(workers) && workers >= 1 && workers <= 100_000) return;
  throw new ConstructError("BAD_CLUSTER_SIZE", "invalid number of workers", {
    path: callerPosition(),
    value: String(workers),
    allowed: "an integer from 1 to 100000",
    ...(workers === 0 && { fix: "for a driver without workers: ClusterSize.singleNode()" }),
  });
}
