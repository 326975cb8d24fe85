import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { serve, type Server } from "./workspace/http-client";
import { codeBlocks } from "./support/markdown";
import { makeFolder, removeFolders, repository } from "./support/project";
import { describeWithPython } from "./support/python";

const run = promisify(execFile);
const folder = path.join(repository, "docs", "rest-guide");

/** Returns the blocks of a page in one language as one program. */
function programOf(page: string, language: string): string {
  const blocks = codeBlocks(path.join(folder, page), page).filter(
    (block) => block.language === language,
  );
  if (blocks.length === 0) throw new Error(`${page} has no ${language}`);
  return blocks.map(({ code }) => code).join("\n");
}

describe("the pages of the REST guide", () => {
  let server: Server;
  let env: NodeJS.ProcessEnv;
  let cwd: string;

  beforeAll(async () => {
    server = await serve();
    cwd = makeFolder("rest-guide");
    env = {
      PATH: process.env.PATH,
      HOME: cwd,
      DATABRICKS_HOST: server.workspace.host,
      DATABRICKS_TOKEN: server.workspace.token,
    };
  });
  afterAll(async () => {
    await server.workspace.close();
    removeFolders();
  });

  const jobs = async (): Promise<unknown> =>
    (await server.api("GET", "/api/2.1/jobs/list")).body.jobs;

  test("have curl blocks that form one working script", async () => {
    const { stdout } = await run("bash", ["-euo", "pipefail", "-c", programOf("curl.md", "bash")], {
      cwd,
      env,
    });
    expect(stdout).toMatch(/"result_state": *"SUCCESS"/);
    expect(stdout).toContain('"data":"eyJzYW1wbGUiOiB0cnVlfQ=="');
    expect(await jobs()).toBeUndefined();
    expect(fs.statSync(path.join(cwd, "auth.header")).mode & 0o777).toBe(0o600);
  });

  test("have a Postman collection that newman runs", async () => {
    const newman = path.join(repository, "node_modules", "newman", "bin", "newman.js");
    const collection = path.join(folder, "postman-collection.json");
    const variables = [
      "--env-var",
      `host=${server.workspace.host}`,
      "--env-var",
      `token=${server.workspace.token}`,
    ];
    const report = path.join(cwd, "newman.json");
    const words = [
      "run",
      collection,
      ...variables,
      "--reporters",
      "json",
      "--reporter-json-export",
      report,
    ];
    await run(process.execPath, [newman, ...words], { cwd, env });
    const { stats, failures } = (
      JSON.parse(fs.readFileSync(report, "utf8")) as {
        run: { stats: Record<string, object>; failures: [] };
      }
    ).run;
    expect(failures).toEqual([]);
    expect(stats.requests).toMatchObject({ total: 13, failed: 0 });
    expect(stats.assertions).toMatchObject({ total: 18, failed: 0 });
    expect(await jobs()).toBeUndefined();
  }, 30_000);

  describeWithPython(
    "Python",
    () => {
      test("have a working program", async () => {
        const { stdout } = await run("python3", ["-c", programOf("python.md", "python")], {
          cwd,
          env,
        });
        expect(stdout.trim()).toBe("SUCCESS");
        expect(await jobs()).toBeUndefined();
      });
    },
    "requests",
  );
});
