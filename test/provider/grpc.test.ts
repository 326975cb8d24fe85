/** The gRPC server against the client of @grpc/grpc-js. */
import net, { type AddressInfo } from "node:net";
import {
  Client,
  compressionAlgorithms,
  credentials,
  status,
  type ServiceError,
} from "@grpc/grpc-js";
import { GrpcServer, type Call } from "../../src/provider/grpc";

describe("the gRPC server", () => {
  const never = new Promise<Buffer>(() => undefined);
  const grpc = new GrpcServer(
    new Map<string, Call>([
      ["/x.X/Echo", (request: Buffer) => Promise.resolve(request)],
      ["/x.X/Fail", () => Promise.reject(new Error("50 % of “jobs” failed\n\tat x"))],
      ["/x.X/Never", () => never],
    ]),
  );
  const listener = net.createServer((socket) => grpc.accept(socket));
  let client: Client;
  let compressing: Client;
  beforeAll(async () => {
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    const { port } = listener.address() as AddressInfo;
    client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    compressing = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
      "grpc.default_compression_algorithm": compressionAlgorithms.gzip,
    });
  });
  afterAll(async () => {
    client.close();
    compressing.close();
    await new Promise((resolve) => listener.close(resolve));
  });

  const bytes = (value: Buffer): Buffer => value;
  const call = (method: string, request: Buffer, from = client): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      from.makeUnaryRequest(`/x.X/${method}`, bytes, bytes, request, (error, answer) => {
        if (error === null && answer !== undefined) resolve(answer);
        else reject(error ?? new Error("no answer"));
      });
    });
  const refusal = (
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
    const answers = await Promise.all(sizes.map((size) => call("Echo", Buffer.alloc(size, "é"))));
    expect(answers.map((answer) => answer.length)).toEqual(sizes);
    expect(answers.every((answer, i) => answer.equals(Buffer.alloc(sizes[i] ?? 0, "é")))).toBe(
      true,
    );
  });

  test("returns errors with the message, and the status of an unknown or compressed call", async () => {
    expect(await refusal("Fail")).toEqual({
      code: status.INTERNAL,
      details: "50 % of “jobs” failed\n\tat x",
    });
    expect(await refusal("Other")).toEqual({
      code: status.UNIMPLEMENTED,
      details: "The server does not implement the method /x.X/Other",
    });
    expect(await refusal("Echo", compressing)).toEqual({
      code: status.UNIMPLEMENTED,
      details: "/x.X/Echo: the request is compressed",
    });
  });

  test("keeps the connection when a client cancels a call", async () => {
    const started = client.makeUnaryRequest("/x.X/Never", bytes, bytes, Buffer.alloc(9), () => 0);
    await call("Echo", Buffer.from("before"));
    started.cancel();
    expect(String(await call("Echo", Buffer.from("after")))).toBe("after");
  });
});
