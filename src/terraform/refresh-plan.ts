import { parseExact } from "../exact-json";
import { discardPlan, lockTimeout, newPlanFile } from "./plan";
import { runTerraform, type TerraformContext } from "./run";

type Json = Readonly<Record<string, unknown>>;

/**
 * A resource that Terraform's refresh found changed or deleted, in the format of `terraform show
 * -json`.
 */
export interface ResourceDrift {
  readonly address: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: Json | null;
    readonly after: Json | null;
    readonly before_sensitive?: unknown;
    readonly after_sensitive?: unknown;
  };
}

interface Module {
  readonly resources?: readonly { readonly address: string }[];
  readonly child_modules?: readonly Module[];
}

export interface RefreshPlan {
  readonly drift: readonly ResourceDrift[];
  /** Addresses of the resources that exist after the refresh. */
  readonly existing: ReadonlySet<string>;
}

/**
 * Makes a refresh-only plan of these resources and their dependencies. The provider reads them, but
 * no state is written.
 * @throws LakeformError TERRAFORM_FAILED
 */
export async function refreshPlan(
  context: TerraformContext,
  addresses: readonly string[],
): Promise<RefreshPlan> {
  const file = newPlanFile(context.directory);
  try {
    const targets = addresses.map((address) => `-target=${address}`);
    await runTerraform(context, [
      "plan",
      "-refresh-only",
      "-input=false",
      "-no-color",
      lockTimeout,
      `-out=${file}`,
      ...targets,
    ]);
    const { stdout } = await runTerraform(context, ["show", "-json", "-no-color", file]);
    const plan = parseExact(stdout) as {
      readonly resource_drift?: readonly ResourceDrift[];
      readonly prior_state?: { readonly values?: { readonly root_module?: Module } };
    };
    const existing = new Set<string>();
    const collect = (module: Module | undefined): void => {
      for (const { address } of module?.resources ?? []) existing.add(address);
      for (const child of module?.child_modules ?? []) collect(child);
    };
    collect(plan.prior_state?.values?.root_module);
    return { drift: plan.resource_drift ?? [], existing };
  } finally {
    discardPlan({ file });
  }
}
