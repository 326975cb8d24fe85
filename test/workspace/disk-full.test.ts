import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { makeFolder, removeFolders, repository } from "../support/project";

interface Served {
  readonly host: string;
  readonly token: string;
}

/** Simulates a full disk for a process: files can grow only to a number of bytes. */
const limit = 3_000_000;

describe("a full disk", () => {
  const data = path.join(makeFolder("disk"), "data");
  let server: ChildProcess | undefined;
  let output = "";

  afterEach(stop);
  afterAll(removeFolders);

  async function start(kilobytes?: number): Promise<Served> {
    const words = ["bin/lakeform.js", "workspace", "start", "--data", data, "--port", "0"]
      .map((word) => `'${word}'`)
      .join(" ");
    const command = `${kilobytes === undefined ? "" : `ulimit -f ${kilobytes}; `}exec '${process.execPath}' ${words}`;
    server = spawn("bash", ["-c", command], { cwd: repository, stdio: ["ignore", "pipe", "pipe"] });
    server.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    const lines = createInterface({ input: server.stdout as NodeJS.ReadableStream });
    const [line] = (await once(lines, "line")) as [string];
    return JSON.parse(line) as Served;
  }

  async function stop(): Promise<void> {
    if (server === undefined || server.exitCode !== null) return;
    const ended = once(server, "exit");
    server.kill("SIGTERM");
    await ended;
  }

  const call = async (
    { host, token }: Served,
    route: string,
    body?: unknown,
  ): Promise<{ status: number; text: string }> => {
    const answer = await fetch(`${host}${route}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const names = async (served: Served): Promise<string[]> =>
    (
      JSON.parse((await call(served, "/api/2.2/jobs/list?limit=100")).text) as {
        jobs: { settings: { name: string } }[];
      }
    ).jobs.map(({ settings }) => settings.name);

  test("causes an error, and loses no acknowledged writes; the workspace continues when there is space", async () => {
    const tasks = Array.from({ length: 100 }, (_, i) => ({
      task_key: `t${i}`,
      notebook_task: { notebook_path: "/x", base_parameters: { a: "x".repeat(9000) } },
    }));
    const served = await start(limit / 1000);
    const stored: string[] = [];
    let refused: { status: number; text: string } | undefined;
    for (let i = 0; refused === undefined && i < 20; i++) {
      const answer = await call(served, "/api/2.2/jobs/create", { name: `job-${i}`, tasks });
      if (answer.status === 200) stored.unshift(`job-${i}`);
      else refused = answer;
    }
    expect(stored.length).toBeGreaterThan(0);
    expect(refused).toMatchObject({
      status: 500,
      text: expect.stringMatching(
        /"INTERNAL_ERROR".*could not store this: .*is the disk full\? The call had no effect/,
      ) as string,
    });
    expect(output).toMatch(/^DISK POST \/api\/2\.2\/jobs\/create: /m);
    const blob = await call(served, "/api/2.0/dbfs/put", {
      path: "/big",
      contents: Buffer.alloc(700_000, "b").toString("base64"),
    });
    expect([200, 500]).toContain(blob.status);
    expect(await names(served)).toEqual(stored);
    expect((await call(served, "/api/2.0/secrets/scopes/create", { scope: "small" })).status).toBe(
      200,
    );
    await stop();
    const again = await start();
    expect(await names(again)).toEqual(stored);
    expect((await call(again, "/api/2.2/jobs/create", { name: "later", tasks })).status).toBe(200);
    expect(await names(again)).toEqual(["later", ...stored]);
    expect(output).not.toContain("BUG");
  });
});
