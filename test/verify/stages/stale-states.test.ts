import { outcomeWithStatus, type Outcome } from "../../../src/verify/compare/outcome";
import { currentObjects, staleStateReasons } from "../../../src/verify/compare/stale-states";
import type { Expected } from "../../../src/verify/desired/expected";
import { contextOf, expected, MemoryReader, target } from "./memory-reader";

const reader = new MemoryReader();
const [first, second] = [expected("1", reader), expected("2", reader)];
const compared = (resource: Expected, stale?: string): Outcome => ({
  ...outcomeWithStatus(resource, "match", "", contextOf()),
  state: { stale },
});
const uncompared = (resource: Expected): Outcome =>
  outcomeWithStatus(resource, "match", "", contextOf());
const reasonsOf = (
  resources: readonly Expected[],
  outcomes: readonly Outcome[],
  failures: Parameters<typeof staleStateReasons>[2] = [],
): Record<string, string> => Object.fromEntries(staleStateReasons(resources, outcomes, failures));

describe("the objects whose state is current", () => {
  const current = (
    resources: readonly Expected[],
    outcomes: readonly Outcome[],
  ): Record<string, unknown> => Object.fromEntries(currentObjects(resources, outcomes));

  test("are those that were compared and have the same values", () => {
    expect(current([first, second], [compared(first), compared(second, "name: drift")])).toEqual({
      "etl-dev": { databricks_job: ["1"] },
    });
    expect(current([first, second], [compared(first), uncompared(second)])).toEqual({
      "etl-dev": { databricks_job: ["1"] },
    });
  });

  test("exclude an object that a second resource also manages, with other values", () => {
    const twin = expected("1", reader, { address: "databricks_job.twin" });
    expect(current([first, twin], [compared(first), compared(twin, "name: drift")])).toEqual({});
    expect(current([first, twin], [compared(first), compared(twin)])).toEqual({
      "etl-dev": { databricks_job: ["1", "1"] },
    });
  });

  test("are listed by stack", () => {
    const otherStackResource = expected("3", reader, { target: { ...target, name: "ml-dev" } });
    expect(
      current([first, otherStackResource], [compared(first), compared(otherStackResource)]),
    ).toEqual({
      "etl-dev": { databricks_job: ["1"] },
      "ml-dev": { databricks_job: ["3"] },
    });
  });
});

describe("the reason why a state may be stale", () => {
  test("is absent for a stack whose resources are all current", () => {
    expect(reasonsOf([first, second], [compared(first), compared(second)])).toEqual({});
  });

  test("names the first resource, and counts the others", () => {
    expect(reasonsOf([first, second], [compared(first, "name: drift"), compared(second)])).toEqual({
      "etl-dev": "etl-dev/j1: name: drift",
    });
    expect(
      reasonsOf([first, second], [compared(first, "name: drift"), uncompared(second)]),
    ).toEqual({
      "etl-dev": "etl-dev/j1: name: drift, and 1 more",
    });
  });

  test("ignores a resource outside the state, which no plan reads", () => {
    const fresh = expected("2", reader, { state: undefined, id: undefined });
    expect(reasonsOf([first, fresh], [compared(first), uncompared(fresh)])).toEqual({});
  });

  test('names a failed read; a read of no particular stack has the key ""', () => {
    expect(
      reasonsOf(
        [first],
        [compared(first)],
        [
          { stack: "", what: "the list of jobs", reason: "403" },
          { stack: "ml-dev", what: "the list of jobs", reason: "403" },
        ],
      ),
    ).toEqual({
      "": "could not read the list of jobs",
      "ml-dev": "could not read the list of jobs",
    });
  });
});
