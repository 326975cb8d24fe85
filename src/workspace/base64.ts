import { invalid } from "./errors";

/**
 * Decodes a base64 field: standard or URL-safe alphabet, with or without padding and white space.
 * @throws 400 for other characters
 */
export function decodeBase64(field: string, text: string): Buffer {
  if (!/^[A-Za-z0-9+/\-_\s]*={0,2}\s*$/.test(text)) throw invalid(`Field '${field}' is not base64`);
  return Buffer.from(text, "base64");
}
