/**
 * A project with secrets, and a proxy in front of its workspace that makes calls fail with errors
 * that repeat the request.
 */
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { canaries, forms, leaks } from "../support/canaries";
import { makeProject, removeFolders } from "../support/project";
import { command } from "../run/command";
import { callRest } from "../support/rest";

const names = Object.keys(canaries);
export const secrets = Object.values(canaries);
export const isShort = (secret: string): boolean => secret.trim().length < 6;

/**
 * A proxy in front of a workspace. A call whose method and URL match `failingCalls` fails, with an
 * error that repeats the request and contains `repeatedTexts` in every encoding.
 */
class FailingProxy {
  failingCalls = /^$/;
  repeatedTexts: readonly string[] = [];
  failureCount = 0;
  #server = http.createServer((request, response) => void this.#answer(request, response));
  constructor(private readonly getWorkspace: () => RunningWorkspace) {}

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { method = "GET", url = "/" } = request;
    const headers = {
      authorization: request.headers.authorization ?? "",
      "content-type": request.headers["content-type"] ?? "application/json",
    };
    if (this.failingCalls.test(`${method} ${url}`)) {
      this.failureCount += 1;
      const repeated = this.repeatedTexts
        .flatMap((text) => Object.values(forms).map((encode) => encode(text)))
        .join(" and ");
      const message = `cannot ${method} ${url} ${JSON.stringify(headers)} ${body.toString("utf8")} ${body.toString("base64")}: ${repeated}`;
      response
        .writeHead(400, { "content-type": "application/json" })
        .end(JSON.stringify({ error_code: "BAD_REQUEST", message }));
      return;
    }
    const proxiedResponse = await fetch(`${this.getWorkspace().host}${url}`, {
      method,
      headers,
      ...(body.length > 0 && { body }),
    });
    response.writeHead(proxiedResponse.status, {
      "content-type": proxiedResponse.headers.get("content-type") ?? "application/json",
    });
    response.end(Buffer.from(await proxiedResponse.arrayBuffer()));
  }
}

let workspace: RunningWorkspace;
export let root: string;
export let env: NodeJS.ProcessEnv;
export const proxy = new FailingProxy(() => workspace);

const stack = {
  resource: { databricks_job: { marmalade: { name: "marmoset" } } },
  variable: Object.fromEntries(
    secrets.map((_, index) => [`v${index}`, { type: "string", sensitive: true }]),
  ),
  variables: Object.fromEntries(
    secrets.map((_, index) => [`v${index}`, { environment: `C${index}` }]),
  ),
  terraform: { backend: { http: { username: "etl-local" } } },
  profileSettings: { backend: "workspace" },
};

export function useLabWithProxy(): void {
  beforeAll(async () => {
    workspace = await startWorkspace();
    const host = await proxy.start();
    const local = { provider: "official" as const, host };
    root = makeProject({ "etl-local": { ...stack, ...local }, "etl-prod": { ...stack, ...local } });
    fs.writeFileSync(path.join(root, "upload.txt"), secrets.join("\n"));
    env = {
      PATH: process.env.PATH,
      ...Object.fromEntries(
        ["", "LAKEFORM_LOCAL_", "LAKEFORM_PROD_"].flatMap((prefix) => [
          [`${prefix === "" ? "DATABRICKS_" : prefix}HOST`, host],
          [`${prefix === "" ? "DATABRICKS_" : prefix}TOKEN`, workspace.token],
        ]),
      ),
      ...Object.fromEntries(secrets.map((secret, index) => [`C${index}`, secret])),
    };
  });
  afterAll(async () => {
    proxy.close();
    await workspace.close();
    removeFolders();
  });
  beforeAll(async () => {
    const call = (route: string, body: unknown): Promise<unknown> =>
      callRest(workspace, "POST", route, body);
    await call("/api/2.0/clusters/create", {
      cluster_name: "one",
      spark_version: "15.4.x-scala2.12",
      node_type_id: "i3.xlarge",
      num_workers: 1,
    });
    const base_parameters = Object.fromEntries(
      secrets
        .filter((secret) => !isShort(secret))
        .map((secret, index) => [`p${index}`, `--with ${secret}`]),
    );
    await call("/api/2.2/jobs/create", {
      name: "pasted",
      tasks: [
        {
          task_key: "a",
          existing_cluster_id: "0101-000000-aaaaaaaa",
          notebook_task: { notebook_path: "/Shared/x", base_parameters },
        },
      ],
    });
    const state = {
      version: 4,
      serial: 1,
      lineage: "a",
      terraform_version: "1.11.0",
      outputs: { s: { value: secrets[0], type: "string" } },
      resources: [],
    };
    fs.writeFileSync(path.join(root, "upload.tfstate"), JSON.stringify(state));
    // Synthesize once, because lakeform finds the secrets to mask in the synth output.
    expect(await command(["synth"], env, { cwd: root })).toMatchObject({ code: 0 });
  });
}

/**
 * Returns the names of the leaked secrets. The job name that starts with a secret, and the address
 * that ends with one, are not leaks.
 */
export const leaksIn = (text: string): string[] => {
  const textWithoutNames = text
    .replaceAll("marmoset", "")
    .replaceAll("databricks_job.marmalade", "");
  return [
    ...names.filter((_, index) => leaks(textWithoutNames, secrets[index] ?? "")),
    ...(textWithoutNames.includes(workspace.token) ? ["the token"] : []),
  ];
};
