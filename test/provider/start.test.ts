/** The provider's process by itself: handshake, certificate, caches, shutdown. */
import { spawn, type ChildProcess } from "node:child_process";
import { X509Certificate } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Client, credentials } from "@grpc/grpc-js";
import { generate } from "selfsigned";

const entry = path.join(__dirname, "..", "..", "dist", "provider.js");
const cookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

describe("the provider's process", () => {
  const cache = fs.mkdtempSync(path.join(os.tmpdir(), "provider-cache-"));
  const started: ChildProcess[] = [];
  afterAll(() => {
    for (const child of started) child.kill("SIGKILL");
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
    started.push(child);
    let error = "";
    child.stderr.on("data", (text: Buffer) => (error += text.toString()));
    const line = new Promise<string>((resolve) => child.stdout.once("data", (text: Buffer) => resolve(text.toString())));
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    return { child, line, ended, stderr: () => error };
  }

  function shutDown(address: string): Promise<void> {
    const client = new Client(address, credentials.createInsecure());
    const empty = (): Buffer => Buffer.alloc(0);
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest("/plugin.GRPCController/Shutdown", empty, empty, Buffer.alloc(0), (error) => {
        client.close();
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  test("run by hand says what it is", async () => {
    const { ended, stderr } = start({});
    expect(await ended).toBe(1);
    expect(stderr()).toContain("It is not run by hand");
  });

  test("shakes hands in one line, and ends at once when told", async () => {
    const { line, ended } = start({ TF_PLUGIN_MAGIC_COOKIE: cookie });
    const handshake = await line;
    expect(handshake).toMatch(/^1\|6\|tcp\|127\.0\.0\.1:\d+\|grpc\|\n$/);
    await shutDown(handshake.split("|")[3] ?? "");
    expect(await ended).toBe(0);
  });

  test("shows its certificate to a client that has one, and keeps it for the next start", async () => {
    const client = await generate([{ name: "commonName", value: "terraform" }], { keyType: "ec" });
    const shown: string[] = [];
    for (let i = 0; i < 2; i++) {
      const { child, line } = start({ TF_PLUGIN_MAGIC_COOKIE: cookie, PLUGIN_CLIENT_CERT: client.cert });
      shown.push((await line).trim().split("|")[5] ?? "");
      child.kill("SIGKILL");
    }
    expect(shown[0]).toBe(shown[1]);
    const certificate = new X509Certificate(Buffer.from(shown[0] ?? "", "base64"));
    expect(certificate.subjectAltName).toBe("DNS:localhost");
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
    const file = path.join(cache, "lakeform", "provider-certificate.json");
    expect((fs.statSync(file).mode & 0o777).toString(8)).toBe("600");
  });

  test("a certificate that others can read is not used", async () => {
    const file = path.join(cache, "lakeform", "provider-certificate.json");
    const before = fs.readFileSync(file, "utf8");
    fs.chmodSync(file, 0o644);
    const client = await generate([{ name: "commonName", value: "terraform" }], { keyType: "ec" });
    const { child, line } = start({ TF_PLUGIN_MAGIC_COOKIE: cookie, PLUGIN_CLIENT_CERT: client.cert });
    await line;
    child.kill("SIGKILL");
    expect(fs.readFileSync(file, "utf8")).not.toBe(before);
    expect((fs.statSync(file).mode & 0o777).toString(8)).toBe("600");
  });

  test("keeps compiled code for the next start; a broken cache does no harm", async () => {
    const folder = path.join(cache, "lakeform");
    const compiled = (): string[] => fs.readdirSync(folder).filter((name) => name.endsWith(".bin"));
    expect(compiled()).toHaveLength(1);
    fs.writeFileSync(path.join(folder, compiled()[0] ?? ""), "not code", { mode: 0o600 });
    const { line, ended } = start({ TF_PLUGIN_MAGIC_COOKIE: cookie });
    await shutDown((await line).split("|")[3] ?? "");
    expect(await ended).toBe(0);
    expect(fs.statSync(path.join(folder, compiled()[0] ?? "")).size).toBeGreaterThan(100_000);
  });
});
