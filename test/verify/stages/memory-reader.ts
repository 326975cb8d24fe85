/**
 * Inputs of the verifier's stages. A stage takes its readers as arguments, so that these tests can
 * use a reader in memory; other tests use the readers of the kinds with the local workspace.
 */
import type { ReadClient } from "../../../src/api/client";
import type { KindReader, ReadOptions, Remote } from "../../../src/resources/kind";
import { IgnoreRules, type SourcedRule } from "../../../src/verify/compare/ignore";
import type { CheckContext } from "../../../src/verify/compare/check";
import type { ReadOptions as Options, Reading } from "../../../src/verify/compare/read-and-compare";
import { Owned } from "../../../src/verify/deployed/ownership";
import type { Expected } from "../../../src/verify/desired/expected";
import { ReportRedactor, type Sentence } from "../../../src/verify/redactor";
import { Access } from "../../../src/verify/remote/shared-reads";
import type { VerifyTarget } from "../../../src/verify/target";

/** No stage sends a call itself: the reader does. */
const noCalls: ReadClient = {
  host: "https://w.example.com",
  get: (path) => Promise.reject(new Error(`unexpected call: ${path}`)),
  head: (path) => Promise.reject(new Error(`unexpected call: ${path}`)),
  download: (path) => Promise.reject(new Error(`unexpected call: ${path}`)),
};

export const target: VerifyTarget = {
  name: "etl-dev",
  directory: "/nowhere",
  desired: { stack: {} },
};

/** The result of a read: the object, undefined for none, or an error. */
export type Answer = Remote | undefined | Error;

export class MemoryReader implements KindReader {
  readonly type: string = "databricks_job";
  readonly title: string = "job";
  readonly identity: KindReader["identity"] = {
    naturalKey: ({ name }) => (typeof name === "string" ? `name:${name}` : undefined),
  };
  readonly rules: KindReader["rules"] = {
    keyed: { task: "task_key" },
    backendDefaults: {},
    unverifiable: {},
    configOnly: {},
  };
  readonly reads: { readonly id: string; readonly deep: boolean | undefined }[] = [];
  /** The objects that {@link list} left out. */
  readonly skipped: string[] = [];
  /** The number of calls of {@link list}. */
  lists = 0;

  /** @param responses by id, in order; the last one is repeated */
  constructor(
    readonly responses: Readonly<Record<string, readonly Answer[]>> = {},
    readonly listed: readonly Remote[] = [],
    readonly failure?: Error,
    readonly traits: NonNullable<KindReader["traits"]> = {},
  ) {}

  read(_api: ReadClient, id: string, { deep }: ReadOptions): Promise<Remote | undefined> {
    const responses = this.responses[id] ?? [];
    const readCount = this.reads.filter((read) => read.id === id).length;
    this.reads.push({ id, deep });
    const response = responses[Math.min(readCount, responses.length - 1)];
    return response instanceof Error ? Promise.reject(response) : Promise.resolve(response);
  }

  async *list(
    ...[, , , skip]: Partial<Parameters<NonNullable<KindReader["list"]>>>
  ): AsyncIterable<Remote> {
    this.lists += 1;
    await Promise.resolve();
    for (const item of this.listed)
      if (skip?.(item.id) === true) this.skipped.push(item.id);
      else yield item;
    if (this.failure !== undefined) throw this.failure;
  }

  removal({ id }: Remote): string {
    return `remove ${id}`;
  }
}

export const remote = (id: string, attributes: Remote["attributes"] = {}): Remote => ({
  id,
  attributes: { name: `job ${id}`, max_concurrent_runs: 1, ...attributes },
});

/** A deployed job whose code, state and object ({@link matching}) agree. */
export function expected(
  id: string,
  reader: KindReader | undefined,
  more: Partial<Expected> = {},
): Expected {
  const attributes = { name: `job ${id}`, task: [{ task_key: "a" }] };
  return {
    target,
    address: `databricks_job.j${id}`,
    type: "databricks_job",
    reader,
    path: `etl-dev/j${id}`,
    source: undefined,
    desired: attributes,
    deployed: attributes,
    state: attributes,
    id,
    tainted: false,
    byName: false,
    ignoreChanges: [],
    record: undefined,
    ...more,
  };
}

/** The remote object of {@link expected}. */
export const matching = (id: string): Remote => remote(id, { task: [{ task_key: "a" }] });

export const contextOf = (
  rules: readonly SourcedRule[] = [],
  more: Partial<CheckContext> = {},
): CheckContext => ({
  host: noCalls.host,
  rules: new IgnoreRules(rules, "2026-01-01"),
  ...more,
});

export function readingOf(
  reader: KindReader | undefined,
  options: Options = {},
  context: CheckContext = contextOf(),
): Reading {
  return {
    api: new Access(noCalls),
    options,
    context,
    bindings: new Map(),
    owned: new Owned([]),
    findReader: (type) => (type === reader?.type ? reader : undefined),
  };
}

/** Returns a sentence as text. */
export const textOf = (sentence: Sentence | undefined): string =>
  sentence === undefined ? "" : new ReportRedactor().sentence(sentence);
