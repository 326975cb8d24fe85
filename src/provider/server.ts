/** The protocol server: gRPC calls over mutual TLS, shutdown on request. */
import { serverCertificate } from "./certificate";
import type { ServerCertificate } from "./certificate-cache";
import { GrpcServer, type CallHandler, type Security } from "./grpc";
import { clientCertificate, Handshake } from "./handshake";
import { calls, messages } from "./protocol";
import { Codec } from "./wire";

/** A decoded request. Fields that were not sent have their default: see `Codec.decode`. */
export type Request = Readonly<Record<string, unknown>>;
export type Handler = (request: Request) => Promise<object> | object;

export interface Service {
  /** Handlers by the name of the call. */
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Called when Terraform stops the process gracefully. */
  close(): void;
}

/**
 * Starts to answer Terraform's calls. The process ends when Terraform requests a shutdown.
 * @param open creates the service of one provider configuration
 * @param handshake the handshake, if it already took place
 */
export async function serve(open: () => Service, handshake?: Handshake): Promise<void> {
  const clientCert = clientCertificate();
  const serverCert =
    clientCert === undefined ? undefined : (handshake?.certificate ?? (await serverCertificate()));
  const security = mutualTls(clientCert, serverCert);
  const connectServer = (handshake: Handshake): void => {
    // Terraform connects once for each provider configuration. A process that several Terraform
    // processes share gets all these connections, and needs a service for each.
    const onlyServer = handshake.isShared ? undefined : serverOf(open(), security);
    handshake.connect((socket) => (onlyServer ?? serverOf(open(), security)).accept(socket));
  };
  if (handshake === undefined) Handshake.make(serverCert, connectServer);
  else connectServer(handshake);
}

const codec = new Codec(messages);

/** Serves the calls of one service. */
function serverOf(service: Service, security: Security | undefined): GrpcServer {
  const served = calls.flatMap((name): [string, CallHandler][] => {
    const handler = service.handlers[name];
    return handler === undefined ? [] : [[`/tfplugin6.Provider/${name}`, callOf(name, handler)]];
  });
  const server = new GrpcServer(
    new Map([
      ...served,
      [
        "/plugin.GRPCController/Shutdown",
        () => {
          service.close();
          server.close(() => process.exit(0));
          return Promise.resolve(codec.encode("Empty", {}));
        },
      ],
    ]),
    security,
  );
  return server;
}

function callOf(name: string, handler: Handler): CallHandler {
  return async (request) => {
    try {
      const response = await handler(codec.decode(`${name}Request`, request));
      return codec.encode(`${name}Response`, response);
    } catch (error) {
      const { message, stack = message } =
        error instanceof Error ? error : new Error(String(error));
      process.stderr.write(`[ERROR] ${name}: ${stack}\n`);
      throw new Error(`${name}: ${message}`);
    }
  };
}

/** Returns the settings of mutual TLS; undefined if Terraform sent no certificate: plain text. */
function mutualTls(
  clientCert: string | undefined,
  serverCert: ServerCertificate | undefined,
): Security | undefined {
  return clientCert === undefined || serverCert === undefined
    ? undefined
    : { key: serverCert.key, cert: serverCert.certificate, ca: clientCert };
}
