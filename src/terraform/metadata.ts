/**
 * The metadata of a synthesized stack, in `"//"."lakeform"` of its cdk.tf.json. `constructs/core/`
 * writes it with these types; `src/` reads only this metadata, never the project's TypeScript. It
 * contains no secrets and no absolute paths.
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
   * The workspace of a real environment, from its profile; the local environment has none.
   * Credentials are never stored here.
   */
  readonly host?: string;
  /** A profile of `.databrickscfg`, from the environment's profile. */
  readonly profile?: string;
  /** The value of the tag `lakeform` on resources with tags: `<project>/<stack>`. */
  readonly stamp: string;
  /** Folder of the deployment record in the workspace. */
  readonly recordFolder: string;
  /** Origin of each resource, by Terraform address (`databricks_job.daily-etl_pipeline_3F1C`). */
  readonly resources: Readonly<Record<string, ResourceOrigin>>;
  /** Sensitive Terraform variables, and the environment variables with their values. */
  readonly variables: Readonly<Record<string, { readonly environment: string }>>;
  /** Differences that verify ignores. */
  readonly ignores: readonly IgnoreRule[];
  /** Findings of policies that a review ignores. */
  readonly suppressions: readonly Suppression[];
  /** Profile settings for review and promote (policy severities, allowed differences, …). */
  readonly profileSettings?: Readonly<Record<string, unknown>>;
  /**
   * Paths of uploaded files outside the project's folder, relative to it, with symbolic links
   * resolved.
   */
  readonly filesOutside?: readonly string[];
}

export interface ResourceOrigin {
  /** Construct path, e.g. `daily-etl-local/pipeline`. */
  readonly path: string;
  /** `stacks/daily-etl.ts:31`, relative to the project; absent if unknown. */
  readonly source?: string;
  /** Whether the resource has the stamp. */
  readonly stamped: boolean;
}

export interface IgnoreRule {
  /** Glob over construct paths; absent: all paths. */
  readonly path?: string;
  /** A resource type; absent: all types. */
  readonly kind?: string;
  /** A field path; absent: all fields. */
  readonly field?: string;
  readonly reason: string;
  /** ISO date of the last day. */
  readonly expires: string;
}

export interface Suppression {
  /** Construct path; includes its descendants. */
  readonly path: string;
  /** The name of a policy. */
  readonly rule: string;
  readonly reason: string;
  /** ISO date of the last day. */
  readonly expires: string;
}
