/** The protocol server: gRPC calls over mutual TLS, shutdown on request. */
import {
  Server,
  ServerCredentials,
  status,
  type handleUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { fromJSON } from "@grpc/proto-loader";
import { serverCertificate } from "./certificate";
import type { ServerCertificate } from "./certificate-cache";
import { clientCertificate, Handshake } from "./handshake";
import { descriptor } from "./protocol";

/** A decoded request: fields that were not sent are null. */
export type Request = Readonly<Record<string, unknown>>;
export type Handler = (request: Request) => Promise<object> | object;

export interface Service {
  /** By the name of the call. */
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Terraform ends the process gracefully. */
  close(): void;
}

/**
 * Answers Terraform's calls until shutdown. @param early the handshake, if it already took place
 */
export async function serve(service: Service, early?: Handshake): Promise<void> {
  const sent = clientCertificate();
  const own = sent === undefined ? undefined : (early?.certificate ?? (await serverCertificate()));
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  const services = fromJSON(descriptor as Parameters<typeof fromJSON>[0], { keepCase: true, longs: Number, defaults: true });
  server.addService(services["tfplugin6.Provider"] as ServiceDefinition, unary(service.handlers));
  server.addService(services["plugin.GRPCController"] as ServiceDefinition, {
    Shutdown: ((_call, callback) => {
      service.close();
      callback(null, {});
      // The answer must be sent first; open connections of Terraform would delay a graceful shutdown.
      server.tryShutdown(() => process.exit(0));
      setTimeout(() => process.exit(0), 200).unref();
    }) satisfies handleUnaryCall<object, object>,
  });
  const injector = server.createConnectionInjector(security(sent, own));
  const answer = (handshake: Handshake): void => handshake.connect((socket) => injector.injectConnection(socket));
  if (early === undefined) Handshake.make(own, answer);
  else answer(early);
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
            process.stderr.write(`[ERROR] ${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
            callback({ code: status.INTERNAL, message: `${name}: ${error instanceof Error ? error.message : String(error)}` });
          },
        );
    }) satisfies handleUnaryCall<object, object>;
  }
  return implementation;
}
