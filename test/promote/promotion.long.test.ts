import fs from "node:fs";
import path from "node:path";
import type { RunningWorkspace } from "../../src/workspace/server";
import { commit, edit } from "../support/app";
import { expectExit } from "../support/cli";
import { gateOutcomes, testPromotionToStaging, usePipeline } from "./promotion-lab";

/**
 * One project promoted from dev to staging to prod, on three local workspaces: the tests depend on
 * their order.
 */
describe("promotion", () => {
  const pipeline = usePipeline();
  const { workspaces, run } = pipeline;

  testPromotionToStaging(pipeline);

  test("fails the git gate for a dirty tree, and the artifacts gate for bytes that differ from FROM's", async () => {
    edit(path.join(pipeline.root, "stacks/notebooks/hello.py"), (text) => `${text}print("more")\n`);
    const dirtyResult = await run("promote", "staging", "prod", "--auto-approve");
    expect(gateOutcomes(dirtyResult)).toEqual(["git failed"]);
    expect(dirtyResult.stdout).toContain("stacks/notebooks/hello.py");
    commit(pipeline.root, "add a line");
    const changedResult = await run("promote", "staging", "prod", "--auto-approve");
    expect(gateOutcomes(changedResult)).toEqual([
      "git passed",
      "deployed passed",
      "artifacts failed",
    ]);
    edit(path.join(pipeline.root, "stacks/notebooks/hello.py"), (text) =>
      text.replace('print("more")\n', ""),
    );
    commit(pipeline.root, "remove the line");
  });

  test("fails the verified gate for drift in FROM", async () => {
    const { host, token } = workspaces.staging as RunningWorkspace;
    const callApi = async (
      method: string,
      route: string,
      body?: unknown,
    ): Promise<Record<string, never>> => {
      const response = await fetch(host + route, {
        method,
        headers: { Authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return (await response.json()) as Record<string, never>;
    };
    const { jobs } = (await callApi("GET", "/api/2.2/jobs/list")) as unknown as {
      jobs: { job_id: number }[];
    };
    const job_id = jobs[0]?.job_id;
    await callApi("POST", "/api/2.2/jobs/update", {
      job_id,
      new_settings: { timeout_seconds: 77 },
    });
    const result = await run("promote", "staging", "prod", "--auto-approve");
    expect(gateOutcomes(result)).toEqual([
      "git passed",
      "deployed passed",
      "artifacts passed",
      "verified failed",
    ]);
    expectExit(await run("deploy", "staging", "--auto-approve", "--heal"), 0);
  });

  test("fails the environments gate for a difference that no profile allows", async () => {
    edit(path.join(pipeline.root, "stacks/environments.ts"), (text) =>
      text.replace("job_cluster.new_cluster.*", "job_cluster.other"),
    );
    commit(pipeline.root, "allow no differences");
    await run("run", "staging", "etl");
    const result = await run("promote", "staging", "prod", "--auto-approve");
    expect(gateOutcomes(result).at(-1)).toBe("environment-diff failed");
    expect(result.stdout).toContain("num_workers");
    expectExit(await run("diff", "staging", "prod"), 2);
  });

  test("fails the deployed gate for a failed deploy to FROM, until FROM is deployed again", async () => {
    const { host, token } = workspaces.staging as RunningWorkspace;
    const attempt = {
      version: 1,
      startedAt: "2026-01-01T00:00:00.000Z",
      by: "ci",
      outcome: "failed",
      error: "TERRAFORM_FAILED",
    };
    const content = Buffer.from(JSON.stringify(attempt)).toString("base64");
    const body = {
      path: "/Workspace/Shared/.lakeform/etl/etl-staging/attempt.json",
      format: "AUTO",
      overwrite: true,
      content,
    };
    await fetch(`${host}/api/2.0/workspace/import`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    expect(gateOutcomes(await run("promote", "staging", "prod", "--auto-approve"))).toEqual([
      "git passed",
      "deployed failed",
    ]);
    expectExit(await run("deploy", "staging", "--auto-approve"), 0);
    expectExit(await run("run", "staging", "etl"), 0);
  });

  test("fails the review gate for a violated policy of TO", async () => {
    const profiles = path.join(pipeline.root, "stacks/environments.ts");
    const profilesBefore = fs.readFileSync(profiles, "utf8");
    edit(profiles, (text) =>
      text
        .replace("job_cluster.other", "job_cluster.new_cluster.*")
        .replace(/policies: .*/, "production: true,"),
    );
    commit(pipeline.root, "remove the exceptions of prod");
    const result = await run("promote", "staging", "prod", "--auto-approve");
    expect(gateOutcomes(result).slice(-2)).toEqual(["environment-diff passed", "review failed"]);
    expect(result.stdout).toContain("run-as-service-principal");
    fs.writeFileSync(profiles, profilesBefore);
    commit(pipeline.root, "allow exceptions again");
  });

  test("skips a gate only with a reason, which is recorded", async () => {
    expect(await run("promote", "staging", "prod", "--waive", "environment-diff")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("WAIVER_WITHOUT_REASON") as string,
    });
    expect(
      await run("promote", "staging", "prod", "--waive", "approval", "--reason", "x"),
    ).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("GATE_NOT_WAIVABLE") as string,
    });
    const result = await run(
      "promote",
      "staging",
      "prod",
      "--auto-approve",
      "--waive",
      "environment-diff",
      "--reason",
      "prod has more data",
    );
    expectExit(result, 0);
    expect((await run("promotions", "prod")).stdout).toContain(
      "environment-diff: prod has more data",
    );
  });

  test("reports an interrupted deploy, and continues it", async () => {
    const { host, token } = workspaces.prod as RunningWorkspace;
    const attempt = {
      version: 1,
      startedAt: "2026-01-01T00:00:00.000Z",
      by: "ci",
      outcome: "started",
    };
    const folder = "/Workspace/Shared/.lakeform/etl/etl-prod";
    const writeFile = async (name: string, content: unknown): Promise<void> => {
      const body = {
        path: `${folder}/${name}`,
        format: "AUTO",
        overwrite: true,
        content: Buffer.from(JSON.stringify(content)).toString("base64"),
      };
      await fetch(`${host}/api/2.0/workspace/import`, {
        method: "POST",
        headers: { Authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
    };
    await writeFile("attempt.json", attempt);
    await writeFile("lock.json", {
      id: "dead",
      by: "ci",
      since: "2026-01-01T00:00:00.000Z",
      host: "another-machine",
      pid: 1,
    });
    expect(await run("deploy", "prod", "--auto-approve")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("--break-lock dead") as string,
    });
    const continuedDeploy = await run("deploy", "prod", "--auto-approve", "--break-lock", "dead");
    expect(continuedDeploy.stdout).toContain(
      "the last deploy, started 2026-01-01T00:00:00.000Z by ci, was interrupted",
    );
    expect(continuedDeploy.code).toBe(0);
    expect((await run("deploy", "prod", "--auto-approve")).stdout).not.toContain("was interrupted");
  });

  test("rejects a manually edited record", async () => {
    const { host, token } = workspaces.staging as RunningWorkspace;
    const file = "/Workspace/Shared/.lakeform/etl/etl-staging/record.json";
    const headers = { Authorization: `Bearer ${token}` };
    const response = (await (
      await fetch(`${host}/api/2.0/workspace/export?path=${file}`, { headers })
    ).json()) as { content: string };
    const editedRecord = Buffer.from(response.content, "base64")
      .toString("utf8")
      .replace(/"deployedBy":"[^"]*"/, '"deployedBy":"somebody"');
    const body = {
      path: file,
      format: "AUTO",
      overwrite: true,
      content: Buffer.from(editedRecord).toString("base64"),
    };
    await fetch(`${host}/api/2.0/workspace/import`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    expect(await run("promote", "staging", "prod", "--auto-approve")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("RECORD_TAMPERED") as string,
    });
    expectExit(await run("deploy", "staging", "--auto-approve"), 0);
    expectExit(await run("promotions", "staging"), 0);
  });

  test("leaves no saved plan behind", () => {
    const stacks = path.join(pipeline.root, "cdktf.out", "stacks");
    expect(
      fs
        .readdirSync(stacks)
        .flatMap((stack) => fs.readdirSync(path.join(stacks, stack)))
        .filter((file) => file.endsWith(".tfplan")),
    ).toEqual([]);
  });
});
