/** Detects states that lack deployed objects without a stamp, using the deployment record. */
import { findKind, traitsOf } from "../resources";
import { pendingTypes } from "../resources/families/pending-notes";
import type { Attributes } from "../resources/kind";
import type { PlanChange, PlanFacts } from "../review/plan/plan";
import { streamState } from "../terraform/state";
import type { DeploymentRecord } from "../verify/deployed/record";
import { Access } from "../verify/remote/shared-reads";
import { ObjectsByName } from "../verify/unmanaged/named-objects";
import type { LastDeploy } from "./empty-plan";
import { notDeployedError, notedStack, type ObjectOutsideState } from "./known-state";
import type { DeployTarget } from "./target";
import { listExamples } from "../list-examples";

/** Returns the recorded addresses in the root module that a state lacks: `databricks_job.a`. */
export function findMissingAddresses(
  record: DeploymentRecord,
  stateAddresses: ReadonlySet<string>,
): string[] {
  const recordedAddresses = Object.entries(record.synthesized.resource ?? {}).flatMap(
    ([type, resourcesByName]) =>
      Object.keys(resourcesByName as object).map((name) => `${type}.${name}`),
  );
  return recordedAddresses.filter((address) => !stateAddresses.has(address));
}

/**
 * Returns the addresses of the root module's resources in the state, without the keys of `count` and
 * `for_each`.
 */
export async function readStateAddresses({
  terraform,
  stack,
}: DeployTarget): Promise<ReadonlySet<string>> {
  const addresses = new Set<string>();
  for (const { mode, module, type, name } of (await streamState(terraform, stack))?.resources ?? [])
    if (mode === "managed" && module === undefined) addresses.add(`${type}.${name}`);
  return addresses;
}

/**
 * Rejects a plan that would create an object that is in the record and in the workspace, but not in
 * the state. Does nothing after a failed deploy, whose record is outdated. The provider itself
 * looks for objects that may come from an interrupted create.
 * @throws LakeformError STATE_NOT_DEPLOYED
 */
export async function refuseRecordedCopies(
  target: DeployTarget,
  plan: PlanFacts,
  { record, unfinished }: LastDeploy,
): Promise<void> {
  if (record === undefined || unfinished !== undefined) return;
  const creates = new Map<string, PlanChange>();
  for (const change of plan.changes) {
    const { type, address, actions, importing } = change;
    const isCreate = !importing && actions.length === 1 && actions[0] === "create";
    if (isCreate && traitsOf(type).hasStamp !== true) creates.set(address, change);
  }
  if (creates.size === 0) return;
  const missingAddresses = findMissingAddresses(record, await readStateAddresses(target)).filter(
    (address) => creates.has(address),
  );
  if (missingAddresses.length === 0) return;
  const pending = pendingTypes(notedStack(target), target.terraform.env);
  const idsInState = await readIds(target);
  const missingObjects: ObjectOutsideState[] = [];
  for (const address of missingAddresses) {
    const { type, after } = creates.get(address) as PlanChange;
    if (pending.has(type)) continue;
    const title = findKind(type)?.title ?? type;
    for (const id of await idsOf(target, type, (after ?? {}) as Attributes))
      if (!idsInState.get(type)?.has(id)) missingObjects.push({ address, title, id });
  }
  const [first, ...others] = missingObjects;
  if (first === undefined) return;
  const isOneOfSeveral = others.some(({ address }) => address === first.address);
  const examples = listExamples(
    missingObjects.map(({ address, title, id }) => `${title} ${id} (${address})`),
  );
  throw notDeployedError(
    target,
    `${examples}: deployed ${record.deployedAt} by ${record.deployedBy}, not in the state`,
    [
      ...(isOneOfSeveral
        ? [`several objects have the name of ${first.address}: replace ID with the deployed one`]
        : []),
      "or remove them from the workspace, if they are not needed",
    ],
    isOneOfSeveral ? { ...first, id: "ID" } : first,
  );
}

/**
 * Returns the ids of the objects in the state by type. An object found by its name may belong to
 * another resource.
 */
async function readIds({
  terraform,
  stack,
}: DeployTarget): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const idsByType = new Map<string, Set<string>>();
  for (const { mode, type, instances } of (await streamState(terraform, stack))?.resources ?? []) {
    if (mode !== "managed") continue;
    const ids = idsByType.get(type) ?? new Set();
    idsByType.set(type, ids);
    for (const { attributes } of instances) ids.add(String(attributes.id));
  }
  return idsByType;
}

/** Returns the ids of the objects with the configured name. */
async function idsOf(
  { client }: DeployTarget,
  type: string,
  attributes: Attributes,
): Promise<readonly string[]> {
  const kind = findKind(type);
  const key = kind?.identity.naturalKey(attributes);
  if (kind === undefined || key === undefined) return [];
  const access = new Access(client);
  const namedObjects = new ObjectsByName(access, (_reader, error) => {
    throw error;
  });
  if (namedObjects.isListed(type))
    return ((await namedObjects.findListed(kind, key, attributes)) ?? []).map(({ id }) => id);
  const id = await namedObjects.idOf(kind, key, attributes);
  return id !== undefined &&
    (await kind.read(access, id, { known: attributes, deep: false })) !== undefined
    ? [id]
    : [];
}
