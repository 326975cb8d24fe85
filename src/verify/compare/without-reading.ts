/** Decides from a list, or without any call, whether a resource has to be read individually. */
import { traitsOf } from "../../resources";
import type { Remote } from "../../resources/kind";
import type { Expected } from "../desired/expected";
import { asList } from "../fields/equal";
import type { NotChecked, ResourceResult, Status } from "../model";
import type { Sentence } from "../redactor";

/** Why a resource of a kind that lakeform does not have is not compared. */
export const cannotRead = (type: string): string => `lakeform cannot read ${type}`;

/** The common reason of all unsupported types in the list of unchecked parts. */
export const noKindReason =
  "lakeform does not support them (--with-terraform lets Terraform's own refresh read them)";

/** Resources not checked because lakeform does not support their type, by type. */
export function unreadKinds(results: readonly ResourceResult[]): readonly NotChecked[] {
  const unread = results.filter(
    ({ status, kind, reason }) => status === "unverifiable" && reason === cannotRead(kind),
  );
  return [...new Set(unread.map(({ kind }) => kind))].sort().map((name) => {
    const examples = unread.filter(({ kind }) => kind === name).map(({ address }) => address).sort(); // prettier-ignore
    return {
      what: name,
      reason: noKindReason,
      count: examples.length,
      examples: examples.slice(0, 3),
    };
  });
}

export function withoutReading(
  resource: Expected,
): { readonly status: Status; readonly reason: Sentence } | undefined {
  if (resource.settled !== undefined) return resource.settled;
  if (resource.desired === undefined)
    return {
      status: "pending",
      reason: "removed from the code, still in the state: a deploy would remove it",
    };
  if (resource.state === undefined && !resource.byName)
    return { status: "pending", reason: "not deployed yet" };
  if (resource.reader === undefined)
    return { status: "unverifiable", reason: cannotRead(resource.type) };
  if (resource.byName && resource.id === undefined)
    return { status: "missing", reason: "no object of this name in the workspace" };
  if (resource.tainted)
    return { status: "pending", reason: "tainted in the state: the next deploy replaces it" };
  if (resource.id === undefined) return { status: "error", reason: "no id in the state" };
  return undefined;
}

/**
 * A job without task blocks: it has no task, or uses the deprecated shape with the task at the top
 * level. Newer versions of the API return the latter as a list of one task.
 */
export function isSingleTask({ type, desired }: Expected): boolean {
  return traitsOf(type).hasRuns === true && desired !== undefined && desired.task === undefined;
}

/**
 * Whether the listed data can be compared: a job without tasks looks the same in all versions of
 * the API, a task at the top level does not.
 */
export function showsWholeResult(resource: Expected, { attributes }: Remote): boolean {
  return (
    !isSingleTask(resource) ||
    (asList(attributes.task).length === 0 && resource.desired?.format === undefined)
  );
}
