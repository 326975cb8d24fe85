/**
 * This folder lists the resources to check as the code defines them, with references resolved.
 * `scripts/import-order.cjs` lists what it may import.
 */
import { isDeepStrictEqual } from "node:util";
import { withoutKey, withoutKeys } from "../../terraform/references";
import { defined } from "../../defined";
import type { KindReader } from "../../resources/kind";
import { desiredOfStack, type DesiredResource, type ResolveOptions } from "./desired";
import { desiredOfPlan, fieldsInCode } from "./desired-of-plan";
import { fieldsOf } from "../fields/field-rules";
import type { VerifyTarget } from "../target";
import type { StackSummary } from "../model";
import type { Sentence } from "../redactor";
import { withLeftOver, type DeploymentRecord, type InheritedValues } from "../deployed/record";
import { indexState, type StateEntry } from "../deployed/state-index";
import { ownedKeyOf } from "../deployed/ownership";
import { isObject, sharedWith, type DesiredObject } from "../expressions/values";

export interface Expected {
  readonly target: VerifyTarget;
  readonly address: string;
  readonly type: string;
  readonly reader: KindReader | undefined;
  /** Construct path, or the address. */
  readonly path: string;
  readonly source: string | undefined;
  /** The values in the code; undefined if the resource was removed from the code. */
  readonly desired: DesiredObject | undefined;
  /** The values of the last deploy; undefined if unknown. */
  readonly deployed: DesiredObject | undefined;
  /** The values in the state; undefined if the resource is not deployed or was found by name. */
  readonly state: DesiredObject | undefined;
  readonly id: string | undefined;
  readonly tainted: boolean;
  /** Set for an object that a failed replacement left over. The code has no values for it. */
  readonly deposed?: true;
  /** Set if it is known without a call that the resource cannot be read. */
  readonly settled?: { readonly status: "unverifiable" | "error"; readonly reason: Sentence };
  readonly byName: boolean;
  readonly ignoreChanges: readonly string[] | "all";
  /**
   * Values that a plan or the latest apply gave a list element only because another element was at
   * its position.
   */
  readonly inherited?: InheritedValues[string];
  /** The deployment record; undefined if there is none or if it is outdated. */
  readonly record: DeploymentRecord | undefined;
}

/** Identifies a resource among several stacks. */
export const keyOf = ({ target, address }: Pick<Expected, "target" | "address">): string =>
  `${target.name}\0${address}`;

export interface ExpectedStack {
  readonly summary: StackSummary;
  readonly expected: readonly Expected[];
  /** The keys ({@link ownedKeyOf}) of all objects in the state. */
  readonly owned: readonly string[];
}

export type FindReader = (type: string) => KindReader | undefined;

/** Determines the expected resources of a stack. Does not keep the state in memory. */
export async function expectedOf(
  target: VerifyTarget,
  findReader: FindReader,
  host: string,
): Promise<ExpectedStack> {
  const raw = await target.state?.();
  const state = indexState(raw);
  const usable = usableRecord(target, raw);
  const options = resolveOptions(target, state, host);
  const modules = modulesOf(target);
  const deployedModules = new Set(
    [...state.values()].flatMap(({ module }) => (module === undefined ? [] : [rootModule(module)])),
  );
  const desired = desiredResources(target, options);
  const recordedStack = usable.record === undefined ? undefined : withLeftOver(usable.record);
  // Reuse the values if the code is unchanged: comparing the code is faster than evaluating it.
  const isDeployedCode =
    "stack" in target.desired &&
    JSON.stringify(recordedStack) === JSON.stringify(target.desired.stack);
  const deployed = isDeployedCode
    ? desired
    : recordedStack && desiredOfStack(recordedStack, options);
  const fieldsSetInCode =
    "plan" in target.desired
      ? fieldsInCode(target.desired.plan)
      : new Map<string, ReadonlySet<string>>();
  const expected: Expected[] = [];
  const addedAddresses = new Set<string>();
  const add = (
    address: string,
    resource: DesiredResource | undefined,
    entry: StateEntry | undefined,
  ): void => {
    addedAddresses.add(address);
    const moduleNote =
      entry?.module !== undefined && modules.includes(rootModule(entry.module))
        ? inModule
        : undefined;
    const reason = entry === undefined ? undefined : (resource?.elsewhere ?? moduleNote);
    const stateValues =
      entry === undefined ? undefined : sharedWith(resource?.attributes, entry.attributes);
    const inherited = resource?.inherited ?? target.inherited?.[address];
    const deployedValues = entry === undefined ? undefined : deployed?.get(address)?.attributes;
    expected.push({
      ...commonFields(target, address, resource?.type ?? entry?.type ?? "", findReader),
      ...(reason === undefined ? {} : { settled: { status: "unverifiable", reason } }),
      desired: resource?.attributes,
      deployed:
        deployedValues === undefined
          ? stateValues
          : sharedWith(resource?.attributes, deployedValues),
      state: stateValues,
      // A resource of another workspace must not be looked up in this one.
      id: resource?.elsewhere === undefined ? entry?.id : undefined,
      tainted: entry?.tainted ?? false,
      ...defined({ deposed: entry?.deposed }),
      byName: false,
      ignoreChanges: resource?.ignoreChanges ?? [],
      ...defined({ inherited }),
      record: usable.record,
    });
  };
  for (const [address, resource] of desired) {
    const entry = state.get(address);
    if ("plan" in target.desired && entry !== undefined)
      dropComputed(resource, entry.attributes, fieldsSetInCode.get(withoutKeys(address)));
    add(address, resource, entry);
  }
  for (const [address, entry] of state)
    if (entry.mode === "managed" && !addedAddresses.has(address)) add(address, undefined, entry);
  for (const module of modules)
    expected.push(moduleEntry(target, module, deployedModules.has(module)));
  return {
    expected,
    owned: [...state.values()]
      .filter(
        ({ mode, id, address }) =>
          mode === "managed" && id !== undefined && desired.get(address)?.elsewhere === undefined,
      )
      .map(({ type, id, attributes }) => ownedKeyOf(type, id ?? "", attributes)),
    summary: {
      ...nameOf(target),
      basis: raw === undefined ? "nothing" : usable.record === undefined ? "state" : "record",
      weaker:
        raw === undefined
          ? ["there is no state: nothing was deployed from here"]
          : [...usable.weaker, ...(target.weaker ?? [])],
      ...(usable.record === undefined ? {} : { record: recordSummary(usable.record) }),
      resources: expected.length,
    },
  };
}

