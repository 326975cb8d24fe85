import { fieldsOf } from "../../../src/verify";
import { outcomeWithStatus } from "../../../src/verify/compare/outcome";
import { staleReason } from "../../../src/verify/compare/state-is-current";
import type { DesiredObject } from "../../../src/verify/expressions/values";
import type { Finding } from "../../../src/verify/model";
import { contextOf, expected, MemoryReader } from "./memory-reader";

const reader = new MemoryReader();

function reasonOf(
  fields: Partial<Finding>,
  more: {
    readonly unreadFields?: readonly string[];
    readonly state?: DesiredObject | undefined;
    readonly remote?: DesiredObject;
  } = {},
): string | undefined {
  const finding = {
    path: "name",
    field: "name",
    reason: "r",
    status: "pending",
    ...fields,
  } as const;
  const { result } = outcomeWithStatus(expected("1", reader), "match", "", contextOf());
  return staleReason({ ...result, findings: [finding] }, more.unreadFields ?? [], {
    fields: fieldsOf("databricks_job"),
    rules: reader.rules,
    state: "state" in more ? more.state : { name: "a" },
    remote: { max_concurrent_runs: 1, ...(more.remote ?? { name: "a" }) },
  });
}

test("returns no reason if the state equals the object, even if the code has changed", () => {
  expect(reasonOf({ status: "pending" })).toBeUndefined();
});

test.each(["drift", "ignored", "unverifiable"] as const)(
  "returns a finding with status %s as a reason",
  (status) => {
    expect(reasonOf({ status })).toBe(`name: ${status}`);
  },
);

test("returns the path without the element's value", () => {
  const finding = { status: "drift", path: "task[a].library[pandas]", label: "pandas" } as const;
  expect(reasonOf(finding)).toBe("task[a].library: drift");
});

test("returns the fields that were not read as a reason", () => {
  expect(reasonOf({}, { unreadFields: ["run_as", "owner"] })).toBe("run_as, owner: not read");
});

test("returns another value in the state, and a missing state, as reasons", () => {
  expect(reasonOf({}, { remote: { name: "b" } })).toBe("name: the state has a different value");
  expect(reasonOf({}, { state: undefined })).toBe("it is not in the state");
});
