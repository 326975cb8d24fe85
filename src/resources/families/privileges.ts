/**
 * Reads and changes the permissions of a Unity Catalog securable, for `databricks_grants` (all
 * principals) and `databricks_grant` (one principal).
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Client, ReadClient } from "../../api/client";
import { LakeformError } from "../../errors";
import type { Attributes, Problem, Value } from "../kind";
import { checkMetastore, unityCatalog } from "./metastore";
import { PartiallyCreated } from "./partially-created";
import { textOrEmpty } from "../shape/attributes";
import { object, objects, optionalText } from "../shape/json";

/** Normalized privileges by principal. */
export type Grants = ReadonlyMap<string, readonly string[]>;

export interface Securable {
  /** Terraform's argument, the first part of the resource's id: `schema`, `foreign_connection`. */
  readonly argument: string;
  readonly name: string;
}

/** The type in the REST path by Terraform's argument, if they differ. */
const restTypes: Readonly<Record<string, string>> = {
  foreign_connection: "connection",
  model: "function",
};

export const securableFields = [
  "catalog",
  "schema",
  "table",
  "volume",
  "function",
  "model",
  "metastore",
  "external_location",
  "storage_credential",
  "credential",
  "foreign_connection",
  "share",
  "recipient",
  "pipeline",
  "mcp_service",
  "model_service",
  "model_provider_service",
  "secret",
] as const;

/** Normalizes a privilege: `use catalog` to `USE_CATALOG`. */
export function normalPrivilege(privilege: string): string {
  return privilege.toUpperCase().replaceAll(" ", "_");
}

export const samePrivilege = (a: Value, b: Value): boolean =>
  typeof a === "string" && typeof b === "string" && normalPrivilege(a) === normalPrivilege(b);

export function privilegesOf(value: Value | undefined): readonly string[] {
  return Array.isArray(value)
    ? value.filter((item): item is string => typeof item === "string").map(normalPrivilege)
    : [];
}

export function securableOf(attributes: Attributes): Securable | undefined {
  const field = securableFields.find((name) => textOrEmpty(attributes, name) !== "");
  return field === undefined
    ? undefined
    : { argument: field, name: textOrEmpty(attributes, field) };
}

/**
 * Returns a key that is equal for all arguments of the same object. For example, a model can also
 * be named as `function/main.default.forecast`.
 */
export function securableKey({ argument, name }: Securable): string {
  return `${restTypes[argument] ?? argument}/${name}`.toLowerCase();
}

/**
 * Reports more than one securable. The official provider would write to one of them, and then fail.
 */
export function securableProblems(config: Attributes): readonly Problem[] {
  const setFields = securableFields.filter((name) => textOrEmpty(config, name) !== "");
  return setFields.length <= 1
    ? []
    : [
        {
          path: setFields[1] ?? "",
          message: `only one securable can be given, not ${setFields.join(" and ")}`,
        },
      ];
}

/** Splits `schema/main.default` into argument and name. @throws LakeformError BAD_ID */
export function splitSecurable(id: string): Securable {
  const index = id.indexOf("/");
  if (index <= 0 || index === id.length - 1)
    throw new LakeformError("BAD_ID", "not an id of databricks_grants", {
      value: id,
      allowed: "argument/name, e.g. schema/main.default",
      fix: "import with an id of this form",
    });
  const argument = id.slice(0, index);
  return {
    argument: argument === "connection" ? "foreign_connection" : argument,
    name: id.slice(index + 1),
  };
}

/**
 * Returns the id of the resource in the official provider's form.
 * @param principal the principal of a databricks_grant
 */
export function grantsId({ argument, name }: Securable, principal?: string): string {
  return [argument, name, ...(principal === undefined ? [] : [principal])].join("/");
}

export function grantsUrl({ argument, name }: Securable): string {
  return `${unityCatalog}/permissions/${restTypes[argument] ?? argument}/${encodeURIComponent(name)}`;
}

