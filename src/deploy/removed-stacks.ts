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
import { inHistory } from "./commit";
import { backendName } from "./other-backend";
import { RecordFolders, nameOf, parentOf } from "./record-folders";
import { RecordStore } from "./record";
import type { DeployTarget } from "./target";

export interface RemovedStack {
  /** The stack to use its state and to destroy it: without the recorded configuration. */
  readonly target: DeployTarget;
  readonly record: DeploymentRecord;
  /** Set if its backend differs from those of the environment in the code: no state is read. */
  readonly otherBackend?: string;
}

export interface RemovedStacks {
  readonly found: readonly RemovedStack[];
  /** What could not be determined: a folder, with the reason. */
  readonly unknown: readonly { readonly what: string; readonly reason: string }[];
}

export const noRemovedStacks: RemovedStacks = { found: [], unknown: [] };

/**
 * The removed stacks of these environments. Lists the folders that have the records of their other
 * stacks, and reads the record of each stack that the code does not have. Stacks of other projects
 * and environments are left out.
 * @param environments environments whose stacks are all among the targets
 * @param folders by host: lists that the caller needs as well
 */
export async function removedStacks(
  targets: readonly DeployTarget[],
  environments: readonly string[],
  folders: ReadonlyMap<string, RecordFolders> = new Map(),
): Promise<RemovedStacks> {
  const found: RemovedStack[] = [];
  const unknown: RemovedStacks["unknown"][number][] = [];
  for (const environment of environments) {
    const inside = targets.filter(({ stack }) => stack.metadata.environment === environment);
    const [first] = inside;
    if (first === undefined) continue;
    const search = folders.get(first.client.host) ?? new RecordFolders(readOnly(first.client));
    const { folders: inCode } = stacksInCode(first.stack);
    for (const parent of new Set(
      inside.map(({ stack }) => parentOf(stack.metadata.recordFolder)),
    )) {
      const listed = await search.inside(parent);
      if ("unread" in listed) {
        unknown.push({
          what: `stacks of ${environment} that the code no longer has`,
          reason: `${parent} could not be listed (${listed.unread})`,
        });
        continue;
      }
      for (const name of [...listed.names].sort()) {
        const folder = `${parent}/${name}`;
        if (inCode.has(withoutWorkspace(folder)) || !mayBelong(name, inside, parent)) continue;
        const one = await recordIn(folder, inside, search);
        if (one === undefined) continue;
        if ("reason" in one) unknown.push({ what: `stack ${name}`, reason: one.reason });
        else found.push(one);
      }
    }
  }
  return { found, unknown };
}

/**
 * The removed stack with this name, for a command that names it.
 * @param siblings stacks of its environment in the code
 * @throws LakeformError RECORD_TAMPERED
 */
export async function removedStack(
  name: string,
  siblings: readonly DeployTarget[],
): Promise<RemovedStack | undefined> {
  for (const parent of new Set(
    siblings.map(({ stack }) => parentOf(stack.metadata.recordFolder)),
  )) {
    const [first] = siblings;
    const folder = `${parent}/${name}`;
    if (first === undefined || stacksInCode(first.stack).folders.has(withoutWorkspace(folder)))
      continue;
    const record = await new RecordStore(readOnly(first.client), folder).read();
    const stack = record && removed(record, folder, siblings);
    if (stack !== undefined) return stack;
  }
  return undefined;
}

/** The names and record folders of all stacks in the synth output, of any environment. */
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

/** Whether a folder can have the record of a stack of this environment, judging by its name. */
function mayBelong(name: string, inside: readonly DeployTarget[], parent: string): boolean {
  const [environment = ""] = inside.map(({ stack }) => stack.metadata.environment);
  const hasOtherNames = inside.some(
    ({ stack }) =>
      parentOf(stack.metadata.recordFolder) === parent &&
      nameOf(stack.metadata.recordFolder) !== stack.name,
  );
  return hasOtherNames || name.endsWith(`-${environment}`);
}

async function recordIn(
  folder: string,
  siblings: readonly DeployTarget[],
  search: RecordFolders,
): Promise<RemovedStack | { readonly reason: string } | undefined> {
  const [first] = siblings;
  const listed = await search.inside(folder);
  if (first === undefined) return undefined;
  if ("unread" in listed) return { reason: `${folder} could not be listed (${listed.unread})` };
  const { names } = listed;
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
  const found = await store.readTrusted();
  return "missing" in found
    ? { reason: `not in the code, and ${found.missing}` }
    : removed(found.record, folder, siblings);
}

