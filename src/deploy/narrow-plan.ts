/**
 * A plan of the changed resources only (`-target`). Used only if a plan of the complete stack would
 * give the same result: all other resources match code, state and workspace, and use no planned
 * resource.
 */
import { stateOfPlan } from "../resources/cut/saved-plan";
import type { PlanChange, PlanFacts } from "../review/plan/plan";
import { discardPlan, type PlanOptions, type SavedPlan } from "../terraform/plan";
import { streamWholeState } from "../terraform/state";
import type { StreamedState } from "../terraform/state-format";
import type { StackJson } from "../terraform/stack";
import type { Verification } from "../verify/model";
import {
  isLocked,
  mismatchReason,
  fullPlanReason,
  stateDifference,
  type LastDeploy,
} from "./empty-plan";
import { refreshReason } from "./refresh";
import { planWithCut } from "./schema-cut";
import type { DeployEvents, DeployTarget } from "./target";
import { factsOf } from "./state-facts";

/** In a stack with fewer resources, planning only some of them saves no time. */
const minResources = 20;

/** The planned part of a stack. */
export interface StackPart {
  /** Addresses of the planned resources. */
  readonly targets: readonly string[];
  /** The number of resources in the stack. */
  readonly total: number;
  /** The targets and everything that they or the rest of the configuration use. */
  readonly configuration: StackJson;
  /** The complete state, as read before the plan. */
  readonly state: StreamedState;
}

/**
 * Selects the changed resources and those that use them.
 * @returns the part to plan, or why the complete stack has to be planned, in one line without
 * values
 */
export async function selectStackPart(
  target: DeployTarget,
  lastDeploy: LastDeploy,
  verification: Verification | undefined,
): Promise<StackPart | { readonly why: string }> {
  const { stack, terraform } = target;
  const { record } = lastDeploy;
  const reason =
    fullPlanReason(target, lastDeploy) ?? refreshReason(stack.json, verification, stack.name);
  if (reason !== undefined || record === undefined)
    return { why: reason ?? "there is no deployment record" };
  const deployedCode = record.synthesized as StackJson;
  if (jsonWithoutResources(deployedCode) !== jsonWithoutResources(stack.json))
    return { why: "the code has changed outside of resources" };
  const [deployedTexts, currentTexts] = [textsByAddress(deployedCode), textsByAddress(stack.json)];
  const removedAddress = [...deployedTexts.keys()].find((address) => !currentTexts.has(address));
  if (removedAddress !== undefined) return { why: `${removedAddress} was removed from the code` };
  const plannedAddresses = withUsers(
    new Set(
      [...currentTexts]
        .filter(([address, text]) => deployedTexts.get(address) !== text)
        .map(([address]) => address),
    ),
    currentTexts,
  );
  if (currentTexts.size < minResources) return { why: "the stack is small" };
  if (plannedAddresses.size === 0 || plannedAddresses.size * 2 > currentTexts.size)
    return { why: `${plannedAddresses.size} of ${currentTexts.size} resources can change` };
  const usedAddress = usedIn(jsonWithoutResources(stack.json), plannedAddresses);
  if (usedAddress !== undefined) return { why: `${usedAddress} is used outside of resources` };
  const difference = mismatchReason(verification, stack.name, plannedAddresses);
  if (difference !== undefined) return { why: difference };
  if (await isLocked(target)) return { why: "Terraform is working on the state" };
  const state = await streamWholeState(terraform, stack);
  if (state === undefined) return { why: "there is no state" };
  const why = stateDifference(target, record, state, plannedAddresses);
  if (why !== undefined) return { why };
  return {
    targets: [...plannedAddresses].sort(),
    total: currentTexts.size,
    configuration: partOf(stack.json, plannedAddresses, currentTexts),
    state,
  };
}

/**
 * Plans a part of the stack. Does not change other resources in the state, nor values that an
 * earlier cut of the schema left there.
 * @returns undefined if another process wrote the state during the plan
 */
