import {
  compareReviews,
  renderText,
  review,
  type Review,
  type StackInput,
} from "../../../src/review";
import { job, planOf, stackOf, task, without, type Planned } from "../plans";
import { ReportRedactor } from "../../../src/verify";

type Values = Readonly<Record<string, unknown>>;
const before = job("daily", [task("a"), task("b", ["a"])]);
const after = job("daily", [task("a", [], { timeout_seconds: 60 }), task("b", ["a"])]);
const update: Planned = { type: "databricks_job", name: "j", before, after };
const secret = (more: Partial<Planned> = {}): Planned => ({
  type: "databricks_secret",
  name: "s",
  before: { id: "x", key: "k", scope: "etl", string_value: "one-secret" },
  after: { id: "x", key: "k", scope: "etl", string_value: "two-secrets" },
  config: { key: "k", scope: "etl", string_value: "${var.token}" },
  beforeSensitive: { string_value: true },
  sensitive: { string_value: true },
  ...more,
});
const reviewWith = (
  resources: readonly Planned[],
  more: Partial<StackInput> = {},
  metadata: Values = {},
  rest: Values = {},
) =>
  review({
    stacks: [
      {
        name: "etl-dev",
        stack: stackOf(resources, metadata),
        plan: planOf(resources, rest),
        ...more,
      },
    ],
    today: "2026-01-01",
  });
const digest = (...args: Parameters<typeof reviewWith>): string => reviewWith(...args).digest;

describe("the digest", () => {
  it("is the same for the same change with another date, source line, Terraform version or order of keyed lists", () => {
    const first = digest([update]);
    expect(first).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(
      digest(
        [update],
        {},
        { resources: {} },
        { timestamp: "2030-01-01T00:00:00Z", terraform_version: "1.14.0" },
      ),
    ).toBe(first);
    expect(
      digest([{ ...update, after: { ...after, task: [...(after.task as unknown[])].reverse() } }]),
    ).toBe(first);
  });

  it.each<[string, Planned]>([
    ["a different value", { ...update, after: { ...after, max_concurrent_runs: 2 } }],
    [
      "a different old value",
      {
        ...update,
        before: { ...before, task: [task("a", [], { timeout_seconds: 5 }), task("b", ["a"])] },
      },
    ],
    [
      "a different object",
      { ...update, before: { ...before, id: "1" }, after: { ...after, id: "1" } },
    ],
    ["a different address", { ...update, name: "k" }],
    ["a replacement", { ...update, replacePaths: [["name"]] }],
    ["a destroy", without(update as unknown as Values, "after") as unknown as Planned],
    [
      "a different dependency",
      { ...update, after: job("daily", [task("a", [], { timeout_seconds: 60 }), task("b")]) },
    ],
  ])("differs for %s", (_, changed) => {
    expect(digest([changed])).not.toBe(digest([update]));
  });

  it("differs when the same object is imported first, moved, or forgotten instead of destroyed", () => {
    const plan = (more: Values, change: Values): unknown => {
      const { resource_changes: changes, ...rest } = planOf([update]) as {
        resource_changes: (Values & { change: Values })[];
      };
      return {
        ...rest,
        resource_changes: changes.map((item) => ({
          ...item,
          ...more,
          change: { ...item.change, ...change },
        })),
      };
    };
    const reviews = [
      plan({}, {}),
      plan({}, { importing: { id: "1" } }),
      plan({ previous_address: "databricks_job.old" }, {}),
      plan({ deposed: "abc" }, { actions: ["delete"], after: null }),
      plan({}, { actions: ["forget"], after: null }),
      plan({}, { actions: ["create", "forget"] }),
    ].map((changed) =>
      review({ stacks: [{ name: "etl-dev", stack: stackOf([update]), plan: changed }] }),
    );
    expect(new Set(reviews.map((result) => result.digest)).size).toBe(reviews.length);
    expect(reviews.map(({ stacks }) => stacks[0]?.changes[0]?.action)).toEqual([
      "update",
      "update",
      "update",
      "delete",
      "forget",
      "replace",
    ]);
    expect(renderText(reviews[1] as Review)).toContain("imported: not in the state yet");
    expect(renderText(reviews[3] as Review)).toContain(
      "because it is left over from a failed replacement (abc)",
    );
  });

  it("cannot be computed for an unknown kind of change", () => {
    expect(() => digest([{ ...update, actions: ["rename"] }])).toThrow(
      expect.objectContaining({ code: "PLAN_UNREADABLE" }) as Error,
    );
  });

  it("covers that a secret changes and from which variable, but not its value", () => {
    expect(digest([secret()])).toBe(
      digest([
        secret({ after: { id: "x", key: "k", scope: "etl", string_value: "three-secrets" } }),
      ]),
    );
    expect(digest([secret()])).not.toBe(digest([secret({ after: secret().before ?? {} })]));
    expect(digest([secret()])).not.toBe(
      digest([secret({ config: { key: "k", scope: "etl", string_value: "${var.other}" } })]),
    );
  });

  it("covers healing only when the deploy heals", () => {
    const verify = {
      redactor: new ReportRedactor(),
      resources: [
        {
          stack: "etl-dev",
          address: "databricks_job.j",
          path: "p",
          status: "drift" as const,
          title: "job",
          kind: "databricks_job",
          id: "1",
          restorable: true,
          findings: [
            { status: "drift" as const, path: "schedule", field: "schedule", remote: { x: 1 } },
          ],
        },
      ],
    };
    expect(digest([update], { verify })).toBe(digest([update]));
    expect(digest([update], { verify, heal: true })).not.toBe(digest([update]));
  });

  it("covers the content of files, not their path", () => {
    const file = (source: string): Planned => ({
      type: "databricks_notebook",
      name: "n",
      after: { path: "/Shared/n", source, md5: "different" },
      unknown: { id: true },
    });
    const artifact = (text: string) =>
      new Map([
        ["databricks_notebook.n", { sha256: text.padEnd(64, "0"), size: 1, file: "n.py", text }],
      ]);
    const digestOfContent = digest([file("/home/ann/n.py")], { artifacts: artifact("1") });
    expect(digest([file("/builds/77/n.py")], { artifacts: artifact("1") })).toBe(digestOfContent);
    expect(digest([file("/builds/77/n.py")], { artifacts: artifact("2") })).not.toBe(
      digestOfContent,
    );
  });

  it("of several stacks does not depend on their order", () => {
    const two = [[update], [secret()]].map((resources, index) => ({
      name: `s${index}`,
      stack: stackOf([update]),
      plan: planOf(resources),
    }));
    const reviewOfBoth = review({ stacks: two, today: "2026-01-01" });
    expect(review({ stacks: [...two].reverse(), today: "2026-01-01" })).toEqual(reviewOfBoth);
    expect(review({ stacks: two.slice(1), today: "2026-01-01" }).digest).toBe(
      reviewOfBoth.stacks[1]?.digest,
    );
  });
});

