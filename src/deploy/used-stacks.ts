/** Determines the outputs that a stack uses from other stacks, as far as they are known. */
import fs from "node:fs";
import path from "node:path";
import { readOnly } from "../api/auth/connect";
import { LakeformError } from "../errors";
import type { PlanOutput } from "../review/plan/plan";
import { schemaOf } from "../resources/shape/schema";
import { pathsInFoldersOf } from "../terraform/folders";
import {
  meaningOf,
  outputExpression,
  referencesOf,
  remoteStacksOf,
  usesOf,
  type StackReference,
} from "../terraform/references";
import { readStackFolder, type StackJson, type SynthesizedStack } from "../terraform/stack";
import { streamState } from "../terraform/state";
import type { StreamedState } from "../terraform/state-format";
import type { KnownOutputs, UpstreamOutputs } from "../terraform/upstream";
import type { UsedStack } from "../verify/target";
import { indexState } from "../verify/deployed/state-index";
import { RecordStore } from "./record";
import type { DeployTarget } from "./target";

/** The outputs of a stack according to its plan. */
export interface PlannedOutputs {
  /** Outputs that are already known; the others are known only after the apply. */
  readonly known: KnownOutputs;
  /** Outputs that are already in the state with the same values. */
  readonly settled: ReadonlySet<string>;
}

export function plannedOutputs(outputs: readonly PlanOutput[]): PlannedOutputs {
  const notDeleted = outputs.filter(({ actions }) => !actions.includes("delete"));
  const isKnown = ({ afterUnknown }: PlanOutput): boolean =>
    !(JSON.stringify(afterUnknown) ?? "").includes("true");
  return {
    known: new Map(notDeleted.filter(isKnown).map(({ name, after }) => [name, after])),
    settled: new Set(
      notDeleted
        .filter(({ actions }) => actions.every((action) => action === "no-op"))
        .map(({ name }) => name),
    ),
  };
}

/** The outputs and secrets of used stacks that are not applied yet, for a stack's plan. */
export interface Upstream {
  /**
   * Replacements for outputs in the used stacks' states; empty if the states already have all of
   * them.
   */
  readonly outputs: UpstreamOutputs;
  /** Whether the value is known only after the used stack's apply. */
  readonly isPending: (reference: StackReference) => boolean;
  /** Returns a reference in readable form: `platform-local/policy.id`. */
  readonly meaning: (reference: StackReference) => string;
  readonly notes: readonly string[];
  /** Values that must not be shown, although Terraform no longer marks them as secret. */
  readonly secrets: readonly string[];
}

/**
 * Determines the outputs of other stacks that the plan of a stack uses.
 * @param plannedOutputs the plans of the used stacks that are also selected
 * @throws LakeformError UPSTREAM_NOT_DEPLOYED if a used stack is not selected, and its state lacks
 * the needed output
 */
export async function upstreamOf(
  target: DeployTarget,
  plannedOutputs: ReadonlyMap<string, PlannedOutputs>,
): Promise<Upstream> {
  const references = referencesOf(target.stack.json);
  const outputs = new Map<string, KnownOutputs>();
  const notes: string[] = [];
  const secrets: string[] = [];
  for (const name of remoteStacksOf(target.stack.json)) {
    const needed = references.filter(({ stack }) => stack === name);
    const plan = plannedOutputs.get(name);
    const values = plan?.known ?? (await requireDeployed(target, name, needed));
    secrets.push(...secretsIn(values, needed, siblingStack(target.stack, name)));
    if (plan === undefined) {
      notes.push(`uses the deployed ${name}, which is not part of this run`);
    } else if (!needed.every(({ output }) => plan.settled.has(output))) {
      outputs.set(name, plan.known);
    }
  }
  const pending = [...outputs].filter(([name, known]) =>
    references.some(({ stack, output }) => stack === name && !known.has(output)),
  );
  if (pending.length > 0) {
    const names = pending.map(([name]) => name).join(", ");
    notes.push(
      `planned again after ${names}, with the values known then: the deploy stops if that plan differs from this one`,
    );
  }
  const isPending = ({ stack, output }: StackReference): boolean =>
    outputs.get(stack)?.has(output) === false;
  return { outputs, isPending, meaning: meaningFor(target.stack), notes, secrets };
}

