/** The protocol server: handshake on stdout, calls over gRPC with mutual TLS, shutdown when told. */
import { X509Certificate } from "node:crypto";
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
import { descriptor } from "./protocol";

const magicCookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
const address = "127.0.0.1:0";

/** A request as it comes off the wire: fields that were not sent are null. */
export type Request = Readonly<Record<string, unknown>>;
export type Handler = (request: Request) => Promise<object> | object;

/** Answers Terraform's calls until it says to stop. @param handlers by the name of the call */
export async function serve(handlers: Readonly<Record<string, Handler>>): Promise<void> {
  if (process.env["TF_PLUGIN_MAGIC_COOKIE"] !== magicCookie) {
    process.stderr.write("This is lakeform's Terraform provider. It is not run by hand: terraform, tofu and cdktf start it.\n");
    process.exitCode = 1;
    return;
  }
  leaveInterruptsToTerraform();
  const { credentials, shown } = await security(process.env["PLUGIN_CLIENT_CERT"]);
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  const services = fromJSON(descriptor as Parameters<typeof fromJSON>[0], { keepCase: true, longs: Number, defaults: true });
  server.addService(services["tfplugin6.Provider"] as ServiceDefinition, unary(handlers));
  server.addService(services["plugin.GRPCController"] as ServiceDefinition, {
    Shutdown: ((_call, callback) => {
      callback(null, {});
      // The answer must leave first; connections that Terraform keeps open would delay a graceful end.
      server.tryShutdown(() => process.exit(0));
      setTimeout(() => process.exit(0), 200).unref();
    }) satisfies handleUnaryCall<object, object>,
  });
  server.bindAsync(address, credentials, (error, port) => {
    if (error !== null) {
      process.stderr.write(`[ERROR] the provider cannot listen on ${address}: ${error.message}\n`);
      process.exit(1);
    }
    process.stdout.write(`1|6|tcp|127.0.0.1:${port}|grpc|${shown}\n`);
  });
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

/** Mutual TLS with the certificate that Terraform sent, or none when it says so (TF_DISABLE_PLUGIN_TLS). */
async function security(clientCertificate: string | undefined): Promise<{ credentials: ServerCredentials; shown: string }> {
  if (clientCertificate === undefined || clientCertificate === "") return { credentials: ServerCredentials.createInsecure(), shown: "" };
  const own = await serverCertificate();
  const pair = { private_key: Buffer.from(own.key), cert_chain: Buffer.from(own.certificate) };
  const credentials = ServerCredentials.createSsl(Buffer.from(clientCertificate), [pair], true);
  const der = new X509Certificate(own.certificate).raw.toString("base64").replace(/=+$/, "");
  return { credentials, shown: der };
}

/** Ctrl-C reaches the whole process group: Terraform decides what it means (StopProvider), this process goes on. When Terraform is gone, so are we. */
function leaveInterruptsToTerraform(): void {
  process.on("SIGINT", () => undefined);
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, 2000).unref();
}
