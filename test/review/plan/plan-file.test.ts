import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { review } from "../../../src/review";
import { openPlanFile } from "../../../src/review/plan/plan-file";
import { seeded } from "../generator";
import { allTypes, makeEntry } from "../generator-kinds";
import { job, planOf, stackOf, task, type Planned } from "../plans";
import { situations } from "../situations";

const resources: readonly Planned[] = Array.from({ length: 60 }, (_, index) => ({
  type: "databricks_job",
  name: `j${index}`,
  before: job(`quote " backslash \\ brace } ${index} ümläut`, [task("a"), task("b", ["a"])]),
  after: job(
    `quote " backslash \\ brace } ${index} ümläut`,
    [task("a", [], { timeout_seconds: index + 1 }), task("b", ["a"])],
    {
      description: "x".repeat(30_000),
    },
  ),
}));
const otherSections = {
  variables: { token: { value: "very-secret-value" }, plain: { value: "seen" } },
  output_changes: {
    url: {
      actions: ["update"],
      before: "a",
      after: "b",
      after_unknown: false,
      before_sensitive: false,
      after_sensitive: false,
    },
  },
  configuration: {
    provider_config: {},
    root_module: {
      resources: [{ a: [1, { b: 2 }] }],
      variables: { token: { sensitive: true }, plain: {} },
    },
  },
};

const unreadable = expect.objectContaining({ code: "PLAN_UNREADABLE" }) as Error;

describe("a plan that is read from a file", () => {
  let folder: string;
  const write = (text: string): string => {
    const file = path.join(folder, "plan.json");
    fs.writeFileSync(file, text);
    return file;
  };
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-plan-"));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  it("keeps ids beyond 2^53 distinct", () => {
    const runs = (job_id: string): Record<string, unknown> =>
      job("j", [task("a", [], { run_job_task: [{ job_id }] })]);
    const [resource] = [
      { type: "databricks_job", name: "j", before: runs("LOW"), after: runs("HIGH") },
    ];
    const text = JSON.stringify(planOf([resource]))
      .replaceAll('"LOW"', "9007199254740992")
      .replaceAll('"HIGH"', "9007199254740993");
    const result = review({
      stacks: [{ name: "etl-dev", stack: stackOf([resource]), plan: openPlanFile(write(text)) }],
      today: "2026-01-01",
    });
    expect(result.stacks[0]?.changes[0]?.fields).toMatchObject([
      { path: "task[a].run_job_task.job_id", before: 9007199254740992, after: "9007199254740993" },
    ]);
  });

  it.each([
    ["in terraform's formatting", 0],
    ["indented", 2],
  ])("gives the same review as a parsed one, %s", (_, indent) => {
    const plan = planOf(resources, otherSections);
    const file = write(JSON.stringify(plan, null, indent));
    const parsedReview = review({
      stacks: [{ name: "etl-dev", stack: stackOf(resources), plan }],
      today: "2026-01-01",
    });
    const streamedReview = review({
      stacks: [{ name: "etl-dev", stack: stackOf(resources), plan: openPlanFile(file) }],
      today: "2026-01-01",
    });
    expect(streamedReview).toEqual(parsedReview);
    expect(streamedReview.stacks[0]?.changes).toHaveLength(60);
    expect(openPlanFile(file).secrets).toEqual([{ variable: "token", value: "very-secret-value" }]);
  });

  it("gives the same review as a parsed one, for a resource of every kind and for every situation", () => {
    const random = seeded(7);
    const generated = allTypes.map((type, index) => {
      const entry = makeEntry(random, type, `r${index}`);
      const { sensitive } = entry;
      const planned: Planned = {
        ...entry,
        ...(sensitive === undefined ? {} : { beforeSensitive: sensitive }),
        ...(entry.action === "no-op" && { actions: ["no-op"] }),
      };
      return { name: "etl-dev", stack: stackOf([planned]), plan: planOf([planned]) };
    });
    const inputs = [...situations.flatMap(({ stacks }) => stacks), ...generated];
    for (const input of inputs) {
      const streamedPlan = openPlanFile(write(JSON.stringify(input.plan)));
      const reviewOf = (plan: unknown): unknown =>
        review({ stacks: [{ ...input, plan }], today: "2026-01-01" });
      expect(reviewOf(streamedPlan)).toEqual(reviewOf(input.plan));
    }
  });

  it("omits empty fields, except where they differ from absent ones", () => {
    const values = {
      first: null,
      empty: [],
      text: 'a string with ,"field":null in it',
      block: [{ only: null, other: [] }, {}],
      last: null,
    };
    const planned = (more: Partial<Planned>): Planned => ({
      type: "databricks_job",
      name: "x",
      before: values,
      after: { ...values, last: "set" },
      ...more,
    });
    const changesOf = (more: Partial<Planned>): unknown[] => [
      ...openPlanFile(write(JSON.stringify(planOf([planned(more)])))).changes,
    ];
    const nonEmpty = { first: null, text: values.text, block: [{ only: null }, {}] };
    expect(changesOf({})).toMatchObject([
      { before: nonEmpty, after: { ...nonEmpty, last: "set" } },
    ]);
    expect(Object.keys((changesOf({})[0] as { before: object }).before)).toEqual(
      Object.keys(nonEmpty),
    );
    expect(changesOf({ sensitive: { last: true } })).toMatchObject([{ before: values }]);
    expect(changesOf({ before: undefined })).toMatchObject([{ before: null }]);
  });

  it("is rejected if it is truncated", () => {
    const file = write(JSON.stringify(planOf(resources, otherSections)).slice(0, 100_000));
    expect(() => openPlanFile(file)).toThrow(unreadable);
  });

  it("is rejected if it is not a plan", () => {
    expect(() => openPlanFile(write('{"a":1}'))).toThrow(unreadable);
    expect(() => openPlanFile(write('{"format_version":"2.0"}'))).toThrow(unreadable);
    expect(() => openPlanFile(write('{"format_version":"1.2","errored":nope}'))).toThrow(
      unreadable,
    );
  });
});
