import { createPrivateKey, X509Certificate } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { generate } from "selfsigned";

/** A key and its certificate, and the file of the authority's certificate. */
export interface TlsMaterial {
  /** In PEM format, like `cert`. */
  readonly key: string;
  readonly cert: string;
  /**
   * The authority's certificate, for clients: `SSL_CERT_FILE`, `NODE_EXTRA_CA_CERTS`,
   * `curl --cacert`.
   */
  readonly caFile: string;
}

const DAY = 24 * 3600 * 1000;

/**
 * Returns the certificate for 127.0.0.1, ::1 and localhost in `folder`. If one of its files is
 * missing or damaged, if the files do not match, or if it expires within 30 days, creates a new
 * certificate authority and a certificate. The authority's key is discarded.
 */
export async function ensureCertificates(folder: string): Promise<TlsMaterial> {
  const files = {
    ca: path.join(folder, "ca.pem"),
    cert: path.join(folder, "cert.pem"),
    key: path.join(folder, "key.pem"),
  };
  if (!areUsable(files)) {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const notAfterDate = new Date(Date.now() + 825 * DAY);
    const commonOptions = {
      keyType: "ec",
      algorithm: "sha256",
      notBeforeDate: new Date(Date.now() - DAY),
      notAfterDate,
    } as const;
    const authority = await generate(
      [{ name: "commonName", value: "lakeform local workspace authority" }],
      {
        ...commonOptions,
        extensions: [
          { name: "basicConstraints", cA: true, critical: true },
          { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
        ],
      },
    );
    const leaf = await generate([{ name: "commonName", value: "localhost" }], {
      ...commonOptions,
      ca: { key: authority.private, cert: authority.cert },
      extensions: [
        { name: "basicConstraints", cA: false },
        { name: "keyUsage", digitalSignature: true, critical: true },
        { name: "extKeyUsage", serverAuth: true },
        {
          name: "subjectAltName",
          altNames: [
            { type: 2, value: "localhost" },
            { type: 7, ip: "127.0.0.1" },
            { type: 7, ip: "::1" },
          ],
        },
      ],
    });
    fs.writeFileSync(files.key, leaf.private, { mode: 0o600 });
    fs.writeFileSync(files.cert, leaf.cert);
    fs.writeFileSync(files.ca, authority.cert);
  }
  return {
    key: fs.readFileSync(files.key, "utf8"),
    cert: fs.readFileSync(files.cert, "utf8"),
    caFile: files.ca,
  };
}

function areUsable(files: Readonly<Record<"ca" | "cert" | "key", string>>): boolean {
  if (!Object.values(files).every((file) => fs.existsSync(file))) return false;
  try {
    const cert = new X509Certificate(fs.readFileSync(files.cert));
    return (
      new Date(cert.validTo).getTime() > Date.now() + 30 * DAY &&
      cert.verify(new X509Certificate(fs.readFileSync(files.ca)).publicKey) &&
      cert.checkPrivateKey(createPrivateKey(fs.readFileSync(files.key)))
    );
  } catch {
    // A file is damaged.
    return false;
  }
}
