import fs from "node:fs";
import path from "node:path";
import { startWorkspace } from "../../src/workspace/server";
import { planWithCut } from "../../src/deploy/schema-cut";
import { findEngine } from "../../src/terraform/engine";
import { initialize } from "../../src/terraform/initialize";
import { applyPlan, discardPlan, writePlanJson, type PlanOptions } from "../../src/terraform/plan";
import { findProject } from "../../src/terraform/project";
import { installProviderMirror, providerVersion } from "../../src/terraform/provider-mirror";
import type { TerraformContext } from "../../src/terraform/run";
import type { SynthesizedStack } from "../../src/terraform/stack";
import { selectStacks } from "../../src/terraform/stack-selection";
import { synthesize } from "../../src/terraform/synth";
import { copyRepositoryStacks } from "./app";
import { makeFolder, makeHome } from "./project";

export type Provider = "official" | "embedded";

export const secrets = {
  GALLERY_API_KEY: "a",
  GALLERY_GIT_TOKEN: "b",
  GALLERY_REGISTRY_PASSWORD: "c",
};

/**
 * Writes a Terraform CLI configuration that uses the given binary as databricks/databricks.
 * @returns the path of the configuration
 */
export function mirrorOf(binary: string): string {
  const folder = makeFolder("official");
  const { directory } = installProviderMirror(folder);
  const provider = path.join(
    directory,
    "registry.terraform.io/databricks/databricks",
    providerVersion,
  );
  for (const platform of fs.readdirSync(provider)) {
    const file = path.join(provider, platform, `terraform-provider-databricks_v${providerVersion}`);
    fs.rmSync(file);
    fs.copyFileSync(binary, file);
    fs.chmodSync(file, 0o755);
  }
  return path.join(folder, "embedded.tfrc");
}

/**
 * Applies the gallery with one provider; plans and destroys it with the other one.
 * @returns the addresses that the second provider plans to change, with the actions; empty if
 * states are interchangeable
 */
export async function applyThenPlan(first: Provider, official: string): Promise<readonly string[]> {
  const workspace = await startWorkspace();
  try {
    const project = galleryProject();
    await synthesize(project, { PATH: process.env.PATH, HOME: makeHome() });
    const [stack] = selectStacks(project, ["gallery-local"]);
    if (stack === undefined) throw new Error("no gallery");
    const engine = await findEngine(process.env);
    const contextOf = (provider: Provider): TerraformContext => ({
      engine,
      directory: stack.directory,
      env: {
        PATH: process.env.PATH,
        HOME: makeHome(),
        ...(provider === "official" && { TF_CLI_CONFIG_FILE: official }),
      },
      credentials: { DATABRICKS_HOST: workspace.host, DATABRICKS_TOKEN: workspace.token },
      variables: Object.fromEntries(
        Object.entries(stack.metadata.variables).map(([name, { environment }]) => [
          name,
          secrets[environment as keyof typeof secrets],
        ]),
      ),
      mirror: provider === "embedded" ? installProviderMirror(project.privateFolder) : undefined,
    });
    const secondContext = contextOf(first === "official" ? "embedded" : "official");
    await planAndApply(contextOf(first), stack);
    const plannedChanges = await readPlannedChanges(secondContext, stack);
    await planAndApply(secondContext, stack, { destroy: true });
    return plannedChanges;
  } finally {
    await workspace.close();
  }
}

export function galleryProject(): ReturnType<typeof findProject> {
  const root = copyRepositoryStacks();
  const file = path.join(root, "cdktf.json");
  fs.writeFileSync(
    file,
    fs.readFileSync(file, "utf8").replace("stacks/main.ts", "stacks/gallery/main.ts"),
  );
  return findProject(root);
}

/**
 * Plans like a deploy: with the embedded provider, the schema is reduced to the part that the stack
 * and its state use. @throws Error if the plan needs the full schema
 */
function planWithReducedSchema(
  terraform: TerraformContext,
  stack: SynthesizedStack,
  options: PlanOptions = {},
): ReturnType<typeof planWithCut> {
  const note = (text: string): never => {
    throw new Error(`the reduced schema was not sufficient: ${text}`);
  };
  return planWithCut({ terraform, stack }, options, { note });
}

async function planAndApply(
  context: TerraformContext,
  stack: SynthesizedStack,
  options: PlanOptions = {},
): Promise<void> {
  await initialize(context, stack);
  const plan = await planWithReducedSchema(context, stack, options);
  try {
    if (!plan.changes) throw new Error("there is nothing to apply");
    await applyPlan(context, stack, plan);
  } finally {
    discardPlan(plan);
  }
}

async function readPlannedChanges(
  context: TerraformContext,
  stack: SynthesizedStack,
): Promise<readonly string[]> {
  await initialize(context, stack);
  const plan = await planWithReducedSchema(context, stack);
  const json = await writePlanJson(context, plan);
  try {
    const { resource_changes: changes = [] } = JSON.parse(fs.readFileSync(json, "utf8")) as {
      resource_changes?: readonly {
        readonly address: string;
        readonly change: { readonly actions: readonly string[] };
      }[];
    };
    const plannedChanges = changes
      .filter(
        ({ change }) => !change.actions.every((action) => action === "no-op" || action === "read"),
      )
      .map(({ address, change }) => `${address}: ${change.actions.join(", ")}`);
    if (plan.changes !== plannedChanges.length > 0)
      plannedChanges.push("Terraform reports changes, but lists no changed resource");
    return plannedChanges;
  } finally {
    discardPlan({ file: json });
    discardPlan(plan);
  }
}
