/** The provider's process, which is called as Terraform calls it. */
import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import { Client, credentials } from "@grpc/grpc-js";
import { messages } from "../../src/provider/protocol";
import { Codec, type Message } from "../../src/provider/wire";
import { makeFolder, removeFolders, repository } from "../support/project";

/**
 * Starts the provider for the tests of a file.
 * @returns a function that makes a call of the plugin protocol
 */
export function useProviderProcess(): (name: string, request: object) => Promise<Message> {
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

  return (name, request) =>
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
}

/** Returns the summaries of a response's diagnostics. */
export const summariesIn = ({ diagnostics }: Message): string[] =>
  (diagnostics as { summary: string }[]).map(({ summary }) => summary);
