import type { Client } from "../client";

const queues = new WeakMap<Client, Map<string, Promise<unknown>>>();

/** Runs `create` after all earlier calls of this function for the same client and name have ended. */
export async function inTurn<T>(
  client: Client,
  name: string,
  create: () => Promise<T>,
): Promise<T> {
  const pending = queues.get(client) ?? new Map<string, Promise<unknown>>();
  queues.set(client, pending);
  const turn = (pending.get(name) ?? Promise.resolve()).then(create, create);
  pending.set(name, turn);
  try {
    return await turn;
  } finally {
    if (pending.get(name) === turn) pending.delete(name);
  }
}

/**
 * Makes a create call that has no idempotency token, and avoids a second object: after a lost
 * response, the objects with its name are compared with those that existed before. Creates with the
 * same name run one after the other. Otherwise, one could take the object of another for its own.
 * @param name kind and name of the object
 * @param idOf returns the id of an object, which is also in the create response
 * @param listByName lists the objects with this name
 * @param send makes the create call with `recover` in its options
 * @returns the create response, or the object from the list
 */
export async function createOnceByName<T>(
  client: Client,
  name: string,
  idOf: (object: T) => unknown,
  listByName: () => Promise<readonly T[]>,
  send: (recover: () => Promise<unknown>) => Promise<unknown>,
): Promise<T> {
  return inTurn(client, name, async () => {
    const idsBefore = new Set((await listByName()).map(idOf));
    const recover = async (): Promise<unknown> =>
      (await listByName()).find((object) => !idsBefore.has(idOf(object)));
    return (await send(recover)) as T;
  });
}
