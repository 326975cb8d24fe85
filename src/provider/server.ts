/** The protocol server: gRPC calls over mutual TLS, shutdown on request. */
import { serverCertificate } from "./certificate";
import type { ServerCertificate } from "./certificate-cache";
import { GrpcServer, type Call, type Security } from "./grpc";
import { clientCertificate, Handshake } from "./handshake";
import { calls, messages } from "./protocol";
import { Codec } from "./wire";

/** A decoded request: fields that were not sent are null. */
export type Request = Readonly<Record<string, unknown>>;
export type Handler = (request: Request) => Promise<object> | object;

export interface Service {
  /** Handlers by the name of the call. */
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Called when Terraform stops the process gracefully. */
  close(): void;
}

/**
 * Answers Terraform's calls until shutdown. @param early the handshake, if it already took place
 */
export async function serve(open: () => Service, early?: Handshake): Promise<void> {
  const sent = clientCertificate();
  const own = sent === undefined ? undefined : (early?.certificate ?? (await serverCertificate()));
  const security = securityOf(sent, own);
  const answer = (handshake: Handshake): void => {
    // Terraform connects once for each provider configuration. A shared process gets all these
    // connections.
    const one = handshake.isShared ? undefined : serverOf(open(), security);
    handshake.connect((socket) => (one ?? serverOf(open(), security)).take(socket));
  };
  if (early === undefined) Handshake.make(own, answer);
  else answer(early);
}

const codec = new Codec(messages);

/** Serves the calls of one service. */
function serverOf(service: Service, security: Security | undefined): GrpcServer {
  const served = calls.flatMap((name): [string, Call][] => {
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

function callOf(name: string, handler: Handler): Call {
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

/** Mutual TLS with the certificate that Terraform sent, or plain text if Terraform requests it. */
function securityOf(
  sent: string | undefined,
  own: ServerCertificate | undefined,
): Security | undefined {
  return sent === undefined || own === undefined
    ? undefined
    : { key: own.key, cert: own.certificate, ca: sent };
}