/**
 * Replaces Terraform's error about `count` or `for_each` with an unknown value by one that explains
 * which stack to deploy first.
 */
export function explainUnknownCount(
  error: unknown,
  stack: SynthesizedStack,
  outputs: UpstreamOutputs,
): unknown {
  const argument =
    error instanceof LakeformError
      ? /Invalid (count|for_each) argument/.exec(error.message)?.[1]
      : undefined;
  const pending = referencesOf(stack.json).filter(
    ({ stack: stackName, output }) => outputs.get(stackName)?.has(output) === false,
  );
  if (argument === undefined || pending.length === 0) return error;
  const names = [...new Set(pending.map(({ stack: stackName }) => stackName))];
  return new LakeformError(
    "UPSTREAM_DECIDES_NUMBER",
    `the number of resources of ${stack.name} depends on a value that is not deployed yet`,
    {
      path: stack.name,
      value: `${argument} of a value that is known after ${names.join(", ")}: ${pending.map(meaningFor(stack)).join(", ")}`,
      allowed: "a value that is known when the stack is planned",
      fix: `deploy ${names.join(", ")} first: lakeform deploy ${names.join(" ")}, then review and deploy ${stack.name}`,
      cause: error,
    },
  );
}

/** Returns the values derived from a sensitive attribute or variable of the used stack. */
function secretsIn(
  values: KnownOutputs,
  references: readonly StackReference[],
  usedStack: SynthesizedStack | undefined,
): string[] {
  return references.flatMap(({ output }) => {
    const value = values.get(output);
    const expression =
      usedStack === undefined ? "" : (outputExpression(usedStack.json, output) ?? "");
    const attributes = [...expression.matchAll(/\b(databricks_\w+)\.[\w-]+\.(\w+)/g)];
    const variables = [...expression.matchAll(/\bvar\.([\w-]+)/g)];
    const isSecret =
      attributes.some(
        ([, type = "", attribute = ""]) =>
          schemaOf(type)?.block.attributes[attribute]?.sensitive === true,
      ) || variables.some(([, name = ""]) => usedStack?.json.variable?.[name]?.sensitive === true);
    return isSecret && typeof value === "string" ? [value] : [];
  });
}

/** Returns references in readable form, from the used stacks' code in the synth output. */
function meaningFor(
  stack: Pick<SynthesizedStack, "directory">,
): (reference: StackReference) => string {
  const stackByName = new Map<string, SynthesizedStack | undefined>();
  return (reference) => {
    if (!stackByName.has(reference.stack))
      stackByName.set(reference.stack, siblingStack(stack, reference.stack));
    return meaningOf(reference, stackByName.get(reference.stack));
  };
}

/** Returns another stack of the same synth output. */
export function siblingStack(
  { directory }: Pick<SynthesizedStack, "directory">,
  name: string,
): SynthesizedStack | undefined {
  return readStackFolder(path.join(path.dirname(path.resolve(directory)), name));
}

/** Returns the state of another stack of the same synth output. */
async function stateOfSibling(
  target: DeployTarget,
  stack: SynthesizedStack,
): Promise<StreamedState | undefined> {
  return streamState({ ...target.terraform, directory: stack.directory }, stack);
}

