import {
  cannotRead,
  isSingleTask,
  showsWholeResult,
  unreadKinds,
  withoutReading,
} from "../../../src/verify/compare/without-reading";
import { outcomeWithStatus } from "../../../src/verify/compare/outcome";
import type { Expected } from "../../../src/verify/desired/expected";
import { contextOf, expected, MemoryReader, remote } from "./memory";

const reader = new MemoryReader();

test.each<[string, Partial<Expected>, string | undefined]>([
  ["a deployed resource", {}, undefined],
  ["one that was settled before", { settled: { status: "error", reason: "ambiguous" } }, "error"],
  ["one that has left the code", { desired: undefined }, "pending"],
  ["one that is not deployed", { state: undefined, id: undefined }, "pending"],
  ["one of an unsupported type", { reader: undefined }, "unverifiable"],
  [
    "one that has no object of its name",
    { state: undefined, byName: true, id: undefined },
    "missing",
  ],
  ["one that was found by name", { state: undefined, byName: true }, undefined],
  ["a tainted one", { tainted: true }, "pending"],
  ["one without an id", { id: undefined }, "error"],
])("%s has the status: %s", (_, more, status) => {
  expect(withoutReading(expected("1", reader, more))?.status).toBe(status);
});

test("what was settled before wins over everything else", () => {
  const settled = { status: "unverifiable", reason: "in another workspace" } as const;
  const resource = expected("1", undefined, { settled, desired: undefined, id: undefined });
  expect(withoutReading(resource)).toBe(settled);
});

test("unsupported types are counted with examples, and other unverifiable resources are not", () => {
  const result = (id: string, type: string, reason: string) =>
    outcomeWithStatus(expected(id, undefined, { type, address: `${type}.${id}` }), "unverifiable", reason, contextOf()).result; // prettier-ignore
  const results = ["d", "b", "a", "c"].map((id) => result(id, "databricks_x", cannotRead("databricks_x"))); // prettier-ignore
  expect(unreadKinds([...results, result("z", "databricks_y", "its name is unknown")])).toMatchObject([
    { what: "databricks_x", count: 4, examples: ["databricks_x.a", "databricks_x.b", "databricks_x.c"] },
  ]); // prettier-ignore
});

test("a list shows a job with task blocks completely, and one without only if it has no task", () => {
  const single = expected("1", reader, { desired: { name: "j" } });
  expect([isSingleTask(expected("1", reader)), isSingleTask(single)]).toEqual([false, true]);
  const listed = remote("1", { task: [{ task_key: "a" }] });
  expect(showsWholeResult(expected("1", reader), listed)).toBe(true);
  expect(showsWholeResult(single, listed)).toBe(false);
  expect(showsWholeResult(single, remote("1"))).toBe(true);
  const format = expected("1", reader, { desired: { name: "j", format: "MULTI_TASK" } });
  expect(showsWholeResult(format, remote("1"))).toBe(false);
});
