import type { Remote } from "../../../src/resources/kind";
import { compareListed, type ListOptions } from "../../../src/verify/unmanaged/compare-listed";
import { UnmanagedFinder } from "../../../src/verify/unmanaged/unmanaged";
import type { ReadOptions } from "../../../src/verify/compare/read-and-compare";
import type { Expected } from "../../../src/verify/desired/expected";
import {
  textOf,
  contextOf,
  expected,
  matching,
  MemoryReader,
  readingOf,
  remote,
  target,
} from "./memory-reader";

interface ListedResult {
  readonly compared: readonly string[];
  readonly toRead: readonly string[];
  readonly unmanaged: readonly string[];
  readonly failures: readonly string[];
  readonly done: number;
}

async function runCompareListed(
  resources: readonly Expected[],
  reader: MemoryReader,
  listOptions: Partial<ListOptions> & { readonly find?: boolean } = {},
  options: ReadOptions = {},
): Promise<ListedResult> {
  const reading = readingOf(reader, options);
  const { find = true, ...otherOptions } = listOptions;
  const finder = new UnmanagedFinder(
    { ...contextOf(), owned: reading.owned, targets: [target], scope: "ours" },
    resources,
  );
  let done = 0;
  const { outcomes, toRead } = await compareListed(resources, reading, {
    kinds: new Set(resources.map(({ type }) => type)),
    finder: find ? finder : undefined,
    all: false,
    isStamped: false,
    onResourceDone: () => void (done += 1),
    ...otherOptions,
  });
  return {
    compared: outcomes.map(({ result }) => `${result.id ?? ""} ${result.status}`),
    toRead: toRead.map(({ id }) => id ?? ""),
    unmanaged: (await finder.unclaimedObjects()).map(({ id, reason }) => `${id} ${reason}`),
    failures: finder.failures.map(({ what, reason }) => `${what}: ${textOf(reason)}`),
    done,
  };
}

const resources = (reader: MemoryReader): Expected[] =>
  ["1", "2"].map((id) => expected(id, reader));
const twin: Remote = { id: "7", attributes: { name: "job 2" } };

test("compares listed objects, returns the others to be read, and reports an unmanaged object with the name of a resource", async () => {
  const reader = new MemoryReader({}, [matching("1"), twin]);
  expect(await runCompareListed(resources(reader), reader)).toEqual({
    compared: ["1 match"],
    toRead: ["2"],
    unmanaged: ["7 has the name of etl-dev/j2, which has the id 2, and is not in any state"],
    failures: [],
    done: 1,
  });
  expect(reader.reads).toEqual([]);
});

test("compares drifted objects, too", async () => {
  const reader = new MemoryReader({}, [remote("1", { task: [] })]);
  expect(await runCompareListed(resources(reader), reader)).toMatchObject({
    compared: ["1 drift"],
    toRead: ["2"],
  });
});

test("returns a job without task blocks to be read, because lists return a task in top-level fields in another format", async () => {
  const reader = new MemoryReader({}, [matching("1")]);
  const single = expected("1", reader, { desired: { name: "job 1" } });
  expect(await runCompareListed([single], reader)).toMatchObject({
    compared: [],
    toRead: ["1"],
    done: 0,
  });
});

test("with deep, searches only for unmanaged objects; without a search, makes no call", async () => {
  const reader = new MemoryReader({}, [matching("1"), twin]);
  const result = await runCompareListed(resources(reader), reader, {}, { deep: true });
  expect(result).toMatchObject({ compared: [], toRead: ["1", "2"] });
  expect([result.unmanaged.length, reader.lists]).toEqual([1, 1]);
  await runCompareListed(resources(reader), reader, { find: false }, { deep: true });
  expect(reader.lists).toBe(1);
});

test.each<[string, Partial<ListOptions> & { find?: boolean }, object, number]>([
  ["of a type in the code", { kinds: new Set(["databricks_job"]) }, {}, 1],
  ["of no type in the code", { kinds: new Set() }, {}, 0],
  ["of all types", { kinds: new Set(), all: true }, {}, 1],
  ["with stamps", { kinds: new Set(), isStamped: true }, { hasStamp: true }, 1],
  ["with stamps that no stack writes", { kinds: new Set() }, { hasStamp: true }, 0],
  ["of a type without a deployed object", { find: false }, {}, 0],
])("reads a list only if it can contain something: %s", async (_, options, traits, lists) => {
  const reader = new MemoryReader({}, [], undefined, traits);
  await runCompareListed([], reader, options);
  expect(reader.lists).toBe(lists);
});

test("a failed list is reported if unmanaged objects are searched, and its objects are read", async () => {
  const reader = new MemoryReader({}, [matching("1")], new Error("403"));
  expect(await runCompareListed(resources(reader), reader)).toMatchObject({
    compared: ["1 match"],
    toRead: ["2"],
    failures: ["the list of jobs, so unmanaged ones may be missed: 403"],
  });
  expect(await runCompareListed(resources(reader), reader, { find: false })).toMatchObject({
    failures: [],
  });
});

test("needs only other objects from a list if each resource is read individually", async () => {
  const reader = new MemoryReader({}, [matching("1"), twin]);
  await runCompareListed(resources(reader), reader);
  expect(reader.skipped).toEqual([]);
  const options = { deep: true };
  const { toRead, unmanaged } = await runCompareListed(resources(reader), reader, {}, options);
  expect({ skipped: reader.skipped, toRead }).toEqual({ skipped: ["1"], toRead: ["1", "2"] });
  expect(unmanaged).toHaveLength(1);
});