const inModule =
  "it is in a Terraform module: verify the project with --dir, which evaluates it with Terraform";

/**
 * Lists the modules of a configuration in JSON, because only Terraform can read their content. A
 * plan already includes it.
 */
export function modulesOf({ desired }: VerifyTarget): readonly string[] {
  const modules =
    "stack" in desired && isObject(desired.stack.module) ? Object.keys(desired.stack.module) : [];
  return modules.filter((name) => name !== "//").map((name) => `module.${name}`);
}

/** Returns the outermost module: `module.a.module.b["x"]` → `module.a`. */
function rootModule(address: string): string {
  return /^module\.[^.[]+/.exec(address)?.[0] ?? address;
}

/** The fields of an entry without a known object. */
export const noObject = {
  desired: undefined,
  deployed: undefined,
  state: undefined,
  id: undefined,
  tainted: false,
  byName: false,
  ignoreChanges: [],
  record: undefined,
} as const;

/**
 * Returns an entry for the module itself, because resources that were added to it since the deploy
 * are not in the state. The entry is pending until one of the module's resources is deployed.
 */
export function moduleEntry(target: VerifyTarget, address: string, isDeployed: boolean): Expected {
  return {
    ...commonFields(target, address, "module", () => undefined),
    ...(isDeployed
      ? {
          settled: {
            status: "unverifiable",
            reason: `its contents beyond the state are unknown: ${inModule.replace("it is in a Terraform module: ", "")}`,
          },
        }
      : {}),
    ...noObject,
    desired: {},
  };
}

/**
 * Removes values that the plan repeats from the platform: the code does not set them, and the state
 * has the same.
 */
function dropComputed(
  { type, attributes }: DesiredResource,
  state: DesiredObject,
  fieldsSetInCode: ReadonlySet<string> | undefined,
): void {
  for (const [name, info] of fieldsOf(type)) {
    if (
      info.optionalComputed &&
      !name.includes(".") &&
      fieldsSetInCode?.has(name) !== true &&
      isDeepStrictEqual(attributes[name], state[name])
    )
      attributes[name] = null;
  }
}

export function commonFields(
  target: VerifyTarget,
  address: string,
  type: string,
  findReader: FindReader,
): Pick<Expected, "target" | "address" | "type" | "reader" | "path" | "source"> {
  // All instances of a repeated resource come from one construct.
  const origin =
    target.metadata?.resources[address] ?? target.metadata?.resources[withoutKey(address)];
  return {
    target,
    address,
    type,
    reader: findReader(type),
    path: origin?.path ?? address,
    source: origin?.source,
  };
}

export function resolveOptions(
  target: VerifyTarget,
  state: ReadonlyMap<string, StateEntry>,
  host: string,
): ResolveOptions {
  const { directory, variable, workspace, used } = target;
  return {
    directory,
    state,
    host,
    ...defined({ used, variable, workspace }),
  };
}

export function desiredResources(
  target: VerifyTarget,
  options: ResolveOptions,
): ReadonlyMap<string, DesiredResource> {
  return "plan" in target.desired
    ? desiredOfPlan(target.desired, options.host)
    : desiredOfStack(target.desired.stack, options);
}

export function nameOf(
  target: VerifyTarget,
): Pick<StackSummary, "name" | "project" | "environment"> {
  const { metadata } = target;
  return {
    name: target.name,
    ...defined({ project: metadata?.project, environment: metadata?.environment }),
  };
}

/** Ignores a record that does not belong to the state, because another tool has deployed since. */
function usableRecord(
  { record, recordMissing }: VerifyTarget,
  state: { readonly lineage: string; readonly serial: number } | undefined,
): { readonly record?: DeploymentRecord; readonly weaker: readonly string[] } {
  if (record === undefined)
    return {
      weaker: [
        `${recordMissing ?? "no deployment record"}: the deployed values are taken from the state, ${stateIsLessReliable}`,
      ],
    };
  const { state: recordState } = record;
  if (
    recordState === undefined ||
    state === undefined ||
    (recordState.lineage === state.lineage && recordState.serial === state.serial)
  )
    return { record, weaker: [] };
  const reason = `the deployment record of ${record.deployedAt} belongs to state serial ${recordState.serial}, but the state has serial ${state.serial}: another tool has deployed since`;
  return {
    weaker: [`${reason}; the deployed values are taken from the state, ${stateIsLessReliable}`],
  };
}

const stateIsLessReliable =
  "which a refresh overwrites, and which cannot distinguish a changed file in the code from one in the workspace";

function recordSummary(record: DeploymentRecord): NonNullable<StackSummary["record"]> {
  const { deployedAt, deployedBy, commit, digest } = record;
  return { deployedAt, deployedBy, ...defined({ commit, digest }) };
}