/** @returns undefined for a stack of another project or environment */
function removed(
  record: DeploymentRecord,
  recordFolder: string,
  siblings: readonly DeployTarget[],
): RemovedStack | undefined {
  const { stack: name, project, environment } = record;
  const like = siblings.filter(
    ({ stack: { metadata } }) =>
      metadata.project === project && metadata.environment === environment,
  );
  const [first] = like;
  // The name becomes the name of a folder, and others may be able to write the record.
  if (first === undefined || !/^[\w-]+$/.test(name)) return undefined;
  // The record folder of a stack has changed.
  if (stacksInCode(first.stack).names.has(name)) return undefined;
  const sibling = like.find((target) => hasBackendOf(record, target.stack)) ?? first;
  const stack = skeleton(record, recordFolder, sibling.stack);
  return {
    target: { ...sibling, stack, terraform: { ...sibling.terraform, directory: stack.directory } },
    record,
    ...(hasBackendOf(record, sibling.stack) ? {} : { otherBackend: recordedBackend(record) }),
  };
}

/**
 * The configuration that Terraform needs to remove the objects in a state: backend and providers,
 * taken from a stack in the code. The recorded configuration is not used, because others may be
 * able to write the record, and a configuration can run commands.
 */
function skeleton(
  { stack: name, project, synthesized }: DeploymentRecord,
  recordFolder: string,
  { directory, json, metadata }: SynthesizedStack,
): SynthesizedStack {
  const { resources = {} } = (synthesized as StackJson)["//"]?.lakeform ?? {};
  const own: SynthesizedStack["metadata"] = {
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
    metadata: own,
    json: {
      "//": { lakeform: own },
      ...(provider !== undefined && { provider }),
      ...(variable !== undefined && { variable }),
      ...(locals !== undefined && { locals }),
      terraform: {
        ...terraform,
        ...(terraform?.backend !== undefined && {
          backend: renamed(terraform.backend, metadata.stack, name),
        }),
      },
    },
  };
}

/** The backend of another stack of the environment: they differ only in the stack's name. */
function renamed(backend: unknown, from: string, to: string): unknown {
  const underscores = (text: string): string => text.replaceAll("-", "_");
  return JSON.parse(
    JSON.stringify(backend)
      .replaceAll(from, () => to)
      .replaceAll(underscores(from), () => underscores(to)),
  );
}

function hasBackendOf(record: DeploymentRecord, { json, metadata }: SynthesizedStack): boolean {
  const recorded = record.synthesized as StackJson;
  const expected = renamed(json.terraform?.backend ?? null, metadata.stack, record.stack);
  return (
    JSON.stringify(recorded.terraform?.backend ?? null) === JSON.stringify(expected) &&
    recorded["//"]?.lakeform?.profileSettings?.["backend"] === metadata.profileSettings?.["backend"]
  );
}

function recordedBackend({ synthesized }: DeploymentRecord): string {
  const json = synthesized as StackJson;
  const metadata = json["//"]?.lakeform;
  return metadata === undefined
    ? "unknown"
    : backendName({ name: "", directory: "", json, metadata });
}

/** `deployed 2026-11-30T10:00:00Z by alice from 1a2b3c4d5e6f`, and whose code it may be. */
export async function originOf({
  record: { deployedAt, deployedBy, commit },
  target,
}: RemovedStack): Promise<string> {
  const what = `deployed ${deployedAt} by ${deployedBy}`;
  if (commit === undefined) return `${what}, without a commit`;
  const known = await inHistory(path.dirname(target.stack.directory), commit);
  return `${what} from ${commit.slice(0, 12)}${known ? "" : ", which is not in the history of this checkout: another branch or newer code may have this stack"}`;
}

/** For the review of a deploy, which does not remove them. */
export async function removedNotes({ found, unknown }: RemovedStacks): Promise<string[]> {
  const notes: string[] = [];
  for (const stack of found) {
    const { name, metadata } = stack.target.stack;
    notes.push(
      `${name} is not in the code, but its objects may still exist (${await originOf(stack)}): lakeform verify ${metadata.environment} lists them, lakeform destroy ${name} removes them; a deploy does not`,
    );
  }
  return [...notes, ...unknown.map(({ what, reason }) => `${what}: ${reason}`)];
}
