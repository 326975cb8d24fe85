/**
 * Room `families`: the calls and rules that several kinds share.
 * It comes after `shape`.
 *
 * Creates that must not happen twice. An answer that was lost says nothing: the object may be there. It is looked for by what is unique in the workspace,
 * and taken over only when it can only be ours.
 */
import type { Client } from "../../api/client";
import { isAnswerError, isConnectionError } from "../../api/transport/errors";
import { inTurn } from "../../api/transport/in-turn";
import { whoAmI, type Me } from "../../api/families/me";
import { LakeformError } from "../../errors";
import type { Lost, PendingCreate } from "../kind";
import { number, object, type Json } from "../shape/json";

/** Clocks differ: so much grace when a time of creation is compared with ours. Milliseconds. */
const grace = 60_000;

/** No answer of the workspace came, or one that broke off: the deed may be done. */
function isLost(error: unknown): boolean {
  return isConnectionError(error) ? !error.notSent : isAnswerError(error) && error.status >= 200 && error.status < 300;
}

/** A create that must not happen twice. */
export interface Once<T> {
  /** What is made, and where: no two creates of a stack have the same. */
  readonly what: string;
  readonly create: () => Promise<T>;
  /** The object that a lost call made since then, or undefined. */
  readonly find: (lost: Lost) => Promise<T | undefined>;
}

/** @throws whatever `create` throws, when nothing was found after a lost answer */
export async function createOnce<T>({ what, create, find }: Once<T>, pending?: PendingCreate): Promise<T> {
  // A process that died before this create was saved: the object may be there.
  const earlier = await pending?.begin(what);
  const there = earlier === undefined ? undefined : await find(earlier);
  if (there !== undefined) return there;
  const started = Date.now();
  try {
    return await create();
  } catch (error) {
    if (!isLost(error)) throw error;
    const made = await find({ started });
    if (made === undefined) throw error;
    return made;
  }
}

/** @param made milliseconds, as the workspace tells them */
export function madeSince(made: unknown, started: number): boolean {
  return (number(made) ?? 0) >= started - grace;
}

/** For Unity Catalog: the answer of a read, when it was made just now. */
export function ifNew(found: Json | undefined, started: number): Json | undefined {
  return found !== undefined && madeSince(found.created_at, started) ? found : undefined;
}

/** A create of a kind whose objects have an id of their own and, at best, a name. */
export interface CreateById {
  /** The kind and the name. Creations of one name wait for each other, so that none takes another's object for its own. */
  readonly what: string;
  readonly path: string;
  readonly body: Json;
  readonly idField: string;
  /** The objects that have the name; asked only after a lost answer. */
  candidates(): Promise<readonly Json[]>;
  /** True when the body carries the API's own idempotency token: the call is then simply made again. */
  readonly hasToken?: boolean;
  /** What of a candidate was sent with the create. Default: all of it. */
  settings?(candidate: Json): Json;
  /** When it was made, in milliseconds; absent where the workspace does not tell. */
  made?(candidate: Json): unknown;
  /** Whether it was made by the caller; absent where the workspace does not tell. */
  mine?(candidate: Json, me: Me): boolean;
}

const known = new WeakMap<Client, Set<unknown>>();

/**
 * Makes an object and returns its id. After a lost answer the one of that name is taken over that was made since then, by the caller, with nothing in it that
 * contradicts what was sent, and by no other create of this process. None, or several of them: the error goes on.
 */
export async function createById(api: Client, create: CreateById, pending?: PendingCreate): Promise<string> {
  const { what, path, body, idField } = create;
  const ours = known.get(api) ?? new Set<unknown>();
  known.set(api, ours);
  const find = async ({ started, id }: Lost): Promise<Json | undefined> => {
    const me = create.mine === undefined ? undefined : await whoAmI(api);
    const found = (await create.candidates()).filter(
      (one) =>
        !ours.has(one[idField]) &&
        (id === undefined || String(one[idField]) === id) &&
        (create.made === undefined || madeSince(create.made(one), started)) &&
        (me === undefined || create.mine?.(one, me) === true) &&
        !contradicts(body, create.settings?.(one) ?? one),
    );
    return found.length === 1 ? found[0] : undefined;
  };
  return inTurn(api, what, async () => {
    const send = async (): Promise<Json> => object(await api.post(path, body, create.hasToken === true ? { idempotent: true } : {}));
    const answer = await createOnce({ what: `${path} ${JSON.stringify(body)}`, create: send, find }, pending);
    const id = answer[idField];
    if (typeof id !== "string" && typeof id !== "number") {
      throw new LakeformError("UNEXPECTED_ANSWER", `${path} answered without ${idField}`);
    }
    ours.add(id);
    return String(id);
  });
}

/** Whether a value that was sent is there with another. What the workspace leaves out or adds contradicts nothing. */
export function contradicts(sent: unknown, found: unknown): boolean {
  if (isNothing(sent) || isNothing(found)) return false;
  if (Array.isArray(sent)) {
    return !Array.isArray(found) || sent.length !== found.length || sent.some((item, index) => contradicts(item, found[index]));
  }
  if (typeof sent === "object") return Object.entries(object(sent)).some(([name, value]) => contradicts(value, object(found)[name]));
  return sent !== found;
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === "" || value === 0 || value === false;
}
