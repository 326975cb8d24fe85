import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { lakeform } from "../../support/cli";
import { makeProject, removeFolders, setResource } from "../../support/project";
import { onTerminal } from "../../support/terminal";

const job = (description: string): unknown => ({
  databricks_job: {
    j: {
      name: "daily",
      description,
      task: [{ task_key: "a", notebook_task: { notebook_path: "/Users/ann@example.com/a" } }],
    },
  },
});

describe("a review on a terminal", () => {
  let root: string;
  beforeAll(() => {
    root = makeProject({ "etl-dev": { resource: job("short") } });
    fs.writeFileSync(path.join(root, ".gitignore"), "cdktf.out\n");
    const git = (...words: readonly string[]): unknown =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...words], {
        cwd: root,
        stdio: "ignore",
      });
    git("init", "-q");
    git("add", "-A");
    git("commit", "-qm", "base");
    setResource(
      root,
      "etl-dev",
      job("one two three four five six seven eight nine ten eleven twelve thirteen fourteen"),
    );
  });
  afterAll(removeFolders);
  const words = ["review", "--base", "HEAD", "--quiet"];

  test.each([80, 120])("fits %d columns, in colour, without breaking words", async (columns) => {
    const { screen, code } = await onTerminal(words, {}, { columns, cwd: root });
    expect(code).toBe(0);
    // eslint-disable-next-line no-control-regex -- the colour of an update
    expect(screen).toMatch(/\u001B\[33m~ update\u001B\[39m job/);
    const lines = stripVTControlCharacters(screen).split(/\r?\n/);
    const longest = Math.max(
      ...lines.filter((line) => !line.startsWith("digest ")).map((line) => line.length),
    );
    expect(longest).toBeLessThanOrEqual(columns);
    expect(longest).toBeGreaterThan(columns - 15);
    const text = lines.map((line) => line.trim()).join(" ");
    expect(text).toContain(
      'description: "short" -> "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"',
    );
    expect(text).toContain(
      "note: only the code was compared: the deployed version may differ from the base, and replacements caused by other replacements are not shown",
    );
  });

  test("has no colours with NO_COLOR, and neither colours nor line breaks in another output", async () => {
    const { screen } = await onTerminal(words, { NO_COLOR: "1" }, { cwd: root });
    // eslint-disable-next-line no-control-regex -- any colour
    expect(screen).not.toMatch(/\u001B\[\d+m/);
    const { stdout } = await lakeform(root, words);
    expect(stdout).not.toContain("\u001B");
    expect(stdout).toContain(
      '    ~ description: "short" -> "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"\n',
    );
  });
});
