import { DataDatabricksSparkVersion, type Construct } from "../core/bindings";
import { ConstructError } from "../core/errors";
import { callerPosition } from "../core/caller-position";

/**
 * The requirements on a Databricks Runtime. When Terraform runs, it selects the newest runtime that
 * meets them.
 */
export interface SparkVersionFeatures {
  /** Select only versions with long-term support. */
  readonly longTermSupport?: boolean;
  /** Select the machine learning runtime. */
  readonly ml?: boolean;
  /** Select a runtime for GPUs. */
  readonly gpu?: boolean;
  /** Select the genomics runtime. */
  readonly genomics?: boolean;
  /** Select among beta versions. */
  readonly beta?: boolean;
  /** Select the newest of several versions. @default true */
  readonly latest?: boolean;
  /** The version of Spark: `3.5`. */
  readonly sparkVersion?: string;
  /** The version of Scala: `2.12`. */
  readonly scala?: string;
}

/** The Databricks Runtime of a cluster. */
export class SparkVersion {
  /** 17.3 LTS: Spark 4.0, Scala 2.13 */
  static readonly LTS_17_3 = new SparkVersion("17.3.x-scala2.13");
  /** 16.4 LTS: Spark 3.5, Scala 2.12 */
  static readonly LTS_16_4 = new SparkVersion("16.4.x-scala2.12");
  /** 15.4 LTS: Spark 3.5, Scala 2.12 */
  static readonly LTS_15_4 = new SparkVersion("15.4.x-scala2.12");
  /** 14.3 LTS: Spark 3.5, Scala 2.12 */
  static readonly LTS_14_3 = new SparkVersion("14.3.x-scala2.12");
  /** 13.3 LTS: Spark 3.4, Scala 2.12 */
  static readonly LTS_13_3 = new SparkVersion("13.3.x-scala2.12");
  /** 12.2 LTS: Spark 3.3, Scala 2.12 */
  static readonly LTS_12_2 = new SparkVersion("12.2.x-scala2.12");

  /**
   * A runtime by its key. A pinned key such as `12.2.x-scala2.12` selects the same runtime in each
   * environment.
   * @throws ConstructError BAD_SPARK_VERSION
   * @example
   * SparkVersion.of("12.2.x-scala2.12");
   */
  static of(key: string): SparkVersion {
    if (!/^(custom:|apache-spark-|dlt:)?[\w.-]+$/.test(key) || !/\d/.test(key)) {
      throw new ConstructError("BAD_SPARK_VERSION", "not a Databricks Runtime version key", {
        path: callerPosition(),
        value: key,
        allowed: "12.2.x-scala2.12, 15.4.x-cpu-ml-scala2.12, custom:…",
        fix: "list the keys: lakeform api GET 2.1/clusters/spark-versions",
      });
    }
    return new SparkVersion(key);
  }

  /** The newest runtime that meets the requirements. Terraform looks it up in the workspace. */
  static matching(scope: Construct, id: string, features: SparkVersionFeatures): SparkVersion {
    return new SparkVersion(new DataDatabricksSparkVersion(scope, id, features).id);
  }

  /** Prevents objects of other classes from being accepted as a version. */
  readonly #brand = "SparkVersion";
  private constructor(readonly key: string) {}

  toString(): string {
    return this.key;
  }

  toJSON(): string {
    // Always true: an unused private field would be a compile error.
    return this.#brand === "SparkVersion" ? this.key : "";
  }
}
