/**
 * The gallery of all constructs, deployed by one project and adopted into an empty one. Its resources
 * are the same except for the listed differences.
 */
import fs from "node:fs";
import path from "node:path";
import type { Connection } from "../../src/api";
import { readTerraformProject } from "../../src/adopt/terraform/project";
import { parseState, type State } from "../../src/terraform/state-format";
import type { SynthesizedStack } from "../../src/terraform/stack";
import { removeSynthesized } from "../../src/testing/synthesize";
import { verifyTargets } from "../../src/verify";
import {
  adoptInto,
  clientOf,
  codeOf,
  firstPlan,
  differentFields,
  smallProject,
  synthesizeAdopted,
} from "../support/adopted";
import { copyRepositoryStacks } from "../support/app";
import { expectExit, lakeform } from "../support/cli";
import { typeProblems } from "../support/generated-code";
import { removeFolders } from "../support/project";
import { unexplainedDifferences } from "../support/round-trip";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();
let api: Connection;
let deployed: {
  readonly json: SynthesizedStack["json"];
  readonly directory: string;
  readonly state: State;
};

beforeAll(async () => {
  api = clientOf(workspace);
  const root = copyRepositoryStacks();
  const file = path.join(root, "cdktf.json");
  fs.writeFileSync(
    file,
    fs.readFileSync(file, "utf8").replace("stacks/main.ts", "stacks/gallery/main.ts"),
  );
  const env = {
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
    GALLERY_API_KEY: "a",
    GALLERY_GIT_TOKEN: "b",
    GALLERY_REGISTRY_PASSWORD: "c",
  };
  expectExit(
    await lakeform(root, ["deploy", "gallery-local", "--auto-approve", "--quiet"], env),
    0,
  );
  const directory = path.join(root, "cdktf.out", "stacks", "gallery-local");
  const stateFile = path.join(root, ".lakeform", "state", "gallery-local.tfstate");
  deployed = {
    json: JSON.parse(
      fs.readFileSync(path.join(directory, "cdk.tf.json"), "utf8"),
    ) as SynthesizedStack["json"],
    directory,
    state: parseState(fs.readFileSync(stateFile, "utf8"), stateFile),
  };
}, 120_000);
afterAll(removeFolders);

/** Differences of the adopted code from the gallery's, each with the reason. */
const differences: Readonly<Record<string, string>> = {
  "databricks_catalog: force_destroy": "only Terraform has it",
  "databricks_schema: force_destroy": "only Terraform has it",
  "databricks_cluster: driver_instance_pool_id": "the default is the workers' pool",
  "databricks_cluster: library": "a set: the order has no meaning",
  "databricks_cluster: timeouts": "only Terraform has them",
  "databricks_sql_endpoint: timeouts": "only Terraform has them",
  "databricks_cluster: apply_policy_default_values":
    "only used at creation; the platform does not return it",
  "databricks_connection: options": "values come from the environment",
  "databricks_storage_credential: azure_service_principal": "its secret comes from the environment",
  "databricks_dbfs_file: content_base64": "downloaded into a file",
  "databricks_notebook: content_base64": "downloaded into a file",
  "databricks_notebook: source": "a file of the new project",
  "databricks_notebook: md5": "computed by the construct from another form of the content",
  "databricks_notebook: format": "downloaded as source",
  "databricks_workspace_file: source": "a file of the new project",
  "databricks_instance_pool: enable_elastic_disk": "the provider's default",
  "databricks_job: control_run_state": "only Terraform has it",
  "databricks_job: trigger": "the provider never sends `table_update.condition`",
  "databricks_secret_scope: initial_manage_principal": "only used at creation",
  "databricks_sql_endpoint: enable_photon": "the provider's default",
  "databricks_sql_endpoint: min_num_clusters": "the provider's default",
  "databricks_sql_endpoint: spot_instance_policy": "the provider's default",
  "databricks_sql_endpoint: warehouse_type": "the provider's default",
  "databricks_file: only deployed":
    "its content is a file of the old project; adopt lists it as not adopted",
  "databricks_library: only deployed": "it cannot be imported; adopt lists it as not adopted",
  "databricks_obo_token: only deployed":
    "only the old state has its value; adopt lists it as not adopted",
  "databricks_service_principal_secret: only deployed":
    "only the old state has its value; adopt lists it as not adopted",
  "databricks_share: only deployed": "it cannot be imported; adopt lists it as not adopted",
  "databricks_secret: only deployed": "its value is not adopted; adopt lists it as not adopted",
};

test("the adopted gallery has a first plan of imports only and a clean verify, and its resources are equal except for the listed differences", async () => {
  const project = await readTerraformProject(api, deployed.directory, deployed.state);
  const root = smallProject("gallery");
  await adoptInto(root, api, { stack: "gallery", ...project });
  const files = Object.keys(codeOf(root)).filter(
    (file) => file.endsWith(".ts") && file !== "main.ts",
  );
  expect(typeProblems(files.map((file) => path.join(root, "stacks", file)))).toEqual([]);
  const stack = await synthesizeAdopted(root, "gallery");
  const plan = await firstPlan(stack, api);
  expect(unexplainedDifferences({ plan, raw: [], objects: 0 })).toEqual({
    creates: [],
    changes: [],
    raw: [],
  });
  const { json, directory, metadata, name } = stack;
  const state = { version: 4, serial: 1, lineage: "x", resources: [...plan.resources] };
  const differing = differentFields({ deployed, adopted: { json, directory, state } }).map(
    // `type id: only deployed` → `type: only deployed`
    (differentField) => differentField.replace(/^(\w+) .*(?=: only)/, "$1"),
  );
  expect(differing.filter((text) => !((text.split(".")[0] ?? text) in differences))).toEqual([]);
  const target = {
    name,
    directory,
    metadata,
    desired: { stack: json },
    state: () => Promise.resolve(state),
    variable: (): undefined => undefined,
  };
  const { resources } = await verifyTargets({ targets: [target], api });
  removeSynthesized(stack);
  // Secret values are variables of the adopted project, and `variable` above returns none.
  const isPendingSecret = ({ status, findings }: (typeof resources)[number]): boolean =>
    status === "pending" && findings.every(({ sensitive }) => sensitive === true);
  const unmatched = resources.filter(
    (result) =>
      !["match", "ignored", "unverifiable"].includes(result.status) && !isPendingSecret(result),
  );
  expect(unmatched).toEqual([]);
}, 60_000);
