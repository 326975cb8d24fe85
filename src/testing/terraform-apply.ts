import fs from "node:fs";
import path from "node:path";
import { findEngine } from "../terraform/engine";
import { initialize } from "../terraform/initialize";
import { applyPlan, discardPlan, makePlan } from "../terraform/plan";
import { installProviderMirror } from "../terraform/provider-mirror";
import type { SynthesizedStack } from "../terraform/stack";
import type { TerraformState } from "../verify/input";

/** Applies a stack with the machine's Terraform and the embedded provider. @throws LakeformError NO_ENGINE, TERRAFORM_FAILED */
export async function applyByTerraform(
  stack: SynthesizedStack,
  workspace: { readonly host: string; readonly token: string },
  variables: Readonly<Record<string, string>>,
): Promise<TerraformState> {
  const { directory } = stack;
  const context = {
    engine: await findEngine(process.env),
    directory,
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    credentials: { DATABRICKS_HOST: workspace.host, DATABRICKS_TOKEN: workspace.token },
    variables,
    mirror: installProviderMirror(path.join(directory, ".lakeform")),
  };
  await initialize(context, stack);
  const plan = await makePlan(context, stack);
  try {
    if (plan.changes) await applyPlan(context, stack, plan);
  } finally {
    discardPlan(plan);
  }
  return JSON.parse(fs.readFileSync(stateFile(stack), "utf8")) as TerraformState;
}

/** Where the local backend of the configuration puts the state. */
function stateFile({ directory, json }: SynthesizedStack): string {
  const backend = json.terraform?.["backend"] as { readonly local?: { readonly path?: string } } | undefined;
  return path.resolve(directory, backend?.local?.path ?? "terraform.tfstate");
}