export async function planPart(
  target: DeployTarget,
  { targets, configuration, state }: StackPart,
  options: PlanOptions,
  events: Pick<DeployEvents, "note">,
  verification?: Verification,
): Promise<SavedPlan | undefined> {
  const plan = await planWithCut(
    target,
    { ...options, targets, configuration },
    events,
    verification?.raw,
    state,
  );
  const plannedState = stateOfPlan(plan.file);
  if (plannedState?.lineage === state.lineage && plannedState.serial === state.serial) {
    return {
      ...plan,
      warnings: plan.warnings.filter(
        ({ summary }) => summary !== "Resource targeting is in effect",
      ),
    };
  }
  discardPlan(plan);
  return undefined;
}

/** The JSON of a stack without its resources and metadata. */
function jsonWithoutResources(json: StackJson): string {
  const { resource: _resources, "//": _about, ...rest } = json;
  return JSON.stringify(rest);
}

/** Returns the JSON of each resource. */
export function textsByAddress({ resource = {} }: StackJson): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(resource).flatMap(([type, resourcesByName]) =>
      Object.entries(resourcesByName).map(
        ([name, body]) => [`${type}.${name}`, JSON.stringify(body)] as const,
      ),
    ),
  );
}

/**
 * Keeps the planned resources, and the resources that they or the rest of the configuration use.
 * Terraform does not change the others in the state, because they are not targets.
 */
function partOf(
  json: StackJson,
  plannedAddresses: ReadonlySet<string>,
  texts: ReadonlyMap<string, string>,
): StackJson {
  const keptAddresses = new Set([...plannedAddresses, ...addressesIn(jsonWithoutResources(json))]);
  for (const address of keptAddresses)
    for (const usedAddress of addressesIn(texts.get(address) ?? "")) keptAddresses.add(usedAddress);
  const { resource = {}, "//": _about, ...rest } = json;
  const sections = Object.entries(resource).map(
    ([type, resourcesByName]) =>
      [
        type,
        Object.fromEntries(
          Object.entries(resourcesByName).filter(([name]) => keptAddresses.has(`${type}.${name}`)),
        ),
      ] as const,
  );
  return {
    ...rest,
    resource: Object.fromEntries(
      sections.filter(([, resourcesByName]) => Object.keys(resourcesByName).length > 0),
    ),
  };
}

/** Returns the changed resources and all that use them, directly or indirectly. */
function withUsers(
  changedAddresses: ReadonlySet<string>,
  texts: ReadonlyMap<string, string>,
): ReadonlySet<string> {
  const users = new Map<string, string[]>();
  for (const [address, text] of texts)
    for (const usedAddress of addressesIn(text))
      users.set(usedAddress, [...(users.get(usedAddress) ?? []), address]);
  const affected = new Set(changedAddresses);
  for (const address of affected) for (const user of users.get(address) ?? []) affected.add(user);
  return affected;
}

/** Returns one of the addresses that a text uses, if any. */
const usedIn = (text: string, addresses: ReadonlySet<string>): string | undefined =>
  addressesIn(text).find((address) => addresses.has(address));

/** All strings that look like an address, including some that are none. */
export const addressesIn = (text: string): string[] => [
  ...new Set(text.match(/\b[a-z]\w*\.[\p{ID_Start}_][\p{ID_Continue}-]*/gu) ?? []),
];

/**
 * Builds the plan of the complete stack, in which the resources that were not planned are
 * unchanged.
 */
export function wholeFacts(
  target: DeployTarget,
  { state }: StackPart,
  plannedFacts: PlanFacts,
): PlanFacts {
  const unchangedFacts = factsOf(target, state);
  const changes = function* (): Generator<PlanChange> {
    const remaining = new Map<string, PlanChange>();
    for (const change of plannedFacts.changes) remaining.set(change.address, change);
    const byAddress = [...remaining.keys()].sort();
    for (const change of unchangedFacts.changes) {
      while (byAddress[0] !== undefined && byAddress[0] <= change.address) {
        const [address] = byAddress.splice(0, 1);
        const plannedChange = remaining.get(address ?? "");
        if (plannedChange !== undefined) yield plannedChange;
      }
      if (!remaining.has(change.address)) yield change;
    }
    for (const address of byAddress) {
      const plannedChange = remaining.get(address);
      if (plannedChange !== undefined) yield plannedChange;
    }
  };
  // Terraform marks every partial plan as incomplete.
  return {
    ...plannedFacts,
    changes: { [Symbol.iterator]: changes },
    outputs: unchangedFacts.outputs,
    complete: true,
  };
}
