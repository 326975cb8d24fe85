import { useWorkspaceFolder, workspaceCommand, workspaceCommandWith } from "./workspace-command";

useWorkspaceFolder();

describe("lakeform workspace", () => {
  it("recovers from a killed process, and kills a hanging one", async () => {
    const start = async (): Promise<number> =>
      (
        JSON.parse((await workspaceCommand("start", "--port", "0", "--detach")).stdout) as {
          pid: number;
        }
      ).pid;
    process.kill(await start(), "SIGKILL");
    // The lock and the server file still contain the id of the killed process.
    expect(await workspaceCommand("status")).toMatchObject({
      code: 2,
      stdout: '{"running":false}\n',
    });
    expect(await workspaceCommand("stop")).toMatchObject({
      code: 0,
      stderr: "the local workspace is not running\n",
    });
    const hangingPid = await start();
    process.kill(hangingPid, "SIGSTOP");
    const stopResult = await workspaceCommand("stop", "--timeout", "1");
    expect(stopResult.stderr).toMatch(/^killed http:.* did not end within 1 s/);
    expect(stopResult.code).toBe(0);
    expect((await workspaceCommand("status")).code).toBe(2);
  });

  it("takes its default port from LAKEFORM_WORKSPACE_PORT", async () => {
    const started = await workspaceCommandWith(
      { LAKEFORM_WORKSPACE_PORT: "0" },
      "start",
      "--memory",
      "--detach",
    );
    expect(new URL((JSON.parse(started.stdout) as { host: string }).host).port).not.toBe("8399");
    await workspaceCommand("stop");
    const rejected = await workspaceCommandWith(
      { LAKEFORM_WORKSPACE_PORT: "http" },
      "start",
      "--memory",
    );
    expect(rejected).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("BAD_PORT") as string,
    });
  });
});
