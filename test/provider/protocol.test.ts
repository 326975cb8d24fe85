/** The newer calls of the plugin protocol, and messages above gRPC's default size limit. */
import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import { encode } from "@msgpack/msgpack";
import { Client, credentials } from "@grpc/grpc-js";
import { messages } from "../../src/provider/protocol";
import { Codec, type Message } from "../../src/provider/wire";
import { makeFolder, removeFolders, repository } from "../support/project";

describe("the provider's protocol", () => {
  const codec = new Codec(messages);
  let child: ChildProcess;
  let client: Client;

  beforeAll(async () => {
    child = spawn(process.execPath, [path.join(repository, "dist", "provider.js")], {
      cwd: makeFolder("protocol"),
      env: {
        PATH: process.env.PATH,
        XDG_CACHE_HOME: makeFolder("cache"),
        TF_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
        LAKEFORM_SCHEMA_CUT: "full",
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const line = await new Promise<string>((resolve) =>
      child.stdout?.once("data", (text: Buffer) => resolve(text.toString())),
    );
    client = new Client(line.split("|")[3] ?? "", credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
    });
  });
  afterAll(() => {
    client.close();
    child.kill("SIGKILL");
    removeFolders();
  });

  const call = (name: string, request: object): Promise<Message> =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        `/tfplugin6.Provider/${name}`,
        (value: object) => codec.encode(`${name}Request`, value),
        (bytes: Buffer) => codec.decode(`${name}Response`, bytes),
        request,
        (error, response) =>
          error === null && response !== undefined
            ? resolve(response)
            : reject(error ?? new Error("no response")),
      );
    });
  const summaries = ({ diagnostics }: Message): string[] =>
    (diagnostics as { summary: string }[]).map(({ summary }) => summary);

  test("answers the calls for identities and functions with empty responses", async () => {
    expect(await call("GetResourceIdentitySchemas", {})).toEqual({
      identity_schemas: {},
      diagnostics: [],
    });
    expect(await call("GetFunctions", {})).toEqual({ functions: {}, diagnostics: [] });
    const { server_capabilities } = await call("GetMetadata", {});
    expect(server_capabilities).toEqual({
      plan_destroy: false,
      get_provider_schema_optional: true,
      move_resource_state: false,
    });
  });

  test("rejects an import by identity, an identity upgrade, and a move from another type, each with a fix", async () => {
    const type_name = "databricks_job";
    const identity = { identity_data: { msgpack: Buffer.from(encode({ id: "1" })) } };
    const importResponse = await call("ImportResourceState", { type_name, identity });
    expect([summaries(importResponse), importResponse["imported_resources"]]).toEqual([
      ["NO_IDENTITY: databricks_job has no resource identity"],
      [],
    ]);
    expect(summaries(await call("UpgradeResourceIdentity", { type_name, version: 1 }))).toEqual(
      summaries(importResponse),
    );
    const moveResponse = await call("MoveResourceState", {
      source_type_name: "x_job",
      target_type_name: type_name,
    });
    expect(summaries(moveResponse)).toEqual(["NO_MOVE: x_job cannot become databricks_job"]);
  });
});
