/**
 * The metadata of a synthesized stack in `"//"."lakeform"` of its cdk.tf.json. Written by
 * `constructs/core/`; `constructs/` takes these types; `src/` reads only this, never the TypeScript
 * of the project. It contains no secrets and no absolute paths.
 */
export interface StackMetadata {
  readonly version: 1;
  readonly project: string;
  readonly environment: string;
  /** `<name>-<environment>` */
  readonly stack: string;
  /**
   * The provider that Terraform uses: the one in this package, or databricks/databricks from the
   * registry.
   */
  readonly provider: "embedded" | "official";
  /**
   * The workspace of a real environment, from the profile; the local environment has none.
   * Credentials are never here.
   */
  readonly host?: string;
  /** A profile of `.databrickscfg`, from the environment's profile. */
  readonly profile?: string;
  /** The value of the tag `lakeform` on resources with tags: `<project>/<stack>`. */
  readonly stamp: string;
  /** Folder of the deployment record in the workspace. */
  readonly recordFolder: string;
  /** By Terraform address (`databricks_job.daily-etl_pipeline_3F1C`). */
  readonly resources: Readonly<Record<string, ResourceOrigin>>;
  /** Sensitive Terraform variables and the environment variables of their values. */
  readonly variables: Readonly<Record<string, { readonly environment: string }>>;
  readonly ignores: readonly IgnoreRule[];
  readonly suppressions: readonly Suppression[];
  /** Data of the profile for review and promote (policy severities, allowed differences, …). */
  readonly profileSettings?: Readonly<Record<string, unknown>>;
  /** Uploaded files that are not in the project's folder, relative to it, links resolved. */
  readonly filesOutside?: readonly string[];
}

export interface ResourceOrigin {
  /** Construct path, e.g. `daily-etl-local/pipeline`. */
  readonly path: string;
  /** `stacks/daily-etl.ts:31` relative to the project; absent when not known. */
  readonly source?: string;
  /** Carries the stamp. */
  readonly stamped: boolean;
}

export interface IgnoreRule {
  /** Glob over construct paths; absent = all. */
  readonly path?: string;
  readonly kind?: string;
  readonly field?: string;
  readonly reason: string;
  /** ISO date, inclusive. */
  readonly expires: string;
}

export interface Suppression {
  /** Construct path, its descendants included. */
  readonly path: string;
  readonly rule: string;
  readonly reason: string;
  readonly expires: string;
}
