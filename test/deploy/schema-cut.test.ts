/** Deploys with the schema cut to what the stack uses, and with all of it: the same calls, state, plan, review and digest. */
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeProject, removeFolders, setResource } from "../support/project";

const task = (more: object = {}): object => ({ task_key: "a", notebook_task: { notebook_path: "/Shared/a" }, ...more });
const resource = (more: object = {}, tasks: object = {}): Record<string, unknown> => ({
  databricks_job: { j: { name: "cut", task: [task(tasks)], ...more } },
});

/** A workspace whose answers and calls pass through here. */
class Watched {
  readonly calls: string[] = [];
  /** Changes the jobs of answers. */
  change: (settings: { tasks?: Record<string, unknown>[] }) => void = () => undefined;
  readonly host: string;

  private constructor(
    readonly workspace: RunningWorkspace,
    private readonly server: http.Server,
  ) {
    this.host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("request", (request, response) => void this.pass(request, response));
  }

  static async start(): Promise<Watched> {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Watched(await startWorkspace(), server);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await this.workspace.close();
  }

  private async pass(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    if (request.url?.includes("/jobs/") === true) this.calls.push(`${request.method ?? ""} ${request.url} ${body}`);
    const answer = await fetch(`${this.workspace.host}${request.url ?? ""}`, {
      method: request.method ?? "GET",
      headers: { authorization: request.headers.authorization ?? "", "content-type": "application/json" },
      ...(body === "" ? {} : { body }),
    });
    const text = await answer.text();
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "application/json" });
    response.end(request.url?.includes("/jobs/") === true && answer.ok && text !== "" ? this.changed(text) : text);
  }

  private changed(text: string): string {
    const answer = JSON.parse(text) as { settings?: object; jobs?: { settings?: object }[] };
    for (const { settings } of [answer, ...(answer.jobs ?? [])]) if (settings !== undefined) this.change(settings);
    return JSON.stringify(answer);
  }
}

interface Project {
  readonly root: string;
  readonly watched: Watched;
  run(...words: string[]): Promise<CliResult>;
}

const open = async (env: NodeJS.ProcessEnv): Promise<Project> => {
  const watched = await Watched.start();
  const root = makeProject({ "etl-local": { resource: resource() } });
  const where = { LAKEFORM_LOCAL_HOST: watched.host, LAKEFORM_LOCAL_TOKEN: watched.workspace.token, ...env };
  return { root, watched, run: (...words) => lakeform(root, words, where) };
};

const stateFile = ({ root }: Project): string => path.join(root, ".lakeform", "state", "etl-local.tfstate");

/** The attributes of the job, absent and null being the same; ports and times aside. */
function stateOf(project: Project): unknown {
  const { resources } = JSON.parse(fs.readFileSync(stateFile(project), "utf8")) as { resources: { instances: object[] }[] };
  const present = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(present);
    if (typeof value !== "object" || value === null) return value ?? undefined;
    const fields = Object.entries(value).map(([name, inner]) => [name, present(inner)] as const);
    return Object.fromEntries(fields.filter(([name, inner]) => inner !== undefined && name !== "url"));
  };
  return present(resources.map(({ instances }) => instances));
}

describe("a deploy with the schema that the stack uses", () => {
  let whole: Project;
  let cut: Project;
  beforeAll(async () => {
    [whole, cut] = await Promise.all([open({ LAKEFORM_SCHEMA_CUT: "full" }), open({})]);
  });
  afterAll(async () => {
    await Promise.all([whole, cut].map(({ watched }) => watched.close()));
    removeFolders();
  });

  async function review(project: Project): Promise<unknown> {
    const result = await project.run("review", "local", "--format", "json");
    expectExit(result, 0);
    return JSON.parse(result.stdout.replaceAll(project.watched.host, "HOST"));
  }

  test("makes the same calls, state, review and digest as one with all of it", async () => {
    for (const step of [resource({ description: "d" }), resource({ tags: { a: "b" } }, { timeout_seconds: 60 })]) {
      for (const project of [whole, cut]) {
        setResource(project.root, "etl-local", step);
        project.watched.calls.length = 0;
        const done = await project.run("deploy", "local", "--auto-approve");
        expectExit(done, 0);
        expect(done.stderr).not.toContain("SCHEMA_CUT");
      }
      expect(cut.watched.calls).toEqual(whole.watched.calls);
      expect(stateOf(cut)).toEqual(stateOf(whole));
    }
    for (const project of [whole, cut]) setResource(project.root, "etl-local", resource({ name: "other" }));
    expect(await review(cut)).toEqual(await review(whole));
    expect(fs.readdirSync(path.join(cut.root, "cdktf.out", "stacks", "etl-local")).filter((name) => name.startsWith(".lakeform-"))).toEqual(
      [],
    );
  });

  test("starts over by itself, once, where somebody has set a value outside of it, and where the platform fills one in", async () => {
    for (const project of [whole, cut]) setResource(project.root, "etl-local", resource());
    const noted: string[] = [];
    for (const project of [whole, cut]) {
      // The first create's answer has a description that nobody set.
      project.watched.change = ({ tasks }) => tasks?.forEach((one) => (one["description"] = "by the platform"));
      const done = await project.run("deploy", "local", "--auto-approve", "--no-verify");
      expectExit(done, 0);
      noted.push(...(done.stderr.match(/SCHEMA_CUT_\w+/g) ?? []));
    }
    expect(JSON.stringify(stateOf(cut))).toContain("by the platform");
    expect(stateOf(cut)).toEqual(stateOf(whole));
    expect(fs.readFileSync(stateFile(cut), "utf8")).not.toContain("lakeform_");
    expect(noted).toEqual(["SCHEMA_CUT_TOO_NARROW"]);

    for (const project of [whole, cut])
      project.watched.change = ({ tasks }) => tasks?.forEach((one) => (one["job_cluster_key"] = "by-hand"));
    const plans = [whole, cut].map(async (project) => {
      const result = await project.run("review", "local", "--no-verify", "--format", "json");
      expectExit(result, 0);
      return { digest: (JSON.parse(result.stdout) as { digest: string }).digest, said: result.stderr.match(/SCHEMA_CUT_TOO_NARROW.*/g) };
    });
    const [full, narrow] = await Promise.all(plans);
    expect(full?.said).toBeNull();
    expect(narrow?.said).toEqual([expect.stringContaining("planning again with the whole schema of databricks_job")]);
    expect(narrow?.digest).toBe(full?.digest);
  }, 180_000);
});
