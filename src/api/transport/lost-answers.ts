import { isApiError, isConflict, mayHaveTakenEffect } from "./errors";

/** "It exists already" after a lost answer: the first attempt made it. Any other error goes on. */
export async function createdUnlessThere(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    const exists = isConflict(error) || (isApiError(error) && error.errorCode.endsWith("_ALREADY_EXISTS"));
    if (!(exists && isApiError(error) && mayHaveTakenEffect(error))) throw error;
  }
}
