/** Starts the provider's process as Terraform does, and calls it. */
import { spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Client, credentials, type ChannelCredentials } from "@grpc/grpc-js";
import { generate } from "selfsigned";

export const entry = path.join(__dirname, "..", "..", "dist", "provider.js");
export const cookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

interface StartedProvider {
  readonly child: ChildProcess;
  /** The line of the handshake. */
  readonly line: Promise<string>;
  /** The exit code. */
  readonly ended: Promise<number | null>;
  readonly stderr: () => string;
}

/** A cache folder for the tests of a file, and the processes that they start with it. */
export class StartLab {
  readonly cache = fs.mkdtempSync(path.join(os.tmpdir(), "provider-cache-"));
  readonly children: ChildProcess[] = [];

  start(variables: NodeJS.ProcessEnv): StartedProvider {
    const env = { PATH: process.env["PATH"], XDG_CACHE_HOME: this.cache, ...variables };
    const child = spawn(process.execPath, [entry], { env, stdio: ["ignore", "pipe", "pipe"] });
    this.children.push(child);
    let stderrText = "";
    child.stderr.on("data", (text: Buffer) => (stderrText += text.toString()));
    const line = new Promise<string>((resolve) =>
      child.stdout.once("data", (text: Buffer) => resolve(text.toString())),
    );
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    return { child, line, ended, stderr: () => stderrText };
  }

  close(): void {
    for (const child of this.children) child.kill("SIGKILL");
    fs.rmSync(this.cache, { recursive: true, force: true });
  }
}

/** Generates a certificate for the client, as Terraform does for each start. */
export const generateClientCertificate = (): ReturnType<typeof generate> =>
  generate([{ name: "commonName", value: "terraform" }], { keyType: "ec" });

/**
 * Ends the process, as Terraform does.
 * @param tls by default without certificates; Terraform's have its own certificate, and the
 * provider's as the only authority
 */
export const shutDown = (
  address: string,
  tls: ChannelCredentials = credentials.createInsecure(),
): Promise<void> => callUnary(address, tls, "/plugin.GRPCController/Shutdown");

export function callUnary(address: string, tls: ChannelCredentials, call: string): Promise<void> {
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
