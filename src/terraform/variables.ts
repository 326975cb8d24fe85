import { LakeformError } from "../errors";
import type { SynthesizedStack } from "./stack";

/** What to do about the values of sensitive variables: `required` refuses without them, `optional` takes those that are there, `placeholder` fills up (destroy needs none, Terraform asks for them all the same). */
export type SensitiveVariables = "required" | "optional" | "placeholder";

/** The values of a stack's sensitive variables, from the environment. @throws LakeformError MISSING_SECRET */
export function sensitiveVariables(stack: SynthesizedStack, env: NodeJS.ProcessEnv, mode: SensitiveVariables): Record<string, string> {
  const values: Record<string, string> = {};
  const missing: string[] = [];
  for (const [name, { environment }] of Object.entries(stack.metadata.variables)) {
    const value = env[environment];
    if (value !== undefined && value !== "") values[name] = value;
    else if (mode === "placeholder") values[name] = "not-needed-to-destroy";
    else missing.push(environment);
  }
  if (missing.length > 0 && mode === "required") {
    throw new LakeformError("MISSING_SECRET", "the value of a secret is not in the environment", {
      path: stack.name,
      value: `not set: ${[...new Set(missing)].join(", ")}`,
      fix: `export ${missing[0] ?? ""}=… (in CI: from the secret store); the value never gets into the synth output`,
    });
  }
  return values;
}
