import fs from "node:fs";
import path from "node:path";
import { connect, families, type Connection, type Families } from "../../src/api";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { makeFolder, removeFolders } from "../support/project";
import { onTerminal, type TypedInput } from "../support/terminal";

const ctrlC = "\u0003";
const ctrlD = "\u0004";

describe("commands on a terminal", () => {
  let workspace: RunningWorkspace;
  let client: Connection;
  let api: Families;
  const lakeform = (
    args: readonly string[],
    typed: readonly TypedInput[] = [],
    env: NodeJS.ProcessEnv = {},
    columns?: number,
  ) =>
    onTerminal(
      args,
      { DATABRICKS_HOST: workspace.host, DATABRICKS_TOKEN: workspace.token, ...env },
      { typed, columns },
    );

  beforeAll(async () => {
    workspace = await startWorkspace({
      outcomes: { outcomes: [{ task: "slow", duration: "60s" }] },
    });
    client = connect({ host: workspace.host, token: workspace.token, env: {} });
    api = families(client);
    const notebook_task = { notebook_path: "/Shared/x" };
    await api.jobs.create({
      name: "long",
      max_concurrent_runs: 10,
      tasks: [{ task_key: "slow", notebook_task }],
    });
    await api.jobs.create({
      name: "quick",
      tasks: [
        { task_key: "ingest", notebook_task },
        { task_key: "publish", depends_on: [{ task_key: "ingest" }], notebook_task },
      ],
    });
    await api.secrets.createScope("etl");
  });
  afterAll(async () => {
    await client.close();
    await workspace.close();
    removeFolders();
  });

  test.each([
    ["Ctrl-C", ctrlC],
    ["Ctrl-D", ctrlD],
  ])("leave the run running if %s is typed at the prompt", async (_name, key) => {
    const { code, screen } = await lakeform(
      ["run", "long"],
      [
        [/slow +RUNNING/, ctrlC],
        [/\[c\]ancel it\? /, key],
      ],
    );
    expect(screen).toMatch(/left running/);
    expect(screen).not.toContain("UNEXPECTED");
    expect(code).toBe(130);
  });

  test("redraw a coloured table in place, replace it by the result, and respect NO_COLOR and --quiet", async () => {
    const { code, screen } = await lakeform(["run", "quick"]);
    expect(code).toBe(0);
    // eslint-disable-next-line no-control-regex -- the cursor moves up
    expect(screen).toMatch(/\u001B\[\dA/);
    // eslint-disable-next-line no-control-regex -- colour codes; which task is running depends on the time of the redraw
    expect(screen).toMatch(/\u001B\[34m▶\u001B\[0m (quick|ingest|publish)/);
    expect(screen).toContain("└─▶ \u001B[32m✓\u001B[0m publish");
    // After the last table is erased, each task appears once.
    const lastTable = screen.slice(screen.lastIndexOf("\u001B[J"));
    expect(lastTable.match(/publish/g)).toHaveLength(1);
    const quietResult = await lakeform(["run", "quick", "--quiet"], [], { NO_COLOR: "1" });
    expect(quietResult.screen).not.toContain("\u001B[");
  });

  test("show a progress bar within the columns for fs cp, which leaves no partial download after Ctrl-C", async () => {
    const folder = makeFolder("copies");
    fs.writeFileSync(path.join(folder, "large.bin"), Buffer.alloc(5_000_000));
    const target =
      "dbfs:/a/long/path/that/does/not/fit/into/the/columns/of/this/terminal/large.bin";
    const upload = await lakeform(["fs", "cp", path.join(folder, "large.bin"), target], [], {}, 80);
    expect(upload).toMatchObject({ code: 0 });
    const bars = upload.screen.split("\r").filter((line) => line.includes("█"));
    expect(bars.at(-1)).toMatch(/^….*large\.bin {2}█{20} 100 % {2}5\.0 MB of 5\.0 MB/);
    expect(bars.filter((line) => line.includes("\n"))).toEqual([]);
    workspace.faults.add({ path: "/api/2.0/dbfs/read", delay_ms: 700 });
    const download = await lakeform(
      ["fs", "cp", target, path.join(folder, "back.bin")],
      [[/ {2}20 %/, ctrlC]],
    );
    workspace.faults.clear();
    expect(download).toMatchObject({ code: 130 });
    expect(download.screen).toContain("COPY_INTERRUPTED");
    expect(fs.readdirSync(folder)).toEqual(["large.bin"]);
  });

  test("fit every line of the table into a narrow terminal, except for the link", async () => {
    const { screen } = await lakeform(["run", "quick"], [], { NO_COLOR: "1" }, 30);
    const printedLines = screen.slice(0, screen.lastIndexOf("\u001B[J")).split(/\r?\n/);
    // eslint-disable-next-line no-control-regex -- cursor movements have no width
    const lines = printedLines.map((line) => line.replaceAll(/\u001B\[\d*[A-Z]/g, ""));
    expect(
      lines.some(
        (line) => line.startsWith(`  ${workspace.host}`) && /\/runs\/\d+\?o=\d+$/.test(line),
      ),
    ).toBe(true);
    const widths = lines
      .filter((line) => !line.includes(workspace.host))
      .map((line) => line.length);
    // Before a redraw the cursor moves up by the rows of the table, with the wrapped rows of the link.
    // eslint-disable-next-line no-control-regex -- the cursor moves up
    const rowsMovedUp = [...screen.matchAll(/\u001B\[(\d+)A/g)].map((move) => Number(move[1]));
    const link = lines.find((line) => line.includes(workspace.host)) ?? "";
    expect(Math.max(...rowsMovedUp)).toBe(3 + Math.ceil(link.length / 30));
    expect(printedLines.length).toBeGreaterThan(4);
    expect(Math.max(...widths)).toBeLessThan(30);
  });

  test("prompt for the value of a secret without showing it, and set nothing after Ctrl-C", async () => {
    const putResult = await lakeform(
      ["secrets", "put", "etl", "password"],
      [[/value \(not shown\): /, "hunter23\u007F2\r"]],
    );
    expect(putResult).toMatchObject({ code: 0 });
    expect(putResult.screen).toContain("set etl/password");
    expect(putResult.screen).not.toContain("hunter2");
    expect((await api.secrets.get("etl", "password")).reveal()).toBe("hunter22");
    const interruptedResult = await lakeform(
      ["secrets", "put", "etl", "other"],
      [[/value \(not shown\): /, `half${ctrlC}`]],
    );
    expect(interruptedResult).toMatchObject({ code: 1 });
    expect(interruptedResult.screen).toContain("EMPTY_SECRET");
    expect(interruptedResult.screen).not.toContain("half");
    expect((await api.secrets.list("etl")).map((secret) => secret.key)).toEqual(["password"]);
  });
});
