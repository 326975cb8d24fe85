/** What the Unity Catalog kinds share. */
import type { Client, ReadClient } from "../../api/client";
import { LakeformError } from "../../errors";
import { isApiError } from "../../api/transport/errors";
import { orMissing } from "./or-missing";
import type { Attributes, Value } from "../kind";
import { isZeroValue } from "../shape/shape";
import { idText, object, str, text, type Json } from "../shape/json";

export const unityCatalog = "/api/2.1/unity-catalog";

async function currentAssignment(api: ReadClient, signal?: AbortSignal): Promise<Json> {
  return object(await api.get(`${unityCatalog}/current-metastore-assignment`, { signal }));
}

/** The id of the workspace, in digits. */
export async function currentWorkspace(api: ReadClient, signal?: AbortSignal): Promise<string> {
  return idText((await currentAssignment(api, signal)).workspace_id, "workspace_id");
}

/**
 * An object must belong to the metastore of the workspace that is spoken to: otherwise a change would go to an object of the same name elsewhere.
 * The official provider asks before each update and delete.
 */
export async function checkMetastore(api: ReadClient, attributes: Attributes, signal?: AbortSignal): Promise<void> {
  const wanted = str(attributes, "metastore_id");
  if (wanted === "") return;
  const current = text((await currentAssignment(api, signal)).metastore_id) ?? "";
  if (wanted !== current) {
    throw new LakeformError("OTHER_METASTORE", "the object belongs to another metastore than the workspace", {
      value: `metastore ${wanted}, the workspace has ${current}`,
      fix: "use the provider configuration of a workspace of that metastore",
    });
  }
}

/** Whether anything but these fields differs; zero and null are the same. */
export function changedBesides(prior: Attributes, planned: Attributes, except: readonly string[]): boolean {
  const plain = (value: Value | undefined): string => (isZeroValue(value) ? "" : JSON.stringify(value));
  return Object.keys(planned).some(
    (field) => field !== "timeouts" && !except.includes(field) && plain(prior[field]) !== plain(planned[field]),
  );
}

/**
 * An update as the official provider makes it: the owner changes in a call of its own before anything else, and goes back when the rest is refused. A
 * comment that is taken away is sent as "".
 * @param sent what is sent besides: all that can be changed, whether it did or not
 * @param renamed where the object is read when `sent` has a new name: a second rename finds the old name gone
 */
export async function updateSecurable(
  api: Client,
  url: string,
  {
    prior,
    planned,
    sent,
    renamed,
  }: { prior: Attributes; planned: Attributes; sent: Record<string, unknown>; renamed?: string | undefined },
  signal?: AbortSignal,
): Promise<void> {
  const [was, owner] = [str(prior, "owner"), str(planned, "owner")];
  if (owner !== "" && owner !== was) await api.patch(url, { owner }, { idempotent: true, signal });
  if (!changedBesides(prior, planned, ["owner"])) return;
  const again = renamed === undefined ? { idempotent: true } : { recover: () => orMissing(api.get(renamed, { signal }), (found) => found) };
  const uncommented = str(prior, "comment") !== "" && str(planned, "comment") === "";
  try {
    await api.patch(url, { ...sent, ...(uncommented ? { comment: "" } : {}) }, { ...again, signal });
  } catch (error) {
    if (owner !== "" && owner !== was && isApiError(error)) await api.patch(url, { owner: was }, { idempotent: true });
    throw error;
  }
}

/** Names are compared without case. */
export const sameName = (a: Value, b: Value): boolean =>
  typeof a === "string" && typeof b === "string" && a.toLowerCase() === b.toLowerCase();

/** A storage path is the same with and without a slash at the end. */
export function sameStorage(before: Value, after: Value): boolean {
  return typeof before === "string" && typeof after === "string" && before.replace(/\/+$/, "") === after.replace(/\/+$/, "");
}

/** One that the platform chose stays when the configuration says nothing. */
export const sameOrNoStorage = (before: Value, after: Value): boolean => after === null || after === "" || sameStorage(before, after);

export const predictiveOptimization = ["DISABLE", "ENABLE", "INHERIT"];

/** The platform's own properties, which nobody configured. Source: the vendor's test server, which writes down what it saw. */
export function onlyManagedProperties(value: Value): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).every((key) => key.startsWith("unity.catalog.managed."))
  );
}
