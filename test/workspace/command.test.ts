import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { caller } from "./http-client";

const script = path.join(__dirname, "..", "..", "bin", "lakeform.js");

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let cwd: string;
beforeEach(() => (cwd = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-command-"))));
afterEach(async () => {
  await lakeform("stop");
  fs.rmSync(cwd, { recursive: true });
});

function lakeform(...words: string[]): Promise<Ended> {
  return lakeformWith({}, ...words);
}

function lakeformWith(variables: NodeJS.ProcessEnv, ...words: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...variables };
    const child = execFile(
      process.execPath,
      [script, "workspace", ...words],
      { cwd, env },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
    child.stdin?.end("n\n");
  });
}

describe("lakeform workspace", () => {
  it("starts detached, prints its address, creates tokens, is found by other commands, stops, and is reset only on request", async () => {
    const started = await lakeform("start", "--port", "0", "--detach");
    const line = JSON.parse(started.stdout) as {
      host: string;
      token: string;
      workspace_id: string;
      pid: number;
    };
    expect(Object.keys(line)).toEqual(["host", "token", "workspace_id", "pid"]);
    expect((await caller(line.host, line.token)("GET", "/api/2.0/preview/scim/v2/Me")).status).toBe(
      200,
    );
    const file = path.join(cwd, ".lakeform", "workspace", "server.json");
    expect(JSON.parse(fs.readFileSync(file, "utf8"))).toMatchObject(line);
    expect(fs.statSync(file).mode & 0o77).toBe(0);
    expect(JSON.parse((await lakeform("status")).stdout)).toMatchObject({
      running: true,
      host: line.host,
      pid: line.pid,
    });
    const token = (
      await lakeform("token", "--user", "bob@example.com", "--lifetime", "60")
    ).stdout.trim();
    expect(
      (await caller(line.host, token)("GET", "/api/2.0/preview/scim/v2/Me")).body,
    ).toMatchObject({ userName: "bob@example.com" });

    const second = await lakeform("start", "--port", "0");
    expect(second).toMatchObject({ code: 1, stdout: "" });
    expect(second.stderr).toContain("WORKSPACE_RUNNING");
    expect(second.stderr).toContain("lakeform workspace stop");
    expect((await lakeform("reset", "--yes")).stderr).toContain("WORKSPACE_RUNNING");

    expect((await lakeform("stop")).stderr).toContain("stopped");
    expect(fs.existsSync(file)).toBe(false);
    expect(await lakeform("status")).toMatchObject({ code: 2, stdout: '{"running":false}\n' });
    expect(await lakeform("reset")).toMatchObject({ code: 2 });
    expect(fs.existsSync(path.join(cwd, ".lakeform", "workspace", "data.mdb"))).toBe(true);
    expect((await lakeform("reset", "--yes")).code).toBe(0);
    expect(fs.readdirSync(path.join(cwd, ".lakeform", "workspace"))).toEqual([]);
  });

  it("recovers from a killed process, and kills a hanging one", async () => {
    const start = async (): Promise<number> =>
      (JSON.parse((await lakeform("start", "--port", "0", "--detach")).stdout) as { pid: number })
        .pid;
    process.kill(await start(), "SIGKILL");
    // The lock and server file that it left behind belong to a process that has ended.
    expect(await lakeform("status")).toMatchObject({ code: 2, stdout: '{"running":false}\n' });
    expect(await lakeform("stop")).toMatchObject({
      code: 0,
      stderr: "the local workspace is not running\n",
    });
    const hanging = await start();
    process.kill(hanging, "SIGSTOP");
    const stopped = await lakeform("stop", "--timeout", "1");
    expect(stopped.stderr).toMatch(/^killed http:.* did not end within 1 s/);
    expect(stopped.code).toBe(0);
    expect((await lakeform("status")).code).toBe(2);
  });

  it("takes its usual port from LAKEFORM_WORKSPACE_PORT", async () => {
    const started = await lakeformWith(
      { LAKEFORM_WORKSPACE_PORT: "0" },
      "start",
      "--memory",
      "--detach",
    );
    expect(new URL((JSON.parse(started.stdout) as { host: string }).host).port).not.toBe("8399");
    await lakeform("stop");
    const refused = await lakeformWith({ LAKEFORM_WORKSPACE_PORT: "http" }, "start", "--memory");
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("BAD_PORT") as string,
    });
  });

  it("rejects a port in use, conflicting options and invalid files, with the fix and without a stack trace", async () => {
    const first = JSON.parse(
      (await lakeform("start", "--port", "0", "--memory", "--detach")).stdout,
    ) as { host: string };
    const { port } = new URL(first.host);
    for (const [words, code] of [
      [["start", "--port", port, "--data", "other"], "PORT_IN_USE"],
      [["start", "--port", port, "--data", "other", "--detach"], "PORT_IN_USE"],
      [["start", "--memory", "--data", "other"], "CONFLICTING_OPTIONS"],
      [["start", "--port", "0", "--data", "other", "--faults", "nothing.json"], "BAD_FILE"],
      [["token", "--data", "other"], "WORKSPACE_NOT_RUNNING"],
    ] as const) {
      const ended = await lakeform(...words);
      expect(ended).toMatchObject({ code: 1, stdout: "" });
      expect(ended.stderr).toContain(code);
      expect(ended.stderr).toContain("fix:");
      expect(ended.stderr).not.toMatch(/^\s+at /m);
      if (code === "PORT_IN_USE")
        expect(ended.stderr).toBe(
          `PORT_IN_USE: another program is using the workspace's port\n  given:   ${port}\n  fix:     stop it, or choose another port with --port (0: any free one)\n`,
        );
    }
    expect((await lakeform("start", "--port", "99999")).code).toBe(1);
  });
});
