import { review, type Review } from "../../../src/review";
import { job, planOf, stackOf, task, type Planned } from "../plans";

/** Returns jobs with different changes, none of which can be grouped. */
export const manyChanges = (count: number): readonly Planned[] =>
  Array.from({ length: count }, (_, index) => {
    const before = { ...job(`j${index}`, [task("a"), task("b", ["a"])]), id: String(index) };
    return {
      type: "databricks_job",
      name: `j${index}`,
      before,
      after: {
        ...before,
        description: `number ${index} ${"x".repeat(200)}`,
        autotermination_minutes: 0,
      },
    };
  });
export const reviewOf = (resources: readonly Planned[]): Review =>
  review({
    stacks: [{ name: "etl-dev", stack: stackOf(resources), plan: planOf(resources) }],
    today: "2026-01-02",
  });
