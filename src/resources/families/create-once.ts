/**
 * Room `families`: the calls and rules that several kinds share.
 * It may import from `shape`, and from the rooms before it.
 *
 * Creates that must not happen twice. After a lost response the object may exist. It is looked up
 * by a property that is unique in the workspace, and adopted only if this create must have created
 * it.
 */
import { defined } from "../../defined";
import { exactJson } from "../../exact-json";
import type { Client, ReadClient } from "../../api/client";
import { clockDifference, wasCreatedSince } from "../../api/transport/clock";
import { mayHaveTakenEffect } from "../../api/transport/errors";
import { inTurn } from "../../api/transport/in-turn";
import { whoAmI, type Me } from "../../api/families/me";
import { LakeformError } from "../../errors";
import type { Lost, PendingCreate } from "../kind";
import { number, object, type Json } from "../shape/json";

/** A create that must not happen twice. */
export interface Once<T> {
  /** Identifies the object and its container; unique among the creates of a stack. */
  readonly what: string;
  /**
   * Makes the call. If the response is lost, it returns the object that `recover` finds, or makes
   * the call again.
   */
  readonly create: (recover: () => Promise<unknown>) => Promise<T>;
  /** Returns the object that the lost call created, or undefined. */
  readonly find: (lost: Lost) => Promise<T | undefined>;
}

/**
 * @throws the errors of `create`. The note of the create then stays, unless the workspace rejected
 * it.
 */
export async function createOnce<T>(
  { what, create, find }: Once<T>,
  api: ReadClient,
  pending?: PendingCreate,
): Promise<T> {
  const begun = { started: Date.now(), difference: clockDifference(api.host) };
  // The object may exist if an earlier process died before it saved this create, or if a response
  // was lost.
  const earlier = await pending?.begin(what, begun.difference);
  const existing = earlier === undefined ? undefined : await find(earlier);
  if (existing !== undefined) return existing;
  try {
    return await create(() => find(begun));
  } catch (error) {
    if (!mayHaveTakenEffect(error)) pending?.refused();
    throw error;
  }
}

/**
 * Whether an object was created after the lost call started.
 * @param made the creation time that the workspace returned, in milliseconds or as an ISO date
 */
export function madeSince(api: ReadClient, made: unknown, { started, difference }: Lost): boolean {
  return wasCreatedSince(
    api.host,
    number(made) ?? (typeof made === "string" ? Date.parse(made) : 0),
    started,
    difference,
  );
}

/**
 * Returns a Unity Catalog object if it was created or renamed since the lost call started;
 * otherwise undefined.
 */
export function ifCreatedSince(
  api: ReadClient,
  found: Json | undefined,
  lost: Lost,
): Json | undefined {
  return found !== undefined && (lost.id !== undefined || madeSince(api, found.created_at, lost))
    ? found
    : undefined;
}

/** A create of a kind whose objects have generated ids and, at best, a name. */
export interface CreateById {
  /**
   * The kind and the name. Creates with the same name wait for each other, so that none adopts
   * another's object.
   */
  readonly what: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body: Json;
  readonly idField: string;
  /** The objects with this name; requested only after a lost response. */
  candidates(): Promise<readonly Json[]>;
  /** Whether the body has an idempotency token, so that the call can be repeated. */
  readonly hasToken?: boolean;
  /** Returns the object in the response to the create. @default the response itself */
  answer?(made: Json): Json;
  /**
   * Returns the part of a candidate that was sent with the create, in the form in which it was
   * sent.
   * @default the complete candidate
   */
  settings?(candidate: Json, sent: Json): Json;
  /** Creation time in milliseconds; absent if the workspace does not return it. */
  made?(candidate: Json): unknown;
  /** Whether the caller created it; absent if the workspace does not return it. */
  mine?(candidate: Json, me: Me): boolean;
}

const known = new WeakMap<Client, Set<unknown>>();

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
  const { what, path, query, body, idField } = create;
  const ownIds = known.get(api) ?? new Set<unknown>();
  known.set(api, ownIds);
  const find = async (lost: Lost): Promise<Json | undefined> => {
    const { id } = lost;
    const me = create.mine === undefined ? undefined : await whoAmI(api);
    const found = (await create.candidates()).filter(
      (item) =>
        !ownIds.has(item[idField]) &&
        (id === undefined || String(item[idField]) === id) &&
        (create.made === undefined || madeSince(api, create.made(item), lost)) &&
        (me === undefined || create.mine?.(item, me) === true) &&
        !contradicts(body, create.settings?.(item, body) ?? item),
    );
    if (found.length > 1) throw severalMatches(what, found.map((item) => String(item[idField]))); // prettier-ignore
    return found[0];
  };
  return inTurn(api, what, async () => {
    const send = async (recover: () => Promise<unknown>): Promise<Json> =>
      object(
        await api.post(path, body, {
          ...(create.hasToken === true ? { idempotent: true } : { recover }),
          ...defined({ query }),
        }),
      );
    const objectIn = (made: Json): Json => create.answer?.(made) ?? made;
    const answer = await createOnce(
      { what: `${path} ${exactJson(body)}`, create: send, find },
      api,
      pending,
    );
    const id = answer[idField] ?? objectIn(answer)[idField];
    if (typeof id !== "string" && typeof id !== "number") {
      throw new LakeformError("UNEXPECTED_ANSWER", `the response of ${path} has no ${idField}`, {
        fix: "check in the workspace whether the object was created, import or delete it, and deploy again",
      });
    }
    ownIds.add(id);
    return String(id);
  });
}

export function severalMatches(noun: string, ids: readonly string[]): LakeformError {
  return new LakeformError(
    "LOST_CREATE_UNCLEAR",
    `the response to the creation of ${noun} was lost, and several objects match the request`,
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
export function contradicts(sent: unknown, found: unknown): boolean {
  if (isNothing(sent) || isNothing(found)) return false;
  if (Array.isArray(sent)) {
    return (
      !Array.isArray(found) ||
      sent.length !== found.length ||
      sent.some((item, index) => contradicts(item, found[index]))
    );
  }
  if (typeof sent === "object")
    return Object.entries(object(sent)).some(([name, value]) =>
      contradicts(value, object(found)[name]),
    );
  return sent !== found;
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === "" || value === 0 || value === false;
}
