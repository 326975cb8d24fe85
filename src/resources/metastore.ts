/** What the Unity Catalog kinds share. */
import type { Client, ReadClient } from "../api/client";
import { LakeformError } from "../errors";
import type { Attributes, Value } from "./kind";
import { number, object, str, text } from "./wire";

export const unityCatalog = "/api/2.1/unity-catalog";

export interface Assignment {
  readonly metastoreId: string;
  readonly workspaceId: number;
}

export async function currentAssignment(api: ReadClient, signal?: AbortSignal): Promise<Assignment> {
  const answer = object(await api.get(`${unityCatalog}/current-metastore-assignment`, { signal }));
  return { metastoreId: text(answer.metastore_id) ?? "", workspaceId: number(answer.workspace_id) ?? 0 };
}

/**
 * An object must belong to the metastore of the workspace that is spoken to: otherwise a change would go to an object of the same name elsewhere.
 * The official provider asks before each update and delete.
 */
export async function checkMetastore(api: ReadClient, attributes: Attributes, signal?: AbortSignal): Promise<Assignment> {
  const assignment = await currentAssignment(api, signal);
  const wanted = str(attributes, "metastore_id");
  if (wanted !== "" && wanted !== assignment.metastoreId) {
    throw new LakeformError("OTHER_METASTORE", "the object belongs to another metastore than the workspace", {
      value: `metastore ${wanted}, the workspace has ${assignment.metastoreId}`,
      fix: "use the provider configuration of a workspace of that metastore",
    });
  }
  return assignment;
}

/** The fields that differ between two states; zero and null are the same. */
export function changed(prior: Attributes, planned: Attributes, fields: readonly string[]): boolean {
  const plain = (value: Value | undefined): string => JSON.stringify(value === undefined || value === "" || value === false ? null : value);
  return fields.some((field) => plain(prior[field]) !== plain(planned[field]));
}

/** The owner changes in a call of its own, before anything else. */
export async function updateOwner(api: Client, url: string, prior: Attributes, planned: Attributes, signal?: AbortSignal): Promise<void> {
  const owner = str(planned, "owner");
  if (owner !== "" && owner !== str(prior, "owner")) await api.patch(url, { owner }, { idempotent: true, signal });
}

/** Names are compared without case. */
export const sameName = (a: Value, b: Value): boolean =>
  typeof a === "string" && typeof b === "string" && a.toLowerCase() === b.toLowerCase();

/** A storage path is the same with and without a slash at the end; one that the platform chose stays when the configuration says nothing. */
export function sameStorage(before: Value, after: Value): boolean {
  if (after === null || after === "") return true;
  return typeof before === "string" && typeof after === "string" && before.replace(/\/+$/, "") === after.replace(/\/+$/, "");
}

/** The platform's own properties, which nobody configured. Source: the vendor's test server, which writes down what it saw. */
export function onlyManagedProperties(value: Value): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).every((key) => key.startsWith("unity.catalog.managed."))
  );
}
