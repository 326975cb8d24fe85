import fc from "fast-check";
import { review, type Review } from "../../../src/review";
import { renderMarkdown } from "../../../src/review/render/markdown";
import { renderText } from "../../../src/review/render/text";
import { inline } from "../../../src/review/render/values";

interface ResourceInput {
  readonly type: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly unknown?: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
}

function reviewOf(resources: readonly ResourceInput[]): Review {
  const resource: Record<string, Record<string, unknown>> = {};
  const changes = resources.map(({ type, values, unknown = {}, config = values }, index) => {
    const name = `r${String(index).padStart(2, "0")}`;
    resource[type] = { ...resource[type], [name]: config };
    const change = {
      actions: ["create"],
      before: null,
      after: values,
      after_unknown: unknown,
      before_sensitive: false,
      after_sensitive: {},
    };
    return { address: `${type}.${name}`, mode: "managed", type, name, change };
  });
  return review({
    stacks: [
      {
        name: "etl-dev",
        stack: { resource },
        plan: { format_version: "1.2", resource_changes: changes },
      },
    ],
  });
}

const letter = fc.constantFrom("a", "b", "c");

describe("a group of resources with the same change", () => {
  test("shows every value of every resource, or names the field as differing", () => {
    const arbitraryResource = fc.record({
      name: letter,
      catalog_name: letter,
      comment: fc.option(letter, { nil: null }),
    });
    fc.assert(
      fc.property(fc.array(arbitraryResource, { minLength: 1, maxLength: 25 }), (valuesList) => {
        const reviewed = reviewOf(
          valuesList.map((values) => ({ type: "databricks_schema", values })),
        );
        const [stack] = reviewed.stacks;
        for (const { members, differing = [] } of stack?.groups ?? []) {
          const group = {
            ...reviewed,
            stacks: [
              {
                ...stack,
                groups: [{ members, differing, action: "create", type: "databricks_schema" }],
              },
            ],
          } as Review;
          for (const output of [renderText(group), renderMarkdown(group)]) {
            for (const { path, after } of members.flatMap(
              (index) => stack?.changes[index]?.fields ?? [],
            )) {
              if (differing.includes(path)) expect(output).toContain(`+ ${path} differs: `);
              else expect(output).toContain(`+ ${path} = ${inline(after)}`);
            }
            for (const path of differing) expect(output).not.toContain(`+ ${path} = `);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test("marks different names as different, without repeating the first one", () => {
    const text = renderText(
      reviewOf(
        ["jobs", "strict jobs"].map((name) => ({
          type: "databricks_cluster_policy",
          values: { name, definition: "{}" },
        })),
      ),
    );
    expect(text).toContain("create 2 x cluster policy, the same change on each except for name");
    expect(text).toContain('+ name differs: "jobs", "strict jobs"');
    expect(text).not.toContain('+ name = "jobs"');
  });

  test("never contains a moved object and another object with the same change", () => {
    const change = {
      actions: ["update"],
      before: { id: "1", max_concurrent_runs: 1 },
      after: { id: "1", max_concurrent_runs: 2 },
      after_unknown: {},
      before_sensitive: false,
      after_sensitive: {},
    };
    const job = { mode: "managed", type: "databricks_job", change };
    const [stack] = review({
      stacks: [
        {
          name: "etl-dev",
          stack: { resource: { databricks_job: { a: {}, b: {}, c: {} } } },
          plan: {
            format_version: "1.2",
            resource_changes: [
              { ...job, address: "databricks_job.a", previous_address: "databricks_job.old" },
              { ...job, address: "databricks_job.b" },
              { ...job, address: "databricks_job.c" },
            ],
          },
        },
      ],
    }).stacks;
    expect(stack?.groups.map(({ members }) => members)).toEqual([[0], [1, 2]]);
  });

  test("names the object of grants and permissions", () => {
    const text = renderText(
      reviewOf([
        {
          type: "databricks_permissions",
          values: {},
          unknown: { job_id: true },
          config: { job_id: "${databricks_job.ingest.id}" },
        },
        { type: "databricks_permissions", values: { cluster_id: "0101-abc" } },
        { type: "databricks_grants", values: { external_location: "landing" } },
      ]),
    );
    expect(text).toContain("create permissions on job databricks_job.ingest.id");
    expect(text).toContain("create permissions on cluster 0101-abc");
    expect(text).toContain("create grants on external location landing");
  });
});
