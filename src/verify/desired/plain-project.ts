/**
 * A Terraform project without lakeform (HCL or JSON): Terraform itself provides the desired values.
 */
import { parseExact } from "../../exact-json";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { LakeformError } from "../../errors";
import { parseStateLazily } from "../../terraform/state-format";
import { unsupportedTypeFix } from "../../resources/shape/schema";
import { runTerraform, type TerraformContext } from "../../terraform/run";
import type { PlanJson } from "../input";
import type { PlannedProject, VerifyTarget } from "../target";
import { needsFreshPlan } from "./desired-of-plan";

/**
 * Creates the target of a plain Terraform project. A plan without refresh provides the desired
 * values with references resolved, without a call to the workspace. `terraform state pull` provides
 * the state from any backend. The folder must be initialized (`terraform init`).
 * @throws LakeformError NOT_INITIALIZED, TERRAFORM_FAILED; the target's `state()` also BROKEN_STATE
 */
export async function plainTarget(terraform: TerraformContext): Promise<VerifyTarget> {
  const context = { ...terraform, foreign: true };
  const { directory } = context;
  const name = path.basename(directory);
  const { weaker, ...desired } = await plansOf(context);
  return {
    name,
    directory,
    desired,
    weaker,
    state: async () => {
      const { stdout } = await runTerraform(context, ["state", "pull"]);
      return stdout.trim() === ""
        ? undefined
        : parseStateLazily(Buffer.from(stdout), `the state of ${name}`);
    },
    recordMissing: "a project that lakeform does not deploy has no deployment record",
  };
}

/**
 * Plans the project. If the plan does not show whether the code sets some values (dynamic blocks),
 * also plans from an empty state.
 */
async function plansOf(
  context: TerraformContext,
): Promise<PlannedProject & Pick<VerifyTarget, "weaker">> {
  const plan = await planOf(context);
  if (!needsFreshPlan(plan)) return { plan };
  const planWithoutState = await freshPlanOf(context);
  if (planWithoutState !== undefined) return { plan, fresh: planWithoutState };
  return {
    plan,
    weaker: [
      "values that dynamic blocks do not set are taken from the state: a plan without the state was not possible",
    ],
  };
}

/**
 * Plans from an empty state.
 * @returns undefined if this is not possible: the state is not a local file, or the plan depends on
 * values known only after an apply
 */
async function freshPlanOf(context: TerraformContext): Promise<PlanJson | undefined> {
  // Terraform treats a state file that does not exist as an empty state.
  const missingState = path.join(
    context.directory,
    `.lakeform-${randomBytes(6).toString("hex")}.none`,
  );
  try {
    const planWithoutState = await planOf(context, [`-state=${missingState}`]);
    return planWithoutState.resource_changes?.every(
      ({ change }) => (change.before ?? null) === null,
    ) === true
      ? planWithoutState
      : undefined;
  } catch (error) {
    if (error instanceof LakeformError && error.code === "TERRAFORM_FAILED") return undefined;
    throw error;
  }
}

async function planOf(
  context: TerraformContext,
  extraArguments: readonly string[] = [],
): Promise<PlanJson> {
  const file = path.join(context.directory, `.lakeform-${randomBytes(6).toString("hex")}.tfplan`);
  // Create the file first with mode 0600, regardless of the umask: a saved plan contains secrets in
  // clear text.
  fs.writeFileSync(file, "", { mode: 0o600 });
  try {
    const { code, stderr, stdout } = await runTerraform(
      context,
      [
        "plan",
        "-refresh=false",
        "-lock=false",
        "-input=false",
        "-no-color",
        "-detailed-exitcode",
        `-out=${file}`,
        ...extraArguments,
      ],
      { accept: [0, 1, 2] },
    );
    if (code === 1) {
      const needsInit =
        /terraform init|tofu init|plugins are not installed|Inconsistent dependency lock file/.test(
          stderr + stdout,
        );
      throw new LakeformError(
        needsInit ? "NOT_INITIALIZED" : "TERRAFORM_FAILED",
        "terraform cannot plan the project",
        {
          path: context.directory,
          value: firstError(stderr),
          fix: needsInit
            ? `terraform -chdir=${context.directory} init`
            : (unknownTypeFix(stderr) ?? "make terraform plan work in this folder"),
        },
      );
    }
    const planJson = await runTerraform(context, ["show", "-json", "-no-color", file]);
    return parseExact(planJson.stdout) as PlanJson;
  } finally {
    fs.rmSync(file, { force: true });
  }
}

/** Returns the first three lines of Terraform's error, without the frame around them. */
function firstError(text: string): string {
  return text
    .split("\n")
    .map((line) => line.replace(/^[│╷╵\s]+/, "").trim())
    .filter((line) => line !== "")
    .slice(0, 3)
    .join(" ");
}

/** Returns the fix for a type that the embedded provider does not support. */
function unknownTypeFix(text: string): string | undefined {
  const type = /does not support\s+(?:resource type|data source)\s+"(databricks_\w+)"/.exec(
    text.replaceAll(/[│\n]+/g, " "),
  )?.[1];
  return type === undefined ? undefined : unsupportedTypeFix(type);
}
