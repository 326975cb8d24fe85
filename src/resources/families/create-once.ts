/**
 * This folder has the calls and rules that several resource types share. `scripts/import-order.cjs`
 * lists what it may import.
 *
 * This file makes creates that must not happen twice. After a lost response the object may exist. It
 * is looked up by its name or path, and adopted only if this create must have created it.
 */
import { defined } from "../../defined";
import { exactJson } from "../../exact-json";
import type { Client, ReadClient } from "../../api/client";
import { clockDifference, wasCreatedSince } from "../../api/transport/clock";
import { mayHaveTakenEffect } from "../../api/transport/errors";
import { inTurn } from "../../api/transport/in-turn";
import { whoAmI, type Me } from "../../api/families/me";
import { LakeformError } from "../../errors";
import type { LostCreate, PendingCreate } from "../kind";
import { number, object, type Json } from "../shape/json";

/** A create that must not happen twice. */
export interface SingleCreate<T> {
  /** Identifies the object and its container; unique among the creates of a stack. */
  readonly objectKey: string;
  /**
   * Makes the call. If the response is lost, it returns the object that `recover` finds, or makes
   * the call again.
   */
  readonly create: (recover: () => Promise<unknown>) => Promise<T>;
  /** Returns the object that the lost call created, or undefined. */
  readonly find: (lostCreate: LostCreate) => Promise<T | undefined>;
}

/**
 * Makes a create that must not happen twice. If an earlier process has left a note about this create,
 * it first looks for the object, and returns it if it exists.
 * @throws the errors of `create`. The note of the create then stays, unless the workspace rejected
 * it.
 */
export async function createOnce<T>(
  { objectKey, create, find }: SingleCreate<T>,
  api: ReadClient,
  pending?: PendingCreate,
): Promise<T> {
  const callStart = { started: Date.now(), difference: clockDifference(api.host) };
  // The object may exist if an earlier process died before it saved this create, or if a response
  // was lost.
  const earlier = await pending?.begin(objectKey, callStart.difference);
  const existing = earlier === undefined ? undefined : await find(earlier);
  if (existing !== undefined) return existing;
  try {
    return await create(() => find(callStart));
  } catch (error) {
    if (!mayHaveTakenEffect(error)) pending?.discard();
    throw error;
  }
}

/**
 * Whether an object was created after the lost call started.
 * @param createdAt the creation time that the workspace returned, in milliseconds or as an ISO date
 */
export function createdSince(
  api: ReadClient,
  createdAt: unknown,
  { started, difference }: LostCreate,
): boolean {
  return wasCreatedSince(
    api.host,
    number(createdAt) ?? (typeof createdAt === "string" ? Date.parse(createdAt) : 0),
    started,
    difference,
  );
}

/**
 * Returns a Unity Catalog object if the lost call created or renamed it; otherwise undefined. A
 * rename does not change the creation time, but its note contains the id.
 */
export function ifCreatedSince(
  api: ReadClient,
  item: Json | undefined,
  lostCreate: LostCreate,
): Json | undefined {
  return item !== undefined &&
    (lostCreate.id !== undefined || createdSince(api, item.created_at, lostCreate))
    ? item
    : undefined;
}

/** A create of a kind whose objects have generated ids and, at best, a name. */
export interface CreateById {
  /**
   * The kind and the name. Creates with the same key run one after the other. Otherwise, one of them
   * could adopt the object that another has created.
   */
  readonly objectKey: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body: Json;
  readonly idField: string;
  /** The objects with this name; requested only after a lost response. */
  candidates(): Promise<readonly Json[]>;
  /** Whether the body has an idempotency token, so that the call can be repeated. */
  readonly hasToken?: boolean;
  /** Returns the object in the response to the create. @default the response itself */
  answer?(response: Json): Json;
  /**
   * Returns a candidate in the form of the create request, for the comparison with `sent`.
   * @default the complete candidate
   */
  asCreateRequest?(candidate: Json, sent: Json): Json;
  /** Creation time in milliseconds; absent if the workspace does not return it. */
  createdAt?(candidate: Json): unknown;
  /** Whether the caller created it; absent if the workspace does not return it. */
  isCreatedBy?(candidate: Json, caller: Me): boolean;
}

const createdIds = new WeakMap<Client, Set<unknown>>();

/**
 * Creates an object and returns its id. After a lost response, adopts an object of that name if the
 * caller created it since then, its settings do not contradict the request, and no other create of
 * this process created it. If there is none, the call is repeated.
 * @throws LakeformError LOST_CREATE_UNCLEAR if there are several candidates
 */
export async function createById(
  api: Client,
  create: CreateById,
  pending?: PendingCreate,
): Promise<string> {
  const { objectKey, path, query, body, idField } = create;
  const ownIds = createdIds.get(api) ?? new Set<unknown>();
  createdIds.set(api, ownIds);
  const find = async (lostCreate: LostCreate): Promise<Json | undefined> => {
    const { id } = lostCreate;
    const me = create.isCreatedBy === undefined ? undefined : await whoAmI(api);
    const matches = (await create.candidates()).filter(
      (item) =>
        !ownIds.has(item[idField]) &&
        (id === undefined || String(item[idField]) === id) &&
        (create.createdAt === undefined || createdSince(api, create.createdAt(item), lostCreate)) &&
        (me === undefined || create.isCreatedBy?.(item, me) === true) &&
        !contradicts(body, create.asCreateRequest?.(item, body) ?? item),
    );
    const ids = matches.map((item) => String(item[idField]));
    if (ids.length > 1) throw ambiguousMatches(objectKey, ids);
    return matches[0];
  };
  return inTurn(api, objectKey, async () => {
    const send = async (recover: () => Promise<unknown>): Promise<Json> =>
      object(
        await api.post(path, body, {
          ...(create.hasToken === true ? { idempotent: true } : { recover }),
          ...defined({ query }),
        }),
      );
    const unwrapResponse = (response: Json): Json => create.answer?.(response) ?? response;
    const response = await createOnce(
      { objectKey: `${path} ${exactJson(body)}`, create: send, find },
      api,
      pending,
    );
    const id = response[idField] ?? unwrapResponse(response)[idField];
    if (typeof id !== "string" && typeof id !== "number") {
      throw new LakeformError("UNEXPECTED_ANSWER", `the response of ${path} has no ${idField}`, {
        fix: "check in the workspace whether the object was created, import or delete it, and deploy again",
      });
    }
    ownIds.add(id);
    return String(id);
  });
}

export function ambiguousMatches(description: string, ids: readonly string[]): LakeformError {
  return new LakeformError(
    "LOST_CREATE_UNCLEAR",
    `the response to the creation of ${description} was lost, and several objects match the request`,
    {
      value: `ids ${ids.join(", ")}`,
      fix: "remove the unneeded ones (lakeform verify shows the command for each), then deploy again",
    },
  );
}

/**
 * Whether a sent field was returned with a different value. Fields that the workspace omits or adds
 * do not count.
 */
export function contradicts(sent: unknown, response: unknown): boolean {
  if (isZeroOrAbsent(sent) || isZeroOrAbsent(response)) return false;
  if (Array.isArray(sent)) {
    return (
      !Array.isArray(response) ||
      sent.length !== response.length ||
      sent.some((item, index) => contradicts(item, response[index]))
    );
  }
  if (typeof sent === "object")
    return Object.entries(object(sent)).some(([name, value]) =>
      contradicts(value, object(response)[name]),
    );
  return sent !== response;
}

function isZeroOrAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === "" || value === 0 || value === false;
}
