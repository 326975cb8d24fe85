/**
 * Finds stacks that are deployed but no longer in the code, by their deployment records in the
 * workspace.
 */
import path from "node:path";
import { readOnly } from "../api/auth/connect";
import { isObject } from "../verify/expressions/values";
import {
  readStackFolder,
  stackNames,
  type StackJson,
  type SynthesizedStack,
} from "../terraform/stack";
import type { DeploymentRecord } from "../verify/deployed/record";
import { withoutWorkspace } from "../verify/deployed/ownership";
import { isInHistory } from "./commit";
import { backendName } from "./other-backend";
import { RecordFolders, nameOf, parentOf } from "./record-folders";
import { RecordStore } from "./record";
import type { DeployTarget } from "./target";

export interface RemovedStack {
  /** The stack with a configuration that is sufficient to read its state and to destroy it. */
  readonly target: DeployTarget;
  readonly record: DeploymentRecord;
  /** The recorded backend, if no stack of the environment uses it: the state is then not read. */
  readonly otherBackend?: string;
}

export interface RemovedStacks {
  readonly stacks: readonly RemovedStack[];
  /** Folders and stacks for which the search failed, with the reason. */
  readonly unknown: readonly { readonly what: string; readonly reason: string }[];
}

/**
 * Finds the removed stacks of the environments: lists the folders of the records, and reads the
 * record of each stack that the code does not have. Stacks of other projects and environments are
 * left out.
 * @param environments environments whose stacks are all among the targets
 * @param foldersByHost folders that the caller has listed
 */
export async function findRemovedStacks(
  targets: readonly DeployTarget[],
  environments: readonly string[],
  foldersByHost: ReadonlyMap<string, RecordFolders> = new Map(),
): Promise<RemovedStacks> {
  const stacks: RemovedStack[] = [];
  const unknown: RemovedStacks["unknown"][number][] = [];
  for (const environment of environments) {
    const siblings = targets.filter(({ stack }) => stack.metadata.environment === environment);
    const [first] = siblings;
    if (first === undefined) continue;
    const recordFolders =
      foldersByHost.get(first.client.host) ?? new RecordFolders(readOnly(first.client));
    const { folders: inCode } = stacksInCode(first.stack);
    for (const parent of recordParents(siblings)) {
      const children = await recordFolders.namesIn(parent);
      if ("problem" in children) {
        unknown.push({
          what: `stacks of ${environment} that the code no longer has`,
          reason: `${parent} could not be listed (${children.problem})`,
        });
        continue;
      }
      for (const name of [...children.names].sort()) {
        const folder = `${parent}/${name}`;
        if (inCode.has(withoutWorkspace(folder)) || !mayBelong(name, siblings, parent)) continue;
        const result = await readRemovedStack(folder, siblings, recordFolders);
        if (result === undefined) continue;
        if ("reason" in result) unknown.push({ what: `stack ${name}`, reason: result.reason });
        else stacks.push(result);
      }
    }
  }
  return { stacks, unknown };
}

/**
 * Finds the removed stack with a name that the user has given.
 * @param siblings stacks of its environment in the code
 * @param recordFolder the folder of its record. @default {@link recordFoldersOf}
 * @throws LakeformError RECORD_TAMPERED
 */
export async function findRemovedStack(
  name: string,
  siblings: readonly DeployTarget[],
  recordFolder?: string,
): Promise<RemovedStack | undefined> {
  const [first] = siblings;
  const folders = recordFolder === undefined ? recordFoldersOf(name, siblings) : [recordFolder];
  for (const folder of folders) {
    if (first === undefined || stacksInCode(first.stack).folders.has(withoutWorkspace(folder)))
      continue;
    const record = await new RecordStore(readOnly(first.client), folder).read();
    const stack = record && toRemovedStack(record, folder, siblings);
    if (stack?.target.stack.name === name) return stack;
  }
  return undefined;
}

