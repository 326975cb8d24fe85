/** Private data of the provider that Terraform stores with a resource in state and plan. */
import { defined } from "../defined";
import type { PlanStamp } from "../resources/cut/saved-plan";
import type { Resource } from "./resource";

export interface PrivateData {
  /** Data of other providers: the official one stores its timeouts. */
  readonly kept: Readonly<Record<string, unknown>>;
  /** Written but not read completely since: the served schema lacked a field. */
  readonly unread?: boolean;
}

export function readPrivateData(bytes: unknown): PrivateData {
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) return { kept: {} };
  const {
    lakeform_unread: unread,
    lakeform_plan: _plan,
    ...kept
  } = JSON.parse(Buffer.from(bytes).toString("utf8")) as Record<string, unknown>;
  return { kept, ...(unread === true ? { unread } : {}) };
}

/**
 * Without the schema version, the official provider could not read this state.
 * @param plan for a plan
 */
export function writePrivateData(resource: Resource, { kept, unread }: PrivateData, plan?: PlanStamp): Uint8Array | undefined {
  const version = resource.schema.version ?? 0;
  const result = {
    ...(version === 0 || "schema_version" in kept ? {} : { schema_version: String(version) }),
    ...kept,
    ...(unread === true ? { lakeform_unread: true } : {}),
    ...defined({ lakeform_plan: plan }),
  };
  return Object.keys(result).length === 0 ? undefined : Buffer.from(JSON.stringify(result));
}
