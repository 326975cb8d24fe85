import type { TerraformStack } from "./bindings";

/** Finds the dependencies that lead from one stack to another. */
export function dependencyPath(
  from: TerraformStack,
  to: TerraformStack,
): readonly (readonly [TerraformStack, TerraformStack])[] {
  for (const next of from.dependencies) {
    if (next === to) return [[from, to]];
    if (next.dependsOn(to)) return [[from, next], ...dependencyPath(next, to)];
  }
  return [];
}