/** Returns the folders in which the record of a removed stack is searched. */
export const recordFoldersOf = (
  name: string,
  siblings: readonly Pick<DeployTarget, "stack">[],
): readonly string[] => [...recordParents(siblings)].map((parent) => `${parent}/${name}`);

/** The folders that contain the record folders of the stacks, and the default one. */
const recordParents = (siblings: readonly Pick<DeployTarget, "stack">[]): ReadonlySet<string> =>
  new Set(
    siblings.flatMap(({ stack: { metadata } }) => [
      parentOf(metadata.recordFolder),
      `/Workspace/Shared/.lakeform/${metadata.project}`,
    ]),
  );

/** Returns the names and record folders of all stacks in the synth output, of any environment. */
function stacksInCode({ directory }: SynthesizedStack): {
  readonly names: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
} {
  const stacks = path.dirname(path.resolve(directory));
  const names = stackNames({ outdir: path.dirname(stacks) });
  const folders = names.flatMap((name) => {
    const stack = readStackFolder(path.join(stacks, name));
    return stack === undefined ? [] : [withoutWorkspace(stack.metadata.recordFolder)];
  });
  return { names: new Set(names), folders: new Set(folders) };
}

/** Whether a folder with this name may contain the record of a stack of the environment. */
function mayBelong(name: string, siblings: readonly DeployTarget[], parent: string): boolean {
  const [environment = ""] = siblings.map(({ stack }) => stack.metadata.environment);
  const hasOtherNames = siblings.some(
    ({ stack }) =>
      parentOf(stack.metadata.recordFolder) === parent &&
      nameOf(stack.metadata.recordFolder) !== stack.name,
  );
  return hasOtherNames || name.endsWith(`-${environment}`);
}

/** @returns undefined if the folder has no record of this environment; a reason if it is unclear */
async function readRemovedStack(
  folder: string,
  siblings: readonly DeployTarget[],
  recordFolders: RecordFolders,
): Promise<RemovedStack | { readonly reason: string } | undefined> {
  const [first] = siblings;
  const children = await recordFolders.namesIn(folder);
  if (first === undefined) return undefined;
  if ("problem" in children)
    return { reason: `${folder} could not be listed (${children.problem})` };
  const { names } = children;
  const store = new RecordStore(readOnly(first.client), folder);
  if (!names.has("record.json") && !names.has("record.json.gz")) {
    // A destroy keeps the history.
    const attempt =
      names.has("attempt.json") && !names.has("history") ? await store.readAttempt() : undefined;
    return attempt === undefined
      ? undefined
      : {
          reason: `not in the code, and its only deploy (${attempt.startedAt} by ${attempt.by}) did not finish: the objects that it created are unknown; to remove them, put the stack back into the code and destroy it`,
        };
  }
  const trusted = await store.readTrusted();
  return "missing" in trusted
    ? { reason: `not in the code, and ${trusted.missing}` }
    : toRemovedStack(trusted.record, folder, siblings);
}

/** @returns undefined for a stack of another project or environment */
function toRemovedStack(
  record: DeploymentRecord,
  recordFolder: string,
  siblings: readonly DeployTarget[],
): RemovedStack | undefined {
  const { stack: name, project, environment } = record;
  const matchingSiblings = siblings.filter(
    ({ stack: { metadata } }) =>
      metadata.project === project && metadata.environment === environment,
  );
  const [first] = matchingSiblings;
  // A folder gets the recorded name, and other users may be able to write the record.
  if (first === undefined || !/^[\w-]+$/.test(name)) return undefined;
  // The code still has the stack, with another record folder.
  if (stacksInCode(first.stack).names.has(name)) return undefined;
  const sibling = matchingSiblings.find((target) => hasBackendOf(record, target.stack)) ?? first;
  const stack = minimalStack(record, recordFolder, sibling.stack);
  return {
    target: { ...sibling, stack, terraform: { ...sibling.terraform, directory: stack.directory } },
    record,
    ...(hasBackendOf(record, sibling.stack) ? {} : { otherBackend: recordedBackend(record) }),
  };
}

