/** Terraform's state, format 4, and its parsers. */
import { LakeformError } from "../errors";
import { parseExact } from "../exact-json";
import { cannotDecrypt } from "./encryption";
import { resourcesIn } from "./state-text";

/** Terraform's state, format 4, with only the fields used here. */
export interface State {
  readonly version: 4;
  readonly serial: number;
  readonly lineage: string;
  readonly outputs?: Readonly<
    Record<string, { readonly value: unknown; readonly sensitive?: boolean }>
  >;
  readonly resources: readonly StateResource[];
}

export interface StateResource {
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly name: string;
  readonly module?: string;
  readonly instances: readonly StateInstance[];
}

export interface StateInstance {
  readonly index_key?: string | number;
  readonly status?: "tainted";
  readonly schema_version: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/**
 * A state whose resources are parsed one by one on each iteration. Attributes that are null or an
 * empty list may be absent.
 */
export interface StreamedState extends Omit<State, "resources"> {
  readonly resources: Iterable<StateResource>;
}

/**
 * Parses a state while it is iterated.
 * @throws LakeformError BROKEN_STATE if it is truncated, not JSON or of another format. An error
 * inside a resource is thrown when the iteration reaches it.
 */
export function parseStateLazily(
  bytes: Buffer,
  location: string,
  includesEmpty = false,
): StreamedState {
  const parts = resourcesIn(bytes, includesEmpty);
  if (parts === undefined) return parseState(bytes.toString("utf8"), location);
  const resources = function* (): Generator<StateResource> {
    for (const text of parts.resources) yield parseJson(text, location) as StateResource;
  };
  return { ...parseState(parts.head, location), resources: { [Symbol.iterator]: resources } };
}

/**
 * Parses a state.
 * @throws LakeformError BROKEN_STATE if it is truncated or not a state; NEWER_STATE,
 * STATE_ENCRYPTION
 */
export function parseState(text: string, location: string): State {
  const state = parseJson(text, location);
  if ("encrypted_data" in Object(state))
    throw cannotDecrypt(location, "decrypt it first: tofu state pull > FILE, in its folder");
  const { version, resources } = (state ?? {}) as { version?: unknown; resources?: unknown };
  if (typeof version === "number" && version > 4)
    throw new LakeformError("NEWER_STATE", "the state has an unsupported format", {
      value: `format ${version} in ${location}`,
      allowed: "format 4",
      fix: "a newer Terraform has written it: use a newer lakeform, or the previous Terraform version with the backup of the state",
    });
  if (version !== 4 || !Array.isArray(resources))
    throw brokenState(
      location,
      `it is not a Terraform state of format 4 (version ${String(version)})`,
    );
  return state as State;
}

export function parseJson(text: string, location: string): unknown {
  try {
    return parseExact(text);
  } catch (error) {
    throw brokenState(location, "it is not JSON (truncated?)", error);
  }
}

function brokenState(location: string, reason: string, cause?: unknown): LakeformError {
  return new LakeformError("BROKEN_STATE", `invalid Terraform state: ${reason}`, {
    value: location,
    fix: "lakeform deploy (or review) restores a state truncated by a kill from the backup next to it, when that is safe; otherwise restore it from that backup (….tfstate.backup) or from your backend's versions; do not delete it: Terraform would create everything again",
    cause,
  });
}