export async function readGrants(
  api: ReadClient,
  securable: Securable,
  signal?: AbortSignal,
): Promise<Grants> {
  const response = object(await api.get(grantsUrl(securable), { signal }));
  const pairs = objects(response.privilege_assignments).map(
    (item) => [optionalText(item.principal) ?? "", privilegesOf(item.privileges as Value)] as const,
  );
  return new Map(pairs.filter(([, privileges]) => privileges.length > 0));
}

interface Change {
  readonly principal: string;
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

/** Determines the privileges to add and to remove, by principal. */
export function difference(from: Grants, to: Grants): readonly Change[] {
  // Sort by principal, like the official provider.
  return [...new Set([...to.keys(), ...from.keys()])].sort().flatMap((principal) => {
    const [current, desiredPrivileges] = [from.get(principal) ?? [], to.get(principal) ?? []];
    const add = desiredPrivileges.filter((privilege) => !current.includes(privilege));
    const remove = current.filter((privilege) => !desiredPrivileges.includes(privilege));
    if (add.length === 0 && remove.length === 0) return [];
    return [
      {
        principal,
        ...(add.length === 0 ? {} : { add }),
        ...(remove.length === 0 ? {} : { remove }),
      },
    ];
  });
}

export function sameGrants(a: Grants, b: Grants): boolean {
  return difference(a, b).length === 0;
}

/** The wait for a changed grant to become visible ends after this many milliseconds. */
const maxVisibilityDelay = 60_000;

const restrictTo = (grants: Grants, onlyPrincipal?: string): Grants =>
  onlyPrincipal === undefined
    ? grants
    : new Map([...grants].filter(([principal]) => principal === onlyPrincipal));

/**
 * Reads the current grants and sends the difference.
 * @param onlyPrincipal if set, the grants of other principals are not changed
 */
async function sendGrants(
  api: Client,
  securable: Securable,
  desired: Grants,
  onlyPrincipal?: string,
  signal?: AbortSignal,
): Promise<void> {
  if (securable.argument === "metastore")
    await checkMetastore(api, { metastore_id: securable.name }, signal);
  const changes = difference(
    restrictTo(await readGrants(api, securable, signal), onlyPrincipal),
    desired,
  );
  if (changes.length > 0)
    await api.patch(grantsUrl(securable), { changes }, { idempotent: true, signal });
}

/**
 * Waits until the grants are visible. An interrupt ends the wait without an error, because the call
 * took effect.
 * @throws LakeformError GRANTS_NOT_SETTLED
 */
async function untilVisible(
  api: ReadClient,
  securable: Securable,
  desired: Grants,
  onlyPrincipal?: string,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + maxVisibilityDelay;
  for (let wait = 1000; ; wait = Math.min(wait + 1000, 10_000)) {
    if (
      sameGrants(restrictTo(await readGrants(api, securable, signal), onlyPrincipal), desired) ||
      signal?.aborted === true
    )
      return;
    if (Date.now() + wait > deadline) {
      throw new LakeformError(
        "GRANTS_NOT_SETTLED",
        "the grants were accepted but are not visible yet",
        {
          value: `${securable.argument} ${securable.name}`,
          fix: "check the grants in the workspace; a privilege that does not exist for this kind of object is a common cause",
        },
      );
    }
    await delay(wait, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}

/** Sends the difference, and waits until it is visible. @param onlyPrincipal as in `sendGrants` */
export async function setGrants(
  api: Client,
  securable: Securable,
  desired: Grants,
  onlyPrincipal?: string,
  signal?: AbortSignal,
): Promise<void> {
  await sendGrants(api, securable, desired, onlyPrincipal, signal);
  await untilVisible(api, securable, desired, onlyPrincipal, signal);
}

/**
 * Creates the grants.
 * @returns the resource's id
 * @throws PartiallyCreated if the call took effect and something failed afterwards
 */
export async function createGrants(
  api: Client,
  securable: Securable,
  desired: Grants,
  onlyPrincipal?: string,
  signal?: AbortSignal,
): Promise<string> {
  await sendGrants(api, securable, desired, onlyPrincipal, signal);
  const id = grantsId(securable, onlyPrincipal);
  try {
    await untilVisible(api, securable, desired, onlyPrincipal, signal);
  } catch (error) {
    throw new PartiallyCreated(id, error);
  }
  return id;
}
