import type { Inherited } from "../changes/inherited";
import type { Artifact } from "../secrets/scan";
import type { Severity } from "../model";
import type { StackResource } from "../plan/stack";

/**
 * A rule for one resource of the synthesized stack. `check` is a pure function that must not throw.
 */
export interface Policy {
  /** Must not change, because suppressions and profiles refer to it. */
  readonly id: string;
  /** The rule in one line. */
  readonly title: string;
  /** The default severity, if the profile's `policies` do not set one. */
  readonly severity: Severity;
  /** Why the rule matters, and what exactly it checks; for the docs page and the HTML review. */
  readonly explanation: string;
  readonly fix: string;
  /**
   * Resource types to check. `terraform` is the `terraform` block, which contains the backend.
   */
  readonly types: readonly string[];
  readonly check: (resource: StackResource, context: PolicyContext) => readonly Breach[];
  /**
   * Configurations in Terraform's JSON syntax for the docs page and the tests, with `environment`
   * and `settings` if the rule depends on them.
   */
  readonly examples: { readonly good: Example; readonly bad: Example };
}

export interface Example {
  readonly type: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly environment?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The text of the notebook or file that the resource uploads. */
  readonly content?: string;
  /**
   * Principals that can read the state's secrets in clear text, besides the deployer and admins.
   */
  readonly stateReaders?: readonly string[];
  /**
   * The values before the change and the planned ones, if the plan differs from `config`. Only the
   * fields that the rule reads.
   */
  readonly plan?: {
    readonly before: Readonly<Record<string, unknown>>;
    readonly after: Readonly<Record<string, unknown>>;
  };
}

/** A violation of the policy. */
export interface Breach {
  /** Field path: `task[ingest].new_cluster.spark_version`. */
  readonly where?: string;
  readonly message: string;
}

export interface PolicyContext {
  readonly environment: string;
  /**
   * The profile's `production`. By default, true if the environment's name starts with "prod" and
   * it uses the official provider.
   */
  readonly production: boolean;
  /** This policy's own settings from the profile: `profileSettings.policies["max-workers"]`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** True for a local workspace, to which the embedded provider deploys. */
  readonly embedded: boolean;
  /**
   * Principals that can read the state's secrets in clear text, besides the deployer and admins, if
   * known.
   */
  readonly stateReaders?: readonly string[];
  /** The uploaded content, if known. */
  readonly artifact?: Artifact;
  /**
   * Planned values that the provider took from the state of another list element, because it
   * matches elements by position.
   */
  readonly inherited?: readonly Inherited[];
}
