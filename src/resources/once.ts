/**
 * Creates that must not happen twice. An answer that was lost says nothing: the object may be there. It is looked for by what is unique in the workspace,
 * and taken over only when it can only be ours.
 */
import { isConnectionError } from "../api/errors";
import { number, type Json } from "./wire";

/** Clocks differ: so much grace when a time of creation is compared with ours. Milliseconds. */
const grace = 60_000;

/** @param find the object that the lost call made, or undefined: then the error goes on @throws whatever `create` throws */
export async function createOnce<T>(create: () => Promise<T>, find: (started: number) => Promise<T | undefined>): Promise<T> {
  const started = Date.now();
  try {
    return await create();
  } catch (error) {
    if (!isConnectionError(error) || error.notSent) throw error;
    const made = await find(started);
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