/**
 * Returns the configuration that Terraform needs to remove the objects in a state: the backend and
 * the providers of a stack in the code. The recorded configuration is not used: other users may be
 * able to write the record, and a configuration can run commands.
 */
function minimalStack(
  { stack: name, project, synthesized }: DeploymentRecord,
  recordFolder: string,
  { directory, json, metadata }: SynthesizedStack,
): SynthesizedStack {
  const { resources = {} } = (synthesized as StackJson)["//"]?.lakeform ?? {};
  const ownMetadata: SynthesizedStack["metadata"] = {
    ...metadata,
    stack: name,
    stamp: `${project}/${name}`,
    recordFolder,
    resources: isObject(resources) ? resources : {},
    ignores: [],
    suppressions: [],
  };
  const { provider, variable, locals, terraform } = json;
  return {
    name,
    directory: path.join(path.dirname(path.resolve(directory)), name),
    metadata: ownMetadata,
    json: {
      "//": { lakeform: ownMetadata },
      ...(provider !== undefined && { provider }),
      ...(variable !== undefined && { variable }),
      ...(locals !== undefined && { locals }),
      terraform: {
        ...terraform,
        ...(terraform?.backend !== undefined && {
          backend: renameBackend(terraform.backend, metadata.stack, name),
        }),
      },
    },
  };
}

/** Returns a stack's backend for another stack: the two differ only in the name of the stack. */
function renameBackend(backend: unknown, from: string, to: string): unknown {
  const withUnderscores = (text: string): string => text.replaceAll("-", "_");
  return JSON.parse(
    JSON.stringify(backend)
      .replaceAll(from, () => to)
      .replaceAll(withUnderscores(from), () => withUnderscores(to)),
  );
}

function hasBackendOf(record: DeploymentRecord, { json, metadata }: SynthesizedStack): boolean {
  const recordedJson = record.synthesized as StackJson;
  const expected = renameBackend(json.terraform?.backend ?? null, metadata.stack, record.stack);
  return (
    JSON.stringify(recordedJson.terraform?.backend ?? null) === JSON.stringify(expected) &&
    recordedJson["//"]?.lakeform?.profileSettings?.["backend"] ===
      metadata.profileSettings?.["backend"]
  );
}

function recordedBackend({ synthesized }: DeploymentRecord): string {
  const json = synthesized as StackJson;
  const metadata = json["//"]?.lakeform;
  return metadata === undefined
    ? "unknown"
    : backendName({ name: "", directory: "", json, metadata });
}

/**
 * Returns `deployed 2026-11-30T10:00:00Z by alice from 1a2b3c4d5e6f`, with a note if the commit is
 * not in the history of this checkout.
 */
export async function originOf({
  record: { deployedAt, deployedBy, commit },
  target,
}: RemovedStack): Promise<string> {
  const deploy = `deployed ${deployedAt} by ${deployedBy}`;
  if (commit === undefined) return `${deploy}, without a commit`;
  const isKnownCommit = await isInHistory(path.dirname(target.stack.directory), commit);
  return `${deploy} from ${commit.slice(0, 12)}${isKnownCommit ? "" : ", which is not in the history of this checkout: another branch or newer code may have this stack"}`;
}

/** Returns the notes of a review about removed stacks, whose objects a deploy does not remove. */
export async function removedStackNotes({ stacks, unknown }: RemovedStacks): Promise<string[]> {
  const notes: string[] = [];
  for (const stack of stacks) {
    const { name, metadata } = stack.target.stack;
    notes.push(
      `${name} is not in the code, but its objects may still exist (${await originOf(stack)}): lakeform verify ${metadata.environment} lists them, lakeform destroy ${name} removes them; a deploy does not`,
    );
  }
  return [...notes, ...unknown.map(({ what, reason }) => `${what}: ${reason}`)];
}
