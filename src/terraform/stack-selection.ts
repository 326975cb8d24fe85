/** Finds the stacks that the command line names. */
import fs from "node:fs";
import path from "node:path";
import { defined } from "../defined";
import { LakeformError } from "../errors";
import { readSavedJson } from "../exact-json";
import { didYouMean } from "../suggestion";
import type { Project } from "./project";
import { readStacks, type SynthesizedStack } from "./stack";

/** Splits names of the command line into stacks and environments of the code, and unknown names. */
export function splitSelection(
  stacks: readonly SynthesizedStack[],
  names: readonly string[],
): { readonly known: readonly string[]; readonly unknown: readonly string[] } {
  const isKnown = (word: string): boolean =>
    stacks.some(({ name, metadata }) => name === word || metadata.environment === word);
  return {
    known: names.filter(isKnown),
    unknown: [...new Set(names.filter((word) => !isKnown(word)))],
  };
}

/** Returns the environment in the code with which a stack's name ends: `<name>-<environment>`. */
export function environmentOf(
  stacks: readonly SynthesizedStack[],
  stack: string,
): string | undefined {
  const environments = stacks.map(({ metadata }) => metadata.environment);
  return environments
    .filter((environment) => stack.endsWith(`-${environment}`))
    .sort((a, b) => b.length - a.length)[0];
}

interface SelectOptions {
  /** All stacks of the synth output, if they were read before. */
  readonly stacks?: readonly SynthesizedStack[];
  /** Folders without the record of a stack that the code no longer has. */
  readonly searchedFolders?: readonly string[];
}

/**
 * Selects stacks by name, or by the name of their environment (all of its stacks).
 * @throws LakeformError UNKNOWN_STACK with the allowed names
 */
export function selectStacks(
  project: Project,
  names: readonly string[],
  { stacks = readStacks(project), searchedFolders }: SelectOptions = {},
): SynthesizedStack[] {
  const selected = new Map<string, SynthesizedStack>();
  const unknown: string[] = [];
  for (const selector of names) {
    const matches = stacks.filter(
      (stack) => stack.name === selector || stack.metadata.environment === selector,
    );
    if (matches.length === 0) unknown.push(selector);
    for (const stack of matches) selected.set(stack.name, stack);
  }
  if (unknown.length > 0) {
    const environments = [...new Set(stacks.map((stack) => stack.metadata.environment))];
    throw new LakeformError(
      "UNKNOWN_STACK",
      unknown.length === 1 ? "no such stack or environment" : "no such stacks or environments",
      {
        value: unknown.join(", "),
        allowed: `stacks ${stacks.map((stack) => stack.name).join(", ")}; environments ${environments.join(", ")}`,
        fix:
          removedStackFix(project, unknown, searchedFolders) ??
          `${noRecord(searchedFolders)}${didYouMean(unknown[0] ?? "", [...stacks.map((stack) => stack.name), ...environments])}check the name; if you have just added the stack: lakeform synth`,
      },
    );
  }
  return [...selected.values()];
}

/**
 * Returns the fix for a stack that is no longer in the code, or for an environment without stacks
 * in the code, if a local state shows that it was deployed from this folder.
 */
function removedStackFix(
  { privateFolder }: Project,
  unknown: readonly string[],
  searchedFolders: readonly string[] | undefined,
): string | undefined {
  const states = localStates(privateFolder);
  const names = unknown
    .flatMap((selector) =>
      states.filter(({ name }) => name === selector || name.endsWith(`-${selector}`)),
    )
    .flatMap(({ name, hasObjects }) => (hasObjects ? [name] : []));
  const [first] = names;
  if (first === undefined) return undefined;
  const lineage = states.find(({ name }) => name === first)?.lineage;
  const renamed = states.find(
    (state) => !names.includes(state.name) && lineage !== undefined && state.lineage === lineage,
  );
  if (renamed !== undefined)
    return `${first} was renamed (lakeform state migrate): ${renamed.name} has its state and its objects`;
  const wasDeployed = `${names.join(", ")} ${names.length > 1 ? "were deployed from here and still have" : "was deployed from here and still has"} objects`;
  if (searchedFolders?.length === 0)
    return `${wasDeployed}, but the code has no stack of the same environment, which has the workspace and the backend: put one back into the code, then try again; if the environment was renamed: lakeform state migrate STACK --from ${path.join(privateFolder, "state", `${first}.tfstate`)}`;
  if (searchedFolders !== undefined)
    return `${wasDeployed}. ${noRecord(searchedFolders)}if the stack had another recordFolder: --record-folder FOLDER; otherwise put the stack back into the code first`;
  return `${wasDeployed}: lakeform destroy ${names.join(" ")}; if that does not find its deployment record, put the stack back into the code first`;
}

export interface LocalState {
  /** The name of the stack. */
  readonly name: string;
  readonly file: string;
  readonly lineage?: string;
  readonly hasObjects: boolean;
}

/** Returns the states in the default folder of local states, with the stacks' names. */
export function localStates(privateFolder: string): readonly LocalState[] {
  const folder = path.join(privateFolder, "state");
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  return names
    .filter((name) => name.endsWith(".tfstate"))
    .map((name) => {
      const file = path.join(folder, name);
      const { lineage, resources = [] } =
        readSavedJson<{ lineage: string; resources: readonly unknown[] }>(file) ?? {};
      const stack = path.basename(name, ".tfstate");
      return { name: stack, file, hasObjects: resources.length > 0, ...defined({ lineage }) };
    });
}

const noRecord = (searchedFolders: readonly string[] = []): string =>
  searchedFolders.length === 0
    ? ""
    : `there is no deployment record in ${searchedFolders.join(", ")}; `;
