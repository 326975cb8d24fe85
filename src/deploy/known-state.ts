import fs from "node:fs";
import { LakeformError } from "../errors";
import { findKind, traitsOf } from "../resources";
import { pendingTypes, type NotedStack } from "../resources/families/pending-notes";
import type { Attributes } from "../resources/kind";
import { schemaOf } from "../resources/shape/schema";
import type { PlanFacts } from "../review/plan/plan";
import { selectedWorkspace } from "../terraform/selected-workspace";
import type { StackJson } from "../terraform/stack";
import { streamState } from "../terraform/state";
import { localStateFile, stateHead, type StateHead } from "../terraform/state-file";
import type { DeploymentRecord } from "../verify/deployed/record";
import { stampOf } from "../verify/unmanaged/unmanaged";
import { listExamples } from "../list-examples";
import { deployedElsewhere } from "./other-backend";
import type { RecordStore } from "./record";
import type { DeployTarget } from "./target";

/**
 * Rejects a state that is not from the last deploy: it is missing, has a different lineage, or is
 * an older copy. A plan based on it would create existing objects again. A local state is checked
 * before the plan. Other backends take a second to read, so their state is checked only if the plan
 * has changes.
 * @throws LakeformError STATE_NOT_DEPLOYED
 */
export async function requireDeployedState(
  target: DeployTarget,
  store: RecordStore,
  record: DeploymentRecord | undefined,
): Promise<void> {
  const reason = record === undefined ? undefined : await notDeployedReason(target, record);
  if (record === undefined || reason === undefined) return;
  const { stack } = target;
  const hasMoved = deployedElsewhere(stack, record) !== undefined;
  throw notDeployedError(
    target,
    `deployed ${record.deployedAt} by ${record.deployedBy}; ${reason}`,
    [
      ...(hasMoved
        ? [
            `or, because the code has a different backend than at the last deploy, migrate the state: lakeform state migrate ${stack.name}`,
          ]
        : []),
      `if the workspace no longer has any object of the stack, remove its record: lakeform api POST /api/2.0/workspace/delete --json '${JSON.stringify({ path: `${store.folder}/record.json` })}'`,
    ],
  );
}

/**
 * Returns the reason why the state is not from the last deploy or a later one: it is missing, has a
 * different lineage, or is older. Returns undefined if it is.
 */
export async function notDeployedReason(
  target: DeployTarget,
  record: DeploymentRecord,
): Promise<string | undefined> {
  const deployedState = record.state;
  if (deployedState === undefined || Object.keys(record.synthesized.resource ?? {}).length === 0)
    return undefined;
  const state = await headOf(target);
  return state === undefined
    ? "there is no state on this machine or in its backend"
    : state.lineage !== deployedState.lineage
      ? `the state has lineage ${state.lineage}, but ${deployedState.lineage} was deployed`
      : state.serial < deployedState.serial
        ? `the state has serial ${state.serial}, older than the deployed one (${deployedState.serial})`
        : undefined;
}

export const hasLocalState = ({ terraform, stack }: DeployTarget): boolean =>
  localStateFile(stack, selectedWorkspace(terraform)) !== undefined;

async function headOf({ terraform, stack }: DeployTarget): Promise<StateHead | undefined> {
  const file = localStateFile(stack, selectedWorkspace(terraform));
  if (file === undefined) return streamState(terraform, stack);
  return stateHead(file);
}

/** An object with this stack's stamp that is not in the state. */
export interface ObjectOutsideState {
  readonly address: string;
  readonly title: string;
  readonly id: string;
}

/**
 * Rejects a plan that would create an object again: the workspace already has one with this stack's
 * stamp, so the state is incomplete. The provider itself looks for objects that may come from an
 * interrupted create.
 * @throws LakeformError STATE_NOT_DEPLOYED
 */
export async function refuseSecondCopies(target: DeployTarget, plan: PlanFacts): Promise<void> {
  const creates = new Map<string, Map<string, string>>();
  for (const { type, address, actions, importing, after } of plan.changes) {
    if (importing || actions.length !== 1 || actions[0] !== "create" || !isStamped(type)) continue;
    const key = findKind(type)?.identity.naturalKey((after ?? {}) as Attributes);
    if (key !== undefined)
      creates.set(type, (creates.get(type) ?? new Map<string, string>()).set(key, address));
  }
  if (creates.size === 0) return;
  const { stack, client } = target;
  const pending = pendingTypes(notedStack(target), target.terraform.env);
  const objects: ObjectOutsideState[] = [];
  for (const [type, names] of creates) {
    const kind = findKind(type);
    if (kind?.list === undefined || pending.has(type)) continue;
    for await (const remote of kind.list(client)) {
      const address = names.get(kind.identity.naturalKey(remote.attributes) ?? "");
      if (address !== undefined && stampOf(remote.attributes) === stack.metadata.stamp)
        objects.push({ address, title: kind.title, id: remote.id });
    }
  }
  const missingObjects = await withoutObjectsInState(target, objects);
  if (missingObjects.length === 0) return;
  const examples = listExamples(
    missingObjects.map(({ address, title, id }) => `${title} ${id} (${address})`),
  );
  throw notDeployedError(
    target,
    `${examples} (stamp ${stack.metadata.stamp}) not in the state`,
    [`or remove the unneeded ones (lakeform verify ${stack.name} shows the command for each)`],
    missingObjects[0],
  );
}

/** Identifies the stack in the provider's notes about its creates. */
export const notedStack = ({ terraform, stack, client }: DeployTarget): NotedStack => ({
  directory: fs.realpathSync(stack.directory),
  workspace: selectedWorkspace(terraform),
  host: client.host,
});

const isStamped = (type: string): boolean => traitsOf(type).hasStamp === true;

/** Drops objects whose id is in the state: another resource may have their name now. */
async function withoutObjectsInState(
  { terraform, stack }: DeployTarget,
  objects: readonly ObjectOutsideState[],
): Promise<readonly ObjectOutsideState[]> {
  if (objects.length === 0) return [];
  const knownIds = new Set<string>();
  for (const { type, instances } of (await streamState(terraform, stack))?.resources ?? [])
    if (isStamped(type))
      for (const { attributes } of instances) knownIds.add(String(attributes.id));
  return objects.filter(({ id }) => !knownIds.has(id));
}

export function notDeployedError(
  { stack }: DeployTarget,
  value: string,
  otherFixes: readonly string[],
  first?: ObjectOutsideState,
): LakeformError {
  const { environment } = stack.metadata;
  return new LakeformError(
    "STATE_NOT_DEPLOYED",
    `${stack.name} is deployed, but its state here is incomplete: a deploy would create objects twice`,
    {
      value,
      fix: `use the deployed state: copy its file to this machine, or keep it in a shared backend${[
        "",
        `or import the existing objects: eval "$(lakeform env ${environment})" && terraform -chdir=${stack.directory} import ${first?.address ?? "ADDRESS"} ${first?.id ?? "ID"}`,
        ...otherFixes,
      ].join("\n           ")}`,
      exitCode: 2,
    },
  );
}

/**
 * Whether the state contains secrets: values of sensitive variables, or values that the workspace
 * generates (a token).
 */
export function holdsSecrets({ variable = {}, resource = {} }: StackJson): boolean {
  const generatesSecrets = (type: string): boolean =>
    Object.values(schemaOf(type)?.block.attributes ?? {}).some(
      ({ sensitive, computed }) => sensitive === true && computed === true,
    );
  return (
    Object.values(variable).some(({ sensitive }) => sensitive === true) ||
    Object.keys(resource).some(generatesSecrets)
  );
}