async function requireDeployed(
  target: DeployTarget,
  name: string,
  references: readonly StackReference[],
): Promise<KnownOutputs> {
  const usedStack = siblingStack(target.stack, name);
  // The stack is outside this synth output: Terraform reads its state and reports missing outputs.
  if (usedStack === undefined) return new Map();
  const outputs = (await stateOfSibling(target, usedStack))?.outputs ?? {};
  const missing = references.filter(({ output }) => outputs[output] === undefined);
  if (missing.length === 0)
    return new Map(Object.entries(outputs).map(([output, { value }]) => [output, value]));
  const meaning = meaningFor(target.stack);
  const isNotDeployed = Object.keys(outputs).length === 0;
  throw new LakeformError(
    "UPSTREAM_NOT_DEPLOYED",
    isNotDeployed
      ? `${target.stack.name} uses ${name}, which is not deployed and not selected`
      : `${name} is deployed without the values that ${target.stack.name} uses`,
    {
      path: target.stack.name,
      value: missing.map(meaning).join(", "),
      fix: `deploy both, in dependency order: lakeform deploy ${name} ${target.stack.name}`,
    },
  );
}

/**
 * Returns the outputs for a destroy. Their values do not matter, so an output that the used stack's
 * state lacks stays unknown.
 */
export async function remainingOutputs(target: DeployTarget): Promise<UpstreamOutputs> {
  const outputsByStack = new Map<string, KnownOutputs>();
  for (const name of remoteStacksOf(target.stack.json)) {
    const usedStack = siblingStack(target.stack, name);
    const state = usedStack === undefined ? undefined : await stateOfSibling(target, usedStack);
    outputsByStack.set(
      name,
      new Map(Object.entries(state?.outputs ?? {}).map(([output, { value }]) => [output, value])),
    );
  }
  return outputsByStack;
}

export type KnownStacks = Map<string, Promise<UsedStack | undefined>>;

/**
 * Returns the stacks that a stack uses, directly or indirectly, for a verification.
 * @param stackCache the stacks that have been read
 */
export async function usedStacks(
  target: DeployTarget,
  stackCache: KnownStacks,
): Promise<ReadonlyMap<string, UsedStack>> {
  const stackByName = new Map<string, UsedStack>();
  for (const name of remoteStacksOf(target.stack.json)) {
    const directory = path.join(path.dirname(path.resolve(target.stack.directory)), name);
    const pendingStack = stackCache.get(directory) ?? readUsedStack(target, name, stackCache);
    stackCache.set(directory, pendingStack);
    const usedStack = await pendingStack;
    if (usedStack !== undefined) stackByName.set(name, usedStack);
  }
  return stackByName;
}

async function readUsedStack(
  target: DeployTarget,
  name: string,
  stackCache: KnownStacks,
): Promise<UsedStack | undefined> {
  const stack = siblingStack(target.stack, name);
  if (stack === undefined) return undefined;
  const state = await stateOfSibling(target, stack);
  const used = await usedStacks({ ...target, stack }, stackCache);
  const common = {
    directory: stack.directory,
    stack: stack.json,
    state: indexState(state),
    used,
  };
  if (state !== undefined) {
    const values = Object.entries(state.outputs ?? {}).map(
      ([output, { value }]) => [output, value] as const,
    );
    return {
      ...common,
      outputs: Object.fromEntries(values),
      missing: `${name} is not deployed, or was deployed without this output`,
    };
  }
  const trusted = await new RecordStore(
    readOnly(target.client),
    stack.metadata.recordFolder,
  ).readTrusted();
  if ("record" in trusted) {
    const { outputs = {}, synthesized } = trusted.record;
    return {
      ...common,
      stack: synthesized,
      outputs,
      missing: `${name} has no state here, and its deployment record does not have the value`,
    };
  }
  return {
    ...common,
    outputs: {},
    missing: `${name} has neither a state here nor a deployment record`,
  };
}

/**
 * Refuses to destroy stacks that deployed stacks use.
 * @throws LakeformError STACK_IN_USE (exit 2) listing the references
 */
