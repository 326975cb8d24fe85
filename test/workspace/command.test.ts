import fs from "node:fs";
import path from "node:path";
import { caller } from "./http-client";
import { cwd, useWorkspaceFolder, workspaceCommand } from "./workspace-command";

useWorkspaceFolder();

describe("lakeform workspace", () => {
  it("starts detached, prints its address, creates tokens, is visible to other commands, stops, and resets its data only after a confirmation", async () => {
    const started = await workspaceCommand("start", "--port", "0", "--detach");
    const server = JSON.parse(started.stdout) as {
      host: string;
      token: string;
      workspace_id: string;
      pid: number;
    };
    expect(Object.keys(server)).toEqual(["host", "token", "workspace_id", "pid"]);
    expect(
      (await caller(server.host, server.token)("GET", "/api/2.0/preview/scim/v2/Me")).status,
    ).toBe(200);
    const file = path.join(cwd, ".lakeform", "workspace", "server.json");
    expect(JSON.parse(fs.readFileSync(file, "utf8"))).toMatchObject(server);
    expect(fs.statSync(file).mode & 0o77).toBe(0);
    expect(JSON.parse((await workspaceCommand("status")).stdout)).toMatchObject({
      running: true,
      host: server.host,
      pid: server.pid,
    });
    const token = (
      await workspaceCommand("token", "--user", "bob@example.com", "--lifetime", "60")
    ).stdout.trim();
    expect(
      (await caller(server.host, token)("GET", "/api/2.0/preview/scim/v2/Me")).body,
    ).toMatchObject({ userName: "bob@example.com" });

    const secondStart = await workspaceCommand("start", "--port", "0");
    expect(secondStart).toMatchObject({ code: 1, stdout: "" });
    expect(secondStart.stderr).toContain("WORKSPACE_RUNNING");
    expect(secondStart.stderr).toContain("lakeform workspace stop");
    expect((await workspaceCommand("reset", "--yes")).stderr).toContain("WORKSPACE_RUNNING");

    expect((await workspaceCommand("stop")).stderr).toContain("stopped");
    expect(fs.existsSync(file)).toBe(false);
    expect(await workspaceCommand("status")).toMatchObject({
      code: 2,
      stdout: '{"running":false}\n',
    });
    expect(await workspaceCommand("reset")).toMatchObject({ code: 2 });
    expect(fs.existsSync(path.join(cwd, ".lakeform", "workspace", "data.mdb"))).toBe(true);
    expect((await workspaceCommand("reset", "--yes")).code).toBe(0);
    expect(fs.readdirSync(path.join(cwd, ".lakeform", "workspace"))).toEqual([]);
  });

  it("rejects a port in use, conflicting options and invalid files, with the fix and without a stack trace", async () => {
    const firstServer = JSON.parse(
      (await workspaceCommand("start", "--port", "0", "--memory", "--detach")).stdout,
    ) as { host: string };
    const { port } = new URL(firstServer.host);
    for (const [args, code] of [
      [["start", "--port", port, "--data", "other"], "PORT_IN_USE"],
      [["start", "--port", port, "--data", "other", "--detach"], "PORT_IN_USE"],
      [["start", "--memory", "--data", "other"], "CONFLICTING_OPTIONS"],
      [["start", "--port", "0", "--data", "other", "--faults", "nothing.json"], "BAD_FILE"],
      [["token", "--data", "other"], "WORKSPACE_NOT_RUNNING"],
    ] as const) {
      const result = await workspaceCommand(...args);
      expect(result).toMatchObject({ code: 1, stdout: "" });
      expect(result.stderr).toContain(code);
      expect(result.stderr).toContain("fix:");
      expect(result.stderr).not.toMatch(/^\s+at /m);
      if (code === "PORT_IN_USE")
        expect(result.stderr).toBe(
          `PORT_IN_USE: another program is using the workspace's port\n  given:   ${port}\n  fix:     stop it, or choose another port with --port (0: any free one)\n`,
        );
    }
    expect((await workspaceCommand("start", "--port", "99999")).code).toBe(1);
  });
});
