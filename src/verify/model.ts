/** The report of the verifier: a value that is computed once and rendered by pure functions. Its JSON form is `docs/schemas/verify-report.schema.json`. */

/** Worst first: the status of a resource is the first of these that one of its findings has. */
export const statuses = ["error", "missing", "drift", "unmanaged", "pending", "ignored", "unverifiable", "match"] as const;
export type Status = (typeof statuses)[number];

/** A value as it is shown: never a secret. Absent = the side has no such value. */
export type Shown = string | number | boolean | null | readonly Shown[] | { readonly [field: string]: Shown };

/** One difference, or one thing that could not be compared. */
export interface Finding {
  readonly status: "drift" | "pending" | "ignored" | "unverifiable";
  /** In the user's terms: `task[transform].new_cluster.num_workers`; `content` for the bytes of a notebook or file. */
  readonly path: string;
  /** The Terraform field path, without keys and indices: `task.new_cluster.num_workers`. */
  readonly field: string;
  /** What the code says now. */
  readonly desired?: Shown;
  /** What was last deployed (record, else state). Absent when it is not known or nothing was set. */
  readonly deployed?: Shown;
  /** What the workspace says. */
  readonly remote?: Shown;
  /** One sentence. */
  readonly reason: string;
  /** Values are not shown because the field holds a secret. */
  readonly sensitive?: true;
  /** True for drift where the code changed as well since the last deploy. */
  readonly both?: true;
  /** Setting it back makes a new object (Terraform would replace). */
  readonly replaces?: true;
  /** For status `ignored`: what it would be without the rule, and the rule (an index into `VerifyReport.ignoreRules`). */
  readonly ignored?: { readonly status: "drift" | "pending"; readonly rule: number };
}

export interface ResourceResult {
  readonly status: Status;
  readonly stack: string;
  /** `databricks_job.pipeline` */
  readonly address: string;
  /** `databricks_job` */
  readonly kind: string;
  /** In words: `job`. */
  readonly title: string;
  /** Construct path, or the address where there are no constructs. */
  readonly path: string;
  /** `stacks/daily-etl.ts:31`, where known. */
  readonly source?: string;
  /** The name people know it by. */
  readonly name?: string;
  /** REST id (state id); absent when it was never deployed. */
  readonly id?: string;
  /** Where to look at it in the browser. */
  readonly link?: string;
  /** Why the status is what it is, for statuses that are not field by field. */
  readonly reason?: string;
  readonly findings: readonly Finding[];
  /** Healing can put the desired content back over REST without a new object. Only ever true for drift and for code that is not deployed. */
  readonly restorable: boolean;
  /** Why it cannot, where something differs. */
  readonly notRestorable?: string;
  /** For jobs with findings: the task graph. */
  readonly tasks?: readonly TaskNode[];
}

export interface TaskNode {
  readonly key: string;
  readonly after: readonly string[];
  /** `removed`: in the code and not in the workspace; `added`: the other way round. */
  readonly state: "match" | "drift" | "pending" | "removed" | "added";
}

/** Something in the workspace that looks like ours and belongs to no state. */
export interface UnmanagedObject {
  readonly status: "unmanaged" | "ignored";
  readonly stack: string;
  readonly kind: string;
  readonly title: string;
  readonly name: string;
  readonly id: string;
  readonly link?: string;
  readonly reason: string;
  /** The command that would remove it. Never run by lakeform. */
  readonly removal: string;
  /** For status `ignored`: index into `VerifyReport.ignoreRules`. */
  readonly rule?: number;
}

/** What was not compared, folded by reason. */
export interface NotChecked {
  readonly what: string;
  readonly reason: string;
  readonly count: number;
  /** The first few addresses or names. */
  readonly examples: readonly string[];
}

/** What could not be read and belongs to no single resource (a list that was refused). Any of these makes the exit code 1. */
export interface ReadFailure {
  readonly stack: string;
  readonly what: string;
  readonly reason: string;
}

export interface IgnoreRuleUse {
  readonly from: string;
  readonly path?: string;
  readonly kind?: string;
  readonly field?: string;
  readonly reason: string;
  readonly expires: string;
  readonly state: "used" | "unused" | "expired";
  readonly count: number;
}

export interface StackSummary {
  readonly name: string;
  readonly project?: string;
  readonly environment?: string;
  /** What "deployed" is taken from. */
  readonly basis: "record" | "state" | "names" | "nothing";
  /** What that basis cannot tell. */
  readonly weaker: readonly string[];
  readonly record?: { readonly deployedAt: string; readonly deployedBy: string; readonly commit?: string; readonly digest?: string };
  readonly resources: number;
}

export interface VerifyReport {
  readonly schema: "lakeform/verify-report";
  readonly version: 1;
  /** ISO time. */
  readonly startedAt: string;
  readonly milliseconds: number;
  /** REST calls made. */
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
  /** 0 everything is as the code says, 2 it is not, 1 something could not be read. */
  readonly exitCode: 0 | 1 | 2;
}

/** 0 only if everything is match, ignored or unverifiable; 1 if anything could not be read, whatever else was found. */
export function exitCodeOf(
  counts: Readonly<Record<Status, number>>,
  failures: readonly ReadFailure[],
  options: { readonly allowPending?: boolean } = {},
): 0 | 1 | 2 {
  if (counts.error > 0 || failures.length > 0) return 1;
  if (counts.drift > 0 || counts.missing > 0 || counts.unmanaged > 0) return 2;
  return counts.pending > 0 && options.allowPending !== true ? 2 : 0;
}

export function worst(found: readonly Status[]): Status {
  return statuses.find((status) => found.includes(status)) ?? "match";
}
