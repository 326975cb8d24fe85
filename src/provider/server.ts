/** The protocol server: gRPC calls over mutual TLS, shutdown on request. */
import type { Socket } from "node:net";
import {
  Server,
  ServerCredentials,
  status,
  type handleUnaryCall,
  type MethodDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { serverCertificate } from "./certificate";
import type { ServerCertificate } from "./certificate-cache";
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
  const credentials = security(sent, own);
  const answer = (handshake: Handshake): void => {
    // Terraform connects once for each provider configuration. A shared process gets all these
    // connections.
    const next = handshake.isShared
      ? () => new Connections(open(), credentials)
      : always(new Connections(open(), credentials));
    handshake.connect((socket) => next().take(socket));
  };
  if (early === undefined) Handshake.make(own, answer);
  else answer(early);
}

const always =
  <T>(value: T) =>
  (): T =>
    value;

/** Serves the calls of one service. */
class Connections {
  readonly #injector;

  constructor(service: Service, credentials: ServerCredentials) {
    const server = new Server({
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
    });
    server.addService(providerCalls, unary(service.handlers));
    server.addService(controllerCalls, {
      Shutdown: ((_call, callback) => {
        service.close();
        callback(null, {});
        // Send the response first. Terraform's open connections would delay a graceful shutdown.
        server.tryShutdown(() => process.exit(0));
        setTimeout(() => process.exit(0), 200).unref();
      }) satisfies handleUnaryCall<object, object>,
    });
    this.#injector = server.createConnectionInjector(credentials);
  }

  take(socket: Socket): void {
    this.#injector.injectConnection(socket);
  }
}

const codec = new Codec(messages);
const providerCalls = Object.fromEntries(
  calls.map((name) =>
    method(`/tfplugin6.Provider/${name}`, name, `${name}Request`, `${name}Response`),
  ),
);
const controllerCalls = Object.fromEntries([
  method("/plugin.GRPCController/Shutdown", "Shutdown", "Empty", "Empty"),
]);

function method(
  path: string,
  name: string,
  request: string,
  response: string,
): [string, MethodDefinition<object, object>] {
  const encode = (message: string) => (value: object) => codec.encode(message, value);
  const decode = (message: string) => (bytes: Buffer) => codec.decode(message, bytes);
  return [
    name,
    {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: encode(request),
      requestDeserialize: decode(request),
      responseSerialize: encode(response),
      responseDeserialize: decode(response),
    },
  ];
}

/** Mutual TLS with the certificate that Terraform sent, or plain text if Terraform requests it. */
function security(sent: string | undefined, own: ServerCertificate | undefined): ServerCredentials {
  if (sent === undefined || own === undefined) return ServerCredentials.createInsecure();
  const pair = { private_key: Buffer.from(own.key), cert_chain: Buffer.from(own.certificate) };
  return ServerCredentials.createSsl(Buffer.from(sent), [pair], true);
}

function unary(handlers: Readonly<Record<string, Handler>>): UntypedServiceImplementation {
  const implementation: UntypedServiceImplementation = {};
  for (const [name, handler] of Object.entries(handlers)) {
    implementation[name] = ((call, callback) => {
      Promise.resolve()
        .then(() => handler(call.request as Readonly<Record<string, unknown>>))
        .then(
          (answer) => callback(null, answer),
          (error: unknown) => {
            process.stderr.write(
              `[ERROR] ${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
            );
            callback({
              code: status.INTERNAL,
              message: `${name}: ${error instanceof Error ? error.message : String(error)}`,
            });
          },
        );
    }) satisfies handleUnaryCall<object, object>;
  }
  return implementation;
}
