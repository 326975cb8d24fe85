/**
 * What a review is: plain data, made by {@link review} and drawn by the renderers. It is also the JSON output (`docs/schemas/review.schema.json`), so a
 * change of a field's meaning is a new `version`. Nothing in here is a secret: sensitive values are markers before they get here.
 */

/** A JSON value; unknown and sensitive values are {@link Marker} objects. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [field: string]: Json };

/** Stands where a value cannot be shown. */
export type Marker =
  /**
   * Known only after the apply; `from` is the expression in the code, e.g. `databricks_job.x.id`. `after`: the stacks that are applied before this one is
   * planned again, with the value filled in.
   */
  | { readonly $lakeform: "unknown"; readonly from?: string; readonly after?: string }
  /** Sensitive: never shown; `from` is the expression in the code, e.g. `var.api_token`. */
  | { readonly $lakeform: "sensitive"; readonly from?: string };

export type Action = "create" | "update" | "replace" | "delete" | "forget" | "import" | "move" | "read";

/** One field that differs. `before` and `after` are absent where the field is. */
export interface FieldChange {
  /** For people, list elements by key: `task[ingest].new_cluster.num_workers`. */
  readonly path: string;
  /** As in the Terraform schema, without keys: `task.new_cluster.num_workers`. */
  readonly field: string;
  readonly kind: "added" | "removed" | "changed" | "reordered";
  readonly before?: Json;
  readonly after?: Json;
  /** A long text in unified diff form, where both sides are texts of several lines (SQL, JSON, a notebook's source). */
  readonly diff?: string;
  /** Set where this field makes Terraform replace the object. */
  readonly forces?: true;
}

export interface ResourceChange {
  readonly address: string;
  readonly type: string;
  /** The construct path, or the address where the stack does not say. */
  readonly path: string;
  /** `stacks/daily-etl.ts:31` */
  readonly source?: string;
  /** The object's name in the workspace, where one is known. */
  readonly title?: string;
  readonly action: Action;
  /** The address before a `moved` block took effect. */
  readonly movedFrom?: string;
  /** The object is not in the state yet: it is taken over (an `import` block), and then changed as told; with the action `import`, written once more as it is. */
  readonly imported?: true;
  /** The state id of the object that is changed or destroyed. */
  readonly id?: string;
  /** Why Terraform replaces or deletes it, in words. */
  readonly reason?: string;
  /** Paths of the fields that force a replacement. */
  readonly forcedBy: readonly string[];
  readonly fields: readonly FieldChange[];
  /** Fields that the provider fills in at apply and the code does not set: names only. */
  readonly computed: readonly string[];
}

/**
 * A block of the stack that is no resource, or steers one: `provisioner`, `provider`, `backend`, `moved`, `check`, `lifecycle`, … It differs from the stack
 * that was deployed last, or it has an effect in this deploy.
 */
export interface BlockChange {
  /** Terraform's name of such blocks; `lakeform` for what the stack says of itself, `file` for what else lies where Terraform runs. */
  readonly kind: string;
  /** `terraform_data.x.provisioner[0]` */
  readonly name: string;
  /** The construct path, or the name. */
  readonly path: string;
  /** Against the stack that was deployed last; `new` as well where nothing is known of it. */
  readonly state: "new" | "changed" | "removed" | "same";
  /** What it does in this deploy: `runs when the object is created`. */
  readonly effect?: string;
  /** What differs; all that it says where it is new or the same. */
  readonly fields: readonly FieldChange[];
}

/** The same change on many resources, told once. A single change is a group of one. */
export interface ChangeGroup {
  readonly action: Action;
  readonly type: string;
  /** Indices into {@link StackReview.changes}; the first is the one that is drawn. */
  readonly members: readonly number[];
  /** Paths of fields in which the members differ (their names); everything else is the same. */
  readonly differing?: readonly string[];
}

export type FlagKind =
  | "inherited"
  | "commands"
  | "exposed"
  | "other-providers"
  | "terraform"
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

/** A danger, counted and shown above the fold. */
export interface Flag {
  readonly kind: FlagKind;
  readonly title: string;
  readonly items: readonly { readonly path: string; readonly address: string; readonly text: string }[];
}

