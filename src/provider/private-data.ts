/** What Terraform keeps of a resource for the provider alone, beside its state and in its plans. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import { problem, type Diagnostic } from "./diagnostics";
import type { Resource } from "./resource";

/** Who made a plan. */
export interface PlanStamp {
  /** Of the provider's code. */
  readonly build: string;
  /** Of the schema that was served. */
  readonly cut: string;
}

export interface PrivateData {
  /** What others keep there: the official provider its timeouts. */
  readonly kept: Readonly<Record<string, unknown>>;
  /** Written, and not read whole since: the schema that was served had no place for a value. */
  readonly unread?: boolean;
  /** Of a plan. */
  readonly plan?: PlanStamp;
}

export function readPrivateData(bytes: unknown): PrivateData {
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) return { kept: {} };
  const {
    lakeform_unread: unread,
    lakeform_plan: plan,
    ...kept
  } = JSON.parse(Buffer.from(bytes).toString("utf8")) as Record<string, unknown>;
  return { kept, ...(unread === true ? { unread } : {}), ...(plan === undefined ? {} : { plan: plan as PlanStamp }) };
}

/**
 * Without the version of the schema, the official provider would not know a state that was written here.
 * @param plan for a plan
 */
export function writePrivateData(resource: Resource, { kept, unread }: PrivateData, plan?: PlanStamp): Uint8Array | undefined {
  const version = resource.schema.version ?? 0;
  const made = {
    ...(version === 0 || "schema_version" in kept ? {} : { schema_version: String(version) }),
    ...kept,
    ...(unread === true ? { lakeform_unread: true } : {}),
    ...(plan === undefined ? {} : { lakeform_plan: plan }),
  };
  return Object.keys(made).length === 0 ? undefined : Buffer.from(JSON.stringify(made));
}

let build: string | undefined;

/** Of the running code: another release may plan and apply differently. */
export function buildOf(): string {
  return (build ??= createHash("sha256").update(fs.readFileSync(__filename)).digest("hex").slice(0, 16));
}

/** A plan is carried out by the provider and under the schema that it was made with. */
export function refusal(made: PlanStamp | undefined, now: PlanStamp): Diagnostic | undefined {
  if (made === undefined) return undefined;
  const fix = "what to do: plan again";
  if (made.build !== now.build) return problem("", "PLAN_OF_ANOTHER_PROVIDER: the plan was made by another version of the provider", fix);
  if (made.cut !== now.cut) return problem("", "PLAN_OF_ANOTHER_SCHEMA: the plan was made with another cut of the schema", fix);
  return undefined;
}
