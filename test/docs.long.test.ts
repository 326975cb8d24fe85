/**
 * Runs the commands of the README and of the first page of the docs exactly as printed, which takes
 * forty processes. `npm run demo` runs a part of them.
 */
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { copyRepositoryStacks, makeApp, useCachedSynth } from "./support/app";
import { codeBlocks, type CodeBlock } from "./support/markdown";
import { makeFolder, makeHome, removeFolders, repository } from "./support/project";

const shellBlocks = (page: string): CodeBlock[] =>
  codeBlocks(path.join(repository, page), page).filter(({ language }) => language === "sh");

afterAll(removeFolders);

test("the commands of the README run exactly as printed, and lakeform verifies and reviews a deploy by cdktf", () => {
  const [work, cdktf] = [shellBlock("npx lakeform run local"), shellBlock("npx cdktf deploy")];
  const root = copyRepositoryStacks();
  useCachedSynth(root);
  const checks = ["verify local --format json", "review local", "api GET /api/2.1/jobs/list"];
  const [verify, review, list] = checks.map(
    (words) => `echo; echo "[$(npx lakeform ${words} | base64 | tr -d '\\n')]"`,
  );
  const parts = cdktf.replace(/^(?=npx cdktf destroy)/m, `${verify}\n${review}\n`);
  const run = runShell(root, `${work}\n${parts}\n${list}`, { DAILY_ETL_API_KEY: "canary-readme" });
  const output = `${run.stderr}${run.stdout}`;
  expect(output).not.toContain("canary-readme");
  expect(run.status === 0 ? "" : `${run.stderr}\n${run.stdout}`).toBe("");
  expect(run.stdout).toContain("the workspace matches the code");
  expect(run.stdout).toContain("SUCCESS");
  expect(run.stdout).toContain("6 added, 0 changed, 0 destroyed");
  expect(run.stdout).toContain("6 destroyed");
  const [verified = "", reviewed, jobs] = [...run.stdout.matchAll(/^\[([\w+/=]*)\]$/gm)].map(
    ([, text = ""]) => Buffer.from(text, "base64").toString("utf8"),
  );
  const { counts, stacks } = JSON.parse(verified) as {
    counts: { match: number };
    stacks: { basis: string }[];
  };
  expect(counts.match).toBe(6);
  // cdktf writes no deployment record, so verify compares with the state.
  expect(stacks[0]?.basis).toBe("state");
  expect(reviewed).toContain("0 create, 0 update, 0 replace, 0 destroy");
  expect(jobs).toMatch(/^\{/);
  expect(`${verified}${reviewed}${jobs}`).not.toContain("canary-readme");
  expect(jobs).not.toContain("daily-etl-pipeline");
  expect(
    fs.existsSync(path.join(root, "cdktf.out", "stacks", "daily-etl-local", ".terraform-embedded")),
  ).toBe(true);
}, 240_000);

test("the commands of the first page run in a new project", async () => {
  const root = await makeApp("my-pipelines");
  useCachedSynth(root);
  const script = shellBlocks("docs/start.md").map(({ code }) => code);
  const run = runShell(root, script.join("\n"));
  expect(run.status === 0 ? "" : `${run.stderr}\n${run.stdout}`).toBe("");
  expect(run.stdout).toMatch(
    /drift - changed in the workspace\n {2}my-pipelines-local\/hello [^]*exit code 2[^]*the workspace matches the code/,
  );
}, 120_000);

/** Runs commands of a page, and stops the workspace that they start, also after a failure. */
function runShell(
  cwd: string,
  script: string,
  env: NodeJS.ProcessEnv = {},
): SpawnSyncReturns<string> {
  const bin = makeFolder("bin");
  fs.writeFileSync(
    path.join(bin, "npx"),
    `#!/bin/sh\ntool=$1; shift\ncase "$tool" in lakeform) exec "${process.execPath}" "${repository}/bin/lakeform.js" "$@";; cdktf) exec "${repository}/node_modules/.bin/cdktf" "$@";; ts-node) exec "${process.execPath}" "${repository}/node_modules/ts-node/dist/bin.js" "$@";; esac\nexit 9\n`,
    { mode: 0o755 },
  );
  return spawnSync(
    "bash",
    ["-euo", "pipefail", "-c", `trap 'npx lakeform workspace stop' EXIT\n${script}`],
    {
      cwd,
      env: {
        // Another workspace on this machine may use the default port.
        LAKEFORM_WORKSPACE_PORT: "0",
        PATH: `${bin}:${process.env.PATH ?? ""}`,
        HOME: makeHome(),
        CI: "1",
        ...env,
      },
      encoding: "utf8",
    },
  );
}

function shellBlock(containing: string): string {
  const block = shellBlocks("README.md").find(({ code }) => code.includes(containing));
  if (block === undefined) throw new Error(`the README has no block with ${containing}`);
  return block.code;
}
