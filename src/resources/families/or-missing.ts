/** Interprets "does not exist" and "no permission" responses. */
import { isApiError, isNotFound } from "../../api/transport/errors";

/** The converted answer; undefined if the workspace reports that the object does not exist. All other errors are rethrown. */
export async function orMissing<T>(call: Promise<unknown>, convert: (answer: unknown) => T): Promise<T | undefined> {
  try {
    return convert(await call);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The object exists but is not readable: 403, or one of the 400s with which a workspace refuses to return secret values to tokens. */
export function isRefused(error: unknown): boolean {
  return isApiError(error) && (error.kind === "forbidden" || error.kind === "invalid" || error.kind === "not-implemented");
}
