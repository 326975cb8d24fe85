import {
  cannotReadReason,
  isSingleTask,
  isListedObjectComparable,
  unreadKinds,
  statusWithoutReading,
} from "../../../src/verify/compare/without-reading";
import { outcomeWithStatus } from "../../../src/verify/compare/outcome";
import type { Expected } from "../../../src/verify/desired/expected";
import { contextOf, expected, MemoryReader, remote } from "./memory-reader";

const reader = new MemoryReader();

test.each<[string, Partial<Expected>, string | undefined]>([
  ["a deployed resource", {}, undefined],
  [
    "a resource that cannot be read",
    { settled: { status: "error", reason: "ambiguous" } },
    "error",
  ],
  ["a resource removed from the code", { desired: undefined }, "pending"],
  ["a resource that is not deployed", { state: undefined, id: undefined }, "pending"],
  ["a resource of an unsupported type", { reader: undefined }, "unverifiable"],
  [
    "a resource without an object of its name",
    { state: undefined, byName: true, id: undefined },
    "missing",
  ],
  ["a resource found by name", { state: undefined, byName: true }, undefined],
  ["a tainted resource", { tainted: true }, "pending"],
  ["a resource without an id", { id: undefined }, "error"],
])("%s has the status: %s", (_, more, status) => {
  expect(statusWithoutReading(expected("1", reader, more))?.status).toBe(status);
});

test("a settled status takes precedence over all others", () => {
  const settled = { status: "unverifiable", reason: "in another workspace" } as const;
  const resource = expected("1", undefined, { settled, desired: undefined, id: undefined });
  expect(statusWithoutReading(resource)).toBe(settled);
});

test("unsupported types are counted with examples, and other unverifiable resources are not", () => {
  const result = (id: string, type: string, reason: string) =>
    outcomeWithStatus(
      expected(id, undefined, { type, address: `${type}.${id}` }),
      "unverifiable",
      reason,
      contextOf(),
    ).result;
  const results = ["d", "b", "a", "c"].map((id) =>
    result(id, "databricks_x", cannotReadReason("databricks_x")),
  );
  const unnamed = result("z", "databricks_y", "its name is unknown");
  expect(unreadKinds([...results, unnamed])).toMatchObject([
    {
      what: "databricks_x",
      count: 4,
      examples: ["databricks_x.a", "databricks_x.b", "databricks_x.c"],
    },
  ]);
});

test("a list is complete for a job with task blocks, and for a job without tasks", () => {
  const single = expected("1", reader, { desired: { name: "j" } });
  expect([isSingleTask(expected("1", reader)), isSingleTask(single)]).toEqual([false, true]);
  const listed = remote("1", { task: [{ task_key: "a" }] });
  expect(isListedObjectComparable(expected("1", reader), listed)).toBe(true);
  expect(isListedObjectComparable(single, listed)).toBe(false);
  expect(isListedObjectComparable(single, remote("1"))).toBe(true);
  const format = expected("1", reader, { desired: { name: "j", format: "MULTI_TASK" } });
  expect(isListedObjectComparable(format, remote("1"))).toBe(false);
});
