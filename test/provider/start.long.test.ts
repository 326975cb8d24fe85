/** The provider's process without Terraform: handshake, certificate, caches and shutdown. */
import { spawn, type ChildProcess } from "node:child_process";
import { X509Certificate } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Client, credentials, type ChannelCredentials } from "@grpc/grpc-js";
import { generate } from "selfsigned";
import { cacheCertificate } from "../../src/provider/certificate-cache";

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

  /**
   * @param tls the credentials of Terraform: its own certificate, with the provider's certificate as
   * the only authority
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

  describe("replaces a saved certificate that", () => {
    const file = path.join(cache, "lakeform", "provider-certificate.json");
    const certificateFor = async (days: number): Promise<string> => {
      const notAfterDate = new Date(Date.now() + days * 24 * 3600 * 1000);
      const generated = await generate([{ name: "commonName", value: "localhost" }], {
        keyType: "ec",
        notAfterDate,
      });
      const folder = path.join(cache, "other");
      cacheCertificate(
        { key: generated.private, certificate: generated.cert, expires: notAfterDate.getTime() },
        folder,
      );
      return fs.readFileSync(path.join(folder, path.basename(file)), "utf8");
    };
    const readFile = (): { key: string; certificate: string } =>
      JSON.parse(fs.readFileSync(file, "utf8")) as { key: string; certificate: string };

    test.each<[string, () => Promise<string>, mode?: number]>([
      ["other users can read", () => Promise.resolve(fs.readFileSync(file, "utf8")), 0o644],
      ["is truncated", () => Promise.resolve(fs.readFileSync(file, "utf8").slice(0, 300))],
      [
        "contains a key of another certificate",
        async () =>
          JSON.stringify({
            ...readFile(),
            key: (JSON.parse(await certificateFor(365)) as ReturnType<typeof readFile>).key,
          }),
      ],
      ["has expired", () => certificateFor(-1)],
      ["expires within a day", () => certificateFor(0.5)],
      [
        "was saved by an earlier version",
        () => Promise.resolve(JSON.stringify({ ...readFile(), checksum: undefined })),
      ],
    ])("%s", async (_what, content, mode = 0o600) => {
      const savedCertificate = await content();
      fs.writeFileSync(file, savedCertificate);
      fs.chmodSync(file, mode);
      const client = await generate([{ name: "commonName", value: "terraform" }], {
        keyType: "ec",
      });
      const { line, ended } = start({
        TF_PLUGIN_MAGIC_COOKIE: cookie,
        PLUGIN_CLIENT_CERT: client.cert,
      });
      const [, , , address = "", , certificate = ""] = (await line).trim().split("|");
      expect(fs.readFileSync(file, "utf8")).not.toBe(savedCertificate);
      expect((fs.statSync(file).mode & 0o777).toString(8)).toBe("600");
      const authority = new X509Certificate(Buffer.from(certificate, "base64")).toString();
      await shutDown(
        address,
        credentials.createSsl(
          Buffer.from(authority),
          Buffer.from(client.private),
          Buffer.from(client.cert),
        ),
      );
      expect(await ended).toBe(0);
    });
  });

  test("ignores an interrupt during the start, because Terraform shuts it down", async () => {
    const { child, line, ended } = start({ TF_PLUGIN_MAGIC_COOKIE: cookie });
    const handshake = await line;
    child.kill("SIGINT");
    await shutDown(handshake.split("|")[3] ?? "");
    expect(await ended).toBe(0);
  });

  test("exits when Terraform is killed", async () => {
    const script = `const child = require("node:child_process").spawn(process.execPath, [${JSON.stringify(entry)}], { stdio: ["ignore", "inherit", "inherit"] });
      process.stdout.write(child.pid + "\\n");
      setInterval(() => undefined, 1000);`;
    const terraform = spawn(process.execPath, ["-e", script], {
      env: { PATH: process.env["PATH"], XDG_CACHE_HOME: cache, TF_PLUGIN_MAGIC_COOKIE: cookie },
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(terraform);
    let output = "";
    terraform.stdout.on("data", (text: Buffer) => (output += text.toString()));
    while (!output.includes("|grpc|")) await new Promise((resolve) => setTimeout(resolve, 20));
    const pid = Number(output.split("\n")[0]);
    const isRunning = (): boolean => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    expect(isRunning()).toBe(true);
    terraform.kill("SIGKILL");
    const deadline = Date.now() + 10_000;
    while (isRunning() && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isRunning()).toBe(false);
  });

  test("caches compiled code for the next start, and also starts if the cache is broken", async () => {
    const folder = path.join(cache, "lakeform");
    const compiledFiles = (): string[] =>
      fs.readdirSync(folder).filter((name) => name.endsWith(".bin"));
    expect(compiledFiles()).toHaveLength(1);
    fs.writeFileSync(path.join(folder, compiledFiles()[0] ?? ""), "not code", { mode: 0o600 });
    const { line, ended } = start({ TF_PLUGIN_MAGIC_COOKIE: cookie });
    await shutDown((await line).split("|")[3] ?? "");
    expect(await ended).toBe(0);
    expect(fs.statSync(path.join(folder, compiledFiles()[0] ?? "")).size).toBeGreaterThan(100_000);
  });
});
