/** Finds the stacks that the command line names. */
import fs from "node:fs";
import path from "node:path";
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
  const folder = path.join(privateFolder, "state");
  const stateOf = (name: string): { lineage?: string; resources?: readonly unknown[] } =>
    readSavedJson(path.join(folder, `${name}.tfstate`)) ?? {};
  const hasObjects = (name: string): boolean => (stateOf(name).resources?.length ?? 0) > 0;
  const states = (fs.existsSync(folder) ? fs.readdirSync(folder) : [])
    .filter((file) => file.endsWith(".tfstate"))
    .map((file) => path.basename(file, ".tfstate"));
  const names = unknown
    .flatMap((selector) =>
      states.filter((name) => name === selector || name.endsWith(`-${selector}`)),
    )
    .filter(hasObjects);
  const [first] = names;
  if (first === undefined) return undefined;
  const { lineage } = stateOf(first);
  const newName = states.find(
    (name) => !names.includes(name) && lineage !== undefined && stateOf(name).lineage === lineage,
  );
  if (newName !== undefined)
    return `${first} was renamed (lakeform state migrate): ${newName} has its state and its objects`;
  const wasDeployed = `${names.join(", ")} ${names.length > 1 ? "were deployed from here and still have" : "was deployed from here and still has"} objects`;
  if (searchedFolders?.length === 0)
    return `${wasDeployed}, but the code has no stack of the same environment, which has the workspace and the backend: put one back into the code, then try again`;
  if (searchedFolders !== undefined)
    return `${wasDeployed}. ${noRecord(searchedFolders)}if the stack had another recordFolder: --record-folder FOLDER; otherwise put the stack back into the code first`;
  return `${wasDeployed}: lakeform destroy ${names.join(" ")}; if that does not find its deployment record, put the stack back into the code first`;
}

const noRecord = (searchedFolders: readonly string[] = []): string =>
  searchedFolders.length === 0
    ? ""
    : `there is no deployment record in ${searchedFolders.join(", ")}; `;
