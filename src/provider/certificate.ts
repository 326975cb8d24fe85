/** The certificate that Terraform knows this process by. Made once and kept: making one costs more than the rest of the start. */
import { X509Certificate } from "node:crypto";
import path from "node:path";
import { cacheFolder, readPrivate, writePrivate } from "./cache";

export interface ServerCertificate {
  readonly key: string;
  readonly certificate: string;
}

const validDays = 365;

/** From the cache if it is good for another day. A cache that cannot be read or written is done without. */
export async function serverCertificate(folder: string = cacheFolder()): Promise<ServerCertificate> {
  const file = path.join(folder, "provider-certificate.json");
  const cached = parse(readPrivate(file));
  if (cached !== undefined) return cached;
  const made = await make();
  writePrivate(file, JSON.stringify(made));
  return made;
}

function parse(bytes: Buffer | undefined): ServerCertificate | undefined {
  if (bytes === undefined) return undefined;
  try {
    const kept = JSON.parse(bytes.toString("utf8")) as Partial<ServerCertificate>;
    if (typeof kept.key !== "string" || typeof kept.certificate !== "string") return undefined;
    const expires = Date.parse(new X509Certificate(kept.certificate).validTo);
    return expires > Date.now() + 24 * 3600 * 1000 ? { key: kept.key, certificate: kept.certificate } : undefined;
  } catch {
    return undefined; // broken: a new one is made
  }
}

async function make(): Promise<ServerCertificate> {
  const { generate } = await import("selfsigned");
  const made = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notBeforeDate: new Date(Date.now() - 3600 * 1000),
    notAfterDate: new Date(Date.now() + validDays * 24 * 3600 * 1000),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", digitalSignature: true, keyEncipherment: true, keyCertSign: true, critical: true },
      { name: "extKeyUsage", serverAuth: true, clientAuth: true },
      { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] },
    ],
  });
  return { key: made.private, certificate: made.cert };
}
