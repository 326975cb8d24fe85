/**
 * Stacks with states in the workspace: every command runs from new folders, with the real
 * Terraform.
 */
import fs from "node:fs";
import path from "node:path";
import { expectExit, lakeform } from "../support/cli";
import { makeProject, removeFolders, type StackContent } from "../support/project";
import { useWorkspace } from "../support/workspace";

const secret = "canary-3Hs8-in-the-state";
const output = "cross-stack-output-databricks_secret_scopesname";
const source = "cross-stack-reference-input-platform-local";
const http = (name: string): unknown => ({
  required_providers: { databricks: { source: "databricks/databricks", version: "1.99.0" } },
  backend: { http: { username: name } },
});
const settings = { profileSettings: { backend: "workspace" } };
const stacks: Record<string, StackContent> = {
  "platform-local": {
    ...settings,
    terraform: http("platform-local"),
    resource: { databricks_secret_scope: { s: { name: "platform" } } },
    output: { [output]: { value: "${databricks_secret_scope.s.name}", sensitive: true } },
  },
  "jobs-local": {
    ...settings,
    terraform: http("jobs-local"),
    variables: { KEY: { environment: "KEY" } },
    variable: { KEY: { type: "string", sensitive: true } },
    data: {
      terraform_remote_state: {
        [source]: { backend: "http", config: { username: "platform-local" } },
      },
    },
    resource: {
      databricks_secret: {
        k: {
          scope: `\${data.terraform_remote_state.${source}.outputs.${output}}`,
          key: "k",
          string_value: "${var.KEY}",
        },
      },
    },
  },
};

const workspace = useWorkspace();
let env: NodeJS.ProcessEnv;
beforeAll(() => {
  env = { LAKEFORM_LOCAL_HOST: workspace.host, LAKEFORM_LOCAL_TOKEN: workspace.token, KEY: secret };
});
afterAll(removeFolders);

/** Lists the files in a project that contain the secret. */
const filesWithSecret = (root: string): string[] =>
  fs
    .readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter(
      (name) =>
        fs.statSync(path.join(root, name)).isFile() &&
        fs.readFileSync(path.join(root, name)).includes(secret),
    );

test("two stacks with states in the workspace can be deployed from one empty folder, and reviewed, deployed, verified and destroyed from others", async () => {
  const firstRoot = makeProject(stacks);
  const deployResult = await lakeform(firstRoot, ["deploy", "local", "--auto-approve"], env);
  expectExit(deployResult, 0);
  // The runner's folder is deleted, without losing the state.
  expect(filesWithSecret(firstRoot)).toEqual([]);

  const secondRoot = makeProject(stacks);
  const reviewResult = await lakeform(secondRoot, ["review", "jobs-local", "--quiet"], env);
  expectExit(reviewResult, 0);
  expect(reviewResult.stdout).toContain("0 create, 0 update, 0 replace, 0 destroy (1 unchanged)");
  // There is a warning, since the folder is below /Workspace/Shared and there is no key.
  expect(reviewResult.stdout).toMatch(
    /private-state[^]*the state is not encrypted, and can be read by group users/,
  );
  const { KEY: _value, ...envWithoutKey } = env;
  const withoutSecret = await lakeform(
    secondRoot,
    ["review", "jobs-local", "--quiet"],
    envWithoutKey,
  );
  expectExit(withoutSecret, 1);
  expect(withoutSecret.stderr).toContain("MISSING_SECRET");
  const blindReview = await lakeform(
    secondRoot,
    ["review", "jobs-local", "--quiet", "--without-secrets"],
    envWithoutKey,
  );
  expectExit(blindReview, 0);
  expect(blindReview.stdout).toContain("0 create, 0 update, 1 replace, 0 destroy");
  const [redeployResult, verifyResult] = [
    await lakeform(secondRoot, ["deploy", "local", "--auto-approve"], env),
    await lakeform(secondRoot, ["verify", "local"], env),
  ];
  expectExit(redeployResult, 0);
  expect(redeployResult.stdout).toContain("nothing to do");
  expectExit(verifyResult, 0);

  const stateList = await lakeform(
    secondRoot,
    ["state", "list", "jobs-local", "--format", "json"],
    env,
  );
  expectExit(stateList, 0);
  expect(JSON.parse(stateList.stdout)).toMatchObject({
    stack: "jobs-local",
    versions: [{ number: 1 }],
  });
  const stateFile = await lakeform(secondRoot, ["state", "pull", "jobs-local"], env);
  expect(stateFile.stdout).toContain("databricks_secret");

  const destroyResult = await lakeform(
    makeProject(stacks),
    ["destroy", "local", "--auto-approve"],
    env,
  );
  expectExit(destroyResult, 0);
  expect(destroyResult.stdout).toContain("destroyed");
  const remainingState = await lakeform(secondRoot, ["state", "pull", "platform-local"], env);
  expect(JSON.parse(remainingState.stdout)).toMatchObject({ resources: [] });
}, 120_000);
