import { isApiError, isConflict, mayHaveTakenEffect } from "./errors";

/**
 * Makes a call that creates an object with a unique name. "Already exists" after a lost response
 * means that an earlier attempt created the object; any other error is rethrown.
 * @returns the response; undefined if it was lost
 */
export async function createUnique(create: () => Promise<unknown>): Promise<unknown> {
  try {
    return await create();
  } catch (error) {
    const exists =
      isConflict(error) || (isApiError(error) && error.errorCode.endsWith("_ALREADY_EXISTS"));
    if (!(exists && isApiError(error) && mayHaveTakenEffect(error))) throw error;
    return undefined;
  }
}
