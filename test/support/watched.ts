/**
 * A project with a workspace behind a proxy that records the calls, to compare the calls of two
 * projects with the same code.
 */
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { expectExit, lakeform, type CliResult } from "./cli";
import { makeProject } from "./project";
import type { JsonObject } from "./replay-format";
import type { Caller } from "./stack";

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** A workspace behind a proxy that records the calls. */
class WatchedWorkspace implements Caller {
  readonly calls: Call[] = [];
  /** Changes the settings of jobs in responses. */
  changeSettings: (settings: { tasks?: Record<string, unknown>[] }) => void = () => undefined;
  readonly host: string;

  private constructor(
    readonly workspace: RunningWorkspace,
    private readonly server: http.Server,
  ) {
    this.host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("request", (request, response) => void this.forward(request, response));
  }

  static async start(): Promise<WatchedWorkspace> {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new WatchedWorkspace(await startWorkspace(), server);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await this.workspace.close();
  }

  /** Makes an unrecorded call. @throws if the workspace rejects it */
  async call(method: string, route: string, body?: unknown): Promise<JsonObject> {
    const response = await this.send(
      method,
      route,
      body === undefined ? "" : JSON.stringify(body),
      `Bearer ${this.workspace.token}`,
    );
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${text}`);
    return text === "" ? {} : (JSON.parse(text) as JsonObject);
  }

  private send(
    method: string,
    route: string,
    body: string,
    authorization: string,
  ): Promise<Response> {
    const headers = { authorization, "content-type": "application/json" };
    return fetch(`${this.workspace.host}${route}`, {
      method,
      headers,
      ...(body === "" ? {} : { body }),
    });
  }

  private async forward(
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [method, route, body] = [
      request.method ?? "GET",
      request.url ?? "",
      Buffer.concat(chunks).toString(),
    ];
    this.calls.push({ method, path: route, body });
    const workspaceResponse = await this.send(
      method,
      route,
      body,
      request.headers.authorization ?? "",
    );
    const text = await workspaceResponse.text();
    response.writeHead(workspaceResponse.status, {
      "content-type": workspaceResponse.headers.get("content-type") ?? "application/json",
    });
    response.end(
      route.includes("/jobs/") && workspaceResponse.ok && text !== ""
        ? this.withChangedSettings(text)
        : text,
    );
  }

  private withChangedSettings(text: string): string {
    const jobs = JSON.parse(text) as { settings?: object; jobs?: { settings?: object }[] };
    for (const { settings } of [jobs, ...(jobs.jobs ?? [])])
      if (settings !== undefined) this.changeSettings(settings);
    return JSON.stringify(jobs);
  }
}

/** The project `etl-local` and its workspace. */
export class WatchedProject {
  private constructor(
    readonly root: string,
    readonly watched: WatchedWorkspace,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async open(
    resource: Record<string, unknown>,
    env: NodeJS.ProcessEnv = {},
  ): Promise<WatchedProject> {
    // Random configurations violate these policies.
    const policiesOff = [
      "autotermination",
      "failure-notification",
      "max-workers",
      "no-public-init-scripts",
    ].map((policy) => [policy, "off"] as const);
    const profileSettings = { policies: Object.fromEntries(policiesOff) };
    return new WatchedProject(
      makeProject({ "etl-local": { resource, profileSettings } }),
      await WatchedWorkspace.start(),
      env,
    );
  }

  close(): Promise<void> {
    return this.watched.close();
  }

  run(...words: string[]): Promise<CliResult> {
    const variables = {
      LAKEFORM_LOCAL_HOST: this.watched.host,
      LAKEFORM_LOCAL_TOKEN: this.watched.workspace.token,
    };
    return lakeform(this.root, words, { ...variables, ...this.env });
  }

  /** Returns the review as JSON, without the workspace's address. */
  async review(...words: string[]): Promise<Readonly<Record<string, unknown>>> {
    const result = await this.run("review", "local", "--format", "json", ...words);
    expectExit(result, 0);
    return JSON.parse(result.stdout.replaceAll(this.watched.host, "HOST")) as Readonly<
      Record<string, unknown>
    >;
  }

  get stateFile(): string {
    return path.join(this.root, ".lakeform", "state", "etl-local.tfstate");
  }

  /** Returns the instances in the state without null values, addresses and times. */
  state(): unknown {
    const text = fs.readFileSync(this.stateFile, "utf8").replaceAll(this.watched.host, "HOST");
    const { resources } = JSON.parse(text) as {
      resources: { type: string; name: string; instances: object[] }[];
    };
    return resources.map(({ type, name, instances }) => ({
      type,
      name,
      instances: withoutNulls(instances),
    }));
  }
}

const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value ?? undefined;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, field]) => [name, withoutNulls(field)] as const)
      .filter(([name, inner]) => inner !== undefined && !/_(time|at|timestamp)$/.test(name)),
  );
};
