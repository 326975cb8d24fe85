/** The newer calls of the plugin protocol, and messages above gRPC's default size limit. */
import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import { decode, encode } from "@msgpack/msgpack";
import { Client, credentials } from "@grpc/grpc-js";
import { messages } from "../../src/provider/protocol";
import { Codec, type Message } from "../../src/provider/wire";
import { schemaOf } from "../../src/resources/shape/schema";
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

  test("accepts and returns messages over 64 MB without truncating them", async () => {
    const block = schemaOf("databricks_notebook")?.block;
    const emptyAttributes = Object.fromEntries([...Object.keys(block?.attributes ?? {}).map((name) => [name, null]), ...Object.keys(block?.blocks ?? {}).map((name) => [name, []])]) as Record<string, unknown>; // prettier-ignore
    const content_base64 = "QUJD".repeat(17 * 2 ** 20);
    const config = {
      msgpack: Buffer.from(
        encode({ ...emptyAttributes, path: "/Shared/large", language: "PYTHON", content_base64 }),
      ),
    };
    expect(config.msgpack.length).toBeGreaterThan(64 * 2 ** 20);
    const planResponse = await call("PlanResourceChange", {
      type_name: "databricks_notebook",
      prior_state: { msgpack: Buffer.from(encode(null)) },
      proposed_new_state: config,
      config,
    });
    expect(summaries(planResponse)).toEqual([]);
    const plannedState = decode(
      (planResponse["planned_state"] as { msgpack: Buffer }).msgpack,
    ) as Record<string, unknown>;
    expect(plannedState["content_base64"] === content_base64).toBe(true);
  });
});
