/** The certificate that Terraform knows this process by. Made once and kept: making one costs more than the rest of the start. */
import { X509Certificate } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

export interface ServerCertificate {
  readonly key: string;
  readonly certificate: string;
}

const validDays = 365;

/** From the cache if it is good for another day. A cache that cannot be read or written is done without. */
export async function serverCertificate(folder: string = cacheFolder()): Promise<ServerCertificate> {
  const file = path.join(folder, "provider-certificate.json");
  const cached = read(file);
  if (cached !== undefined) return cached;
  const made = await make();
  keep(file, made);
  return made;
}

function cacheFolder(): string {
  const home = process.env["XDG_CACHE_HOME"] ?? path.join(os.homedir(), ".cache");
  return path.join(home, "lakeform");
}

function read(file: string): ServerCertificate | undefined {
  try {
    const status = fs.statSync(file);
    const foreign = process.getuid !== undefined && status.uid !== process.getuid();
    if (foreign || (process.platform !== "win32" && (status.mode & 0o077) !== 0)) return undefined; // a key that others could read or set is none
    const kept = JSON.parse(fs.readFileSync(file, "utf8")) as Partial<ServerCertificate>;
    if (typeof kept.key !== "string" || typeof kept.certificate !== "string") return undefined;
    const expires = Date.parse(new X509Certificate(kept.certificate).validTo);
    return expires > Date.now() + 24 * 3600 * 1000 ? { key: kept.key, certificate: kept.certificate } : undefined;
  } catch {
    return undefined; // absent, broken, or from another time: a new one is made
  }
}

function keep(file: string, made: ServerCertificate): void {
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const temporary = `${file}.${process.pid}.tmp`;
    fs.writeFileSync(temporary, JSON.stringify(made), { mode: 0o600 });
    fs.renameSync(temporary, file);
  } catch (error) {
    process.stderr.write(`[WARN] the provider's certificate cannot be kept: ${error instanceof Error ? error.message : String(error)}\n`);
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
