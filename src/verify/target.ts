import type { StackMetadata } from "../terraform/metadata";
import type { DeploymentRecord, InheritedValues } from "./deployed/record";
import type { StateEntry } from "./deployed/state-index";
import type { LongState, PlanJson, SynthesizedStack } from "./input";

/** A stack whose outputs another stack uses: its state or, without one, its deployment record. */
export interface UsedStack {
  readonly directory: string;
  /** The stack's code, which shows where an output comes from. */
  readonly stack: SynthesizedStack;
  readonly state: ReadonlyMap<string, StateEntry>;
  /** The values of its outputs. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly used: ReadonlyMap<string, UsedStack>;
  /** Why values of this stack may be missing. */
  readonly missing: string;
}

/** A project in HCL. */
export interface PlannedProject {
  readonly plan: PlanJson;
  /** A plan of the same code from an empty state: the values that the code itself sets. */
  readonly fresh?: PlanJson;
}

/** One stack to verify. */
export interface VerifyTarget {
  /** The name in the report: `metadata.stack` or the folder's name. */
  readonly name: string;
  /**
   * The folder that relative paths in the configuration are resolved against (Terraform's working
   * directory).
   */
  readonly directory: string;
  readonly metadata?: StackMetadata;
  /** The desired resources: a configuration in JSON, or the plan of a project in HCL. */
  readonly desired: { readonly stack: SynthesizedStack } | PlannedProject;
  /**
   * Reads the state. It is a function so that large states are not in memory at once. It returns
   * undefined if nothing was deployed. Omitted with `byName`, which finds objects by their names.
   */
  readonly state?: () => Promise<LongState | undefined>;
  readonly record?: DeploymentRecord;
  /**
   * The inherited values after the latest apply, which take precedence over those of the record.
   */
  readonly inherited?: InheritedValues;
  /** Further notes for the report on what the verification cannot determine. */
  readonly weaker?: readonly string[];
  /** Why there is no record, for the report, e.g. "no deployment record in the workspace". */
  readonly recordMissing?: string;
  /** The stacks whose outputs this one uses, by name. */
  readonly used?: ReadonlyMap<string, UsedStack>;
  /**
   * The value of a Terraform variable, if known (environment, tfvars). Never printed if the
   * variable is sensitive.
   */
  readonly variable?: (name: string) => string | undefined;
  /** The Terraform workspace. @default "default" */
  readonly workspace?: string;
}
