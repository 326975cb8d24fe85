/** Interprets "does not exist" and "no permission" responses. */
import { isApiError } from "../../api/transport/errors";

export { orMissing } from "../../api/transport/errors";

/**
 * Whether an object exists but is not readable: 403, or the 400 errors that refuse to return secret
 * values to tokens.
 */
export function isRefused(error: unknown): boolean {
  return (
    isApiError(error) &&
    (error.kind === "forbidden" || error.kind === "invalid" || error.kind === "not-implemented")
  );
}
