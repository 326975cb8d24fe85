import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const script = path.join(__dirname, "..", "..", "bin", "lakeform.js");

interface CommandResult {
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

function lakeform(...args: string[]): Promise<CommandResult> {
  return lakeformWith({}, ...args);
}

function lakeformWith(variables: NodeJS.ProcessEnv, ...args: string[]): Promise<CommandResult> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...variables };
    const child = execFile(
      process.execPath,
      [script, "workspace", ...args],
      { cwd, env },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
    child.stdin?.end("n\n");
  });
}

describe("lakeform workspace", () => {
  it("recovers from a killed process, and kills a hanging one", async () => {
    const start = async (): Promise<number> =>
      (JSON.parse((await lakeform("start", "--port", "0", "--detach")).stdout) as { pid: number })
        .pid;
    process.kill(await start(), "SIGKILL");
    // The lock and the server file still contain the id of the killed process.
    expect(await lakeform("status")).toMatchObject({ code: 2, stdout: '{"running":false}\n' });
    expect(await lakeform("stop")).toMatchObject({
      code: 0,
      stderr: "the local workspace is not running\n",
    });
    const hangingPid = await start();
    process.kill(hangingPid, "SIGSTOP");
    const stopResult = await lakeform("stop", "--timeout", "1");
    expect(stopResult.stderr).toMatch(/^killed http:.* did not end within 1 s/);
    expect(stopResult.code).toBe(0);
    expect((await lakeform("status")).code).toBe(2);
  });

  it("takes its default port from LAKEFORM_WORKSPACE_PORT", async () => {
    const started = await lakeformWith(
      { LAKEFORM_WORKSPACE_PORT: "0" },
      "start",
      "--memory",
      "--detach",
    );
    expect(new URL((JSON.parse(started.stdout) as { host: string }).host).port).not.toBe("8399");
    await lakeform("stop");
    const rejected = await lakeformWith({ LAKEFORM_WORKSPACE_PORT: "http" }, "start", "--memory");
    expect(rejected).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("BAD_PORT") as string,
    });
  });
});
