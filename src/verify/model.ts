/**
 * The results of a verification in clear text, and the report that `display()` makes from them. The
 * schema of the report's JSON form is `docs/schemas/verify-report.schema.json`.
 */

import type { Attributes } from "../resources/kind";
import type { Desired } from "./expressions/values";
import type {
  LabelledPath,
  LineDiff,
  ReportRedactor,
  Sentence,
  Shown,
  ShownValue,
} from "./redactor";

/** From worst to best. A resource has the worst status of its findings. */
export const statuses = [
  "error",
  "missing",
  "drift",
  "unmanaged",
  "pending",
  "ignored",
  "unverifiable",
  "match",
] as const;
export type Status = (typeof statuses)[number];

/**
 * One difference, or one field that could not be compared. The path is readable, with keys:
 * `task[transform].new_cluster.num_workers`; `content` for the bytes of a notebook or file.
 */
export interface Finding extends LabelledPath {
  readonly status: "drift" | "pending" | "ignored" | "unverifiable";
  /** The Terraform field path, without keys and indices: `task.new_cluster.num_workers`. */
  readonly field: string;
  /** The value in the code. */
  readonly desired?: Desired;
  /** The last deployed value, from the record or else the state. Absent if unknown or not set. */
  readonly deployed?: Desired;
  /** The value in the workspace. */
  readonly remote?: Desired;
  /** The explanation in one sentence. */
  readonly reason: Sentence;
  /** True if the values are not shown because the field is a secret. */
  readonly sensitive?: true;
  /** True for drift if the code has also changed since the last deploy. */
  readonly both?: true;
  /** True if setting the value back makes Terraform replace the object. */
  readonly replaces?: true;
  /**
   * The line diff of text content. Lines with `+` are from the workspace for drift, and from the
   * code for pending changes.
   */
  readonly diff?: LineDiff;
  /** The parts that the diff omits, or why there is no diff. */
  readonly diffNote?: string;
  /**
   * For status `ignored`: the status without the rule, and the rule (an index into
   * `VerifyReport.ignoreRules`). Absent if `lifecycle.ignore_changes` covers the field.
   */
  readonly ignored?: { readonly status: "drift" | "pending"; readonly rule: number };
}

/** A finding without secrets. */
export interface ShownFinding extends Omit<
  Finding,
  "path" | "label" | "field" | "desired" | "deployed" | "remote" | "reason" | "diff" | "diffNote"
> {
  readonly path: Shown;
  readonly field: Shown;
  readonly desired?: ShownValue;
  readonly deployed?: ShownValue;
  readonly remote?: ShownValue;
  readonly reason: Shown;
  readonly diff?: readonly Shown[];
  readonly diffNote?: Shown;
}

export interface ResourceResult {
  readonly status: Status;
  readonly stack: string;
  /** `databricks_job.pipeline` */
  readonly address: string;
  /** `databricks_job` */
  readonly kind: string;
  /** The readable type: `job`. */
  readonly title: string;
  /** The construct path; the Terraform address if the stack was not built with constructs. */
  readonly path: string;
  /** `stacks/daily-etl.ts:31`, if known. */
  readonly source?: string;
  /** The object's display name. */
  readonly name?: string;
  /** REST id (state id); absent if it was never deployed. */
  readonly id?: string;
  /** The object's page in the browser. */
  readonly link?: string;
  /** The reason for a status that does not come from fields. */
  readonly reason?: Sentence;
  readonly findings: readonly Finding[];
  /**
   * True if healing can write the desired values over REST without replacing the object. Only true
   * for drift and for changes of the code that are not deployed.
   */
  readonly restorable: boolean;
  /** Why healing cannot write the values, if any value differs. */
  readonly notRestorable?: string;
  /** For jobs with findings: the task graph. */
  readonly tasks?: readonly TaskNode[];
  /** For a stack that the code no longer has (kind `stack`): its objects that still exist. */
  readonly objects?: readonly ExistingObject[];
}

export interface ExistingObject<Text = string> {
  readonly kind: string;
  readonly title: string;
  readonly address: Text;
  readonly name?: Text;
  readonly id: Text;
  readonly link?: Text;
}

export interface ShownResult extends Omit<
  ResourceResult,
  | "address"
  | "path"
  | "source"
  | "name"
  | "id"
  | "link"
  | "reason"
  | "findings"
  | "notRestorable"
  | "tasks"
  | "objects"
> {
  readonly address: Shown;
  readonly path: Shown;
  readonly source?: Shown;
  readonly name?: Shown;
  readonly id?: Shown;
  readonly link?: Shown;
  readonly reason?: Shown;
  readonly findings: readonly ShownFinding[];
  readonly notRestorable?: Shown;
  readonly tasks?: readonly TaskNode<Shown>[];
  readonly objects?: readonly ExistingObject<Shown>[];
}

export interface TaskNode<Text = string> {
  readonly key: Text;
  /** The keys of the tasks that the task depends on. */
  readonly after: readonly Text[];
  /** `removed`: in the code but not in the workspace; `added`: the reverse. */
  readonly state: "match" | "drift" | "pending" | "removed" | "added";
}

/**
 * An object in the workspace that is in no state. Unless all objects are searched (`--unmanaged
 * all`), a stack may have created it.
 */
export interface UnmanagedObject<Text = string> {
  readonly status: "unmanaged" | "ignored";
  /** The stack that may have created the object; "" if there is none. */
  readonly stack: string;
  readonly kind: string;
  readonly title: string;
  readonly name: Text;
  readonly id: Text;
  readonly link?: Text;
  readonly reason: Text;
  /** The command that would remove it. lakeform never runs it. */
  readonly removal: Text;
  /** For status `ignored`: index into `VerifyReport.ignoreRules`. */
  readonly rule?: number;
}

