/**
 * The data model of a review: plain data, created by {@link review} and drawn by the renderers. It
 * is also the JSON output (`docs/schemas/review.schema.json`), so changing the meaning of a field
 * requires a new `version`. Contains no secrets: sensitive values are already replaced by markers.
 */

/** A JSON value; unknown and sensitive values are {@link Marker} objects. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [field: string]: Json };

/** Replaces a value that cannot be shown. */
export type Marker =
  /**
   * Known only after the apply; `from` is the expression in the code, e.g. `databricks_job.x.id`.
   * `after`: the stacks that are applied before this one is planned again with the value.
   */
  | { readonly $lakeform: "unknown"; readonly from?: string; readonly after?: string }
  /** Sensitive: never shown; `from` is the expression in the code, e.g. `var.api_token`. */
  | { readonly $lakeform: "sensitive"; readonly from?: string };

export type Action =
  "create" | "update" | "replace" | "delete" | "forget" | "import" | "move" | "read";

/** One field that differs. */
export interface FieldChange {
  /** Readable path with list elements by key: `task[ingest].new_cluster.num_workers`. */
  readonly path: string;
  /** Path in the Terraform schema, without keys: `task.new_cluster.num_workers`. */
  readonly field: string;
  readonly kind: "added" | "removed" | "changed" | "reordered";
  /** Absent if the field was added. */
  readonly before?: Json;
  /** Absent if the field was removed. */
  readonly after?: Json;
  /** A unified diff, if one value has several lines (SQL, JSON, a notebook's source). */
  readonly diff?: string;
  /** Set if this field makes Terraform replace the object. */
  readonly forces?: true;
}

export interface ResourceChange {
  readonly address: string;
  readonly type: string;
  /** The construct path, or the address if there is none. */
  readonly path: string;
  /** Where the code declares it: `stacks/daily-etl.ts:31`. */
  readonly source?: string;
  /** The object's name in the workspace, if known. */
  readonly title?: string;
  readonly action: Action;
  /** The address before a `moved` block took effect. */
  readonly movedFrom?: string;
  /**
   * Set if an `import` block imports the object. The deploy then also makes the shown change; with
   * the action `import`, it writes the object without changing it.
   */
  readonly imported?: true;
  /** The state id of the changed or destroyed object. */
  readonly id?: string;
  /** Why Terraform replaces or deletes the object, as a phrase. */
  readonly reason?: string;
  /** Paths of the fields that force a replacement. */
  readonly forcedBy: readonly string[];
  readonly fields: readonly FieldChange[];
  /** Names of the fields that the code does not set and the provider fills in during the apply. */
  readonly computed: readonly string[];
}

/**
 * A block of the stack that is not a resource but, for example, configures one: `provisioner`,
 * `provider`, `backend`, `moved`, `check`, `lifecycle`, … A review lists those that differ from the
 * last deployed stack and those that have an effect in this deploy.
 */
export interface BlockChange {
  /**
   * Terraform's name of the block; `lakeform` for the stack's own metadata, `file` for other files
   * that Terraform reads.
   */
  readonly kind: string;
  /** Identifies the block: `terraform_data.x.provisioner[0]`. */
  readonly name: string;
  /** The construct path, or the name. */
  readonly path: string;
  /** The comparison with the last deployed stack; `new` if that stack is unknown. */
  readonly state: "new" | "changed" | "removed" | "same";
  /** Its effect in this deploy: `runs when the object is created`. */
  readonly effect?: string;
  /** The differences; the complete content if the block is new or unchanged. */
  readonly fields: readonly FieldChange[];
}

/** The same change to several resources, which is shown once. A single change is a group of one. */
export interface ChangeGroup {
  readonly action: Action;
  readonly type: string;
  /** Indices into {@link StackReview.changes}; the first one is drawn. */
  readonly members: readonly number[];
  /** Paths of fields in which the members differ (their names); all others are equal. */
  readonly differing?: readonly string[];
}

export type FlagKind =
  | "inherited"
  | "commands"
  | "exposed"
  | "other-providers"
  | "terraform"
  | "in-use"
  | "stateful"
  | "history"
  | "permissions"
  | "run-as"
  | "secrets"
  | "schedule"
  | "compute"
  | "drift-overwritten"
  | "left-out"
  | "not-healed"
  | "renamed";

/** A danger, counted and shown at the top. */
export interface Flag {
  readonly kind: FlagKind;
  readonly title: string;
  readonly items: readonly {
    readonly path: string;
    readonly address: string;
    readonly text: string;
  }[];
}

/** A value that a list element has only because another element was at its position. */
export interface InheritedValue {
  readonly address: string;
  readonly path: string;
  /** Path of the field that has the value: `task[c].run_if`. */
  readonly field: string;
  readonly value: Json;
  /** The element that the value comes from: `task[b]`. */
  readonly from: string;
}

/** A difference between code and workspace that Terraform's plan does not show. */
export interface LeftOut {
  readonly address: string;
  readonly path: string;
  readonly field: string;
  /**
   * `code`: changed in the code since the last deploy, but not planned; `workspace`: changed in the
   * workspace, but not detected by the plan.
   */
  readonly cause: "code" | "workspace";
  readonly before?: Json;
  readonly after?: Json;
  /** True if `lakeform deploy --heal` resolves it. */
  readonly heals: boolean;
  /** What to do if healing does not resolve it. */
  readonly manual?: string;
}

