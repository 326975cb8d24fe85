/** Reads the objects of resources and compares them. */
import { defined } from "../../defined";
import type { Remote } from "../../resources/kind";
import type { Expected } from "../desired/expected";
import { plain } from "../expressions/values";
import type { ResourceResult } from "../model";
import { forEachAtOnce, type Access } from "../remote/shared-reads";
import { unresponsive } from "../redactor";
import { readWholeLists } from "../remote/whole-lists";
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

/** The part of the options of verify that says how objects are read. */
export interface ReadOptions {
  readonly deep?: boolean;
  readonly known?: (stack: string, address: string) => ResourceResult | undefined;
  readonly concurrency?: number;
  readonly maxContentBytes?: number;
  readonly signal?: AbortSignal;
}

export interface Reading extends ComparisonContext {
  readonly api: Access;
  readonly options: ReadOptions;
}

/** @param onResourceDone called for each resource */
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
  const listed = await listedObjects(toRead, reading);
  await forEachAtOnce(toRead, concurrency, async (resource) => {
    add(await outcomeOf(resource, listed.get(resource), reading));
  });
  return outcomes;
}

/** With `deep`, each object is read: it may have fields with a call of their own. */
async function listedObjects(
  resources: readonly Expected[],
  { api, options, context }: Reading,
): Promise<ReadonlyMap<Expected, Remote>> {
  const { deep, concurrency = 16, signal } = options;
  // A decision is explained once.
  if (deep === true || context.trace !== undefined) return new Map();
  return readWholeLists(api, resources, { concurrency, ...defined({ signal }) });
}

async function outcomeOf(
  resource: Expected,
  listed: Remote | undefined,
  reading: Reading,
): Promise<Outcome> {
  const { api, options, context } = reading;
  if (listed !== undefined && resource.reader?.desiredContent === undefined) {
    const outcome = await compareWith(resource, listed, reading);
    if (!needsFullRead(outcome)) return outcome;
  }
  if (api.unreachableReason !== undefined) {
    return outcomeWithStatus(
      resource,
      "error",
      ["not checked: ", ...unresponsive(api.unreachableReason)],
      context,
    );
  }
  if (options.signal?.aborted === true)
    return outcomeWithStatus(resource, "error", "not checked: interrupted", context);
  let remote: Remote | undefined;
  try {
    remote = await readResource(resource, listed, reading);
  } catch (error) {
    return errorOutcome(resource, "could not be read", error, context);
  }
  return remote === undefined
    ? outcomeWithStatus(resource, "missing", "no longer in the workspace", context)
    : compareWith(resource, remote, reading);
}

/** Content that was interrupted is read again from the start. */
async function readResource(
  resource: Expected,
  listed: Remote | undefined,
  { api, options }: Reading,
): Promise<Remote | undefined> {
  const { reader, id } = resource;
  if (reader === undefined || id === undefined)
    throw new Error(`${resource.address} has no object that could be read`);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await reader.read(api, id, {
        known: plain({ ...resource.state, ...resource.desired }),
        // Only API 2.0 identifies a job with one task without a key; the kind uses it unless more
        // is needed.
        deep: !isSingleTask(resource),
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
