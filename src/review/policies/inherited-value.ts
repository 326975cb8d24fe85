import type { Policy } from "./policy";

const removed = { task_key: "b", run_if: "ALL_FAILED" };
const last = { task_key: "c", run_if: "ALL_SUCCESS" };

export const inheritedValue: Policy = {
  id: "inherited-value",
  title: "no task or cluster inherits a value from its neighbour",
  severity: "warning",
  explanation:
    "The official provider plans lists by position. When a task or job cluster is added, removed or renamed, values that the code does not set stay at their position in the list, so they move to a different task or cluster. For example, a task then runs with another task's condition, or a cluster with another cluster's instance profile.",
  fix: "set the value in the code, or deploy with --heal, which restores the platform's default",
  types: ["databricks_job"],
  check: (_resource, { inherited = [] }) =>
    inherited.map(({ field, value, from }) => ({
      where: field,
      message: `${JSON.stringify(value)} comes from ${from}: the code does not set it`,
    })),
  examples: {
    good: {
      type: "databricks_job",
      config: { task: [{ task_key: "c", run_if: "ALL_SUCCESS" }] },
      plan: {
        before: { task: [removed, last] },
        after: { task: [{ task_key: "c", run_if: "ALL_SUCCESS" }] },
      },
    },
    bad: {
      type: "databricks_job",
      config: { task: [{ task_key: "c" }] },
      plan: {
        before: { task: [removed, last] },
        after: { task: [{ task_key: "c", run_if: "ALL_FAILED" }] },
      },
    },
  },
};
