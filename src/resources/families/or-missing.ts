/** Interprets "does not exist" and "no permission" responses. */
import { isApiError } from "../../api/transport/errors";

export { orMissing } from "../../api/transport/errors";

/**
 * Whether the workspace does not let this caller read something: 403, a 400 error (such as the one
 * that refuses to return secret values to tokens), or a route that it does not have.
 */
export function isRefused(error: unknown): boolean {
  return (
    isApiError(error) &&
    (error.kind === "forbidden" || error.kind === "invalid" || error.kind === "not-implemented")
  );
}
