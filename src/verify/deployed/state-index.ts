/**
 * This folder reads Terraform's state and the deployment record. `scripts/import-order.cjs` lists
 * what it may import.
 */
import { defined } from "../../defined";
import { stateId } from "../../resources";
import type { LongState, StateInstance } from "../input";
import { markSensitive, namesWithNonZeroDefault } from "../fields/field-rules";
import type { Desired, DesiredObject } from "../expressions/values";
import { Sensitive, isDesiredObject, prunedJson } from "../expressions/values";

export interface StateEntry {
  readonly address: string;
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly name: string;
  readonly module?: string;
  readonly index?: string | number;
  readonly id?: string;
  readonly tainted: boolean;
  /** Set for an object that a failed replacement left over next to its successor. */
  readonly deposed?: true;
  /** The values without zeros; sensitive values are wrapped. */
  readonly attributes: DesiredObject;
  /**
   * The zero values of the top-level attributes (except null), for references to them. Resources
   * with the same zero values share one object.
   */
  readonly zeros: DesiredObject;
}

/**
 * Returns a Terraform address: `databricks_job.a`, `databricks_job.a["x"]`,
 * `module.m.databricks_job.a[0]`, `data.databricks_current_user.me`.
 */
export function addressOf(
  mode: "managed" | "data",
  type: string,
  name: string,
  index?: string | number,
  module?: string,
): string {
  const suffix = index === undefined ? "" : `[${JSON.stringify(index)}]`;
  return `${module === undefined ? "" : `${module}.`}${mode === "data" ? "data." : ""}${type}.${name}${suffix}`;
}

/** Indexes the state by address, with zero values removed and secrets wrapped. */
export function indexState(state: LongState | undefined): ReadonlyMap<string, StateEntry> {
  const entries = new Map<string, StateEntry>();
  const zerosBySignature = new Map<string, DesiredObject>();
  for (const resource of state?.resources ?? []) {
    for (const instance of resource.instances) {
      const { mode, type, name, module } = resource;
      const { deposed } = instance;
      const instanceAddress = addressOf(mode, type, name, instance.index_key, module);
      const address =
        deposed === undefined ? instanceAddress : `${instanceAddress} (deposed ${deposed})`;
      const attributes = attributesOf(type, instance);
      const id = stateId(type, instance.attributes);
      entries.set(address, {
        address,
        mode,
        type,
        name,
        ...defined({ module, index: instance.index_key }),
        ...(typeof id === "string" || typeof id === "number" ? { id: String(id) } : {}),
        tainted: instance.status === "tainted",
        ...(deposed !== undefined && { deposed: true as const }),
        attributes,
        zeros: zerosOf(instance, zerosBySignature),
      });
    }
  }
  return entries;
}

function zerosOf(
  { attributes }: StateInstance,
  zerosBySignature: Map<string, DesiredObject>,
): DesiredObject {
  let signature = "";
  for (const name in attributes) {
    const value = attributes[name];
    if (value === "" || value === 0 || value === false) signature += `${name}:${typeof value};`;
  }
  const existing = zerosBySignature.get(signature);
  if (existing !== undefined) return existing;
  const zeros = Object.entries(attributes ?? {}).filter(
    ([, value]) => value === "" || value === 0 || value === false,
  );
  const result = Object.fromEntries(zeros) as DesiredObject;
  zerosBySignature.set(signature, result);
  return result;
}

function attributesOf(type: string, instance: StateInstance): DesiredObject {
  const value = prunedJson(instance.attributes ?? {}, namesWithNonZeroDefault(type));
  if (!isDesiredObject(value)) return {};
  for (const path of instance.sensitive_attributes ?? [])
    if (Array.isArray(path)) wrapSensitiveAt(value, path);
  return markSensitive(type, value);
}

/**
 * Wraps the value at a path in the format of the state file: `[{type: "get_attr", value: "x"},
 * {type: "index", value: {value: 0, type: "number"}}]`.
 */
function wrapSensitiveAt(root: DesiredObject, path: readonly unknown[]): void {
  let value: Desired = root;
  for (const [index, raw] of path.entries()) {
    const step = stepOf(raw);
    if (
      step === undefined ||
      typeof value !== "object" ||
      value === null ||
      value instanceof Sensitive
    )
      return;
    const container = value as unknown as Record<string | number, Desired | undefined>;
    const innerValue: Desired | undefined = container[step];
    if (innerValue === undefined) return;
    if (index === path.length - 1)
      container[step] = innerValue instanceof Sensitive ? innerValue : new Sensitive(innerValue);
    else value = innerValue;
  }
}

function stepOf(raw: unknown): string | number | undefined {
  const { type, value } = (raw ?? {}) as { type?: unknown; value?: unknown };
  const key =
    type === "index" && typeof value === "object"
      ? (value as { value?: unknown } | null)?.value
      : value;
  return typeof key === "string" || typeof key === "number" ? key : undefined;
}
