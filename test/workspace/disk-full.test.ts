import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { makeFolder, removeFolders, repository } from "../support/project";

interface ServerAddress {
  readonly host: string;
  readonly token: string;
}

/** The maximum size of the process's files, which simulates a full disk. */
const maxFileKilobytes = 3000;

describe("a full disk", () => {
  const data = path.join(makeFolder("disk"), "data");
  let serverProcess: ChildProcess | undefined;
  let output = "";

  afterEach(stop);
  afterAll(removeFolders);

  /** Starts the workspace. @param fileKilobytes the maximum size of its files. @default unlimited */
  async function start(fileKilobytes?: number): Promise<ServerAddress> {
    const args = ["bin/lakeform.js", "workspace", "start", "--data", data, "--port", "0"]
      .map((word) => `'${word}'`)
      .join(" ");
    const limit = fileKilobytes === undefined ? "" : `ulimit -f ${fileKilobytes}; `;
    const command = `${limit}exec '${process.execPath}' ${args}`;
    serverProcess = spawn("bash", ["-c", command], {
      cwd: repository,
      stdio: ["ignore", "pipe", "pipe"],
    });
    serverProcess.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    const lines = createInterface({ input: serverProcess.stdout as NodeJS.ReadableStream });
    const [line] = (await once(lines, "line")) as [string];
    return JSON.parse(line) as ServerAddress;
  }

  async function stop(): Promise<void> {
    if (serverProcess === undefined || serverProcess.exitCode !== null) return;
    const exited = once(serverProcess, "exit");
    serverProcess.kill("SIGTERM");
    await exited;
  }

  const call = async (
    { host, token }: ServerAddress,
    route: string,
    body?: unknown,
  ): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${host}${route}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  };
  const jobNames = async (server: ServerAddress): Promise<string[]> =>
    (
      JSON.parse((await call(server, "/api/2.2/jobs/list?limit=100")).text) as {
        jobs: { settings: { name: string } }[];
      }
    ).jobs.map(({ settings }) => settings.name);

  test("rejects the write, loses no acknowledged one, and accepts writes again when there is space", async () => {
    const tasks = Array.from({ length: 100 }, (_, index) => ({
      task_key: `t${index}`,
      notebook_task: { notebook_path: "/x", base_parameters: { a: "x".repeat(9000) } },
    }));
    const server = await start(maxFileKilobytes);
    const storedNames: string[] = [];
    let rejected: { status: number; text: string } | undefined;
    for (let index = 0; rejected === undefined && index < 20; index++) {
      const response = await call(server, "/api/2.2/jobs/create", { name: `job-${index}`, tasks });
      if (response.status === 200) storedNames.unshift(`job-${index}`);
      else rejected = response;
    }
    expect(storedNames.length).toBeGreaterThan(0);
    expect(rejected).toMatchObject({
      status: 500,
      text: expect.stringMatching(
        /"INTERNAL_ERROR".*could not store this: .*is the disk full\? The call had no effect/,
      ) as string,
    });
    expect(output).toMatch(/^DISK POST \/api\/2\.2\/jobs\/create: /m);
    // A blob is a file of its own, so it may still fit. In both cases, the workspace continues.
    const blob = await call(server, "/api/2.0/dbfs/put", {
      path: "/big",
      contents: Buffer.alloc(700_000, "b").toString("base64"),
    });
    expect([200, 500]).toContain(blob.status);
    expect(await jobNames(server)).toEqual(storedNames);
    expect((await call(server, "/api/2.0/secrets/scopes/create", { scope: "small" })).status).toBe(
      200,
    );
    await stop();
    const restarted = await start();
    expect(await jobNames(restarted)).toEqual(storedNames);
    expect((await call(restarted, "/api/2.2/jobs/create", { name: "later", tasks })).status).toBe(
      200,
    );
    expect(await jobNames(restarted)).toEqual(["later", ...storedNames]);
    expect(output).not.toContain("BUG");
  });
});
