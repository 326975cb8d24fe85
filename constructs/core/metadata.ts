/**
 * The metadata of a synthesized stack in `"//"."lakeform"` of its cdk.tf.json: verify, review and promote read it instead of the TypeScript.
 * The same shape as `src/terraform/metadata.ts`, which this library does not import; a test compares the two.
 */
export interface StackMetadata {
  readonly version: 1;
  readonly project: string;
  readonly environment: string;
  readonly stack: string;
  readonly provider: "embedded" | "official";
  readonly host?: string;
  readonly profile?: string;
  readonly stamp: string;
  readonly recordFolder: string;
  readonly resources: Readonly<Record<string, ResourceOrigin>>;
  readonly variables: Readonly<Record<string, { readonly environment: string }>>;
  readonly ignores: readonly IgnoreRule[];
  readonly suppressions: readonly Suppression[];
  readonly profileSettings?: Readonly<Record<string, unknown>>;
  readonly filesOutside?: readonly string[];
}

export interface ResourceOrigin {
  readonly path: string;
  readonly source?: string;
  readonly stamped: boolean;
}

export interface IgnoreRule {
  readonly path?: string;
  readonly kind?: string;
  readonly field?: string;
  readonly reason: string;
  readonly expires: string;
}

export interface Suppression {
  readonly path: string;
  readonly rule: string;
  readonly reason: string;
  readonly expires: string;
}
