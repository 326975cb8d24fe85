/**
 * Determines without Terraform that the plan of a stack is empty. A plan depends on the
 * configuration, the values of variables, the state, the engine, the provider, and the data that
 * these read. If none of them has changed since the last deploy, and verify has found that every
 * object matches state and code, the plan is empty. File times are not used.
 */
import fs from "node:fs";
import { readOtherFiles } from "../review/plan/other-files";
import type { PlanFacts } from "../review/plan/plan";
import { providerBuild } from "../terraform/provider-mirror";
import { textsOf } from "../terraform/references";
import { providerEnvironment, type TerraformContext } from "../terraform/run";
import { selectedWorkspace } from "../terraform/selected-workspace";
import type { StackJson } from "../terraform/stack";
import { streamWholeState } from "../terraform/state";
import { localStateFile, lockInfoFile } from "../terraform/state-file";
import type { StateInstance, StreamedState } from "../terraform/state-format";
import { isInWorkspace } from "../terraform/workspace-states";
import type { DeploymentRecord } from "../verify/deployed/record";
import type { Verification } from "../verify/model";
import type { Attempt } from "./record";
import { refreshReason } from "./refresh";
import type { DeployTarget } from "./target";
import { factsOf } from "./state-facts";

/** What the workspace has recorded about the last deploy of a stack. */
export interface LastDeploy {
  readonly record?: DeploymentRecord;
  /** The last attempt, whether it succeeded or not. */
  readonly last?: Attempt;
  /** The last attempt, if it failed. */
  readonly unfinished?: Attempt;
}

export type EmptyPlan = { readonly facts: PlanFacts } | { readonly why: string };

/** The versions of engine and provider, for the record. */
export function toolVersions({
  engine,
  mirror,
}: Pick<TerraformContext, "engine" | "mirror">): Record<string, string> {
  return {
    [engine.name]: engine.version,
    ...(mirror && { "embedded provider": providerBuild(mirror) }),
  };
}

/** Returns how the recorded code, engine or provider differs from the current one, if it does. */
export function recordDifference(
  target: DeployTarget,
  record: DeploymentRecord | undefined,
): string | undefined {
  if (record === undefined) return "there is no deployment record";
  if (JSON.stringify(record.synthesized) !== JSON.stringify(target.stack.json))
    return "the code has changed since the last deploy";
  return toolDifference(target, record);
}

function toolDifference({ terraform }: DeployTarget, record: DeploymentRecord): string | undefined {
  for (const [tool, version] of Object.entries(toolVersions(terraform))) {
    const recordedVersion = record.versions[tool];
    if (recordedVersion !== version)
      return `the last deploy used ${recordedVersion === undefined ? "another engine or provider" : `${tool} ${recordedVersion}`}, not ${tool} ${version}`;
  }
  return undefined;
}

/**
 * Returns the reason why Terraform has to plan, as far as this can be determined without reading
 * objects: one line without values.
 */
export function planReason(
  target: DeployTarget,
  { record, last, unfinished }: LastDeploy,
): string | undefined {
  if (record === undefined) return "there is no deployment record";
  if (unfinished !== undefined || last === undefined) return "the last deploy did not succeed";
  return recordDifference(target, record) ?? unpredictableReason(target);
}

/**
 * Returns the reason why a plan must include the complete stack. Unlike {@link planReason}, accepts
 * changed code.
 */
export function fullPlanReason(
  target: DeployTarget,
  { record, last, unfinished }: LastDeploy,
): string | undefined {
  if (record === undefined) return "there is no deployment record";
  if (unfinished !== undefined || last === undefined) return "the last deploy did not succeed";
  return toolDifference(target, record) ?? unpredictableReason(target);
}

/**
 * Determines without Terraform whether the plan is empty.
 * @param verification the verification just done, with the state compared
 * @returns the empty plan, or why Terraform has to plan, in one line without values
 */
export async function findEmptyPlan(
  target: DeployTarget,
  lastDeploy: LastDeploy,
  verification: Verification | undefined,
): Promise<EmptyPlan> {
  const { stack, terraform } = target;
  const reason =
    planReason(target, lastDeploy) ??
    refreshReason(stack.json, verification, stack.name) ??
    mismatchReason(verification, stack.name);
  if (reason !== undefined) return { why: reason };
  if (await isLocked(target)) return { why: "Terraform is working on the state" };
  const state = await streamWholeState(terraform, stack);
  if (state === undefined) return { why: "there is no state" };
  const difference = stateDifference(target, lastDeploy.record, state);
  return difference === undefined ? { facts: factsOf(target, state) } : { why: difference };
}

