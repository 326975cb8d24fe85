import { exactJson } from "../../exact-json";
import { Secret, sensitiveFields } from "./secret";

/** Fields with data of the user rather than settings: a long value is shown as its size. */
const bulkFields: ReadonlySet<string> = new Set(["contents", "content", "data"]);

/**
 * Renders a body for diagnostics: secrets as `***`, bulk data as its size, and the first 4,000
 * characters of the result.
 * @param path of the call
 * @param hide applied to every other string
 */
export function redactJson(
  path: string,
  body: unknown,
  hide: (text: string) => string = (text) => text,
): string {
  if (body instanceof Uint8Array || (typeof body === "object" && body !== null && "pipe" in body))
    return "(bytes)";
  const hasSecretValue = path.includes("/secrets/get");
  const text = exactJson(body, function (key, value) {
    if (this[key] instanceof Secret) return "***";
    if (
      typeof value === "string" &&
      (sensitiveFields.has(key) || (hasSecretValue && key === "value"))
    )
      return "***";
    if (typeof value === "string" && bulkFields.has(key) && value.length > 80)
      return `(${value.length} characters)`;
    return typeof value === "string" ? hide(value) : value;
  });
  if (text === undefined) return "";
  return text.length > 4000 ? `${text.slice(0, 4000)}… (${text.length} characters)` : text;
}
