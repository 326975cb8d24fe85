import { checkJob } from "../../../constructs/checks/job";
import type { Block } from "../../../constructs/checks/rendered";

const check = (body: Block): string[] =>
  checkJob({ path: "p", type: "databricks_job", body, json: JSON.stringify(body) }).map(
    ({ code }) => code,
  );

const notebook = { task_key: "a", notebook_task: { notebook_path: "/a", source: "WORKSPACE" } };

describe("job", () => {
  test("accepts a plain job", () => {
    expect(check({ task: [notebook] })).toEqual([]);
  });
  test.each<[string, Block, string]>([
    ["two schedules", { task: [notebook], schedule: {}, trigger: {} }, "TWO_SCHEDULES"],
    [
      "too many tasks",
      {
        task: Array.from({ length: 1001 }, (_, index) => ({ ...notebook, task_key: `t${index}` })),
      },
      "TOO_MANY_TASKS",
    ],
    ["a job-level library", { task: [notebook], library: [{}] }, "JOB_LEVEL_FIELD"],
    ["job-level retries", { task: [notebook], max_retries: 1 }, "JOB_LEVEL_FIELD"],
    [
      "an invalid number of concurrent runs",
      { task: [notebook], max_concurrent_runs: 1001 },
      "OUT_OF_RANGE",
    ],
    [
      "a continuous job with two runs",
      { task: [notebook], continuous: {}, max_concurrent_runs: 2 },
      "CONTINUOUS_CONCURRENT",
    ],
    [
      "controlRunState without a continuous schedule",
      { task: [notebook], control_run_state: true },
      "NOT_CONTINUOUS",
    ],
    [
      "a branch together with a tag",
      { task: [notebook], git_source: { provider: "gitHub", branch: "a", tag: "b" } },
      "BAD_GIT_REF",
    ],
    ["a missing Git provider", { task: [notebook], git_source: { branch: "a" } }, "GIT_PROVIDER"],
    [
      "an unused cluster",
      { task: [notebook], job_cluster: [{ job_cluster_key: "x" }] },
      "UNUSED_JOB_CLUSTER",
    ],
    [
      "a misspelt cluster",
      { task: [{ ...notebook, job_cluster_key: "x" }] },
      "UNKNOWN_JOB_CLUSTER",
    ],
    [
      "a misspelt environment",
      { task: [{ ...notebook, environment_key: "x" }] },
      "UNKNOWN_ENVIRONMENT_KEY",
    ],
    [
      "a task with two types",
      { task: [{ ...notebook, pipeline_task: { pipeline_id: "p" } }] },
      "TASK_TYPE",
    ],
    ["a task without a type", { task: [{ task_key: "a" }] }, "TASK_TYPE"],
    [
      "a task without compute",
      { task: [{ task_key: "a", spark_python_task: { python_file: "a" } }] },
      "NO_COMPUTE",
    ],
    [
      "a Git path without a Git source",
      { task: [{ task_key: "a", notebook_task: { source: "GIT" } }] },
      "NO_GIT_SOURCE",
    ],
    [
      "parameters that are too long",
      { task: [{ task_key: "a", notebook_task: { base_parameters: { a: "x".repeat(10_001) } } }] },
      "PARAMETERS_TOO_LONG",
    ],
    [
      "parameters that are too long in bytes, but not in characters",
      { task: [{ task_key: "a", notebook_task: { base_parameters: { a: "é".repeat(5_000) } } }] },
      "PARAMETERS_TOO_LONG",
    ],
    ["a negative number of retries", { task: [{ ...notebook, max_retries: -2 }] }, "OUT_OF_RANGE"],
    ["an invalid timeout", { task: [{ ...notebook, timeout_seconds: -1 }] }, "OUT_OF_RANGE"],
    [
      "libraries without a cluster",
      { task: [{ ...notebook, library: [{ jar: "/a" }] }] },
      "LIBRARIES_WITHOUT_CLUSTER",
    ],
    [
      "a duplicate library",
      {
        task: [
          {
            ...notebook,
            existing_cluster_id: "c",
            library: [{ pypi: { package: "a==1" } }, { pypi: { package: "A==2" } }],
          },
        ],
      },
      "DUPLICATE_LIBRARY",
    ],
    [
      "an unknown parameter",
      { task: [{ ...notebook, description: "{{job.parameters.day}}" }] },
      "UNKNOWN_PARAMETER",
    ],
    ...[
      "{{job.parameters.[day]}}",
      "{{ job.parameters.`day-of` }}",
      "{{job.parameters.[a b]}}",
      "{{job.parameters.a.b}}",
    ].map((text): [string, Block, string] => [
      `an unknown parameter as ${text}`,
      { task: [{ ...notebook, description: text }] },
      "UNKNOWN_PARAMETER",
    ]),
    ...["{{tasks.[b].values.[x y]}}", "{{ tasks.`b c`.result_state }}", "{{tasks[b].run_id}}"].map(
      (text): [string, Block, string] => [
        `a value of an unknown task as ${text}`,
        { task: [{ ...notebook, description: text }] },
        "NOT_UPSTREAM",
      ],
    ),
    [
      "a value of a task that is not upstream",
      { task: [{ ...notebook, description: "{{tasks.b.values.x}}" }] },
      "NOT_UPSTREAM",
    ],
    [
      "retries of a for_each",
      {
        task: [{ task_key: "a", max_retries: 1, for_each_task: { inputs: "[1]", task: notebook } }],
      },
      "FOR_EACH_RETRIES",
    ],
    [
      "a concurrency of 101",
      {
        task: [
          { task_key: "a", for_each_task: { inputs: "[1]", concurrency: 101, task: notebook } },
        ],
      },
      "OUT_OF_RANGE",
    ],
    [
      "inputs that are too long",
      {
        task: [
          {
            task_key: "a",
            for_each_task: { inputs: JSON.stringify("x".repeat(5001).split("")), task: notebook },
          },
        ],
      },
      "INPUTS_TOO_LONG",
    ],
    [
      "a for_each in a for_each",
      {
        task: [
          {
            task_key: "a",
            for_each_task: {
              inputs: "[1]",
              task: { task_key: "b", for_each_task: { inputs: "[1]", task: notebook } },
            },
          },
        ],
      },
      "NESTED_FOR_EACH",
    ],
    [
      "a misspelt cluster in a for_each",
      {
        task: [
          {
            task_key: "a",
            for_each_task: { inputs: "[1]", task: { ...notebook, job_cluster_key: "x" } },
          },
        ],
      },
      "UNKNOWN_JOB_CLUSTER",
    ],
  ])("rejects %s", (_, body, code) => {
    expect(check(body)).toContain(code);
  });

  test("accepts each valid spelling of a reference", () => {
    const references =
      "{{job.parameters.[day-of]}} {{job.parameters.`day-of`}} {{tasks.[a].values.[x y]}} {{tasks.`a`.result_state}} {{job.trigger.type}}";
    const codes = check({
      parameter: [{ name: "day-of", default: "1" }],
      task: [
        notebook,
        { ...notebook, task_key: "z", depends_on: [{ task_key: "a" }], description: references },
      ],
    });
    expect(codes).toEqual([]);
  });
});
