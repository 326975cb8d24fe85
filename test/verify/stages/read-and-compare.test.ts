import { ConnectionError } from "../../../src/api/transport/errors";
import { readAndCompare, type ReadOptions } from "../../../src/verify/compare/read-and-compare";
import { outcomeWithStatus, type Outcome } from "../../../src/verify/compare/outcome";
import type { Expected } from "../../../src/verify/desired/expected";
import {
  textOf,
  contextOf,
  expected,
  matching,
  MemoryReader,
  readingOf,
  remote,
} from "./memory-reader";

async function read(
  resources: readonly Expected[],
  reader: MemoryReader,
  options: ReadOptions = {},
  context = contextOf(),
): Promise<{ readonly outcomes: readonly Outcome[]; readonly done: number }> {
  let done = 0;
  const outcomes = await readAndCompare(resources, readingOf(reader, options, context), () => {
    done += 1;
  });
  return { outcomes, done };
}

const statusesByName = (outcomes: readonly Outcome[]): string[] =>
  outcomes.map(({ result }) => `${result.address.split(".")[1]} ${result.status}`).sort();

const interrupted = new ConnectionError(
  { method: "GET", path: "/x", host: "https://w.example.com", history: [] },
  { code: "ECONNRESET", what: "the connection broke", fix: "", notSent: false },
);

test("reads each object once, and reports an absent one as missing", async () => {
  const reader = new MemoryReader({ 1: [matching("1")], 2: [remote("2")], 3: [undefined] });
  const resources = ["1", "2", "3"].map((id) => expected(id, reader));
  const { outcomes, done } = await read(resources, reader);
  expect(statusesByName(outcomes)).toEqual(["j1 match", "j2 drift", "j3 missing"]);
  expect(reader.reads.map(({ id }) => id)).toEqual(["1", "2", "3"]);
  expect(done).toBe(3);
});

test("uses known results without a read", async () => {
  const reader = new MemoryReader({ 2: [matching("2")] });
  const known = outcomeWithStatus(expected("1", reader), "match", "known", contextOf()).result;
  const { outcomes, done } = await read([expected("1", reader), expected("2", reader)], reader, {
    known: (_stack, address) => (address === known.address ? known : undefined),
  });
  expect(outcomes.find(({ resource }) => resource.id === "1")?.result).toBe(known);
  expect(reader.reads.map(({ id }) => id)).toEqual(["2"]);
  expect(done).toBe(2);
});

describe("a list with complete objects", () => {
  const listed = [matching("1"), remote("2", { description: "changed", task: [] })];
  const responses = { 1: [matching("1")], 2: [matching("2")] };
  const resources = (reader: MemoryReader): Expected[] =>
    ["1", "2"].map((id) => expected(id, reader));
  const traits = { readFromList: [] };

  test("makes a read unnecessary only for the objects that match", async () => {
    const reader = new MemoryReader(responses, listed, undefined, traits);
    const { outcomes } = await read(resources(reader), reader);
    expect(statusesByName(outcomes)).toEqual(["j1 match", "j2 match"]);
    expect([reader.lists, reader.reads.map(({ id }) => id)]).toEqual([1, ["2"]]);
  });

  test("is not read for a single object, with --deep, or with --explain", async () => {
    for (const [count, options, context] of [
      [1, {}, contextOf()],
      [2, { deep: true }, contextOf()],
      [2, {}, contextOf([], { trace: () => undefined })],
    ] as const) {
      const reader = new MemoryReader(responses, listed, undefined, traits);
      await read(resources(reader).slice(0, count), reader, options, context);
      expect([reader.lists, reader.reads.length]).toEqual([0, count]);
    }
  });

  test("is replaced by reads of each object if it cannot be read", async () => {
    const reader = new MemoryReader(responses, [], new Error("403"), traits);
    expect(statusesByName((await read(resources(reader), reader)).outcomes)).toEqual([
      "j1 match",
      "j2 match",
    ]);
  });
});

describe("an object that cannot be read", () => {
  const outcome = async (
    reader: MemoryReader,
    options: ReadOptions = {},
    prepare: (reading: ReturnType<typeof readingOf>) => void = () => undefined,
  ): Promise<string> => {
    const reading = readingOf(reader, options);
    prepare(reading);
    const [first] = await readAndCompare([expected("1", reader)], reading, () => undefined);
    return `${first?.result.status ?? ""}: ${textOf(first?.result.reason)}`;
  };

  test("is an error with the message", async () => {
    const reader = new MemoryReader({ 1: [new Error("403")] });
    expect(await outcome(reader)).toBe("error: could not be read: 403");
    expect(reader.reads).toHaveLength(1);
  });

  test("is read again if its download is interrupted, at most five times", async () => {
    const recovering = new MemoryReader({ 1: [interrupted, interrupted, matching("1")] });
    expect(await outcome(recovering)).toBe("match: ");
    const failing = new MemoryReader({ 1: [interrupted] });
    expect(await outcome(failing)).toContain("error: could not be read: ");
    expect([recovering.reads.length, failing.reads.length]).toEqual([3, 5]);
  });

  test("is not read once the workspace does not respond, or after Ctrl-C", async () => {
    const reader = new MemoryReader({ 1: [matching("1")] });
    expect(
      await outcome(reader, {}, ({ api }) => void (api.unreachableReason = "ECONNREFUSED")),
    ).toBe("error: not checked: the workspace does not respond (ECONNREFUSED)");
    expect(await outcome(reader, { signal: AbortSignal.abort() })).toBe(
      "error: not checked: interrupted",
    );
    expect(reader.reads).toEqual([]);
  });
});

test("a job whose code has no tasks is read with `deep: false`, because it may have a task in top-level fields", async () => {
  const reader = new MemoryReader({ 1: [matching("1")], 2: [remote("2")] });
  const single = expected("2", reader, { desired: { name: "job 2" } });
  await read([expected("1", reader), single], reader);
  expect(reader.reads).toEqual([
    { id: "1", deep: true },
    { id: "2", deep: false },
  ]);
});