/** A change made in the workspace that this deploy reverts. */
export interface Overwritten {
  readonly address: string;
  readonly path: string;
  readonly field: string;
  /** The value in the workspace. */
  readonly remote?: Json;
  /** The value after the deploy. */
  readonly after?: Json;
}

export interface Rename {
  readonly type: string;
  /** The address of the object that would be destroyed. */
  readonly from: string;
  /** The address of the object that would be created. */
  readonly to: string;
  /** Why it is probably the same object. */
  readonly because: string;
  /** The `moved` block in HCL. Code with constructs uses `moveFromId` instead. */
  readonly moved: string;
}

export interface GraphNode {
  readonly key: string;
  readonly state: "same" | "added" | "removed" | "changed";
  /** The type of the task: notebook, spark python, sql, … */
  readonly kind: string;
}
export interface GraphEdge {
  /** The key of the task that runs first. */
  readonly from: string;
  /** The key of the task that depends on it. */
  readonly to: string;
  readonly state: "same" | "added" | "removed";
  /** Outcome of the condition task on which the task depends: `true` or `false`. */
  readonly outcome?: string;
}
/** The tasks of one job before and after, in one graph. */
export interface TaskGraph {
  readonly address: string;
  readonly path: string;
  readonly title: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export interface ResourceNode {
  /** The address without the key of `count` or `for_each`. */
  readonly address: string;
  readonly type: string;
  readonly path: string;
}
/** All resources of a stack and their dependencies: `to` uses `from`. */
export interface ResourceGraph {
  readonly nodes: readonly ResourceNode[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

export type Severity = "error" | "warning" | "info";

/** A finding of a policy or the secret scan. */
export interface Finding {
  /** The id of the policy, or `secret-scan`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly address: string;
  readonly path: string;
  /** Where the code declares the resource: `stacks/daily-etl.ts:31`. */
  readonly source?: string;
  /** Field path, or `file:line` of a notebook. */
  readonly where?: string;
  readonly message: string;
  readonly fix: string;
  /** Page in lakeform's documentation: `docs/policies/pinned-spark-version.md`. */
  readonly docs: string;
  /**
   * Set if a valid suppression or allowance covers the finding: it is reported, but does not fail
   * the review. `expires` is an ISO date, or `never` for an allowance without one.
   */
  readonly suppressed?: { readonly reason: string; readonly expires: string };
}

/** A suppression or allowance that has no effect. */
export interface StaleSuppression {
  /** The construct path, or the glob of the allowance. */
  readonly path: string;
  readonly rule: string;
  readonly reason: string;
  /** ISO date of the last day. */
  readonly expires: string;
  readonly state: "expired" | "unused";
}

export interface Counts {
  readonly create: number;
  readonly update: number;
  readonly replace: number;
  readonly delete: number;
  /**
   * Objects imported unchanged; an imported object that also changes counts as an update or
   * replacement.
   */
  readonly import: number;
  /** Number of moves, forgotten objects and data reads. */
  readonly other: number;
  readonly unchanged: number;
}

export interface StackReview {
  readonly stack: string;
  readonly project?: string;
  readonly environment?: string;
  /** The digest of the stack's changes. */
  readonly digest: string;
  readonly counts: Counts;
  /** The dangers of the changes, such as lost data. */
  readonly flags: readonly Flag[];
  readonly changes: readonly ResourceChange[];
  /** Resources with equal changes, which text reports show once. */
  readonly groups: readonly ChangeGroup[];
  readonly outputs: readonly FieldChange[];
  readonly blocks: readonly BlockChange[];
  /** The task graphs of the changed jobs. */
  readonly graphs: readonly TaskGraph[];
  readonly resourceGraph: ResourceGraph;
  readonly inherited: readonly InheritedValue[];
  readonly leftOut: readonly LeftOut[];
  readonly overwritten: readonly Overwritten[];
  readonly renames: readonly Rename[];
  /** The findings of the policies. */
  readonly policies: readonly Finding[];
  /** The findings of the secret scan. */
  readonly secrets: readonly Finding[];
  /** The suppressions that have expired or cover nothing, and the expired allowances. */
  readonly suppressions: readonly StaleSuppression[];
  /** What was not checked, and why. */
  readonly notes: readonly string[];
}

export interface Review {
  readonly format: "lakeform.review";
  readonly version: 1;
  /** `plan`: what Terraform will do; `base`: the differences between two revisions of the code. */
  readonly mode: "plan" | "base";
  /** The revision compared with, in mode `base`. */
  readonly base?: string;
  /** The digest of all stacks' changes; equal only if the effect is the same. */
  readonly digest: string;
  readonly stacks: readonly StackReview[];
}

/** Returns the value if it is a marker. */
export function marker(value: unknown): Marker | undefined {
  if (typeof value !== "object" || value === null || !("$lakeform" in value)) return undefined;
  return value.$lakeform === "unknown" || value.$lakeform === "sensitive"
    ? (value as Marker)
    : undefined;
}

/** True if the plan changes a resource or an output. Data reads are not changes. */
export const hasChanges = (review: Review): boolean =>
  review.stacks.some(
    ({ changes, outputs }) => outputs.length > 0 || changes.some(({ action }) => action !== "read"),
  );
