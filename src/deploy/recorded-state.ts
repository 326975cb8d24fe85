/** A state for a stack whose own state is gone, made from its deployment record. */
import { randomUUID } from "node:crypto";
import { readOnly } from "../api/auth/connect";
import { LakeformError } from "../errors";
import { findKind } from "../resources";
import { schemaOf } from "../resources/shape/schema";
import type { StackJson } from "../terraform/stack";
import type { Expected } from "../verify/desired/expected";
import type { ReadFailure } from "../verify/model";
import { Access } from "../verify/remote/shared-reads";
import { findByName } from "../verify/unmanaged/find-by-name";
import { existingObjects } from "../verify/unmanaged/removed-stacks";
import type { RemovedStack } from "./removed-stacks";

export interface RecordedState {
  /** Only ids: Terraform's refresh reads the rest. */
  readonly state: object;
  /** Addresses without an object that could be found. */
  readonly notFound: readonly string[];
}

/**
 * Finds the objects of the record in the workspace by their names. An object with the stamp of
 * another stack is not one of them.
 * @throws LakeformError NOT_SEARCHED if a list or an object cannot be read
 */
export async function stateOfRecord({ target, record }: RemovedStack): Promise<RecordedState> {
  const { name, directory, metadata } = target.stack;
  const verified = { name, directory, metadata, desired: { stack: record.synthesized } };
  const api = new Access(readOnly(target.client));
  const failures: string[] = [];
  const fail = ({ what, reason }: ReadFailure): void =>
    void failures.push(
      `${what}: ${[reason].flat().map((part) => (typeof part === "string" ? part : part.text)).join("")}`, // prettier-ignore
    );
  const { expected } = await findByName(verified, findKind, api, (what, error) =>
    fail({ stack: name, what, reason: error instanceof Error ? error.message : String(error) }),
  );
  const found = await existingObjects(expected, verified, { api, concurrency: 16, fail });
  if (failures.length > 0)
    throw new LakeformError("NOT_SEARCHED", `not all objects of ${name} could be searched`, {
      value: failures.slice(0, 3).join("; "),
      fix: "fix the read errors first: lakeform doctor",
    });
  const { lineage = randomUUID(), serial = 1 } = record.state ?? {};
  const registry = target.terraform.engine.name === "tofu" ? "opentofu.org" : "terraform.io";
  return {
    state: {
      version: 4,
      terraform_version: "1.5.0",
      serial,
      lineage,
      outputs: {},
      resources: resourcesOf(found, record.synthesized as StackJson, `registry.${registry}`),
    },
    notFound: expected.filter((one) => !found.includes(one)).map(({ address }) => address),
  };
}

interface StateResource {
  readonly mode: "managed";
  readonly type: string;
  readonly name: string;
  readonly provider: string;
  readonly instances: object[];
}

function resourcesOf(found: readonly Expected[], json: StackJson, registry: string): object[] {
  const provider = `provider["${registry}/databricks/databricks"]`;
  const resources = new Map<string, StateResource>();
  for (const { address, type, id, desired } of found) {
    const [, name, key] = /^\w+\.([\w-]+)(?:\[(.*)\])?$/.exec(address) ?? [];
    if (name === undefined) continue;
    const instances = resources.get(`${type}.${name}`)?.instances ?? [];
    resources.set(`${type}.${name}`, { mode: "managed", type, name, provider, instances });
    instances.push({
      ...(key !== undefined && { index_key: JSON.parse(key) as string | number }),
      schema_version: schemaOf(type)?.version ?? 0,
      // The review shows the name.
      attributes: { id, ...(typeof desired?.name === "string" && { name: desired.name }) },
      dependencies: dependenciesOf(json, type, name),
    });
  }
  return [...resources.values()];
}

/** The resources that a resource refers to: they are destroyed after it. */
function dependenciesOf({ resource = {} }: StackJson, type: string, name: string): string[] {
  const text = JSON.stringify(resource[type]?.[name] ?? {});
  const used = [...text.matchAll(/\b(databricks_\w+)\.([\w-]+)/g)].flatMap(
    ([address, usedType = "", usedName = ""]) =>
      resource[usedType]?.[usedName] === undefined || address === `${type}.${name}`
        ? []
        : [address],
  );
  return [...new Set(used)].sort();
}
