/** The provider's process without Terraform: handshake, certificate, caches and shutdown. */
import { spawn, type ChildProcess } from "node:child_process";
import { X509Certificate } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Client, credentials, status, type ChannelCredentials } from "@grpc/grpc-js";
import { generate } from "selfsigned";

const entry = path.join(__dirname, "..", "..", "dist", "provider.js");
const cookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

describe("the provider's process", () => {
  const cache = fs.mkdtempSync(path.join(os.tmpdir(), "provider-cache-"));
  const children: ChildProcess[] = [];
  afterAll(() => {
    for (const child of children) child.kill("SIGKILL");
    fs.rmSync(cache, { recursive: true, force: true });
  });

  function start(environment: NodeJS.ProcessEnv): {
    child: ChildProcess;
    line: Promise<string>;
    ended: Promise<number | null>;
    stderr: () => string;
  } {
    const env = { PATH: process.env["PATH"], XDG_CACHE_HOME: cache, ...environment };
    const child = spawn(process.execPath, [entry], { env, stdio: ["ignore", "pipe", "pipe"] });
    children.push(child);
    let stderrText = "";
    child.stderr.on("data", (text: Buffer) => (stderrText += text.toString()));
    const line = new Promise<string>((resolve) =>
      child.stdout.once("data", (text: Buffer) => resolve(text.toString())),
    );
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    return { child, line, ended, stderr: () => stderrText };
  }

  /** Makes a call to which the server responds even if it does not implement the call. */
  const ping = (address: string, tls: ChannelCredentials): Promise<void> =>
    unary(address, tls, "/tfplugin6.Provider/Nothing").catch((error: unknown) => {
      if ((error as { code?: number }).code !== status.UNIMPLEMENTED) throw error;
    });

  /**
   * Ends the process, as Terraform does.
   * @param tls by default without certificates; Terraform's have its own certificate, and the
   * provider's as the only authority
   */
  const shutDown = (
    address: string,
    tls: ChannelCredentials = credentials.createInsecure(),
  ): Promise<void> => unary(address, tls, "/plugin.GRPCController/Shutdown");

  function unary(address: string, tls: ChannelCredentials, call: string): Promise<void> {
    const client = new Client(address, tls, { "grpc.ssl_target_name_override": "localhost" });
    const emptyMessage = (): Buffer => Buffer.alloc(0);
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(call, emptyMessage, emptyMessage, Buffer.alloc(0), (error) => {
        client.close();
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  test("prints a description and exits when started manually", async () => {
    const { ended, stderr } = start({});
    expect(await ended).toBe(1);
    expect(stderr()).toContain("Do not run it manually");
  });

  test("prints the handshake in one line, and exits on request", async () => {
    const { line, ended } = start({ TF_PLUGIN_MAGIC_COOKIE: cookie });
    const handshake = await line;
    expect(handshake).toMatch(/^1\|6\|tcp\|127\.0\.0\.1:\d+\|grpc\|\n$/);
    await shutDown(handshake.split("|")[3] ?? "");
    expect(await ended).toBe(0);
  });

  test("presents its certificate to a client that has one, and keeps it for the next start", async () => {
    const client = await generate([{ name: "commonName", value: "terraform" }], { keyType: "ec" });
    const certificates: string[] = [];
    for (let i = 0; i < 2; i++) {
      const { child, line } = start({
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
    const file = path.join(cache, "lakeform", "provider-certificate.json");
    expect((fs.statSync(file).mode & 0o777).toString(8)).toBe("600");
  });

  test("serves a client that connects before the code is loaded, and rejects one with another certificate", async () => {
    const client = await generate([{ name: "commonName", value: "terraform" }], { keyType: "ec" });
    const { child, line, ended, stderr } = start({
      TF_PLUGIN_MAGIC_COOKIE: cookie,
      PLUGIN_CLIENT_CERT: client.cert,
    });
    const [, , , address = "", , certificate = ""] = (await line).trim().split("|");
    // The process is stopped at the handshake, before it has loaded the code of the server.
    child.kill("SIGSTOP");
    const authority = Buffer.from(
      new X509Certificate(Buffer.from(certificate, "base64")).toString(),
    );
    const stranger = await generate([{ name: "commonName", value: "terraform" }], {
      keyType: "ec",
    });
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
