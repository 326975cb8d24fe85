/** Determines which resources need no read, and which listed objects are complete. */
import { traitsOf } from "../../resources";
import type { Remote } from "../../resources/kind";
import type { Expected } from "../desired/expected";
import { asList } from "../fields/equal";
import type { NotChecked, ResourceResult, Status } from "../model";
import type { Sentence } from "../redactor";

/** The reason why a resource of an unsupported type is not compared. */
export const cannotReadReason = (type: string): string => `lakeform cannot read ${type}`;

/** The reason for all unsupported types in `notChecked` of the report. */
export const unsupportedTypesReason =
  "lakeform does not support them (--with-terraform lets Terraform's own refresh read them)";

/** Groups the resources of unsupported types by type. */
export function unreadKinds(results: readonly ResourceResult[]): readonly NotChecked[] {
  const unread = results.filter(
    ({ status, kind, reason }) => status === "unverifiable" && reason === cannotReadReason(kind),
  );
  return [...new Set(unread.map(({ kind }) => kind))].sort().map((type) => {
    const ofType = unread.filter(({ kind }) => kind === type);
    const examples = ofType.map(({ address }) => address).sort();
    return {
      what: type,
      reason: unsupportedTypesReason,
      count: examples.length,
      examples: examples.slice(0, 3),
    };
  });
}

/** Returns the status of a resource that is known without a call; undefined if it must be read. */
export function statusWithoutReading(
  resource: Expected,
): { readonly status: Status; readonly reason: Sentence } | undefined {
  if (resource.settled !== undefined) return resource.settled;
  if (resource.deposed === true)
    return {
      status: "pending",
      reason: "left over from a failed replacement: the next deploy removes it",
    };
  if (resource.desired === undefined)
    return {
      status: "pending",
      reason: "removed from the code, still in the state: a deploy would remove it",
    };
  if (resource.state === undefined && !resource.byName)
    return { status: "pending", reason: "not deployed yet" };
  if (resource.reader === undefined)
    return { status: "unverifiable", reason: cannotReadReason(resource.type) };
  if (resource.byName && resource.id === undefined)
    return { status: "missing", reason: "no object of this name in the workspace" };
  if (resource.tainted)
    return { status: "pending", reason: "tainted in the state: the next deploy replaces it" };
  if (resource.id === undefined) return { status: "error", reason: "no id in the state" };
  return undefined;
}

/**
 * True for a job without task blocks. It has no task, or has a single task in the deprecated
 * top-level fields, which newer versions of the API return as a list of one task.
 */
export function isSingleTask({ type, desired }: Expected): boolean {
  return traitsOf(type).hasRuns === true && desired !== undefined && desired.task === undefined;
}

/**
 * True if the listed object can be compared. All versions of the API return a job without tasks in
 * the same way, but not a job with a task in top-level fields.
 */
export function isListedObjectComparable(resource: Expected, { attributes }: Remote): boolean {
  return (
    !isSingleTask(resource) ||
    (asList(attributes.task).length === 0 && resource.desired?.format === undefined)
  );
}
