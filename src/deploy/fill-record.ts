import { SecretsReader } from "../api/families/secrets";
import { workspaceTime } from "../api/transport/clock";
import { defined } from "../defined";
import {
  withLeftOver,
  type DeploymentRecord,
  type InheritedValues,
  type PromotionEvidence,
} from "../verify/deployed/record";
import { findKind, traitsOf } from "../resources";
import { schemaOf } from "../resources/shape/schema";
import { outputExpression } from "../terraform/references";
import type { Healing } from "../review/changes/healing";
import { overlaps } from "../review/changes/paths";
import type { InheritedValue } from "../review/model";
import type { Attributes } from "../resources/kind";
import type { StackJson } from "../terraform/stack";
import type { StreamedState } from "../terraform/state-format";
import { requiredVersion } from "../terraform/provider-mirror";
import { toolVersions } from "./empty-plan";
import type { DeployTarget } from "./target";

export interface RecordFacts {
  readonly by: string;
  readonly digest: string;
  /** The number of the attempt; see `Attempt.fence`. */
  readonly fence: number;
  readonly commit?: string;
  /** Versions of the tools, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** Warnings of the plan. */
  readonly warnings: readonly string[];
  /** The record that the new one replaces. */
  readonly previous?: DeploymentRecord;
  /** Addresses that this deploy created, replaced, changed or healed. */
  readonly written: ReadonlySet<string>;
  readonly promotion?: PromotionEvidence;
  /** Values that the plan took from another list element at the same position. */
  readonly inherited: readonly {
    readonly clear: InheritedValue;
    /** The same value without secrets. Only this one is written to the record. */
    readonly shown: InheritedValue;
  }[];
  /** What healing has written, including fields with inherited values. */
  readonly healed: readonly Healing[];
}

/**
 * The record of a successful deploy. Contains no secrets: the stack refers to them by variable, and
 * only their timestamps are kept.
 */
export async function makeRecord(
  target: DeployTarget,
  state: StreamedState | undefined,
  facts: RecordFacts,
): Promise<DeploymentRecord> {
  const { stack } = target;
  return {
    version: 1,
    project: stack.metadata.project,
    environment: stack.metadata.environment,
    stack: stack.name,
    deployedAt: new Date(workspaceTime(target.client.host, Date.now())).toISOString(),
    deployedBy: facts.by,
    ...defined({ commit: facts.commit }),
    digest: facts.digest,
    fence: facts.fence,
    versions: { ...facts.versions, ...providerOf(stack), ...toolVersions(target.terraform) },
    ...(state !== undefined && { state: { lineage: state.lineage, serial: state.serial } }),
    ...(facts.warnings.length > 0 && { warnings: facts.warnings }),
    synthesized: stack.json,
    ...leftOverOf(stack.json, facts.previous),
    outputs: publicOutputs(stack.json, state),
    ...stillInherited(stack.json, facts),
    content: await hashContents(stack.json, stack.directory),
    secrets: await secretTimestamps(target, state, facts),
    ...defined({ promotion: facts.promotion }),
  };
}

/** The provider version that the toolkit's bindings require. */
function providerOf({ json }: DeployTarget["stack"]): Record<string, string> {
  const version = requiredVersion(json.terraform);
  return version === undefined ? {} : { "databricks provider": version };
}

/**
 * Values that list elements got from their neighbours in this or an earlier deploy. They stay in
 * the workspace until they are healed.
 */
export function inheritedWith(
  previous: DeploymentRecord | undefined,
  inherited: readonly InheritedValue[],
): InheritedValues {
  const values: Record<string, InheritedValues[string]> = { ...previous?.inherited };
  for (const { address, field, value, from } of inherited)
    values[address] = { ...values[address], [field]: { value, from } };
  return values;
}

function stillInherited(
  json: StackJson,
  { previous, inherited, healed }: RecordFacts,
): Pick<DeploymentRecord, "inherited"> {
  const isHealed = (address: string, field: string): boolean =>
    healed.some(
      (healing) =>
        healing.address === address && healing.fields.some(({ path }) => overlaps(path, field)),
    );
  const remaining = inherited
    .filter(({ clear }) => !isHealed(clear.address, clear.field))
    .map(({ shown }) => shown);
  const leftOver = Object.entries(inheritedWith(previous, remaining)).flatMap(
    ([address, fields]) => {
      const [type = "", name = ""] = address.split(".");
      const keptFields = Object.entries(fields).filter(([field]) => !isHealed(address, field));
      return json.resource?.[type]?.[name] === undefined || keptFields.length === 0
        ? []
        : [[address, Object.fromEntries(keptFields)] as const];
    },
  );
  return leftOver.length === 0 ? {} : { inherited: Object.fromEntries(leftOver) };
}