/** A group of fields or objects that were not checked for the same reason. */
export interface NotChecked<Text = string, Reason = Sentence> {
  /** The fields or objects that were not checked. */
  readonly what: Text;
  readonly reason: Reason;
  /** Number of such fields or objects. */
  readonly count: number;
  /** Addresses or names of the first ones; all of them if the workspace did not respond. */
  readonly examples: readonly Text[];
}

/**
 * A failed read that belongs to no single resource (such as a rejected list). Any of these makes
 * the exit code 1.
 */
export interface ReadFailure<Text = string, Reason = Sentence> {
  /** The name of the stack; "" if the failure concerns all stacks. */
  readonly stack: string;
  /** The list or object that could not be read. */
  readonly what: Text;
  readonly reason: Reason;
}

export interface IgnoreRuleUse<Text = string> {
  /** Its location: `lakeform.ignore.yaml: rule 3`, or `daily-etl: ignore 1` (of a stack). */
  readonly from: Text;
  readonly path?: Text;
  readonly kind?: Text;
  readonly field?: Text;
  readonly reason: Text;
  /** ISO date of the last day. */
  readonly expires: string;
  readonly state: "used" | "unused" | "expired";
  /** Number of findings that the rule covers. */
  readonly count: number;
}

export interface StackSummary<Text = string> {
  readonly name: string;
  readonly project?: string;
  readonly environment?: string;
  /**
   * Where the deployed values come from: `record`: the deployment record; `state`: Terraform's
   * state, because there is no usable record; `names`: they are unknown, because the objects were
   * found by name; `nothing`: nothing was deployed.
   */
  readonly basis: "record" | "state" | "names" | "nothing";
  /** Notes for the reader on what the verification of this stack cannot determine. */
  readonly weaker: readonly Text[];
  readonly record?: {
    readonly deployedAt: Text;
    readonly deployedBy: Text;
    readonly commit?: Text;
    readonly digest?: Text;
  };
  readonly resources: number;
}

/** The content of a report in clear text. It is never written or shown. */
export interface RawReport {
  readonly schema: "lakeform/verify-report";
  readonly version: 1;
  /** ISO time. */
  readonly startedAt: string;
  readonly milliseconds: number;
  /** Number of REST calls. */
  readonly calls: number;
  readonly host: string;
  readonly deep: boolean;
  readonly stacks: readonly StackSummary[];
  readonly counts: Readonly<Record<Status, number>>;
  readonly resources: readonly ResourceResult[];
  readonly unmanaged: readonly UnmanagedObject[];
  readonly failures: readonly ReadFailure[];
  readonly notChecked: readonly NotChecked[];
  readonly ignoreRules: readonly IgnoreRuleUse[];
  /** 0 the workspace matches the code, 2 it does not, 1 something could not be read. */
  readonly exitCode: 0 | 1 | 2;
}

/** The report without secrets: the only input of renderers. */
export interface VerifyReport extends Omit<
  RawReport,
  "stacks" | "resources" | "unmanaged" | "failures" | "notChecked" | "ignoreRules"
> {
  readonly stacks: readonly StackSummary<Shown>[];
  readonly resources: readonly ShownResult[];
  readonly unmanaged: readonly UnmanagedObject<Shown>[];
  readonly failures: readonly ReadFailure<Shown, Shown>[];
  readonly notChecked: readonly NotChecked<Shown, Shown>[];
  readonly ignoreRules: readonly IgnoreRuleUse<Shown>[];
}

/** Ids by type. */
export type ObjectIds = Readonly<Record<string, readonly string[]>>;

/**
 * The results for a command. Only the report may be shown or written; the other values are in clear
 * text.
 */
export interface Verification {
  readonly report: VerifyReport;
  /** The report in clear text, for healing, review and adopting drift. */
  readonly raw: RawReport;
  readonly redactor: ReportRedactor;
  readonly values: (stack: string, address: string) => ResourceValues | undefined;
  /**
   * Returns the reason why the state of a stack may differ from the workspace, in one line without
   * values; undefined if `compareState` has confirmed every object in it.
   */
  readonly staleReason: (stack: string) => Shown | undefined;
  /**
   * With `recordVersions`: the versions of a stack's objects that match the code, by address.
   */
  readonly versions: (stack: string) => Readonly<Record<string, string>>;
  /** With `compareState`: the objects of a stack that are equal in the state and the workspace. */
  readonly currentObjects: (stack: string) => ObjectIds;
}

/**
 * Values of a resource that differs, or whose values were requested; with resolved references and
 * secrets in clear text.
 */
export interface ResourceValues {
  /** The value in the code. */
  readonly desired: Attributes;
  /** The value that the last deploy wrote; undefined if unknown. */
  readonly deployed: Attributes | undefined;
}

export function countByStatus(
  items: Iterable<{ readonly status: Status }>,
): Record<Status, number> {
  const counts = Object.fromEntries(statuses.map((status) => [status, 0])) as Record<
    Status,
    number
  >;
  for (const { status } of items) counts[status] += 1;
  return counts;
}

/**
 * Returns 0 only if everything is match, ignored or unverifiable (or pending, with `allowPending`);
 * 1 if anything could not be read, regardless of other findings.
 */
export function exitCodeOf(
  counts: Readonly<Record<Status, number>>,
  failures: readonly unknown[],
  options: { readonly allowPending?: boolean } = {},
): 0 | 1 | 2 {
  if (counts.error > 0 || failures.length > 0) return 1;
  if (counts.drift > 0 || counts.missing > 0 || counts.unmanaged > 0) return 2;
  return counts.pending > 0 && options.allowPending !== true ? 2 : 0;
}

export function worst(items: readonly Status[]): Status {
  return statuses.find((status) => items.includes(status)) ?? "match";
}