/**
 * Returns the first resource that differs from the code, with its status; undefined if all match.
 * @param except addresses that may differ
 */
export function mismatchReason(
  verification: Verification | undefined,
  stack: string,
  except: ReadonlySet<string> = new Set(),
): string | undefined {
  if (verification === undefined) return undefined;
  const { raw, redactor } = verification;
  const difference = raw.resources.find(
    (result) => result.stack === stack && result.status !== "match" && !except.has(result.address),
  );
  return difference === undefined
    ? undefined
    : `${redactor.heading(difference.path)}: ${difference.status}`;
}

export async function isLocked({ stack, terraform }: DeployTarget): Promise<boolean> {
  const file = localStateFile(stack, selectedWorkspace(terraform));
  if (file !== undefined) return fs.existsSync(lockInfoFile(file));
  return (await terraform.states?.isHeld(stack)) === true;
}

/** Whether the state can be read without Terraform. */
export const isStateReadable = ({
  stack,
  terraform,
}: Pick<DeployTarget, "stack" | "terraform">): boolean =>
  localStateFile(stack, selectedWorkspace(terraform)) !== undefined ||
  (isInWorkspace(stack) && terraform.states !== undefined);

const plannedSections: ReadonlySet<string> = new Set([
  "//",
  "terraform",
  "provider",
  "resource",
  "data",
  "output",
  "variable",
]);
/** Functions that read files, or that return different values for the same configuration. */
const impureFunction =
  /\b(?:timestamp|plantimestamp|uuid|bcrypt|file\w*|templatefile|provider::\w+::\w+)\s*\(/;

/**
 * Returns what in the configuration only Terraform can determine, or reads again in each plan;
 * undefined if there is nothing.
 */
function unpredictableReason({ stack, terraform }: DeployTarget): string | undefined {
  const { json, directory } = stack;
  const { env, mirror } = terraform;
  const section = Object.keys(json).find((name) => !plannedSections.has(name));
  if (section !== undefined) return `the code has a block of type ${section}`;
  const data = Object.keys(json.data ?? {}).find((type) => type !== "terraform_remote_state");
  if (data !== undefined) return `the code has a data source of type ${data}`;
  const flag = Object.keys(env).find((name) => name.startsWith("TF_CLI_ARGS_") && env[name] !== "");
  if (flag !== undefined) return `${flag} is set`;
  const [file] = readOtherFiles(directory, providerEnvironment(mirror).TF_DATA_DIR ?? ".terraform");
  if (file !== undefined) return `Terraform also reads ${file.name}`;
  if (mirror === undefined && !/^\d+\.\d+\.\d+$/.test(providerConstraint(json)))
    return "the code does not pin the provider to one version";
  if (!isStateReadable({ stack, terraform }))
    return "the state is in a backend that only Terraform reads";
  for (const [type, resourcesByName] of Object.entries(json.resource ?? {})) {
    for (const [name, body] of Object.entries(resourcesByName)) {
      const metaArgument = metaArgumentIn(body);
      if (metaArgument !== undefined) return `${type}.${name} has ${metaArgument}`;
    }
  }
  const expression = textsOf(json).find((text) => text.includes("${") && impureFunction.test(text));
  if (expression !== undefined)
    return `the code calls ${/\w+(?=\s*\()/.exec(impureFunction.exec(expression)?.[0] ?? "")?.[0] ?? "a function"}()`;
  return unknownVariablesReason(json, terraform);
}

function providerConstraint({ terraform }: StackJson): string {
  const { required_providers: providers } = (terraform ?? {}) as {
    required_providers?: Record<string, { version?: string }>;
  };
  return providers?.["databricks"]?.version ?? "";
}

function metaArgumentIn(body: Readonly<Record<string, unknown>>): string | undefined {
  if (Array.isArray(body)) return "several blocks";
  if (body["count"] !== undefined) return "count";
  if (body["for_each"] !== undefined) return "for_each";
  const lifecycle = JSON.stringify(body["lifecycle"] ?? {});
  return ["precondition", "postcondition", "replace_triggered_by"].find((name) =>
    lifecycle.includes(`"${name}"`),
  );
}

/**
 * Returns the reason why values of variables may have changed. A variable can be compared with the
 * state only if an attribute consists of nothing else.
 */
function unknownVariablesReason(
  json: StackJson,
  { env, variables }: TerraformContext,
): string | undefined {
  for (const [name, { default: value }] of Object.entries(json.variable ?? {})) {
    if (variables[name] !== undefined) continue;
    if (env[`TF_VAR_${name}`] !== undefined)
      return `the value of variable ${name} comes from the environment`;
    if (value === undefined) return `variable ${name} has no value`;
  }
  if (Object.keys(variables).length === 0) return undefined;
  const { resource, variable: _declared, "//": _about, ...rest } = json;
  const misplacedVariable = variableIn(rest, variables);
  if (misplacedVariable !== undefined)
    return `variable ${misplacedVariable} is used outside of resources`;
  for (const [type, resourcesByName] of Object.entries(resource ?? {})) {
    for (const [name, body] of Object.entries(resourcesByName)) {
      const otherFields = Object.entries(body).filter(
        ([, value]) => wholeVariable(value, variables) === undefined,
      );
      const embeddedVariable = variableIn(Object.fromEntries(otherFields), variables);
      if (embeddedVariable !== undefined)
        return `${type}.${name} uses variable ${embeddedVariable} in an expression`;
    }
  }
  return undefined;
}

function variableIn(
  value: unknown,
  variables: Readonly<Record<string, string>>,
): string | undefined {
  for (const text of textsOf(value)) {
    if (!text.includes("${")) continue;
    for (const [, name = ""] of text.matchAll(/\bvar\.([\w-]+)/g))
      if (variables[name] !== undefined) return name;
  }
  return undefined;
}

/** The variable's name, if a value consists only of a variable that is set in the environment. */
function wholeVariable(
  value: unknown,
  variables: Readonly<Record<string, string>>,
): string | undefined {
  const name = typeof value === "string" ? /^\$\{var\.([\w-]+)\}$/.exec(value)?.[1] : undefined;
  return name !== undefined && variables[name] !== undefined ? name : undefined;
}

/**
 * Returns how a state differs from the deployed one; undefined if it does not.
 * @param plannedAddresses addresses that Terraform plans, and that may differ from the deployment
 */
export function stateDifference(
  { stack, terraform }: DeployTarget,
  record: DeploymentRecord | undefined,
  state: StreamedState,
  plannedAddresses: ReadonlySet<string> = new Set(),
): string | undefined {
  const { json } = stack;
  const deployedState = record?.state;
  if (deployedState?.lineage !== state.lineage || deployedState.serial !== state.serial)
    return "the state has changed since the last deploy";
  const outputs = new Set(Object.keys(state.outputs ?? {}));
  const declared = Object.keys(json["output"] ?? {});
  if (declared.length !== outputs.size || !declared.every((name) => outputs.has(name)))
    return "the outputs in the state differ from those in the code";
  const missing = new Set(
    Object.entries(json.resource ?? {}).flatMap(([type, resourcesByName]) =>
      Object.keys(resourcesByName).map((name) => `${type}.${name}`),
    ),
  );
  for (const resource of state.resources) {
    const { mode, type, name, module, instances } = resource;
    if (mode === "data" && type === "terraform_remote_state" && module === undefined) continue;
    const address = `${type}.${name}`;
    const [instance, ...otherInstances] = instances as readonly (StateInstance & {
      readonly deposed?: string;
    })[];
    const isPlanned = mode === "managed" && plannedAddresses.has(address);
    const isPlain =
      instance?.index_key === undefined &&
      instance?.deposed === undefined &&
      (isPlanned || instance?.status === undefined);
    if (
      mode === "data" ||
      module !== undefined ||
      instance === undefined ||
      otherInstances.length > 0 ||
      !isPlain ||
      !missing.delete(address)
    )
      return `${address} is in the state in a form that only Terraform handles`;
    if (isPlanned) continue;
    for (const [field, value] of Object.entries(json.resource?.[type]?.[name] ?? {})) {
      const variable = wholeVariable(value, terraform.variables);
      if (variable !== undefined && instance.attributes[field] !== terraform.variables[variable])
        return `variable ${variable} has changed since the last deploy`;
    }
  }
  const firstMissing = [...missing].find((address) => !plannedAddresses.has(address));
  return firstMissing === undefined ? undefined : `${firstMissing} is not in the state`;
}
