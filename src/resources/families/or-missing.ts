/** Interprets "does not exist" and "no permission" responses. */
import { isApiError } from "../../api/transport/errors";

export { orMissing } from "../../api/transport/errors";

/** The object exists but is not readable: 403, or one of the 400s with which a workspace refuses to return secret values to tokens. */
export function isRefused(error: unknown): boolean {
  return isApiError(error) && (error.kind === "forbidden" || error.kind === "invalid" || error.kind === "not-implemented");
}
