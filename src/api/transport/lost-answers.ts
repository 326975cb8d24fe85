import { isApiError, isConflict, mayHaveTakenEffect } from "./errors";

/**
 * "Already exists" after a lost answer: the first attempt created it. Any other error is rethrown.
 * @returns its answer; undefined when that was lost
 */
export async function createdIfAbsent(create: () => Promise<unknown>): Promise<unknown> {
  try {
    return await create();
  } catch (error) {
    const exists =
      isConflict(error) || (isApiError(error) && error.errorCode.endsWith("_ALREADY_EXISTS"));
    if (!(exists && isApiError(error) && mayHaveTakenEffect(error))) throw error;
    return undefined;
  }
}
