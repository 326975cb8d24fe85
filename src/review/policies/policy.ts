import type { Inherited } from "../changes/inherited";
import type { Artifact } from "../secrets/scan";
import type { Severity } from "../model";
import type { StackResource } from "../plan/stack";

/** A rule over one resource of the synthesized stack: pure, and a bug in it is a bug, never a finding. */
export interface Policy {
  /** Literal and stable: what suppressions and profiles name. */
  readonly id: string;
  /** What must hold, in one line. */
  readonly title: string;
  /** Unless the profile's `policies` say otherwise. */
  readonly severity: Severity;
  /** Why it matters: two or three sentences, for the docs page. */
  readonly explanation: string;
  readonly fix: string;
  /** Resource types that are looked at. */
  readonly types: readonly string[];
  readonly check: (resource: StackResource, context: PolicyContext) => readonly Breach[];
  /** Configurations (Terraform JSON shape) for the docs page and the tests; `environment` and `settings` where the rule depends on them. */
  readonly examples: { readonly good: Example; readonly bad: Example };
}

export interface Example {
  readonly type: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly environment?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The text of the notebook or file that the resource uploads. */
  readonly content?: string;
  /** What Terraform plans, where that is not simply the configuration. */
  readonly plan?: { readonly before: Readonly<Record<string, unknown>>; readonly after: Readonly<Record<string, unknown>> };
}

export interface Breach {
  /** Field path: `task[ingest].new_cluster.spark_version`. */
  readonly where?: string;
  readonly message: string;
}

export interface PolicyContext {
  readonly environment: string;
  /** The profile sets `production: true`, or the environment's name begins with "prod" and it uses the official provider. */
  readonly production: boolean;
  /** This policy's own settings from the profile: `profileSettings.policies["max-workers"]`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** What the resource uploads, where it is known. */
  readonly artifact?: Artifact;
  /** Values of the plan that only come from another element's position. */
  readonly inherited?: readonly Inherited[];
}
