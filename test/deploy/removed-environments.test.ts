/** An environment that is renamed in the code. Runs the real command. */
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeHome, makeProject, removeFolders, setStacks } from "../support/project";
import { callRest } from "../support/rest";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();
afterAll(removeFolders);

const stackOf = (name: string): object => ({
  resource: {
    databricks_job: {
      a: {
        name: "a",
        tags: { lakeform: `test/${name}` },
        task: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }],
      },
    },
  },
});

test("the first deploy of a renamed environment names the old stack and the command that keeps its objects", async () => {
  const env = Object.fromEntries(
    ["PROD", "LIVE"].flatMap((name) => [
      [`LAKEFORM_${name}_HOST`, workspace.host],
      [`LAKEFORM_${name}_TOKEN`, workspace.token],
    ]),
  );
  const root = makeProject({ "etl-prod": stackOf("etl-prod") });
  const home = makeHome();
  const run = (...args: string[]): Promise<CliResult> =>
    lakeform(root, args, { ...env, HOME: home });
  const first = await run("deploy", "prod", "--auto-approve");
  expectExit(first, 0);
  expect(first.stdout).not.toContain("was deployed from here");

  setStacks(root, { "etl-live": stackOf("etl-live") });
  const unknown = await run("verify", "prod");
  expectExit(unknown, 1);
  const review = await run("review", "live");
  expectExit(review, 0);
  expect(review.stdout).toContain("etl-prod was deployed from here and still has objects");
  const command = /lakeform (state migrate etl-live --from \S+?etl-prod\.tfstate)/.exec(
    review.stdout.replaceAll(/\n +/g, " "),
  )?.[1];
  expectExit(await run(...(command ?? "").split(" ")), 0);

  const deployed = await run("deploy", "live", "--auto-approve");
  expectExit(deployed, 0);
  expect(deployed.stdout).toContain("0 create, 1 update");
  expect(deployed.stdout).not.toContain("was deployed from here");
  const { jobs } = (await callRest(workspace, "GET", "/api/2.2/jobs/list")) as { jobs: unknown[] };
  expect(jobs).toHaveLength(1);
}, 60_000);
