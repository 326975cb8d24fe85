import fs from "node:fs";
import path from "node:path";
import { schemaOf } from "../resources/shape/schema";
import { findEngine } from "../terraform/engine";
import { initialize } from "../terraform/initialize";
import { applyPlan, discardPlan, makePlan } from "../terraform/plan";
import { installProviderMirror, requiredVersion } from "../terraform/provider-mirror";
import type { SynthesizedStack } from "../terraform/stack";
import type { TerraformState } from "../verify/input";

/**
 * Applies a stack with the installed Terraform and the embedded provider.
 * @param previousState the state left by an earlier deploy of the stack
 * @throws LakeformError NO_ENGINE, TERRAFORM_FAILED
 */
export async function applyByTerraform(
  stack: SynthesizedStack,
  workspace: { readonly host: string; readonly token: string },
  variables: Readonly<Record<string, string>>,
  previousState?: TerraformState,
): Promise<TerraformState> {
  const { directory } = stack;
  const context = {
    engine: await findEngine(process.env),
    directory,
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    credentials: { DATABRICKS_HOST: workspace.host, DATABRICKS_TOKEN: workspace.token },
    variables,
    mirror: installProviderMirror(
      path.join(directory, ".lakeform"),
      undefined,
      requiredVersion(stack.json.terraform),
    ),
  };
  if (previousState !== undefined)
    fs.writeFileSync(stateFile(stack), JSON.stringify(completeState(previousState)), {
      mode: 0o600,
    });
  await initialize(context, stack);
  const plan = await makePlan(context, stack);
  try {
    if (plan.changes) await applyPlan(context, stack, plan);
  } finally {
    discardPlan(plan);
  }
  return JSON.parse(fs.readFileSync(stateFile(stack), "utf8")) as TerraformState;
}

/** Adds the fields that Terraform requires in a state and that states of a REST deploy lack. */
function completeState(state: TerraformState): object {
  const resources = (state.resources ?? []).map((resource) => ({
    provider: 'provider["registry.terraform.io/databricks/databricks"]',
    ...resource,
    instances: resource.instances.map((instance) => ({
      schema_version: schemaOf(resource.type)?.version ?? 0,
      ...instance,
    })),
  }));
  return { outputs: {}, ...state, resources };
}

/** Returns the path where the configured local backend stores the state. */
function stateFile({ directory, json }: SynthesizedStack): string {
  const backend = json.terraform?.["backend"] as
    { readonly local?: { readonly path?: string } } | undefined;
  return path.resolve(directory, backend?.local?.path ?? "terraform.tfstate");
}
