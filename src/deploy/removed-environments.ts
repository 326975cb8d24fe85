/** Finds stacks whose environment is no longer in the code, by the states on this machine. */
import path from "node:path";
import { localStates } from "../terraform/stack-selection";
import { readStackFolder, stackNames } from "../terraform/stack";
import type { LastDeploy } from "./empty-plan";
import type { DeployTarget } from "./target";

/**
 * Returns notes before the first deploy of a stack. If its environment was renamed, the objects of
 * the old stack stay, and the deploy creates them a second time. The deployment record of the old
 * stack is not found from another environment, so only its local state shows this.
 */
export function removedEnvironmentNotes(
  targets: readonly DeployTarget[],
  lastDeploys: ReadonlyMap<string, LastDeploy>,
): string[] {
  const newStacks = targets.filter(
    ({ stack }) => lastDeploys.get(stack.name)?.record === undefined,
  );
  const [first, ...others] = newStacks;
  if (first?.project === undefined) return [];
  const stacksFolder = path.dirname(path.resolve(first.stack.directory));
  const stacksInCode = stackNames({ outdir: path.dirname(stacksFolder) }).flatMap(
    (name) => readStackFolder(path.join(stacksFolder, name)) ?? [],
  );
  const isEnvironmentInCode = (name: string): boolean =>
    stacksInCode.some(
      (stack) => stack.name === name || name.endsWith(`-${stack.metadata.environment}`),
    );
  const states = localStates(first.project.privateFolder);
  const newName = others.length === 0 ? first.stack.name : "STACK";
  return states
    .filter(
      ({ name, lineage, hasObjects }) =>
        hasObjects &&
        !isEnvironmentInCode(name) &&
        !states.some((state) => state.lineage === lineage && isEnvironmentInCode(state.name)),
    )
    .map(
      ({ name, file }) =>
        `${name} was deployed from here and still has objects, and its environment is not in the code. If the environment was renamed, keep the objects: lakeform state migrate ${newName} --from ${file}; otherwise put ${name} back into the code, and run lakeform destroy ${name}`,
    );
}
