/** What a list, or nothing at all, says about a resource: whether it has to be read by itself. */
import { traitsOf } from "../../resources";
import type { Remote } from "../../resources/kind";
import type { Expected } from "../desired/expected";
import { asList } from "../fields/equal";
import type { Status } from "../model";

export function withoutReading(one: Expected): { readonly status: Status; readonly why: string } | undefined {
  if (one.settled !== undefined) return one.settled;
  if (one.desired === undefined) return { status: "pending", why: "removed from the code, still in the state: a deploy would remove it" };
  if (one.state === undefined && !one.byName) return { status: "pending", why: "not deployed yet" };
  if (one.reader === undefined) return { status: "unverifiable", why: `lakeform cannot read ${one.type}` };
  if (one.byName && one.id === undefined) return { status: "missing", why: "no object of this name in the workspace" };
  if (one.tainted) return { status: "pending", why: "tainted in the state: the next deploy replaces it" };
  if (one.id === undefined) return { status: "error", why: "no id in the state" };
  return undefined;
}

/**
 * A job without task blocks: it has no task, or uses the deprecated shape with the task at the top level. Newer versions of the API return
 * the latter as a list of one task.
 */
export function isSingleTask({ type, desired }: Expected): boolean {
  return traitsOf(type).runs === true && desired !== undefined && desired.task === undefined;
}

/**
 * Whether the listed data can be compared: a job without tasks looks the same in all versions of the API, a task at the top level does not.
 */
export function tellsTheWhole(one: Expected, { attributes }: Remote): boolean {
  return !isSingleTask(one) || (asList(attributes.task).length === 0 && one.desired?.format === undefined);
}
