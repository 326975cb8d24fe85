import { spawnSync } from "node:child_process";
import { lakeform } from "../support/cli";
import { env, expectedWarnings, root, useAppWithWarnings, warningsIn } from "./warnings-lab";

describe("warnings of constructs", () => {
  useAppWithWarnings();

  test.each([
    [["synth"], ["etl-local", "etl-dev", "etl-staging", "etl-prod"]],
    [["synth", "local"], ["etl-local"]],
    [["review", "local"], ["etl-local"]],
    [["review", "--base", "HEAD", "dev"], ["etl-dev"]],
    [
      ["diff", "staging", "prod"],
      ["etl-staging", "etl-prod"],
    ],
    [
      ["ci", "github-actions", "--stdout"],
      ["etl-local", "etl-dev", "etl-staging", "etl-prod"],
    ],
    [["deploy", "local", "--auto-approve"], ["etl-local"]],
    [["verify", "local"], ["etl-local"]],
    [["verify", "local", "--format", "json", "--quiet"], ["etl-local"]],
    [
      ["promote", "dev", "staging", "--auto-approve"],
      ["etl-dev", "etl-staging"],
    ],
  ])("are printed once on stderr by lakeform %j", async (args, stacks) => {
    const { stdout, stderr } = await lakeform(root, args, env);
    expect(warningsIn(stderr)).toEqual(expectedWarnings(stacks));
    expect(stdout).not.toContain("warning DBFS_DEPRECATED");
  });

  const run = (command: string): string => {
    const { stdout, stderr, status } = spawnSync(command, {
      cwd: root,
      shell: true,
      encoding: "utf8",
      env: { PATH: process.env.PATH, HOME: root, CI: "1", CHECKPOINT_DISABLE: "1" },
    });
    if (status !== 0) throw new Error(`${stdout}\n${stderr}`);
    return `${stdout}${stderr}`;
  };

  test("are printed once for each stack by cdktf synth", () => {
    const output = run("npx cdktf synth");
    for (const stack of ["etl-local", "etl-prod"]) {
      expect(
        output.split(`WARN [${stack}/old]: DBFS_DEPRECATED: the DBFS root is deprecated`),
      ).toHaveLength(2);
      expect(output.split(`WARN [${stack}]: ask the data office`)).toHaveLength(2);
    }
    expect(output.match(/DBFS_DEPRECATED/g)).toHaveLength(4);
  });

  test("are printed by an app that is started directly", () => {
    expect(warningsIn(run("npx ts-node stacks/main.ts"))).toEqual(
      expectedWarnings(["etl-local", "etl-dev", "etl-staging", "etl-prod"]),
    );
  });
});
