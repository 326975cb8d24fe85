/**
 * Encodes the provider's private data, which Terraform stores with a resource in state and plan.
 */
import { defined } from "../defined";
import type { PlanStamp } from "../resources/cut/saved-plan";
import type { Resource } from "./resource";

export interface PrivateData {
  /** Data of other providers, such as the official provider's timeouts. */
  readonly foreign: Readonly<Record<string, unknown>>;
  /**
   * Set if the object was written but not read completely afterwards, because the served schema
   * lacked a field.
   */
  readonly unread?: boolean;
}

export function readPrivateData(bytes: unknown): PrivateData {
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) return { foreign: {} };
  const {
    lakeform_unread: unread,
    lakeform_plan: _plan,
    ...foreign
  } = JSON.parse(Buffer.from(bytes).toString("utf8")) as Record<string, unknown>;
  return { foreign, ...(unread === true ? { unread } : {}) };
}

/**
 * Encodes the private data with the schema version, without which the official provider cannot read
 * the state.
 * @param plan the stamp, for private data of a plan
 */
export function writePrivateData(
  resource: Resource,
  { foreign, unread }: PrivateData,
  plan?: PlanStamp,
): Uint8Array | undefined {
  const version = resource.schema.version ?? 0;
  const result = {
    ...(version === 0 || "schema_version" in foreign ? {} : { schema_version: String(version) }),
    ...foreign,
    ...(unread === true ? { lakeform_unread: true } : {}),
    ...defined({ lakeform_plan: plan }),
  };
  return Object.keys(result).length === 0 ? undefined : Buffer.from(JSON.stringify(result));
}
