import { LakeformError } from "../errors";
import type { SynthesizedStack } from "./stack";

/**
 * How to treat sensitive variables without a value: `required` fails, `optional` leaves them unset,
 * `placeholder` fills them in (destroy and a review without secrets need no values, but Terraform
 * requires them).
 */
export type SensitiveVariables = "required" | "optional" | "placeholder";

/**
 * Returns the values of a stack's sensitive variables, from the environment.
 * @throws LakeformError MISSING_SECRET
 */
export function sensitiveVariables(
  stack: SynthesizedStack,
  env: NodeJS.ProcessEnv,
  mode: SensitiveVariables,
): Record<string, string> {
  const values: Record<string, string> = {};
  const missing: string[] = [];
  for (const [name, { environment }] of Object.entries(stack.metadata.variables)) {
    const value = env[environment];
    if (value !== undefined && value !== "") values[name] = value;
    else if (mode === "placeholder") values[name] = "not-needed-here";
    else missing.push(environment);
  }
  if (missing.length > 0 && mode === "required") {
    throw new LakeformError("MISSING_SECRET", "a secret has no value in the environment", {
      path: stack.name,
      value: `not set: ${[...new Set(missing)].join(", ")}`,
      fix: `export ${missing[0] ?? ""}=… (in CI: from the secret store); the value is never written to the synth output`,
    });
  }
  return values;
}