/** Values that the platform keeps although the code no longer sets them. */
function leftOverOf(
  json: StackJson,
  previous: DeploymentRecord | undefined,
): Pick<DeploymentRecord, "leftOver"> {
  if (previous === undefined) return {};
  const previousResources = withLeftOver(previous).resource ?? {};
  const leftOver: Record<string, Record<string, unknown>> = {};
  for (const [type, resourcesByName] of Object.entries(json.resource ?? {})) {
    for (const field of Object.keys(findKind(type)?.rules.cannotClear ?? {})) {
      for (const [name, config] of Object.entries(resourcesByName)) {
        const value = (previousResources as StackJson["resource"])?.[type]?.[name]?.[field];
        if (config[field] === undefined && value !== undefined)
          leftOver[`${type}.${name}`] = { ...leftOver[`${type}.${name}`], [field]: value };
      }
    }
  }
  return Object.keys(leftOver).length === 0 ? {} : { leftOver };
}

/**
 * Returns the outputs that are one attribute of a resource and not sensitive. Other stacks can read
 * them from the record, without the state.
 */
function publicOutputs(json: StackJson, state: StreamedState | undefined): Record<string, unknown> {
  const outputs: Record<string, unknown> = {};
  for (const [output, { value }] of Object.entries(state?.outputs ?? {})) {
    const [, type = "", attribute = ""] =
      /^(databricks_\w+)\.[\w-]+\.(\w+)$/.exec(outputExpression(json, output) ?? "") ?? [];
    const schema = schemaOf(type)?.block.attributes[attribute];
    if (attribute === "id" || (schema !== undefined && schema.sensitive !== true))
      outputs[output] = value;
  }
  return outputs;
}

/** Returns hash and size of the uploaded content, by address. */
export async function hashContents(
  json: StackJson,
  directory: string,
): Promise<Record<string, { sha256: string; size: number }>> {
  const contentByAddress: Record<string, { sha256: string; size: number }> = {};
  for (const [type, resourcesByName] of Object.entries(json.resource ?? {})) {
    const kind = findKind(type);
    if (kind?.desiredContent === undefined) continue;
    for (const [name, config] of Object.entries(resourcesByName)) {
      const content = await kind.desiredContent(config as Attributes, directory);
      if (content !== undefined)
        contentByAddress[`${type}.${name}`] = { sha256: content.sha256, size: content.size };
    }
  }
  return contentByAddress;
}

/**
 * When lakeform wrote the value of each secret. For secrets written by this deploy, the time comes
 * from the workspace; all others keep the time in the previous record. The time in the state cannot
 * be used, because a refresh may have replaced it with that of a value written by another tool.
 */
async function secretTimestamps(
  target: DeployTarget,
  state: StreamedState | undefined,
  facts: RecordFacts,
): Promise<Record<string, { lastUpdatedTimestamp: number }>> {
  const timeByAddress: Record<string, { lastUpdatedTimestamp: number }> = {};
  const scopes = new Map<string, Promise<Map<string, number>>>();
  for (const resource of state?.resources ?? []) {
    if (resource.mode !== "managed" || traitsOf(resource.type).comparedByTime === undefined)
      continue;
    const address = `${resource.type}.${resource.name}`;
    const previousTime = facts.previous?.secrets[address];
    if (!facts.written.has(address)) {
      if (previousTime !== undefined) timeByAddress[address] = previousTime;
      continue;
    }
    const { scope, key } = (resource.instances[0]?.attributes ?? {}) as {
      scope?: string;
      key?: string;
    };
    if (scope === undefined || key === undefined) continue;
    const timesByKey = scopes.get(scope) ?? listSecretTimes(target, scope);
    scopes.set(scope, timesByKey);
    const time = (await timesByKey).get(key);
    if (time !== undefined) timeByAddress[address] = { lastUpdatedTimestamp: time };
  }
  return timeByAddress;
}

async function listSecretTimes(target: DeployTarget, scope: string): Promise<Map<string, number>> {
  const secrets = await new SecretsReader(target.client).list(scope);
  return new Map(
    secrets.map(({ key, last_updated_timestamp = 0 }) => [key, last_updated_timestamp]),
  );
}