export async function refuseUsed(targets: readonly DeployTarget[]): Promise<void> {
  const selected = new Set(targets.map(({ stack }) => stack.name));
  const users = new Map<string, string>();
  const deployedOutputs = new Map<string, readonly string[]>();
  for (const target of targets) {
    for (const user of await deployedSiblings(target)) {
      deployedOutputs.set(user.name, user.uses);
      const folderPaths = pathsInFoldersOf(user.json, target.stack.json);
      if (
        selected.has(user.name) ||
        (folderPaths.length === 0 && !user.uses.includes(target.stack.name))
      )
        continue;
      const parts = [
        ...(user.uses.includes(target.stack.name) ? [describeUse(user, target.stack)] : []),
        ...folderPaths.map((path) => `the folder of ${path}`),
      ];
      users.set(`${user.name}\0${target.stack.name}`, `${user.name} uses ${parts.join(", ")}`);
    }
  }
  if (users.size === 0) return;
  const names = new Set([...users.keys()].map((key) => key.slice(0, key.indexOf("\0"))));
  // The loop also visits names that it adds to the set, and so finds indirect users.
  for (const name of names)
    for (const [user, uses] of deployedOutputs)
      if (uses.includes(name) && !selected.has(user)) names.add(user);
  const selectedNames = targets.map(({ stack }) => stack.name);
  throw new LakeformError(
    "STACK_IN_USE",
    "other deployed stacks use resources that would be destroyed",
    {
      value: [...users.values()].join("; "),
      fix: `destroy the dependent stacks too, in order: lakeform destroy ${[...selectedNames, ...names].join(" ")}; or break them intentionally: --force`,
      exitCode: 2,
    },
  );
}

/** Returns the deployed stacks that use objects of this stack, by the object's address. */
export async function usersByAddress(
  target: DeployTarget,
  deployedJson: StackJson | undefined,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const users = new Map<string, string[]>();
  for (const user of await deployedSiblings(target)) {
    for (const { stack, output } of referencesOf(user.json)) {
      if (stack !== target.stack.name) continue;
      const expression =
        (deployedJson && outputExpression(deployedJson, output)) ??
        outputExpression(target.stack.json, output);
      const address = /^\w+\.[\w-]+/.exec(expression ?? "")?.[0] ?? "";
      if (users.get(address)?.includes(user.name) !== true)
        users.set(address, [...(users.get(address) ?? []), user.name].sort());
    }
  }
  return users;
}

interface DeployedStack {
  readonly name: string;
  readonly uses: readonly string[];
  readonly json: StackJson;
}

function describeUse({ json }: DeployedStack, stack: SynthesizedStack): string {
  const references = referencesOf(json).filter((reference) => reference.stack === stack.name);
  return references.length === 0
    ? stack.name
    : references.map((reference) => meaningOf(reference, stack)).join(", ");
}

/**
 * The stacks of the same project and environment that have a deployment record or, without one,
 * resources in their state.
 */
async function deployedSiblings(target: DeployTarget): Promise<DeployedStack[]> {
  const { metadata, directory } = target.stack;
  const folder = path.dirname(path.resolve(directory));
  const siblings: DeployedStack[] = [];
  for (const name of fs.readdirSync(folder)) {
    const stack = readStackFolder(path.join(folder, name));
    if (stack === undefined || stack.name === target.stack.name) continue;
    if (
      stack.metadata.project !== metadata.project ||
      stack.metadata.environment !== metadata.environment
    )
      continue;
    const record = await new RecordStore(
      readOnly(target.client),
      stack.metadata.recordFolder,
    ).readTrusted();
    // Use the deployed references, not those in the current code.
    if ("record" in record) {
      const json = record.record.synthesized as StackJson;
      siblings.push({ name: stack.name, uses: usesOf({ ...stack, json }), json });
    } else if (hasManaged(await stateOfSibling(target, stack))) {
      siblings.push({ name: stack.name, uses: usesOf(stack), json: stack.json });
    }
  }
  return siblings;
}

function hasManaged(state: StreamedState | undefined): boolean {
  for (const { mode } of state?.resources ?? []) if (mode === "managed") return true;
  return false;
}
