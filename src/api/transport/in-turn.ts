import type { Client } from "../client";

const queues = new WeakMap<Client, Map<string, Promise<unknown>>>();

/** Serializes creations of this client by name. */
export async function inTurn<T>(client: Client, name: string, make: () => Promise<T>): Promise<T> {
  const waiting = queues.get(client) ?? new Map<string, Promise<unknown>>();
  queues.set(client, waiting);
  const turn = (waiting.get(name) ?? Promise.resolve()).then(make, make);
  waiting.set(name, turn);
  try {
    return await turn;
  } finally {
    if (waiting.get(name) === turn) waiting.delete(name);
  }
}

/**
 * Creates an object exactly once where the create call has no idempotency token: after a lost
 * answer the objects of its name are compared with those from before. Creations of one name wait
 * for each other, so that one call does not mistake another's object for its own.
 * @param named the objects that could be the new one, in the shape of the create answer
 * @param send makes the call with this `recover`
 */
export async function createOnce<T>(
  client: Client,
  name: string,
  id: (object: T) => unknown,
  named: () => Promise<readonly T[]>,
  send: (recover: () => Promise<unknown>) => Promise<unknown>,
): Promise<T> {
  return inTurn(client, name, async () => {
    const before = new Set((await named()).map(id));
    const recover = async (): Promise<unknown> =>
      (await named()).find((object) => !before.has(id(object)));
    return (await send(recover)) as T;
  });
}
