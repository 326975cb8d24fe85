import type { Client } from "../client";

const queues = new WeakMap<Client, Map<string, Promise<unknown>>>();

/** Runs creations with the same name one after the other, per client. */
export async function inTurn<T>(client: Client, name: string, make: () => Promise<T>): Promise<T> {
  const pending = queues.get(client) ?? new Map<string, Promise<unknown>>();
  queues.set(client, pending);
  const turn = (pending.get(name) ?? Promise.resolve()).then(make, make);
  pending.set(name, turn);
  try {
    return await turn;
  } finally {
    if (pending.get(name) === turn) pending.delete(name);
  }
}

/**
 * Creates an object exactly once if the create call has no idempotency token: after a lost
 * response, the objects with its name are compared with those that existed before. Creations with
 * the same name wait for each other, so that none mistakes another's object for its own.
 * @param listNamed lists the objects with this name, in the format of the create response
 * @param send makes the call with this `recover`
 */
export async function createOnce<T>(
  client: Client,
  name: string,
  id: (object: T) => unknown,
  listNamed: () => Promise<readonly T[]>,
  send: (recover: () => Promise<unknown>) => Promise<unknown>,
): Promise<T> {
  return inTurn(client, name, async () => {
    const idsBefore = new Set((await listNamed()).map(id));
    const recover = async (): Promise<unknown> =>
      (await listNamed()).find((object) => !idsBefore.has(id(object)));
    return (await send(recover)) as T;
  });
}