describe("the comparison of the approved plan with the current one", () => {
  const current = reviewWith([update, { ...secret(), name: "new" }]);

  it("finds no difference for an equal digest or review", () => {
    expect(compareReviews(current.digest, current)).toEqual({ same: true, lines: [] });
    expect(compareReviews(JSON.parse(JSON.stringify(current)) as typeof current, current)).toEqual({
      same: true,
      lines: [],
    });
  });

  it("shows unapproved, removed and different changes", () => {
    const approved = reviewWith([
      { ...update, after: { ...after, timeout_seconds: 9 } },
      { type: "databricks_cluster", name: "c", before: { id: "1" } },
    ]);
    const { same, lines } = compareReviews(approved, current);
    expect(same).toBe(false);
    expect(lines.slice(2)).toEqual([
      "etl-dev: no longer planned: delete databricks_cluster.c (databricks_cluster.c)",
      "etl-dev: different: etl-dev/j (databricks_job.j)",
      "etl-dev:   approved: timeout_seconds: 3600 -> 9",
      "etl-dev: not approved: update etl-dev/new (databricks_secret.new)",
      "etl-dev:   string_value: (sensitive: var.token) -> (sensitive: var.token)",
    ]);
  });

  it("shows the first 20 changes and the first 20 fields of a new one, and how many it omits", () => {
    const tags = (value: string) =>
      Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`t${index}`, value]));
    const manyFields = reviewWith([
      { ...update, before: { ...before, tags: tags("a") }, after: { ...before, tags: tags("b") } },
    ]);
    expect(compareReviews(reviewWith([]), manyFields).lines).toContain("etl-dev:   and 5 more");
    const jobs = Array.from({ length: 22 }, (_, index) => ({ ...update, name: `j${index}` }));
    expect(compareReviews("sha256:0", reviewWith(jobs)).lines).toContain("etl-dev: and 2 more");
  });

  it("shows the current plan if only a digest is given", () => {
    expect(compareReviews("sha256:0", current)).toMatchObject({
      same: false,
      lines: expect.arrayContaining(["etl-dev: would update etl-dev/j"]) as string[],
    });
    expect(compareReviews(undefined, current).same).toBe(false);
  });
});
