import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { stampOfPlan, type PlanStamp } from "../resources/cut/saved-plan";
import { problem, type Diagnostic } from "./diagnostics";
import { parentCommand } from "./parent-command";

/**
 * Returns what this process records in its plans.
 * @param cutName the name of the served schema
 */
export function stampOf(cutName: string): PlanStamp {
  return { build: buildOf(), cut: cutName };
}

let build: string | undefined;

/** Identifies the running code, because another release may plan and apply differently. */
function buildOf(): string {
  return (build ??= createHash("sha256")
    .update(fs.readFileSync(__filename))
    .digest("hex")
    .slice(0, 16));
}

/**
 * Returns an error if Terraform applies a saved plan that was made with another provider version or
 * schema. Terraform plans each change of a saved plan again and uses the second result, which must
 * not differ from the reviewed one.
 */
export function checkSavedPlan(directory: string, current: PlanStamp): Diagnostic | undefined {
  const file = planBeingApplied(directory);
  const planStamp = file === undefined ? undefined : stampOfPlan(file);
  if (planStamp === undefined) return undefined;
  const fix = "what to do: plan again";
  if (planStamp.build !== current.build)
    return problem(
      "",
      "PLAN_OF_ANOTHER_PROVIDER: the plan was created by another version of the provider",
      fix,
    );
  if (planStamp.cut !== current.cut)
    return problem(
      "",
      "PLAN_OF_ANOTHER_SCHEMA: the plan was created with a different part of the provider's schema",
      fix,
    );
  return undefined;
}

/** Returns the file of the saved plan; undefined if Terraform does not apply one. */
function planBeingApplied(directory: string): string | undefined {
  const command = parentCommand(process.ppid);
  if (command?.name !== "apply") return undefined;
  return command.options
    .filter((word) => !word.startsWith("-"))
    .map((word) => path.resolve(directory, word))
    .find((file) => fs.existsSync(file) && fs.statSync(file).isFile());
}
