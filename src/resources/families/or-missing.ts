/** "It does not exist" and "you may not", as the workspace says them. */
import { isApiError, isNotFound } from "../../api/transport/errors";

/** The answer, converted; undefined when the workspace says that there is no such thing. Every other error goes on. */
export async function orMissing<T>(call: Promise<unknown>, convert: (answer: unknown) => T): Promise<T | undefined> {
  try {
    return convert(await call);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The workspace has the thing and does not show it: 403, or one of the 400s that a workspace answers where values are not served to tokens. */
export function isRefused(error: unknown): boolean {
  return isApiError(error) && (error.kind === "forbidden" || error.kind === "invalid" || error.kind === "not-implemented");
}
