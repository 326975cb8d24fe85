import * as fs from "node:fs";
import { connect, families } from "../../src/api";
import { checkNode } from "../../src/cli/commands/doctor";
import { minimumNodeVersion } from "../../src/cli/versions";
import { command, type CommandResult } from "./command";
import { useWorkspace } from "../support/workspace";

describe("day-to-day commands", () => {
  const workspace = useWorkspace();
  const lakeform = (words: readonly string[], stdin?: string): Promise<CommandResult> =>
    command(
      words,
      {
        DATABRICKS_HOST: workspace.host,
        DATABRICKS_TOKEN: workspace.token,
        PATH: process.env.PATH,
      },
      stdin === undefined ? {} : { stdin },
    );

  test("secrets reads the value from stdin and never shows it", async () => {
    expect(await lakeform(["secrets", "put", "etl", "password"], "hunter22\n")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("UNKNOWN_SCOPE") as string,
    });
    const put = await lakeform(
      ["--debug", "secrets", "put", "etl", "password", "--create-scope"],
      "hunter22\n",
    );
    expect(put).toMatchObject({ code: 0, stdout: "set etl/password\n" });
    expect(put.stderr).toContain('> {"scope":"etl","key":"password","string_value":"***"}');
    const list = await lakeform(["secrets", "list", "etl", "--format", "json"]);
    expect(JSON.parse(list.stdout)).toMatchObject({
      schema: "lakeform/secrets/1",
      secrets: [{ key: "password" }],
    });
    expect(put.stdout + put.stderr + list.stdout).not.toContain("hunter22");
    const client = connect({ host: workspace.host, token: workspace.token, env: {} });
    expect((await families(client).secrets.get("etl", "password")).reveal()).toBe("hunter22");
    await client.close();
    expect((await lakeform(["secrets", "put", "etl", "empty"], "")).stderr).toContain(
      "EMPTY_SECRET",
    );
    expect(
      (await lakeform(["secrets", "put", "etl", "password", "on-the-command-line"])).code,
    ).toBe(1);
    expect((await lakeform(["secrets", "delete", "etl", "password"])).code).toBe(0);
  });

  test("tokens reports a token whose value may be lost, and does not revoke it", async () => {
    workspace.faults.add({
      method: "POST",
      path: "/api/2.0/token/create",
      nth: 1,
      when: "after",
      drop: true,
    });
    const created = await lakeform(["tokens", "create", "--comment", "unclear"]);
    workspace.faults.clear();
    const listed = await lakeform(["tokens", "list", "--format", "json"]);
    const { tokens } = JSON.parse(listed.stdout) as {
      tokens: readonly { token_id: string; comment?: string }[];
    };
    const ids = tokens.flatMap(({ token_id: id, comment }) => (comment === "unclear" ? [id] : []));
    expect(ids).toHaveLength(2);
    const lostId = /lakeform tokens revoke (\S+)$/m.exec(created.stderr)?.[1];
    expect(ids).toContain(lostId);
    expect(created.stderr).toContain(`token ${ids.find((id) => id !== lostId)} "unclear" expires`);
    for (const id of ids) expect((await lakeform(["tokens", "revoke", id])).code).toBe(0);
  });

  test("tokens creates, lists with days left and revokes them, and exits with 2 below a threshold or without an expiry", async () => {
    const created = await lakeform([
      "tokens",
      "create",
      "--comment",
      "ci",
      "--days",
      "5",
      "--format",
      "json",
    ]);
    const { token_value: value, token_id: id } = JSON.parse(created.stdout) as {
      token_value: string;
      token_id: string;
    };
    expect(created.stderr).not.toContain(value);
    const listResult = await lakeform(["tokens", "list"]);
    expect(listResult).toMatchObject({ code: 0 });
    expect(listResult.stdout).not.toContain(value);
    const belowThreshold = await lakeform([
      "tokens",
      "list",
      "--fail-below",
      "10",
      "--format",
      "json",
    ]);
    expect(belowThreshold.code).toBe(2);
    expect(JSON.parse(belowThreshold.stdout)).toMatchObject({
      schema: "lakeform/tokens/1",
      expiring: [id],
    });
    expect(belowThreshold.stderr).toContain("1 token expires in less than 10 days");
    const withoutExpiry = await lakeform([
      "tokens",
      "list",
      "--fail-below",
      "3",
      "--format",
      "json",
    ]);
    expect(withoutExpiry).toMatchObject({
      code: 2,
      stderr:
        "1 token never expires: create a new one with --days, then revoke the old one: lakeform tokens revoke ID\n",
    });
    expect(JSON.parse(withoutExpiry.stdout)).toMatchObject({
      expiring: [],
      never_expiring: [expect.any(String)],
    });
    const user = await lakeform([
      "api",
      "POST",
      "/_lakeform/tokens",
      "--json",
      '{"user":"ann@example.com","lifetime_seconds":864000}',
    ]);
    const { token_value: annToken } = JSON.parse(user.stdout) as { token_value: string };
    const env = { DATABRICKS_HOST: workspace.host, DATABRICKS_TOKEN: annToken };
    expect(await command(["tokens", "list", "--fail-below", "3"], env)).toMatchObject({ code: 0 });
    const revokeResult = await lakeform(["tokens", "revoke", value]);
    expect(revokeResult.stderr).toContain("UNKNOWN_TOKEN");
    expect(revokeResult.stderr).not.toContain(value);
    expect((await lakeform(["tokens", "revoke", id])).code).toBe(0);
  });

  test("api sends any call with a body from stdin, and merges all pages", async () => {
    for (const name of ["a", "b", "c"]) {
      const createResult = await lakeform(
        ["api", "POST", "2.1/jobs/create", "--json", "-"],
        JSON.stringify({
          name,
          tasks: [{ task_key: "t", notebook_task: { notebook_path: "/Shared/x" } }],
        }),
      );
      expect(JSON.parse(createResult.stdout)).toHaveProperty("job_id");
    }
    const pages = await lakeform([
      "api",
      "get",
      "/api/2.1/jobs/list",
      "--query",
      "limit=1",
      "--paginate",
      "--include",
    ]);
    expect(
      (JSON.parse(pages.stdout) as { jobs: { settings: { name: string } }[] }).jobs
        .map((job) => job.settings.name)
        .sort(),
    ).toEqual(["a", "b", "c"]);
    expect(pages.stderr).toContain("HTTP 200");
    expect((await lakeform(["api", "GET", "2.1/jobs/get", "--query", "job_id=1"])).stderr).toMatch(
      /API_NOT_FOUND: GET \/api\/2\.1\/jobs\/get: Job 1 does not exist/,
    );
    expect(
      (await lakeform(["api", "POST", "2.1/jobs/create", "--json", "{broken"])).stderr,
    ).toContain("BAD_JSON");
    expect(
      (await lakeform(["api", "GET", "https://x.example/api/2.1/jobs/list"])).stderr,
    ).toContain("BAD_PATH");
    expect((await lakeform(["api", "FETCH", "x"])).code).toBe(1);
  });

  test("clusters lists, starts and stops clusters", async () => {
    const client = connect({ host: workspace.host, token: workspace.token, env: {} });
    await families(client).clusters.create({
      cluster_name: "dev",
      spark_version: "15.4.x-scala2.12",
      node_type_id: "Standard_DS3_v2",
      num_workers: 1,
      autotermination_minutes: 30,
    });
    await client.close();
    expect(await lakeform(["clusters", "start", "dev"])).toMatchObject({
      code: 0,
      stdout: "dev: RUNNING\n",
    });
    expect((await lakeform(["clusters", "list"])).stdout).toMatch(
      /RUNNING +1 +Standard_DS3_v2 +15\.4\.x-scala2\.12 +dev/,
    );
    expect(await lakeform(["clusters", "stop", "dev"])).toMatchObject({
      code: 0,
      stdout: "dev: TERMINATED\n",
    });
    expect((await lakeform(["clusters", "start", "prod"])).stderr).toMatch(
      /UNKNOWN_CLUSTER[\s\S]*allowed: dev/,
    );
  });

  test("clusters start --timeout does not stop the start, and reports a failed start", async () => {
    await lakeform(["api", "PUT", "/_lakeform/timing", "--json", '{"cluster_start_ms": 20000}']);
    const lateResult = await lakeform(["clusters", "start", "dev", "--timeout", "1"]);
    expect(lateResult).toMatchObject({ code: 1, stdout: "" });
    expect(lateResult.stderr).toMatch(
      /CLUSTER_NOT_READY: timed out waiting for the cluster to be RUNNING[\s\S]*given: .*PENDING[\s\S]*fix: .*clusters list/,
    );
    const starting = lakeform(["clusters", "start", "dev"]);
    await lakeform(["clusters", "stop", "dev", "--no-wait"]);
    expect((await starting).stderr).toContain("CLUSTER_NOT_STARTED");
  });

  test("doctor lists passed checks, and problems with their fixes", async () => {
    const passed = await lakeform(["doctor", "--format", "json"]);
    expect(passed.code).toBe(0);
    expect(JSON.parse(passed.stdout)).toMatchObject({ schema: "lakeform/doctor/1", healthy: true });
    expect(passed.stdout).toMatch(/"detail": ?"(terraform|tofu) \d/);
    const failed = await command(["doctor"], {
      DATABRICKS_HOST: workspace.host,
      DATABRICKS_TOKEN: "dapiwrong",
      PATH: process.env.PATH,
    });
    expect(failed.code).toBe(2);
    expect(failed.stdout).toMatch(/✗ +connection +API_(UNAUTHENTICATED|FORBIDDEN)/);
    expect(failed.stdout).not.toContain("dapiwrong");
    const withoutTools = await command(["doctor"], { PATH: "/nonexistent" });
    expect(withoutTools).toMatchObject({ code: 2 });
    expect(withoutTools.stdout).toMatch(/✗ +engine +NO_ENGINE[\s\S]*fix: install Terraform/);
  });

  test("doctor reports a version of Node that is older than the package requires", () => {
    const { engines } = JSON.parse(fs.readFileSync("package.json", "utf8")) as {
      engines: { node: string };
    };
    expect(engines.node).toBe(`>=${minimumNodeVersion}`);
    expect(checkNode({ env: {} }, "20.18.0")).toMatchObject({
      status: "problem",
      fix: "install Node 20.18.1 or newer",
    });
    expect(checkNode({ env: {} }, minimumNodeVersion).status).toBe("ok");
  });

  test("end at --timeout if the workspace does not respond", async () => {
    workspace.faults.add({ path: "/api/2.1/jobs/runs/list", delay_ms: 3000 });
    const started = Date.now();
    const lateResult = await lakeform(["runs", "list", "--timeout", "0.3"]);
    workspace.faults.clear();
    expect(lateResult).toMatchObject({ code: 1 });
    expect(lateResult.stderr).toMatch(/DEADLINE_EXCEEDED[\s\S]*fix: .*--timeout/);
    expect(Date.now() - started).toBeLessThan(2500);
  });

  test("show the required settings without a workspace", async () => {
    const result = await command(["runs", "list"]);
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toMatch(
      /NO_HOST[\s\S]*fix: .*--host[\s\S]*DATABRICKS_HOST[\s\S]*--profile/,
    );
    expect((await command(["runs", "list", "--timeout", "0"])).code).toBe(1);
  });
});
