/** Reads the certificate of the last start, without loading the library that generates one. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import path from "node:path";
import { cacheFolder, readPrivate, writePrivate } from "../private-files";

export interface ServerCertificate {
  readonly key: string;
  readonly certificate: string;
}

const fileIn = (folder: string): string => path.join(folder, "provider-certificate.json");

/** Returns the cached certificate if it is valid for at least one more day. */
export function keptCertificate(folder: string = cacheFolder()): ServerCertificate | undefined {
  const bytes = readPrivate(fileIn(folder));
  if (bytes === undefined) return undefined;
  try {
    const { key, certificate } = JSON.parse(bytes.toString("utf8")) as Partial<ServerCertificate>;
    if (typeof key !== "string" || typeof certificate !== "string") return undefined;
    const read = new X509Certificate(certificate);
    const isValid =
      read.checkPrivateKey(createPrivateKey(key)) &&
      Date.parse(read.validTo) > Date.now() + 24 * 3600 * 1000;
    return isValid ? { key, certificate } : undefined;
  } catch {
    return undefined; // The cached certificate is invalid, so a new one is generated.
  }
}

export function keepCertificate(
  certificate: ServerCertificate,
  folder: string = cacheFolder(),
): void {
  writePrivate(fileIn(folder), JSON.stringify(certificate));
}

/** Formats the certificate for the handshake: DER as base64 without padding. */
export const shown = ({ certificate }: ServerCertificate): string =>
  new X509Certificate(certificate).raw.toString("base64").replace(/=+$/, "");
