/** The provider's process without Terraform: replaced certificates, interrupts and the code cache. */
import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { credentials } from "@grpc/grpc-js";
import { generate } from "selfsigned";
import { cacheCertificate } from "../../src/provider/certificate-cache";
import { cookie, entry, generateClientCertificate, shutDown, StartLab } from "./start-lab";

describe("the provider's process", () => {
  const lab = new StartLab();
  beforeAll(async () => {
    // The first start saves a certificate.
    const client = await generateClientCertificate();
    const { child, line } = lab.start({
      TF_PLUGIN_MAGIC_COOKIE: cookie,
      PLUGIN_CLIENT_CERT: client.cert,
    });
    await line;
    child.kill("SIGKILL");
  });
  afterAll(() => lab.close());

  describe("replaces a saved certificate that", () => {
    const file = path.join(lab.cache, "lakeform", "provider-certificate.json");
    const certificateFor = async (days: number): Promise<string> => {
      const notAfterDate = new Date(Date.now() + days * 24 * 3600 * 1000);
      const generated = await generate([{ name: "commonName", value: "localhost" }], {
        keyType: "ec",
        notAfterDate,
      });
      const folder = path.join(lab.cache, "other");
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
      const client = await generateClientCertificate();
      const { line, ended } = lab.start({
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
    const { child, line, ended } = lab.start({ TF_PLUGIN_MAGIC_COOKIE: cookie });
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
      env: { PATH: process.env["PATH"], XDG_CACHE_HOME: lab.cache, TF_PLUGIN_MAGIC_COOKIE: cookie },
      stdio: ["ignore", "pipe", "inherit"],
    });
    lab.children.push(terraform);
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
    const folder = path.join(lab.cache, "lakeform");
    const compiledFiles = (): string[] =>
      fs.readdirSync(folder).filter((name) => name.endsWith(".bin"));
    expect(compiledFiles()).toHaveLength(1);
    fs.writeFileSync(path.join(folder, compiledFiles()[0] ?? ""), "not code", { mode: 0o600 });
    const { line, ended } = lab.start({ TF_PLUGIN_MAGIC_COOKIE: cookie });
    await shutDown((await line).split("|")[3] ?? "");
    expect(await ended).toBe(0);
    expect(fs.statSync(path.join(folder, compiledFiles()[0] ?? "")).size).toBeGreaterThan(100_000);
  });
});
