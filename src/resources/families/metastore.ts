/** Code shared by the Unity Catalog kinds. */
import type { Client, ReadClient } from "../../api/client";
import { LakeformError } from "../../errors";
import { clockDifference } from "../../api/transport/clock";
import { isApiError, mayHaveTakenEffect } from "../../api/transport/errors";
import { orMissing } from "./or-missing";
import type { Attributes, PendingCreate, Value } from "../kind";
import { isZeroValue } from "../shape/shape";
import { textOrEmpty } from "../shape/attributes";
import { idText, object, optionalText, type Json } from "../shape/json";

export const unityCatalog = "/api/2.1/unity-catalog";

/** Returns the URL of an object's page in the browser. @param page the path below `/explore/` */
export function explorePage(host: string, fullName: string, page = "data"): string {
  return `${host}/explore/${page}/${fullName.split(".").map(encodeURIComponent).join("/")}`;
}

async function currentAssignment(api: ReadClient, signal?: AbortSignal): Promise<Json> {
  return object(await api.get(`${unityCatalog}/current-metastore-assignment`, { signal }));
}

/** Returns the id of the workspace as a string of digits. */
export async function currentWorkspace(api: ReadClient, signal?: AbortSignal): Promise<string> {
  return idText((await currentAssignment(api, signal)).workspace_id, "workspace_id");
}

/**
 * Rejects an object that belongs to a different metastore than the workspace, because a change
 * would affect the object of the same name in the workspace's metastore. The official provider
 * checks this before each update and delete.
 */
export async function checkMetastore(
  api: ReadClient,
  attributes: Attributes,
  signal?: AbortSignal,
): Promise<void> {
  const metastoreId = textOrEmpty(attributes, "metastore_id");
  if (metastoreId === "") return;
  const current = optionalText((await currentAssignment(api, signal)).metastore_id) ?? "";
  if (metastoreId !== current) {
    throw new LakeformError(
      "OTHER_METASTORE",
      "the object belongs to a different metastore than the workspace",
      {
        value: `metastore ${metastoreId}, the workspace has ${current}`,
        fix: "use the provider configuration of a workspace of that metastore",
      },
    );
  }
}

/** Whether any field except these and `timeouts` differs. Zero and null count as equal. */
export function changedExcept(
  prior: Attributes,
  planned: Attributes,
  except: readonly string[],
): boolean {
  const serialized = (value: Value | undefined): string =>
    isZeroValue(value) ? "" : JSON.stringify(value);
  return Object.keys(planned).some(
    (field) =>
      field !== "timeouts" &&
      !except.includes(field) &&
      serialized(prior[field]) !== serialized(planned[field]),
  );
}

/** The object of a rename, under its new name. */
export interface Renamed {
  readonly url: string;
  readonly id: string;
  /**
   * Identifies the rename in the notes, so that a killed deploy does not create a second object of
   * the new name.
   */
  readonly objectKey: string;
  readonly pending: PendingCreate | undefined;
}

/**
 * Updates a securable like the official provider: a separate call changes the owner first, and
 * restores it if the update is rejected. A removed comment is sent as "".
 * @param update `sent` has the other fields to send: all updatable ones, changed or not. `rename` is
 * set if `sent` has a new name: after a lost response the object is looked up under that name
 */
export async function updateSecurable(
  api: Client,
  url: string,
  {
    prior,
    planned,
    sent,
    rename,
  }: {
    prior: Attributes;
    planned: Attributes;
    sent: Record<string, unknown>;
    rename?: Renamed | undefined;
  },
  signal?: AbortSignal,
): Promise<void> {
  const [previousOwner, owner] = [textOrEmpty(prior, "owner"), textOrEmpty(planned, "owner")];
  if (owner !== "" && owner !== previousOwner)
    await api.patch(url, { owner }, { idempotent: true, signal });
  if (!changedExcept(prior, planned, ["owner"])) return;
  const retryOptions =
    rename === undefined
      ? { idempotent: true }
      : { recover: () => orMissing(api.get(rename.url, { signal }), (response) => response) };
  await rename?.pending?.begin(rename.objectKey, clockDifference(api.host), rename.id);
  const removesComment =
    textOrEmpty(prior, "comment") !== "" && textOrEmpty(planned, "comment") === "";
  try {
    await api.patch(
      url,
      { ...sent, ...(removesComment ? { comment: "" } : {}) },
      { ...retryOptions, signal },
    );
  } catch (error) {
    if (!mayHaveTakenEffect(error)) rename?.pending?.discard();
    if (owner !== "" && owner !== previousOwner && isApiError(error))
      await api.patch(url, { owner: previousOwner }, { idempotent: true });
    throw error;
  }
}

/** Whether two storage paths are equal, regardless of a trailing slash. */
export function sameStorage(before: Value, after: Value): boolean {
  return (
    typeof before === "string" &&
    typeof after === "string" &&
    before.replace(/\/+$/, "") === after.replace(/\/+$/, "")
  );
}

/** Whether two storage paths are equal, or the configuration sets none. */
export const sameOrNoStorage = (before: Value, after: Value): boolean =>
  after === null || after === "" || sameStorage(before, after);

export const predictiveOptimization = ["DISABLE", "ENABLE", "INHERIT"];

/**
 * Whether the platform set all properties, and the user none. Source: the vendor's test server,
 * whose responses were recorded from a real workspace.
 */
export function onlyManagedProperties(value: Value): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).every((key) => key.startsWith("unity.catalog.managed."))
  );
}
