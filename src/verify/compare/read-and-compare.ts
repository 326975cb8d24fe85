/** Reads the objects of resources and compares them. */
import { defined } from "../../defined";
import type { Remote } from "../../resources/kind";
import type { Expected } from "../desired/expected";
import { plain } from "../expressions/values";
import type { ResourceResult } from "../model";
import { forEachConcurrently, type Access } from "../remote/shared-reads";
import { unresponsiveReason } from "../redactor";
import { isFullMatch, unchangedObject } from "../remote/unchanged";
import { kindsWithMany, readLists } from "../remote/whole-lists";
import {
  compareWith,
  errorOutcome,
  needsFullRead,
  outcomeWithStatus,
  type ComparisonContext,
  type Outcome,
} from "./outcome";
import { isSingleTask } from "./without-reading";

const contentAttempts = 5;

/** The options of verify that control how objects are read. */
export interface ReadOptions {
  readonly deep?: boolean;
  readonly known?: (stack: string, address: string) => ResourceResult | undefined;
  readonly concurrency?: number;
  readonly maxContentBytes?: number;
  readonly recordVersions?: boolean;
  readonly signal?: AbortSignal;
}

export interface Reading extends ComparisonContext {
  readonly api: Access;
  readonly options: ReadOptions;
}

/**
 * Reads the objects of resources and compares them.
 * @param onResourceDone called for each resource
 */
export async function readAndCompare(
  resources: readonly Expected[],
  reading: Reading,
  onResourceDone: () => void,
): Promise<readonly Outcome[]> {
  const { known, concurrency = 16 } = reading.options;
  const outcomes: Outcome[] = [];
  const add = (outcome: Outcome): void => {
    outcomes.push(outcome);
    onResourceDone();
  };
  const toRead = resources.filter((resource) => {
    const result = known?.(resource.target.name, resource.address);
    if (result !== undefined) add({ resource, result, excludedFields: [] });
    return result === undefined;
  });
  const frequentTypes = kindsWithMany(resources);
  const listed = await listedObjects(toRead, frequentTypes, reading);
  await forEachConcurrently(toRead, concurrency, async (resource) => {
    const isBrief = reading.options.deep !== true && frequentTypes.has(resource.type);
    add(await outcomeOf(resource, listed.get(resource), isBrief, reading));
  });
  return outcomes;
}

/**
 * Reads objects from lists. With `deep`, objects are read individually, so only versions are used.
 */
async function listedObjects(
  resources: readonly Expected[],
  frequentTypes: ReadonlySet<string>,
  { api, options, context }: Reading,
): Promise<ReadonlyMap<Expected, Remote>> {
  const { deep = false, recordVersions: recording = false, concurrency = 16, signal } = options;
  // With --explain, a resource is compared once only, so that each decision is shown once.
  if ((deep && !recording) || context.trace !== undefined) return new Map();
  return readLists(api, resources, {
    concurrency,
    deep,
    frequentTypes,
    recording,
    ...defined({ signal }),
  });
}

/** Compares the listed object. @returns undefined if the object has to be read individually */
async function listedOutcome(
  resource: Expected,
  listed: Remote,
  reading: Reading,
): Promise<Outcome | undefined> {
  const { options, context } = reading;
  if (options.deep === true) return undefined;
  const { reader } = resource;
  // With `compareState`, the state is compared with current values, not with recorded ones.
  const unchanged = context.compareState === true ? undefined : unchangedObject(resource, listed);
  if (unchanged !== undefined) {
    const outcome = await compareWith(resource, unchanged, reading);
    if (isFullMatch(resource, outcome.result))
      return { ...outcome, ...defined({ version: unchanged.version }) };
  }
  const { readFromList, listedPartly } = reader?.traits ?? {};
  if (reader?.desiredContent !== undefined) return undefined;
  if ((readFromList ?? listedPartly) === undefined) return undefined;
  const outcome = await compareWith(resource, listed, reading);
  return needsFullRead(outcome, listedPartly !== undefined) ? undefined : outcome;
}

async function outcomeOf(
  resource: Expected,
  listed: Remote | undefined,
  isBrief: boolean,
  reading: Reading,
): Promise<Outcome> {
  const { api, options, context } = reading;
  if (listed !== undefined) {
    const outcome = await listedOutcome(resource, listed, reading);
    if (outcome !== undefined) return outcome;
  }
  if (api.unreachableReason !== undefined) {
    return outcomeWithStatus(
      resource,
      "error",
      ["not checked: ", ...unresponsiveReason(api.unreachableReason)],
      context,
    );
  }
  if (options.signal?.aborted === true)
    return outcomeWithStatus(resource, "error", "not checked: interrupted", context);
  let remote: Remote | undefined;
  try {
    remote = await readResource(resource, listed, isBrief, reading);
  } catch (error) {
    return errorOutcome(resource, "could not be read", error, context);
  }
  if (remote === undefined)
    return outcomeWithStatus(resource, "missing", "no longer in the workspace", context);
  const outcome = await compareWith(resource, remote, reading);
  // The version was listed before the object was read. If a later list returns the same version,
  // the object has not changed since this read.
  const version = listed?.version;
  const hasChanged = remote.version !== undefined && remote.version !== version;
  return version !== undefined && !hasChanged && isFullMatch(resource, outcome.result)
    ? { ...outcome, version }
    : outcome;
}

/**
 * Reads the object. If the download of its content is interrupted, reads it again from the start.
 */
async function readResource(
  resource: Expected,
  listed: Remote | undefined,
  isBrief: boolean,
  { api, options }: Reading,
): Promise<Remote | undefined> {
  const { reader, id } = resource;
  if (reader === undefined || id === undefined)
    throw new Error(`${resource.address} has no object that could be read`);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await reader.read(api, id, {
        known: plain({ ...resource.state, ...resource.desired }),
        // Only API 2.0 shows whether a job has a single task without a key. The job reader uses it
        // if `deep` is false.
        deep: !isSingleTask(resource),
        ...(isBrief && { brief: true }),
        maxContentBytes: options.maxContentBytes ?? 67_108_864,
        ...defined({
          deployer: resource.record?.deployedBy,
          listed: reader.desiredContent === undefined ? undefined : listed,
          signal: options.signal,
        }),
      });
    } catch (error) {
      if (attempt >= contentAttempts || !api.isInterruptedContent(error)) throw error;
    }
  }
}
