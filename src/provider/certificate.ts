/**
 * Provides the certificate that this process presents to Terraform. It is cached, because
 * generating one takes longer than the rest of the start.
 */
import { cacheCertificate, cachedCertificate, type ServerCertificate } from "./certificate-cache";

const validDays = 365;

/** Returns the cached certificate, or a new one if the cache has none. */
export async function serverCertificate(): Promise<ServerCertificate> {
  const cached = cachedCertificate();
  if (cached !== undefined) return cached;
  const result = await generateCertificate();
  cacheCertificate(result);
  return result;
}

async function generateCertificate(): Promise<ServerCertificate> {
  const { generate } = await import("selfsigned");
  const notAfterDate = new Date(Date.now() + validDays * 24 * 3600 * 1000);
  const result = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notBeforeDate: new Date(Date.now() - 3600 * 1000),
    notAfterDate,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      {
        name: "keyUsage",
        digitalSignature: true,
        keyEncipherment: true,
        keyCertSign: true,
        critical: true,
      },
      { name: "extKeyUsage", serverAuth: true, clientAuth: true },
      { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] },
    ],
  });
  return { key: result.private, certificate: result.cert, expires: notAfterDate.getTime() };
}
