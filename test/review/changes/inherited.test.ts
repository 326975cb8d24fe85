import {
  renderHtml,
  renderJson,
  renderMarkdown,
  renderSarif,
  renderText,
  review,
} from "../../../src/review";
import { jobRules } from "../../../src/resources/kinds/job-rules";
import { findInherited } from "../../../src/review/changes/inherited";
import { listHealings } from "../../../src/review/changes/healing";
import { planOf, stackOf, type Planned } from "../plans";

type Values = Readonly<Record<string, unknown>>;
const writer = { instance_profile_arn: "arn:aws:iam::123456789012:instance-profile/writer" };
const task = (key: string, more: Values = {}): Values => ({
  task_key: key,
  run_if: "ALL_SUCCESS",
  retry_on_timeout: false,
  ...more,
});
const cluster = (key: string, more: Values = {}): Values => ({
  job_cluster_key: key,
  new_cluster: [{ spark_version: "15.4.x-scala2.12", ...more }],
});
const before = {
  task: [task("a"), task("b", { run_if: "ALL_FAILED", retry_on_timeout: true }), task("c")],
  job_cluster: [
    cluster("a"),
    cluster("b", { aws_attributes: [writer], data_security_mode: "NONE" }),
    cluster("c"),
  ],
};
const code = (...keys: string[]): Values => ({
  task: keys.map((key) => ({ task_key: key })),
  job_cluster: keys.map((key) => ({
    job_cluster_key: key,
    new_cluster: { spark_version: "15.4.x-scala2.12" },
  })),
});
const inheritedIn = (after: Values, inCode: Values): string[] =>
  findInherited({ before, after }, inCode, jobRules).map(
    ({ field, value, from }) => `${field} = ${value as string} from ${from}`,
  );

