/** Makes a state from the deployment record of a stack whose own state is lost. */
import { randomUUID } from "node:crypto";
import { readOnly } from "../api/auth/connect";
import { LakeformError } from "../errors";
import { findKind } from "../resources";
import { schemaOf } from "../resources/shape/schema";
import type { StackJson } from "../terraform/stack";
import type { Expected } from "../verify/desired/expected";
import type { ReadFailure } from "../verify/model";
import { clearText } from "../verify/redactor";
import { Access } from "../verify/remote/shared-reads";
import { findByName } from "../verify/unmanaged/find-by-name";
import { findExisting } from "../verify/unmanaged/removed-stacks";
import type { RemovedStack } from "./removed-stacks";

export interface RecordedState {
  /** Contains only ids and names: Terraform's refresh reads the other attributes. */
  readonly state: object;
  /** The addresses whose objects were not found. */
  readonly notFound: readonly string[];
}

/**
 * Finds the recorded objects in the workspace by their names. Objects with the stamp of another
 * stack are left out.
 * @throws LakeformError NOT_SEARCHED if a list or an object cannot be read
 */
export async function stateOfRecord({ target, record }: RemovedStack): Promise<RecordedState> {
  const { name, directory, metadata } = target.stack;
  const verifyTarget = { name, directory, metadata, desired: { stack: record.synthesized } };
  const api = new Access(readOnly(target.client));
  const failures: string[] = [];
  const fail = ({ what, reason }: ReadFailure): void =>
    void failures.push(`${what}: ${clearText(reason)}`);
  const { expected } = await findByName(verifyTarget, findKind, api, (what, error) =>
    fail({ stack: name, what, reason: error instanceof Error ? error.message : String(error) }),
  );
  const existing = await findExisting(expected, verifyTarget, { api, concurrency: 16, fail });
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
      // The oldest supported version: Terraform rejects a state of a newer version than its own.
      terraform_version: "1.5.0",
      serial,
      lineage,
      outputs: {},
      resources: resourcesOf(existing, record.synthesized as StackJson, `registry.${registry}`),
    },
    notFound: expected
      .filter((resource) => !existing.includes(resource))
      .map(({ address }) => address),
  };
}

interface StateResource {
  readonly mode: "managed";
  readonly type: string;
  readonly name: string;
  readonly provider: string;
  readonly instances: object[];
}

function resourcesOf(existing: readonly Expected[], json: StackJson, registry: string): object[] {
  const provider = `provider["${registry}/databricks/databricks"]`;
  const resources = new Map<string, StateResource>();
  for (const { address, type, id, desired } of existing) {
    const [, name, key] = /^\w+\.([\w-]+)(?:\[(.*)\])?$/.exec(address) ?? [];
    if (name === undefined) continue;
    const instances = resources.get(`${type}.${name}`)?.instances ?? [];
    resources.set(`${type}.${name}`, { mode: "managed", type, name, provider, instances });
    instances.push({
      ...(key !== undefined && { index_key: JSON.parse(key) as string | number }),
      schema_version: schemaOf(type)?.version ?? 0,
      // The name is for the review.
      attributes: { id, ...(typeof desired?.name === "string" && { name: desired.name }) },
      dependencies: dependenciesOf(json, type, name),
    });
  }
  return [...resources.values()];
}

/** Returns the resources that a resource refers to, which Terraform destroys after it. */
function dependenciesOf({ resource = {} }: StackJson, type: string, name: string): string[] {
  const text = JSON.stringify(resource[type]?.[name] ?? {});
  const usedAddresses = [...text.matchAll(/\b(databricks_\w+)\.([\w-]+)/g)].flatMap(
    ([address, usedType = "", usedName = ""]) =>
      resource[usedType]?.[usedName] === undefined || address === `${type}.${name}`
        ? []
        : [address],
  );
  return [...new Set(usedAddresses)].sort();
}
