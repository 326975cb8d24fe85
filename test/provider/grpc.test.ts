/** The gRPC server against the client of @grpc/grpc-js. */
import { once } from "node:events";
import http2 from "node:http2";
import net, { type AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import {
  Client,
  compressionAlgorithms,
  credentials,
  status,
  type ServiceError,
} from "@grpc/grpc-js";
import { GrpcServer, type CallHandler } from "../../src/provider/grpc";

describe("the gRPC server", () => {
  const pendingForever = new Promise<Buffer>(() => undefined);
  const grpc = new GrpcServer(
    new Map<string, CallHandler>([
      ["/x.X/Echo", (request: Buffer) => Promise.resolve(request)],
      ["/x.X/Fail", () => Promise.reject(new Error("50 % of “jobs” failed\n\tat x"))],
      ["/x.X/Never", () => pendingForever],
    ]),
  );
  const listener = net.createServer((socket) => grpc.accept(socket));
  let client: Client;
  let compressingClient: Client;
  beforeAll(async () => {
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    const { port } = listener.address() as AddressInfo;
    client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    compressingClient = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
      "grpc.default_compression_algorithm": compressionAlgorithms.gzip,
    });
  });
  afterAll(async () => {
    client.close();
    compressingClient.close();
    await new Promise((resolve) => listener.close(resolve));
  });

  const bytes = (value: Buffer): Buffer => value;
  const call = (method: string, request: Buffer, from = client): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      from.makeUnaryRequest(`/x.X/${method}`, bytes, bytes, request, (error, response) => {
        if (error === null && response !== undefined) resolve(response);
        else reject(error ?? new Error("no answer"));
      });
    });
  const errorOf = (
    method: string,
    from?: Client,
  ): Promise<Pick<ServiceError, "code" | "details">> =>
    call(method, Buffer.from("a"), from).then(
      () => ({ code: status.OK, details: "" }),
      (error: unknown) => {
        const { code, details } = error as ServiceError;
        return { code, details };
      },
    );

  test("answers calls at the same time on one connection, of any size", async () => {
    const sizes = [0, 1, 16_384, 65_536, 3_000_000];
    const responses = await Promise.all(sizes.map((size) => call("Echo", Buffer.alloc(size, "é"))));
    expect(responses.map((response) => response.length)).toEqual(sizes);
    expect(
      responses.every((response, i) => response.equals(Buffer.alloc(sizes[i] ?? 0, "é"))),
    ).toBe(true);
  });

  test("returns errors with the message, and the status of an unknown or compressed call", async () => {
    expect(await errorOf("Fail")).toEqual({
      code: status.INTERNAL,
      details: "50 % of “jobs” failed\n\tat x",
    });
    expect(await errorOf("Other")).toEqual({
      code: status.UNIMPLEMENTED,
      details: "The server does not implement the method /x.X/Other",
    });
    expect(await errorOf("Echo", compressingClient)).toEqual({
      code: status.UNIMPLEMENTED,
      details: "/x.X/Echo: the request is compressed",
    });
  });

  test("keeps the connection when a client cancels a call", async () => {
    const pendingCall = client.makeUnaryRequest(
      "/x.X/Never",
      bytes,
      bytes,
      Buffer.alloc(9),
      () => 0,
    );
    await call("Echo", Buffer.from("before"));
    pendingCall.cancel();
    expect(String(await call("Echo", Buffer.from("after")))).toBe("after");
  });

  test("calls onClosed once, also if the connections close before the time limit", async () => {
    const server = new GrpcServer(new Map());
    const socketServer = net.createServer((socket) => server.accept(socket));
    await new Promise<void>((resolve) => socketServer.listen(0, "127.0.0.1", resolve));
    const { port } = socketServer.address() as AddressInfo;
    const session = http2.connect(`http://127.0.0.1:${port}`);
    await once(session, "remoteSettings");
    let closedCount = 0;
    await new Promise<void>((resolve) => {
      server.close(() => {
        closedCount += 1;
        resolve();
      });
    });
    await delay(300);
    session.destroy();
    await new Promise((resolve) => socketServer.close(resolve));
    expect(closedCount).toBe(1);
  });
});
