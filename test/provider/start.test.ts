/** The provider's process without Terraform: handshake, certificate and shutdown. */
import { X509Certificate } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { credentials, status, type ChannelCredentials } from "@grpc/grpc-js";
import { cookie, generateClientCertificate, shutDown, StartLab, callUnary } from "./start-lab";

describe("the provider's process", () => {
  const lab = new StartLab();
  afterAll(() => lab.close());

  /** Makes a call to which the server responds even if it does not implement the call. */
  const ping = (address: string, tls: ChannelCredentials): Promise<void> =>
    callUnary(address, tls, "/tfplugin6.Provider/Nothing").catch((error: unknown) => {
      if ((error as { code?: number }).code !== status.UNIMPLEMENTED) throw error;
    });

  test("prints a description and exits when started manually", async () => {
    const { ended, stderr } = lab.start({});
    expect(await ended).toBe(1);
    expect(stderr()).toContain("Do not run it manually");
  });

  test("prints the handshake in one line, and exits on request", async () => {
    const { line, ended } = lab.start({ TF_PLUGIN_MAGIC_COOKIE: cookie });
    const handshake = await line;
    expect(handshake).toMatch(/^1\|6\|tcp\|127\.0\.0\.1:\d+\|grpc\|\n$/);
    await shutDown(handshake.split("|")[3] ?? "");
    expect(await ended).toBe(0);
  });

  test("presents its certificate to a client that has one, and keeps it for the next start", async () => {
    const client = await generateClientCertificate();
    const certificates: string[] = [];
    for (let i = 0; i < 2; i++) {
      const { child, line } = lab.start({
        TF_PLUGIN_MAGIC_COOKIE: cookie,
        PLUGIN_CLIENT_CERT: client.cert,
      });
      certificates.push((await line).trim().split("|")[5] ?? "");
      child.kill("SIGKILL");
    }
    expect(certificates[0]).toBe(certificates[1]);
    const certificate = new X509Certificate(Buffer.from(certificates[0] ?? "", "base64"));
    expect(certificate.subjectAltName).toBe("DNS:localhost");
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
    const file = path.join(lab.cache, "lakeform", "provider-certificate.json");
    expect((fs.statSync(file).mode & 0o777).toString(8)).toBe("600");
  });

  test("serves a client that connects before the code is loaded, and rejects one with another certificate", async () => {
    const client = await generateClientCertificate();
    const { child, line, ended, stderr } = lab.start({
      TF_PLUGIN_MAGIC_COOKIE: cookie,
      PLUGIN_CLIENT_CERT: client.cert,
    });
    const [, , , address = "", , certificate = ""] = (await line).trim().split("|");
    // The process is stopped at the handshake, before it has loaded the code of the server.
    child.kill("SIGSTOP");
    const authority = Buffer.from(
      new X509Certificate(Buffer.from(certificate, "base64")).toString(),
    );
    const stranger = await generateClientCertificate();
    const strangerCall = shutDown(
      address,
      credentials.createSsl(authority, Buffer.from(stranger.private), Buffer.from(stranger.cert)),
    );
    const ownCredentials = credentials.createSsl(
      authority,
      Buffer.from(client.private),
      Buffer.from(client.cert),
    );
    const ownerCall = ping(address, ownCredentials);
    setTimeout(() => child.kill("SIGCONT"), 300);
    await Promise.all([
      expect(strangerCall).rejects.toMatchObject({ code: status.UNAVAILABLE }),
      ownerCall,
    ]);
    await shutDown(address, ownCredentials);
    expect(await ended).toBe(0);
    expect(stderr()).toBe("");
  });
});
