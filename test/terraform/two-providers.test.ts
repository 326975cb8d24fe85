import fs from "node:fs";
import path from "node:path";
import { findEngine } from "../../src/terraform/engine";
import { initialize } from "../../src/terraform/initialize";
import { makePlan, discardPlan } from "../../src/terraform/plan";
import { findProject } from "../../src/terraform/project";
import { selectStacks } from "../../src/terraform/stack-selection";
import { installProviderMirror, providerVersion } from "../../src/terraform/provider-mirror";
import { expectExit, lakeform } from "../support/cli";
import { makeFolder, makeProject, removeFolders } from "../support/project";
import { useWorkspace } from "../support/workspace";

/**
 * Writes another binary with the same name, version and protocol but different bytes, as the
 * registry's would have.
 */
function otherMirror(): string {
  const folder = makeFolder("stranger");
  installProviderMirror(folder);
  const provider = path.join(
    folder,
    "mirror/registry.terraform.io/databricks/databricks",
    providerVersion,
    "linux_amd64",
  );
  fs.appendFileSync(
    path.join(provider, `terraform-provider-databricks_v${providerVersion}`),
    "// another build\n",
  );
  return path.join(folder, "embedded.tfrc");
}

describe("two providers with the same name and version", () => {
  const workspace = useWorkspace();
  afterAll(removeFolders);

  test("do not conflict if a stack is deployed locally, initialised for the other provider and deployed locally again", async () => {
    const root = makeProject({
      "etl-local": { resource: { databricks_directory: { d: { path: "/Shared/two" } } } },
    });
    const env = { LAKEFORM_LOCAL_HOST: workspace.host, LAKEFORM_LOCAL_TOKEN: workspace.token };
    expectExit(await lakeform(root, ["deploy", "local", "--auto-approve"], env), 0);
    const project = findProject(root);
    const [stack] = selectStacks(project, ["local"]);
    if (stack === undefined) throw new Error("no stack");
    const lock = path.join(stack.directory, ".terraform.lock.hcl");
    const lockBefore = fs.readFileSync(lock, "utf8");

    const context = {
      engine: await findEngine(process.env),
      directory: stack.directory,
      env: { PATH: process.env.PATH, TF_CLI_CONFIG_FILE: otherMirror() },
      credentials: { DATABRICKS_HOST: workspace.host, DATABRICKS_TOKEN: workspace.token },
      variables: {},
      mirror: undefined,
    };
    await initialize(context, stack);
    const plan = await makePlan(context, stack);
    discardPlan(plan);
    expect(plan.changes).toBe(false); // the state of one is the state of the other
    expect(fs.readFileSync(lock, "utf8")).not.toBe(lockBefore);

    const secondDeploy = await lakeform(root, ["deploy", "local", "--auto-approve", "--full"], env);
    expectExit(secondDeploy, 0);
    expect(secondDeploy.stdout).toContain("nothing to do");
    expect(fs.readFileSync(lock, "utf8")).toBe(lockBefore);
  });
});
