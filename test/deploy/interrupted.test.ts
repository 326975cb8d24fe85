import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { expectExit, lakeform } from "../support/cli";
import { makeFolder, makeHome, makeProject, removeFolders, repository } from "../support/project";

const scopes = { databricks_secret_scope: { s: { name: "interrupted" } } };
const lockPath = "/Workspace/Shared/.lakeform/test/etl-local/lock.json";

describe("an unfinished deploy", () => {
  let workspace: RunningWorkspace;
  let env: NodeJS.ProcessEnv;
  let root: string;

  beforeEach(async () => {
    workspace = await startWorkspace();
    env = { LAKEFORM_LOCAL_HOST: workspace.host, LAKEFORM_LOCAL_TOKEN: workspace.token };
    root = makeProject({ "etl-local": { resource: scopes } });
  });
  afterEach(() => workspace.close());
  afterAll(removeFolders);

  /**
   * Writes a stand-in for the terraform binary. It works normally, except for one command, which
   * writes its process id to the file `reached`, and waits.
   */
  function writeWaitingBinary(command: string): { binary: string; reached: string } {
    const folder = makeFolder("binary");
    const [binary, reached] = [path.join(folder, "terraform"), path.join(folder, "reached")];
    fs.writeFileSync(
      binary,
      `#!/bin/sh\nif [ "$1" = ${command} ]; then echo $$ > ${reached}; exec sleep 60; fi\nexec terraform "$@"\n`,
      {
        mode: 0o755,
      },
    );
    return { binary, reached };
  }

  /**
   * Runs the real command in a separate process, and kills it with its Terraform process during a
   * Terraform command.
   */
  async function killDuring(command: string): Promise<void> {
    const { binary, reached } = writeWaitingBinary(command);
    const child: ChildProcess = spawn(
      process.execPath,
      [path.join(repository, "bin", "lakeform.js"), "deploy", "local", "--quiet", "--auto-approve"],
      {
        cwd: root,
        env: { PATH: process.env.PATH, HOME: makeHome(), ...env, TERRAFORM_BINARY_NAME: binary },
        stdio: "ignore",
      },
    );
    const ended = new Promise((resolve) => child.once("exit", resolve));
    while (!fs.existsSync(reached) || fs.readFileSync(reached, "utf8") === "") {
      if (child.exitCode !== null)
        throw new Error(`the command ended by itself, with ${child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    child.kill("SIGKILL");
    process.kill(Number(fs.readFileSync(reached, "utf8")), "SIGKILL");
    await ended;
  }

  async function writeLock(lock: Record<string, unknown>): Promise<void> {
    const call = async (route: string, body: unknown): Promise<void> => {
      const response = await fetch(`${workspace.host}/api/2.0/workspace/${route}`, {
        method: "POST",
        headers: { authorization: `Bearer ${workspace.token}` },
        body: JSON.stringify(body),
      });
      expect(response.status).toBe(200);
    };
    await call("mkdirs", { path: path.dirname(lockPath) });
    const heldLock = {
      id: "held-lock",
      by: "ann@example.com",
      since: "2026-01-01T00:00:00Z",
      ...lock,
    };
    await call("import", {
      path: lockPath,
      format: "AUTO",
      content: Buffer.from(JSON.stringify(heldLock)).toString("base64"),
    });
  }

  const listPlans = (): string[] =>
    fs
      .readdirSync(path.join(root, "cdktf.out", "stacks", "etl-local"))
      .filter((name) => name.startsWith(".lakeform-"));

  test("is reported by the next review, which removes the plan; the next deploy takes over the lock", async () => {
    await killDuring("apply");
    expect(listPlans().filter((name) => name.endsWith(".tfplan"))).toHaveLength(1);
    const reviewed = await lakeform(root, ["review", "local", "--quiet"], env);
    expectExit(reviewed, 0);
    expect(reviewed.stdout).toMatch(
      /the last deploy, started .* was interrupted: this plan starts from its partial result/,
    );
    expect(listPlans()).toEqual([]);
    const deployResult = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
    expectExit(deployResult, 0);
    expect(deployResult.stderr).toContain("took over the lock of a process that has ended");
    const nextReview = await lakeform(root, ["review", "local", "--quiet"], env);
    expect(nextReview.stdout).not.toContain("interrupted: this plan");
    expect(nextReview.stdout).toContain("nothing to do");
  });

  test("blocks other deploys with its lock while its process may be running, until --break-lock ID", async () => {
    await writeLock({ host: "another-machine", pid: 1 });
    const result = await lakeform(root, ["deploy", "local", "--quiet", "--auto-approve"], env);
    expectExit(result, 1);
    expect(result.stderr).toContain("LOCKED: ");
    expect(result.stderr).toContain("ann@example.com on another-machine");
    expectExit(
      await lakeform(
        root,
        ["deploy", "local", "--quiet", "--auto-approve", "--break-lock", "another-lock"],
        env,
      ),
      1,
    );
    const deployResult = await lakeform(
      root,
      ["deploy", "local", "--auto-approve", "--break-lock", "held-lock"],
      env,
    );
    expectExit(deployResult, 0);
    expect(deployResult.stderr).toMatch(
      /removed the lock of ann@example\.com on another-machine since \S+ \(--break-lock\)/,
    );

    await writeLock({ host: os.hostname(), pid: process.pid });
    expectExit(await lakeform(root, ["deploy", "local", "--quiet", "--auto-approve"], env), 1);
  });

  test("does not block a deploy with its lock if its process has ended", async () => {
    const { pid: endedPid } = spawnSync("true");
    await writeLock({ host: os.hostname(), pid: endedPid });
    expectExit(await lakeform(root, ["deploy", "local", "--quiet", "--auto-approve"], env), 0);
  });
});
