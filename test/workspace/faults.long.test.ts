import fs from "node:fs";
import path from "node:path";
import type { JsonObject } from "../../src/workspace/errors";
import { caller } from "./http-client";
import { rules, triggerFaults } from "./faults-lab";
import { cwd, useWorkspaceFolder, workspaceCommand } from "./workspace-command";

useWorkspaceFolder();

describe("faults", () => {
  it("are read from a file at the start and at run time", async () => {
    fs.writeFileSync(path.join(cwd, "faults.json"), JSON.stringify(rules));
    fs.writeFileSync(path.join(cwd, "single.yaml"), "path: /api/2.0/dbfs/list\nstatus: 504\n");
    fs.writeFileSync(
      path.join(cwd, "bad.yaml"),
      "- path: /x\n  status: 500\n- path: /x\n  stauts: 500\n",
    );
    const rejected = await workspaceCommand(
      "start",
      "--port",
      "0",
      "--memory",
      "--faults",
      "bad.yaml",
    );
    expect(rejected.code).toBe(1);
    expect(rejected.stderr).toMatch(/^WORKSPACE_FAULTS: invalid fault 2\s[^]*'stauts'/);
    const started = await workspaceCommand(
      "start",
      "--port",
      "0",
      "--memory",
      "--detach",
      "--faults",
      "faults.json",
    );
    const { host, token } = JSON.parse(started.stdout) as { host: string; token: string };
    const api = caller(host, token);
    const statuses = await triggerFaults(api, "by-file");
    const replacedRules = await workspaceCommand("faults", "faults.json", "--clear");
    expect((JSON.parse(replacedRules.stdout) as JsonObject[]).map(({ fired }) => fired)).toEqual(
      rules.map(() => 0),
    );
    expect(await triggerFaults(api, "by-command")).toEqual(statuses);
    await workspaceCommand("faults", "single.yaml", "--clear");
    expect(await api("GET", "/api/2.0/dbfs/list?path=/")).toMatchObject({
      status: 504,
      body: { error_code: "DEADLINE_EXCEEDED" },
    });
    expect((await workspaceCommand("faults", "bad.yaml", "--clear")).stderr).toMatch(
      /^WORKSPACE_REFUSED: [^]*'stauts'/,
    );
    expect(JSON.parse((await workspaceCommand("faults", "--clear")).stdout)).toEqual([]);
  });
});
