/** Computes the attributes that the code must set to adopt differences from the workspace. */
import { defined } from "../../defined";
import type { Attributes, Rules, Value } from "../../resources/kind";
import type { Block } from "../../resources/shape/schema";
import { isAttributes } from "../../resources/shape/shape";

/**
 * One step of a path such as `task[load].new_cluster.num_workers`: a name, and the key of a list
 * element.
 */
interface Step {
  readonly name: string;
  readonly key?: string;
}

function stepsOf(path: string): readonly Step[] {
  return [...path.matchAll(/([^.[\]]+)(?:\[([^\]]*)\])?\.?/g)].map(([, name = "", key]) => ({
    name,
    ...defined({ key }),
  }));
}

/**
 * Returns the desired attributes with the workspace's values at these paths.
 * @param paths the paths of verify's findings
 */
export function withRemoteValues(
  block: Block,
  rules: Rules,
  desired: Attributes,
  remote: Attributes,
  paths: readonly string[],
): Attributes {
  const attributes = structuredClone(desired);
  for (const path of paths) copy(block, rules, attributes, remote, stepsOf(path), "");
  return attributes;
}

/** Copies the value at a path from the remote attributes to the destination. */
function copy(
  block: Block,
  rules: Rules,
  destination: Attributes,
  remote: Attributes,
  steps: readonly Step[],
  parentPath: string,
): void {
  const [step, ...remainingSteps] = steps;
  if (step === undefined) return;
  const nested = block.blocks[step.name];
  const field = parentPath === "" ? step.name : `${parentPath}.${step.name}`;
  const keyField = rules.keyed[field];
  const copyField = (): void => {
    const value = remote[step.name];
    destination[step.name] = value === undefined ? null : structuredClone(value);
  };
  if (nested === undefined || (remainingSteps.length === 0 && step.key === undefined))
    return copyField();
  const [targets, sources] = [listOf(destination[step.name]), listOf(remote[step.name])];
  if (step.key === undefined) {
    const [targetBlock, sourceBlock] = [targets[0], sources[0]];
    if (nested.maxItems !== 1 || targetBlock === undefined || sourceBlock === undefined)
      return copyField();
    copy(nested.block, rules, targetBlock, sourceBlock, remainingSteps, field);
    destination[step.name] = [targetBlock];
    return;
  }
  // The elements of a set ("*") have no key of their own.
  if (keyField === undefined || keyField === "*") return copyField();
  const elementOf = (list: readonly Attributes[]): Attributes | undefined =>
    list.find((attributes) => attributes[keyField] === step.key);
  const [target, source] = [elementOf(targets), elementOf(sources)];
  if (target !== undefined && source !== undefined && remainingSteps.length > 0)
    copy(nested.block, rules, target, source, remainingSteps, field);
  else
    destination[step.name] = [
      ...targets.filter((attributes) => attributes !== target),
      ...(source === undefined ? [] : [structuredClone(source)]),
    ];
}

/** Wraps single blocks in a list, which Terraform's JSON may omit. */
export function withLists(block: Block, attributes: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => {
      const nested = block.blocks[name];
      if (nested === undefined || nested.nesting === "single" || value === null)
        return [name, value];
      const items = Array.isArray(value) ? value : [value];
      return [
        name,
        items.map((item) => (isAttributes(item) ? withLists(nested.block, item) : item)),
      ];
    }),
  );
}

const listOf = (value: Value | undefined): Attributes[] =>
  Array.isArray(value) ? value.filter((value) => isAttributes(value)) : [];
