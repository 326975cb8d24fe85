import { createHash } from "node:crypto";

/** Returns a UUID (in the form of version 4) that is always the same for a text. */
export function derivedUuid(text: string): string {
  const digest = createHash("sha256").update(text).digest("hex");
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-4${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}