/** A value that an element of a list only gets because another element stood at its position. */
export interface InheritedValue {
  readonly address: string;
  readonly path: string;
  /** `task[c].run_if` */
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
  /** `code`: changed in the code since the last deploy, yet not planned; `workspace`: changed in the workspace, and not seen by the plan. */
  readonly cause: "code" | "workspace";
  readonly before?: Json;
  readonly after?: Json;
  /** `lakeform deploy --heal` puts it right. */
  readonly heals: boolean;
  /** What can be done instead, where healing does nothing. */
  readonly manual?: string;
}

/** A difference that somebody made in the workspace and that this deploy takes back. */
export interface Overwritten {
  readonly address: string;
  readonly path: string;
  readonly field: string;
  readonly remote?: Json;
  readonly after?: Json;
}

export interface Rename {
  readonly type: string;
  readonly from: string;
  readonly to: string;
  /** Why it looks like the same thing. */
  readonly because: string;
  /** HCL; the construct's way is `moveFromId`. */
  readonly moved: string;
}

export type EdgeState = "same" | "added" | "removed" | "rewired";

export interface GraphNode {
  readonly key: string;
  readonly state: "same" | "added" | "removed" | "changed";
  /** notebook, python, sql, … */
  readonly kind: string;
}
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly state: "same" | "added" | "removed";
  /** `true` or `false` of a condition task. */
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

export type Severity = "error" | "warning" | "info";

/** What a policy or the secret scan found. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly address: string;
  readonly path: string;
  readonly source?: string;
  /** Field path, or `file:line` of a notebook. */
  readonly where?: string;
  readonly message: string;
  readonly fix: string;
  /** Page in the docs, relative to the project: `docs/policies/pinned-spark.md`. */
  readonly docs: string;
  /** Covered by a suppression that is still good: reported, and it does not fail the review. */
  readonly suppressed?: { readonly reason: string; readonly expires: string };
}

/** A suppression that has no effect any more. */
export interface StaleSuppression {
  readonly path: string;
  readonly rule: string;
  readonly reason: string;
  readonly expires: string;
  readonly state: "expired" | "unused";
}

export interface Counts {
  readonly create: number;
  readonly update: number;
  readonly replace: number;
  readonly delete: number;
  /** Objects that are taken over as they are; one that changes as well counts as an update or a replacement. */
  readonly import: number;
  /** move, forget and reads of data */
  readonly other: number;
  readonly unchanged: number;
}

export interface StackReview {
  readonly stack: string;
  readonly project?: string;
  readonly environment?: string;
  readonly digest: string;
  readonly counts: Counts;
  readonly flags: readonly Flag[];
  readonly changes: readonly ResourceChange[];
  readonly groups: readonly ChangeGroup[];
  readonly outputs: readonly FieldChange[];
  readonly blocks: readonly BlockChange[];
  readonly graphs: readonly TaskGraph[];
  readonly inherited: readonly InheritedValue[];
  readonly leftOut: readonly LeftOut[];
  readonly overwritten: readonly Overwritten[];
  readonly renames: readonly Rename[];
  readonly policies: readonly Finding[];
  readonly secrets: readonly Finding[];
  readonly suppressions: readonly StaleSuppression[];
  /** What was not looked at, and why: a review never passes over something in silence. */
  readonly notes: readonly string[];
}

export interface Review {
  readonly format: "lakeform.review";
  readonly version: 1;
  /** `plan`: what Terraform will do; `base`: what differs between two revisions of the code. */
  readonly mode: "plan" | "base";
  /** The revision compared with, in mode `base`. */
  readonly base?: string;
  /** Over the meaning of all stacks' changes: equal exactly when the same will happen. */
  readonly digest: string;
  readonly stacks: readonly StackReview[];
}

export function marker(value: unknown): Marker | undefined {
  if (typeof value !== "object" || value === null || !("$lakeform" in value)) return undefined;
  return value.$lakeform === "unknown" || value.$lakeform === "sensitive" ? (value as Marker) : undefined;
}

/** True when deploying would do something (reads of data apart). */
export const hasChanges = (review: Review): boolean =>
  review.stacks.some(({ changes, outputs }) => outputs.length > 0 || changes.some(({ action }) => action !== "read"));
