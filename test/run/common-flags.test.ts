import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connect, families } from "../../src/api";
import { watchRun } from "../../src/run/watch";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { makeFolder, removeFolders } from "../support/project";
import { command, type CommandResult } from "./command";

/**
 * Every day-to-day command, ordered by its prerequisites; `{run}`, `{cluster}`, `{token}` are
 * replaced by ids.
 */
const commands = [
  "run nightly",
  "runs list nightly",
  "runs show {run}",
  "runs cancel {run}",
  "runs repair {failed} --no-wait",
  "runs output {run}",
  "runs export {run} --out {folder}",
  "clusters list",
  "clusters start {cluster} --no-wait",
  "clusters stop {cluster}",
  "fs ls dbfs:/tmp",
  "fs cp dbfs:/tmp/a.txt {folder}/a.txt --overwrite",
  "fs cat dbfs:/tmp/a.txt",
  "fs rm dbfs:/tmp/a.txt",
  "secrets list etl",
  "secrets put etl key",
  "secrets delete etl key",
  "tokens list",
  "tokens create --comment x",
  "tokens revoke {token}",
  "api GET 2.1/jobs/list",
  "doctor",
];

describe("the flags that all day-to-day commands have", () => {
  let workspace: RunningWorkspace;
  let silentServer: net.Server;
  let home: string;
  let ids: Readonly<Record<string, string>>;
  const sockets = new Set<net.Socket>();

  const lakeform = (
    words: string,
    flags: readonly string[],
    env: NodeJS.ProcessEnv,
  ): Promise<CommandResult> =>
    command(
      [
        ...words
          .split(" ")
          .map((word) => word.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? name)),
        ...flags,
      ],
      { PATH: process.env.PATH, HOME: home, ...env },
      { stdin: "value\n" },
    );

  beforeAll(async () => {
    workspace = await startWorkspace({
      outcomes: { outcomes: [{ task: "fails", result: "FAILED" }] },
    });
    home = makeFolder("home");
    fs.writeFileSync(
      path.join(home, ".databrickscfg"),
      `[here]\nhost = ${workspace.host}\ntoken = ${workspace.token}\n`,
    );
    silentServer = net.createServer((socket) => void sockets.add(socket));
    await new Promise<void>((resolve) => silentServer.listen(0, "127.0.0.1", resolve));
    ids = await prepare(workspace);
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    silentServer.close();
    await workspace.close();
    removeFolders();
  });

  test.each(commands)("%s", async (words) => {
    // The --profile flag takes precedence over the environment.
    const jsonResult = await lakeform(words, ["--format", "json", "--profile", "here"], {
      DATABRICKS_HOST: "http://127.0.0.1:9",
      DATABRICKS_TOKEN: "x",
    });
    expect(jsonResult).toMatchObject({ code: 0 });
    expect(() => JSON.parse(jsonResult.stdout) as unknown).not.toThrow();
    // The --host flag takes precedence over the environment, and the command ends at the timeout if
    // that host does not respond.
    const { port } = silentServer.address() as net.AddressInfo;
    const started = Date.now();
    const lateResult = await lakeform(
      words,
      ["--host", `http://127.0.0.1:${port}`, "--timeout", "0.2", "--format", "json"],
      {
        DATABRICKS_HOST: workspace.host,
        DATABRICKS_TOKEN: "x",
      },
    );
    expect(lateResult).toMatchObject({ code: words === "doctor" ? 2 : 1 });
    expect(Date.now() - started).toBeLessThan(10_000);
    expect(words === "doctor" ? lateResult.stdout : lateResult.stderr).toContain(
      "DEADLINE_EXCEEDED",
    );
  });
});

/** Creates the prerequisites of the commands. @returns the ids */
async function prepare(workspace: RunningWorkspace): Promise<Readonly<Record<string, string>>> {
  const client = connect({ host: workspace.host, token: workspace.token, env: {} });
  const { jobs, runs, clusters, dbfs, secrets, tokens } = families(client);
  const startFinishedRun = async (name: string, task_key: string): Promise<string> => {
    const job_id = await jobs.create({
      name,
      tasks: [{ task_key, notebook_task: { notebook_path: "/Shared/x" } }],
    });
    const { run_id } = await runs.runNow({ job_id });
    await watchRun(client, run_id, { now: Date.now, sleep: (ms) => delay(ms) });
    return String(run_id);
  };
  const [run, failed] = await Promise.all([
    startFinishedRun("nightly", "works"),
    startFinishedRun("broken", "fails"),
  ]);
  const cluster = await clusters.create({
    cluster_name: "c",
    spark_version: "15.4.x-scala2.12",
    node_type_id: "i3.xlarge",
    num_workers: 1,
  });
  const content = Buffer.from("a");
  await dbfs.write("/tmp/a.txt", {
    read: (offset, length) => Promise.resolve(content.subarray(offset, offset + length)),
  });
  await secrets.createScope("etl");
  const token = await tokens.create("spare", 3600);
  await client.close();
  return { run, failed, cluster, token: token.info.token_id, folder: makeFolder("out") };
}

test.each(["run", "runs", "clusters", "fs", "secrets", "tokens", "api", "doctor"])(
  "lakeform %s --help shows examples",
  async (name) => {
    const help = await command([name, "--help"]);
    expect(help).toMatchObject({ code: 0 });
    expect(help.stdout).toMatch(new RegExp(`Examples?:\n(.*\n)*.*lakeform ${name} `));
  },
);
