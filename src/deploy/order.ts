/** Determines the order of stacks that use each other, and runs independent ones in parallel. */
import { LakeformError } from "../errors";
import { pathsInFoldersOf } from "../terraform/folders";
import { usesOf } from "../terraform/references";
import type { SynthesizedStack } from "../terraform/stack";

/**
 * The maximum number of concurrent Terraform processes: each needs at least 100 MB, and so does its
 * provider.
 */
const maxAtOnce = 4;

/** For each stack, the selected stacks that must finish first. */
export type StackOrder = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Sorts used stacks before their users, according to the synthesized references.
 * @throws LakeformError STACK_CYCLE
 */
export function orderOf(
  stacks: readonly Pick<SynthesizedStack, "name" | "directory" | "json">[],
): StackOrder {
  const selected = new Set(stacks.map(({ name }) => name));
  const order = new Map(
    stacks.map((stack) => [
      stack.name,
      new Set(usesOf(stack).filter((name) => selected.has(name))),
    ]),
  );
  const cycle = cycleIn(order);
  if (cycle === undefined) return withFolders(stacks, order);
  throw new LakeformError("STACK_CYCLE", "circular references between stacks", {
    value: cycle.join(" -> "),
    fix: "move the resources that both stacks need into a third stack",
  });
}

/**
 * An object inside a folder of another stack is created after the folder and destroyed before it.
 * References take precedence: this rule never causes a cycle.
 */
function withFolders(
  stacks: readonly Pick<SynthesizedStack, "name" | "json">[],
  order: ReadonlyMap<string, Set<string>>,
): StackOrder {
  for (const user of stacks) {
    for (const owner of stacks) {
      const uses = order.get(user.name);
      if (user === owner || uses === undefined || uses.has(owner.name)) continue;
      if (pathsInFoldersOf(user.json, owner.json).length === 0) continue;
      uses.add(owner.name);
      if (cycleIn(order) !== undefined) uses.delete(owner.name);
    }
  }
  return order;
}

/** The order of a destroy: each stack before the stacks that it uses. */
export function reversed(order: StackOrder): StackOrder {
  return new Map(
    [...order.keys()].map((name) => [
      name,
      new Set([...order].filter(([, uses]) => uses.has(name)).map(([user]) => user)),
    ]),
  );
}

function cycleIn(order: StackOrder): string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const usedName of order.get(name) ?? []) {
      const cycle = visit(usedName, [...path, name]);
      if (cycle !== undefined) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of order.keys()) {
    const cycle = visit(name, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/**
 * Processes each stack as soon as its dependencies are done, several in parallel. After a failure,
 * running stacks finish and no further one starts.
 * @throws the first failure; further ones go to `onFailure`
 */
export async function runInOrder(
  order: StackOrder,
  work: (name: string) => Promise<void>,
  onFailure: (name: string, error: unknown) => void = () => undefined,
): Promise<void> {
  const pending = new Map([...order].map(([name, uses]) => [name, new Set(uses)]));
  const running = new Map<string, Promise<string>>();
  const failures: unknown[] = [];
  const process = async (name: string): Promise<string> => {
    try {
      await work(name);
    } catch (error) {
      if (failures.push(error) > 1) onFailure(name, error);
    }
    return name;
  };
  for (;;) {
    for (const [name, uses] of pending) {
      if (failures.length > 0 || running.size >= maxAtOnce || uses.size > 0) continue;
      pending.delete(name);
      running.set(name, process(name));
    }
    if (running.size === 0) break;
    const finished = await Promise.race(running.values());
    running.delete(finished);
    for (const uses of pending.values()) uses.delete(finished);
  }
  if (failures.length > 0) throw failures[0];
}
