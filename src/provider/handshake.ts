/**
 * Performs Terraform's handshake before anything else is loaded: opens a port, prints it, and keeps
 * connections waiting until the protocol server is ready. The server's code loads while Terraform
 * connects.
 */
import fs from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import path from "node:path";
import { toHandshakeFormat, type ServerCertificate } from "./certificate-cache";

/** The value by which Terraform's plugin protocol recognises its processes. */
const magicCookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
const host = "127.0.0.1";

export const isStartedByTerraform = (): boolean =>
  process.env["TF_PLUGIN_MAGIC_COOKIE"] === magicCookie;

/** Returns the certificate that Terraform sent; undefined without TLS (TF_DISABLE_PLUGIN_TLS). */
export function clientCertificate(): string | undefined {
  const certificate = process.env["PLUGIN_CLIENT_CERT"];
  return certificate === "" ? undefined : certificate;
}

/**
 * Ties the life of this process to Terraform's. Ctrl-C is ignored: it reaches every process of the
 * group, but Terraform decides when to stop (StopProvider). If Terraform has ended without a
 * shutdown, this process ends, too.
 */
export function endWithTerraform(): void {
  process.on("SIGINT", () => undefined);
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, 2000).unref();
}

/** An open port whose address was printed for Terraform. */
export class Handshake {
  #pending: Socket[] = [];
  #accept: ((socket: Socket) => void) | undefined;

  private constructor(
    /**
     * The certificate printed to Terraform; undefined without TLS. The server must use it, because
     * the cache can change.
     */
    readonly certificate: ServerCertificate | undefined,
    /**
     * Whether several Terraform processes, with all their provider configurations, connect to this
     * process (src/terraform/plan-provider.ts).
     */
    readonly isShared: boolean,
  ) {}

  /** Opens the port and prints its address. @param onPrinted called after that */
  static make(
    certificate: ServerCertificate | undefined,
    onPrinted: (handshake: Handshake) => void,
  ): void {
    const socket = process.env["LAKEFORM_PROVIDER_SOCKET"] ?? "";
    const result = new Handshake(certificate, socket !== "");
    const server = createServer((connection) => {
      if (result.#accept === undefined) result.#pending.push(connection);
      else result.#accept(connection);
    });
    server.on("error", (error) => {
      process.stderr.write(
        `[ERROR] the provider cannot listen on ${socket === "" ? host : socket}: ${error.message}\n`,
      );
      process.exit(1);
    });
    if (socket !== "") {
      process.on("SIGTERM", () => process.exit(0));
      // Remove the socket here, because a killed lakeform cannot do it.
      process.on("exit", () => {
        fs.rmSync(socket, { force: true });
        if (
          fs.existsSync(path.dirname(socket)) &&
          fs.readdirSync(path.dirname(socket)).length === 0
        )
          fs.rmdirSync(path.dirname(socket));
      });
      server.listen(socket, () => {
        process.stdout.write(`1|6|unix|${socket}|grpc|\n`);
        onPrinted(result);
      });
      return;
    }
    server.listen(0, host, () => {
      const { port } = server.address() as AddressInfo;
      process.stdout.write(
        `1|6|tcp|${host}:${port}|grpc|${certificate === undefined ? "" : toHandshakeFormat(certificate)}\n`,
      );
      onPrinted(result);
    });
  }

  /** Passes all connections to `accept`, pending ones first. */
  connect(accept: (socket: Socket) => void): void {
    this.#accept = accept;
    for (const socket of this.#pending.splice(0)) accept(socket);
  }
}
