import type { TerraformStack } from "./bindings";

/**
 * Returns a chain of dependencies that leads from one stack to another; empty if there is none.
 */
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
