import type { Remote } from "../../../src/resources/kind";
import type { DeploymentRecord } from "../../../src/verify/deployed/record";
import {
  compareWith,
  errorOutcome,
  needsFullRead,
  listNotCompared,
  outcomeWithStatus,
  type Outcome,
} from "../../../src/verify/compare/outcome";
import { notReadReason } from "../../../src/verify/compare/comparison";
import { cannotReadReason } from "../../../src/verify/compare/without-reading";
import { Sensitive } from "../../../src/verify/expressions/values";
import { Quote } from "../../../src/verify/redactor";
import {
  textOf,
  contextOf,
  expected,
  matching,
  MemoryReader,
  readingOf,
  remote,
} from "./memory-reader";

const reader = new MemoryReader();
const resource = expected("1", reader);
const rule = { path: "etl-dev/*", reason: "moved", expires: "2999-12-31", from: "x" };

describe("a result with a given status", () => {
  test("has the resource's name, and no findings", () => {
    expect(outcomeWithStatus(resource, "missing", "gone", contextOf())).toEqual({
      resource,
      excludedFields: [],
      result: {
        stack: "etl-dev",
        address: "databricks_job.j1",
        kind: "databricks_job",
        title: "job",
        path: "etl-dev/j1",
        name: "job 1",
        id: "1",
        status: "missing",
        reason: "gone",
        findings: [],
        restorable: false,
      },
    });
  });

  test.each([
    ["missing", "ignored"],
    ["pending", "ignored"],
    ["error", "error"],
    ["unverifiable", "unverifiable"],
  ] as const)("%s is %s if a rule covers the resource", (status, expectedStatus) => {
    const { result } = outcomeWithStatus(resource, status, "why", contextOf([rule]));
    expect(result.status).toBe(expectedStatus);
    expect(textOf(result.reason)).toBe(
      expectedStatus === "ignored" ? `${status}: why; ignored: moved (until 2999-12-31)` : "why",
    );
  });

  test("quotes the message of an error", () => {
    expect(
      errorOutcome(resource, "could not be read", new Error("403"), contextOf()).result,
    ).toMatchObject({ status: "error", reason: ["could not be read: ", new Quote("403")] });
  });
});

describe("a comparison with the object", () => {
  const compared = (
    attributes: object,
    options: Parameters<typeof contextOf> = [],
  ): Promise<Outcome> =>
    compareWith(
      resource,
      { ...matching("1"), ...attributes },
      readingOf(reader, {}, contextOf(...options)),
    );

  test("is a match for equal values, and does not report on the state", async () => {
    const outcome = await compared({});
    expect(outcome.result).toMatchObject({ status: "match", findings: [] });
    expect(outcome.state).toBeUndefined();
  });

  test("also compares the state if that is requested", async () => {
    const stale = async (attributes: object): Promise<unknown> =>
      (await compared(attributes, [[], { compareState: true }])).state;
    expect(await stale({})).toEqual({ stale: undefined });
    expect(await stale({ attributes: { ...matching("1").attributes, name: "other" } })).toEqual({
      stale: "name: drift",
    });
  });

  test("is drift with values in clear text", async () => {
    const { result } = await compared({
      attributes: { ...matching("1").attributes, name: "other" },
    });
    expect(result).toMatchObject({
      status: "drift",
      findings: [{ path: "name", desired: "job 1", remote: "other" }],
      restorable: false,
      notRestorable: "a job cannot be updated",
    });
  });

  test("is ignored if a rule covers the field", async () => {
    const { result } = await compared(
      { attributes: { ...matching("1").attributes, name: "other" } },
      [[{ field: "name", reason: "r", expires: "2999-12-31", from: "x" }]],
    );
    expect(result).toMatchObject({
      status: "ignored",
      findings: [{ status: "ignored", ignored: { status: "drift", rule: 0 } }],
    });
  });

  test("reports a value that the latest apply gave a list element, even if the record has an older one", async () => {
    const task = [{ task_key: "a", run_if: "ALL_DONE" }];
    const inheritedValue = (field: string, value: unknown, from: string): object => ({
      [`task[a].${field}`]: { value, from },
    });
    const record = {
      inherited: { "databricks_job.j1": inheritedValue("timeout_seconds", 60, "old") },
    } as unknown as DeploymentRecord;
    const inherited = inheritedValue("run_if", "ALL_DONE", "b") as never;
    const { result } = await compareWith(
      expected("1", reader, { inherited, record, state: { name: "job 1", task } }),
      remote("1", { task }),
      readingOf(reader),
    );
    expect(result).toMatchObject({
      status: "drift",
      findings: [
        { path: "task[a].run_if", reason: expect.stringContaining("it comes from b") as string },
      ],
    });
  });

  test("lists fields that the read omitted and the code does not set", async () => {
    expect((await compared({ omitted: ["run_as"] })).excludedFields).toEqual([
      ["run_as", notReadReason],
    ]);
  });

  test("keeps an object with secrets, so that they are hidden in all others", async () => {
    const outcomeWith = async (more: Remote["attributes"]): Promise<unknown> =>
      (await compared({ attributes: { ...matching("1").attributes, ...more } })).remote;
    const cluster = (password: string): Remote["attributes"] => ({
      new_cluster: [{ docker_image: [{ basic_auth: [{ username: "u", password }] }] }],
    });
    expect(await outcomeWith(cluster(""))).toBeUndefined();
    expect(await outcomeWith(cluster("p"))).toMatchObject({
      new_cluster: [
        { docker_image: [{ basic_auth: [{ password: expect.any(Sensitive) as Sensitive }] }] },
      ],
    });
  });

  test("is an error for this resource if the comparison throws", async () => {
    const withoutCode = expected("1", reader, { desired: undefined });
    const { result } = await compareWith(withoutCode, remote("1"), readingOf(reader));
    expect(result.status).toBe("error");
    expect(textOf(result.reason)).toMatch(/^could not be compared: nothing to compare/);
  });
});

