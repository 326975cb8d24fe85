import fs from "node:fs";
import path from "node:path";
import { copyRepositoryStacks } from "../support/app";
import { makeHome, removeFolders } from "../support/project";
import { shellWithLakeform } from "../support/shell";

/** The official cdktf command, in a fresh folder with an empty home, after `eval "$(lakeform env local)"`. */
describe("cdktf", () => {
  let root: string;
  let env: NodeJS.ProcessEnv;
  const shell = (script: string): string => shellWithLakeform(script, { cwd: root, env });

  beforeAll(() => {
    root = copyRepositoryStacks();
    env = { PATH: process.env.PATH, HOME: makeHome(), DAILY_ETL_API_KEY: "canary-cdktf", CI: "1" };
    shell("lakeform workspace start --port 0 --detach");
  }, 60_000);

  afterAll(() => {
    shell("lakeform workspace stop");
    removeFolders();
  });

  test("deploy, verify with lakeform, and destroy", () => {
    const deployed = shell('eval "$(lakeform env local)"\nnpx cdktf deploy daily-etl-local --auto-approve');
    expect(deployed).toContain("6 added, 0 changed, 0 destroyed");
    const verified = JSON.parse(shell("lakeform verify local --format json")) as { counts: { match: number }; stacks: { basis: string }[] };
    expect(verified.counts.match).toBe(6);
    // Without a deploy by lakeform there is no deployment record: the report names its basis, the state.
    expect(verified.stacks[0]?.basis).toBe("state");
    expect(shell("lakeform review local")).toContain("0 create, 0 update, 0 replace, 0 destroy");
    const destroyed = shell('eval "$(lakeform env local)"\nnpx cdktf destroy daily-etl-local --auto-approve');
    expect(destroyed).toContain("6 destroyed");
    expect(deployed + destroyed).not.toContain("canary-cdktf");
    expect(shell("lakeform api GET /api/2.1/jobs/list")).not.toContain("daily-etl-pipeline");
    expect(fs.existsSync(path.join(root, "cdktf.out", "stacks", "daily-etl-local", ".terraform-embedded"))).toBe(true);
  }, 180_000);
});
