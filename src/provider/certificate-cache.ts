/**
 * Reads and writes the cached certificate. Uses neither the library that generates certificates,
 * which takes longer to load than the rest of the start, nor `node:crypto`, which is a third of the
 * code that the provider adds to the start of Node.
 */
import path from "node:path";
import { cacheFolder, readPrivate, writePrivate } from "../private-files";

export interface ServerCertificate {
  readonly key: string;
  readonly certificate: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

const fileIn = (folder: string): string => path.join(folder, "provider-certificate.json");

/** Returns the cached certificate if its file is undamaged and it is valid for more than a day. */
export function cachedCertificate(folder: string = cacheFolder()): ServerCertificate | undefined {
  const bytes = readPrivate(fileIn(folder));
  if (bytes === undefined) return undefined;
  try {
    const cached = JSON.parse(bytes.toString("utf8")) as ServerCertificate & { checksum?: number };
    const { key, certificate, expires } = cached;
    const isValid =
      cached.checksum === checksum({ key, certificate, expires }) &&
      expires > Date.now() + 24 * 3600 * 1000;
    return isValid ? { key, certificate, expires } : undefined;
  } catch {
    return undefined; // The file is broken, so a new certificate is generated.
  }
}

/** Writes the certificate for the next start. */
export function cacheCertificate(
  certificate: ServerCertificate,
  folder: string = cacheFolder(),
): void {
  const content = { ...certificate, checksum: checksum(certificate) };
  writePrivate(fileIn(folder), JSON.stringify(content));
}

/** Detects a damaged file, or one with the key of another certificate. */
function checksum({ key, certificate, expires }: ServerCertificate): number {
  const text = `${key}${certificate}${expires}`;
  let sum = 0;
  for (let index = 0; index < text.length; index++)
    sum = (Math.imul(sum, 31) + text.charCodeAt(index)) | 0;
  return sum;
}

/**
 * Converts the certificate to the format of the handshake: the base64 text inside PEM, without
 * padding.
 */
export const toHandshakeFormat = ({ certificate }: ServerCertificate): string =>
  certificate.replace(/-----[^-]+-----|[\s=]/g, "");
