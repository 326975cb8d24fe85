/** A disk that gets full during an apply. Runs the real command. */
import fs from "node:fs";
import path from "node:path";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeFolder, makeHome, makeProject, removeFolders } from "../support/project";
import { callRest } from "../support/rest";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();
afterAll(removeFolders);

const job = (name: string): object => ({
  name,
  description: "a description in the state",
  tags: { lakeform: "test/etl-local" },
  task: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }],
});

/** A Terraform whose apply cannot write more than 4 kB to a file, like on a full disk. */
function limitedTerraform(): string {
  const file = path.join(makeFolder("engine"), "terraform");
  const script = `#!/bin/bash
[ "$1" = apply ] || exec terraform "$@"
set -o pipefail
(ulimit -f 4; exec terraform "$@") | cat
`;
  fs.writeFileSync(file, script, { mode: 0o755 });
  return file;
}

test("a truncated plan is reported as such, and removed", async () => {
  const root = makeProject({ "etl-local": { resource: { databricks_job: { a: job("a") } } } });
  // Like on a full disk, Terraform reports success although it could not write the complete file.
  const engine = path.join(makeFolder("engine"), "terraform");
  const script = `#!/bin/bash
terraform "$@"
code=$?
for word in "$@"; do case "$word" in -out=*) truncate -s 1000 "\${word#-out=}";; esac; done
exit $code
`;
  fs.writeFileSync(engine, script, { mode: 0o755 });
  const result = await lakeform(root, ["review", "local"], {
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
    HOME: makeHome(),
    TERRAFORM_BINARY_NAME: engine,
  });
  expectExit(result, 1);
  expect(result.stderr).toMatch(/PLAN_TRUNCATED[^]*\(1000 bytes\)\n {2}fix: {5}free space/);
  expect(result.stderr).not.toContain("another process");
  const stackFolder = path.join(root, "cdktf.out", "stacks", "etl-local");
  expect(fs.readdirSync(stackFolder).filter((name) => name.endsWith(".tfplan"))).toEqual([]);
}, 60_000);

test("the state that Terraform cannot write is saved, and the next deploy takes it over", async () => {
  const names = ["a", "b", "c", "d"];
  const root = makeProject({
    "etl-local": {
      resource: { databricks_job: Object.fromEntries(names.map((name) => [name, job(name)])) },
    },
  });
  const env = {
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
    HOME: makeHome(),
  };
  const deploy = (variables: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
    lakeform(root, ["deploy", "local", "--auto-approve"], { ...env, ...variables });
  const failed = await deploy({ TERRAFORM_BINARY_NAME: limitedTerraform() });
  expectExit(failed, 1);
  const stackFolder = path.join(root, "cdktf.out", "stacks", "etl-local");
  const errored = path.join(stackFolder, "errored.tfstate");
  expect(failed.stderr).toContain(`the state is saved in ${errored}`);
  expect(failed.stderr).not.toMatch(/printed above|a description in the state/);
  expect(failed.stderr.match(/Failed to create local state file/g)).toHaveLength(1);
  expect(fs.statSync(errored).mode & 0o777).toBe(0o600);
  expect(fs.readdirSync(stackFolder).filter((name) => name.endsWith(".tfplan"))).toEqual([]);

  const next = await deploy();
  expectExit(next, 0);
  expect(next.stderr).toMatch(/that Terraform could not write has now been written \(serial \d+\)/);
  expect(next.stdout).toContain("0 create, 0 update");
  const { jobs } = (await callRest(workspace, "GET", "/api/2.2/jobs/list")) as {
    jobs: { settings: { name: string } }[];
  };
  expect(jobs.map(({ settings }) => settings.name).sort()).toEqual(names);
  expect(fs.existsSync(errored)).toBe(false);
}, 60_000);
