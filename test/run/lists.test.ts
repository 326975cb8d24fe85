import fs from "node:fs";
import path from "node:path";
import { PassThrough } from "node:stream";
import { main } from "../../src/cli/main";
import { table } from "../../src/run/words";
import { makeFolder, removeFolders } from "../support/project";
import { under, type Under } from "../workspace/jobs-support";

/** A terminal of this width. */
async function shown(w: Under, words: readonly string[], columns: number): Promise<string> {
  const stdout = new PassThrough();
  const chunks: Buffer[] = [];
  stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const env = {
    PATH: process.env.PATH,
    HOME: makeFolder("home"),
    NO_COLOR: "1",
    DATABRICKS_HOST: w.workspace.host,
    DATABRICKS_TOKEN: w.workspace.token,
  };
  const code = await main(words, {
    stdout: Object.assign(stdout, { isTTY: true, columns }),
    stderr: new PassThrough(),
    stdin: new PassThrough() as unknown as NodeJS.ReadStream,
    env,
    cwd: env.HOME,
  });
  expect(code).toBe(0);
  return Buffer.concat(chunks).toString("utf8");
}

describe("lists on a terminal", () => {
  let w: Under;
  beforeAll(async () => {
    w = await under();
    const long = "daily-etl-pipeline-with-a-name-that-is-longer-than-the-rest-of-the-line-of-a-narrow-terminal";
    const tasks = [{ task_key: "ingest", notebook_task: { notebook_path: "/Shared/ingest" } }];
    const settings = ["daily-etl-pipeline", long].map((name) => ({ name, tasks }));
    for (const each of settings) {
      const job_id = (await w.ok("POST", "/api/2.2/jobs/create", each)).job_id as number;
      await w.ok("POST", "/api/2.2/jobs/run-now", { job_id });
    }
    const cluster = { spark_version: "15.4.x-scala2.12", node_type_id: "Standard_DS3_v2", num_workers: 2 };
    await w.ok("POST", "/api/2.0/clusters/create", { ...cluster, cluster_name: long });
    await w.ok("POST", "/api/2.0/token/create", {
      comment: "a comment for the pipeline that deploys to production every night",
      lifetime_seconds: 900_000,
    });
    await w.ok("POST", "/api/2.0/secrets/scopes/create", { scope: "daily-etl" });
    await w.ok("POST", "/api/2.0/secrets/put", { scope: "daily-etl", key: "api-key", string_value: "never-shown" });
    await w.ok("POST", "/api/2.0/dbfs/put", { path: "/raw/day.json", contents: "e30=", overwrite: true });
    await w.ok("POST", "/api/2.0/dbfs/mkdirs", { path: "/raw/2024" });
  });
  afterAll(async () => {
    removeFolders();
    await w.close();
  });

  test.each([80, 120])("have the same layout, and fit %i columns", async (columns) => {
    const lists = [
      ["runs", "list"],
      ["clusters", "list"],
      ["tokens", "list"],
      ["secrets", "list"],
      ["secrets", "list", "daily-etl"],
      ["fs", "ls", "dbfs:/raw"],
    ];
    const parts: string[] = [];
    for (const words of lists) parts.push(`$ lakeform ${words.join(" ")}\n${await shown(w, words, columns)}`);
    const text = parts.join("\n");
    expect(text.split("\n").filter((line) => line.length > columns)).toEqual([]);
    expect(text).not.toContain("never-shown");
    // Times, and ids that the workspace makes up.
    const masked = text
      .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "2024-01-01 12:00:00")
      .replaceAll(/\b[0-9a-f]{64}\b/g, (id) => "0".repeat(id.length))
      .replaceAll(/\b\d{4}-\d{6}-\w{8}\b/g, "0101-120000-abcdefgh")
      .replaceAll(/\b\d+\.\d s /g, "0.0 s ");
    const golden = path.join(__dirname, "goldens", `lists-${columns}.txt`);
    if (process.env.UPDATE_GOLDENS === "1") {
      fs.mkdirSync(path.dirname(golden), { recursive: true });
      fs.writeFileSync(golden, masked);
    }
    expect(masked).toBe(fs.readFileSync(golden, "utf8"));
  });

  test("truncate their last column or continue a row on further lines, except in a file", () => {
    const rows = [
      ["ID", "CREATED", "COMMENT"],
      ["a".repeat(20), "2024-01-01", "c".repeat(40)],
    ];
    expect(table(rows)[1]).toBe(`${"a".repeat(20)}  2024-01-01  ${"c".repeat(40)}`);
    expect(table(rows, 60)[1]).toBe(`${"a".repeat(20)}  2024-01-01  ${"c".repeat(25)}…`);
    expect(table(rows, 40)).toEqual([
      `ID                    CREATED`,
      `    COMMENT`,
      `${"a".repeat(20)}  2024-01-01`,
      `    ${"c".repeat(35)}…`,
    ]);
  });
});