describe("a listed object", () => {
  const base = outcomeWithStatus(resource, "match", "", contextOf());
  const finding = { path: "a", field: "a", reason: "r" };
  test.each<[string, Partial<Outcome>, boolean]>([
    ["a match", {}, false],
    [
      "an error",
      { result: { ...base.result, status: "error" }, excludedFields: [["run_as", notReadReason]] },
      false,
    ],
    ["drift", { result: { ...base.result, findings: [{ ...finding, status: "drift" }] } }, true],
    [
      "an unverifiable field",
      { result: { ...base.result, findings: [{ ...finding, status: "unverifiable" }] } },
      false,
    ],
    ["a field that the list omits", { excludedFields: [["run_as", notReadReason]] }, true],
    ["a field that no read returns", { excludedFields: [["token", "never returned"]] }, false],
    ["a state that may be old", { state: { stale: "name: drift" } }, true],
    ["a current state", { state: { stale: undefined } }, false],
  ])("is read individually or not: %s", (_, more, expectedAnswer) => {
    expect(needsFullRead({ ...base, ...more })).toBe(expectedAnswer);
  });
});

test("fields that were not compared are counted by kind and reason, with three examples", () => {
  const outcome = (id: string, excludedFields: Outcome["excludedFields"]): Outcome => ({
    ...outcomeWithStatus(expected(id, reader), "match", "", contextOf()),
    excludedFields,
  });
  const unknown = expected("9", undefined, {
    type: "databricks_x",
    address: "databricks_x.a",
  });
  expect(
    listNotCompared([
      ...["4", "2", "1", "3"].map((id) => outcome(id, [["run_as", "r"]])),
      outcome("5", [["run_as", "other"]]),
      outcomeWithStatus(unknown, "unverifiable", cannotReadReason("databricks_x"), contextOf()),
    ]),
  ).toEqual([
    {
      what: "run_as of databricks_job",
      reason: "other",
      count: 1,
      examples: ["databricks_job.j5"],
    },
    {
      what: "run_as of databricks_job",
      reason: "r",
      count: 4,
      examples: ["databricks_job.j1", "databricks_job.j2", "databricks_job.j3"],
    },
    {
      what: "databricks_x",
      reason: expect.stringContaining("--with-terraform") as string,
      count: 1,
      examples: ["databricks_x.a"],
    },
  ]);
});