describe("inherited values", () => {
  // The official provider plans by position.
  const removed = {
    task: [task("a"), task("c", { run_if: "ALL_FAILED", retry_on_timeout: true })],
    job_cluster: [
      cluster("a"),
      cluster("c", { aws_attributes: [writer], data_security_mode: "NONE" }),
    ],
  };

  test("are reported for an element in the position of a removed one", () =>
    expect(inheritedIn(removed, code("a", "c"))).toEqual([
      "task[c].run_if = ALL_FAILED from task[b]",
      "task[c].retry_on_timeout = true from task[b]",
      "job_cluster[c].new_cluster.aws_attributes.instance_profile_arn = arn:aws:iam::123456789012:instance-profile/writer from job_cluster[b]",
      "job_cluster[c].new_cluster.data_security_mode = NONE from job_cluster[b]",
    ]));
  test("are reported for a new element", () => {
    const after = { task: [task("a"), task("x", { run_if: "ALL_FAILED" }), task("b"), task("c")] };
    expect(inheritedIn(after, code("a", "x", "b", "c"))).toEqual([
      "task[x].run_if = ALL_FAILED from task[b]",
    ]);
  });
  test("are reported within the task of a for_each", () => {
    const loop = (key: string, more: Values): Values => ({
      task_key: key,
      for_each_task: [{ inputs: "[1]", task: [{ task_key: "i", ...more }] }],
    });
    const plan = {
      before: { task: [loop("b", { retry_on_timeout: true }), loop("c", {})] },
      after: { task: [loop("c", { retry_on_timeout: true })] },
    };
    const inCode = {
      task: { task_key: "c", for_each_task: { inputs: "[1]", task: { task_key: "i" } } },
    };
    expect(findInherited(plan, inCode, jobRules).map(({ field }) => field)).toEqual([
      "task[c].for_each_task.task[i].retry_on_timeout",
    ]);
  });

  test.each<[string, Values, Values]>([
    [
      "a value that the code sets",
      removed,
      {
        task: [{ task_key: "a" }, { task_key: "c", run_if: "ALL_FAILED", retry_on_timeout: true }],
      },
    ],
    ["a platform default", { task: [task("x"), task("b"), task("c")] }, code("x", "b", "c")],
    [
      "a value that the element had before",
      { task: [task("b", { run_if: "ALL_FAILED", retry_on_timeout: true }), task("c")] },
      code("b", "c"),
    ],
    ["an element that is part of an expression", removed, { task: "${var.tasks}" }],
  ])("are not reported for %s", (_what, after, inCode) =>
    expect(inheritedIn(after, inCode)).toEqual([]),
  );

  test("are reported for elements of dynamic blocks, except for values that these set", () => {
    const inCode = {
      dynamic: {
        task: {
          for_each: "${var.steps}",
          content: { task_key: "${task.value}", run_if: '${task.value == "c" ? var.when : null}' },
        },
        job_cluster: {
          for_each: "${var.steps}",
          content: {
            job_cluster_key: "${job_cluster.value}",
            new_cluster: {
              spark_version: "15.4.x-scala2.12",
              data_security_mode: "${var.unknown_here}",
            },
          },
        },
      },
    };
    const inheritedWhen = (when: string | null): string[] => {
      const job: Planned = {
        type: "databricks_job",
        name: "j",
        before: { id: "1", ...before },
        after: { id: "1", ...removed },
        config: inCode,
      };
      const variable = {
        steps: { default: ["a", "b", "c"] },
        when: { default: "ALL_DONE" },
        unknown_here: {},
      };
      const variables = { steps: { value: ["a", "c"] }, when: { value: when } };
      const stack = stackOf([job], {}, { variable });
      const stacks = [{ name: "etl-dev", stack, plan: planOf([job], { variables }) }];
      const [reviewed] = review({ stacks, today: "2026-01-02" }).stacks;
      return reviewed?.inherited.map(({ field }) => field) ?? [];
    };
    const otherFields = [
      "task[c].retry_on_timeout",
      "job_cluster[c].new_cluster.aws_attributes.instance_profile_arn",
    ];
    expect(inheritedWhen(null)).toEqual(["task[c].run_if", ...otherFields]);
    expect(inheritedWhen("ALL_FAILED")).toEqual(otherFields);
  });

  test("are announced for healing if the object can be written", () => {
    const resource = {
      status: "pending",
      stack: "etl-dev",
      address: "databricks_job.j",
      path: "j",
      title: "job",
      kind: "databricks_job",
      id: "1",
    } as const;
    const finding = { status: "pending", path: "task[b]", field: "task" } as const;
    const inherited = [
      { address: "databricks_job.j", field: "task[c].run_if", value: "ALL_FAILED" },
    ];
    const healedFields = (restorable: boolean): unknown =>
      listHealings(
        { resources: [{ ...resource, restorable, findings: [finding] }] },
        undefined,
        () => inherited,
      );
    expect(healedFields(true)).toMatchObject([
      { id: "1", fields: [{ path: "task[c].run_if", field: "task.run_if", remote: "ALL_FAILED" }] },
    ]);
    expect(healedFields(false)).toEqual([]);
  });

  test("are shown at the top in each format, as a finding that a profile can make an error", async () => {
    const job: Planned = {
      type: "databricks_job",
      name: "j",
      before: { id: "1", ...before },
      after: { id: "1", ...removed },
      config: code("a", "c"),
    };
    const input = (policies: Values = {}) => ({
      name: "etl-dev",
      stack: stackOf([job], { profileSettings: { policies } }),
      plan: planOf([job]),
    });
    const result = review({ stacks: [input()], today: "2026-01-02" });
    expect(result.stacks[0]?.flags[0]).toMatchObject({
      kind: "inherited",
      items: [{ text: "task[c].run_if = ALL_FAILED, from task[b]" }, {}, {}, {}],
    });
    for (const text of [
      renderText(result),
      renderMarkdown(result),
      renderSarif(result),
      renderJson(result),
      await renderHtml(result),
    ]) {
      expect(text).toContain("inherited");
      expect(text).toContain("task[c].run_if");
    }
    const refused = review({
      stacks: [input({ "inherited-value": "error" })],
      today: "2026-01-02",
    });
    expect(
      refused.stacks[0]?.policies.filter(
        ({ rule, severity }) => rule === "inherited-value" && severity === "error",
      ),
    ).toHaveLength(4);
  });
});
