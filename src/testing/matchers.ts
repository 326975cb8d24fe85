import { job } from "../resources/kinds/job";
import { createTwoFilesPatch } from "diff";
import type { RunResult, TaskResult } from "./run-result";
import { resourcesOf, type CdktfStack } from "./synthesize";
import { verifyMatchers, type MatcherResult } from "./verified";

/** A task of a synthesized stack, as returned by {@link taskOf}. */
export interface TaskOf {
  /** The name of the job. */
  readonly job: string;
  readonly key: string;
  /** The keys of the tasks that the task depends on. */
  readonly dependsOn: readonly string[];
  /**
   * The key of the task's job cluster, the id or reference of its all-purpose cluster, "its own
   * cluster" if the task defines a new one, or "serverless" if the task has no cluster.
   */
  readonly cluster: string;
  /** The task's settings as in Terraform. */
  readonly settings: Readonly<Record<string, unknown>>;
}

type Block = Readonly<Record<string, unknown>>;

const text = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value);
const list = (value: unknown): readonly Block[] =>
  Array.isArray(value) ? (value as Block[]) : value === undefined ? [] : [value as Block];

/** Returns every task of a stack's jobs. */
export function tasksOf(stack: CdktfStack): TaskOf[] {
  const jobs = resourcesOf(stack)[job.type] ?? {};
  return Object.values(jobs).flatMap((job) =>
    list(job["task"]).map((task) => ({
      job: String(job["name"]),
      key: String(task["task_key"]),
      dependsOn: list(task["depends_on"]).map((edge) => String(edge["task_key"])),
      cluster: text(
        task["job_cluster_key"] ??
          task["existing_cluster_id"] ??
          (task["new_cluster"] === undefined ? "serverless" : "its own cluster"),
      ),
      settings: task,
    })),
  );
}

/**
 * Returns a task of a stack, for `toDependOn` and `toRunOn`.
 * @throws if no job, or more than one, has a task with this key
 */
export function taskOf(stack: CdktfStack, key: string, job?: string): TaskOf {
  const allTasks = tasksOf(stack);
  const matches = allTasks.filter(
    (task) => task.key === key && (job === undefined || task.job === job),
  );
  const [first, second] = matches;
  if (first === undefined)
    throw new Error(
      `the stack has no task '${key}'; it has: ${allTasks.map((task) => task.key).join(", ")}`,
    );
  if (second !== undefined)
    throw new Error(
      `several jobs have a task '${key}': name one of ${matches.map((task) => task.job).join(", ")}`,
    );
  return first;
}

const matcherResult = (pass: boolean, message: string): MatcherResult => ({
  pass,
  message: () => message,
});

/**
 * Jest matchers for stacks and runs. Register them once, in a setup file or at the top of a test:
 *
 *     import { matchers } from "lakeform/testing";
 *     expect.extend(matchers);
 */
export const matchers = {
  ...verifyMatchers,

  /** Passes if a stack has a task with this key. */
  toHaveTask(received: CdktfStack, key: string): MatcherResult {
    const keys = tasksOf(received).map((task) => task.key);
    return matcherResult(
      keys.includes(key),
      `expected the stack ${keys.includes(key) ? "not " : ""}to have a task '${key}'; it has: ${keys.join(", ")}`,
    );
  },

  /** Passes if a task (see `taskOf`) depends on all of these tasks. */
  toDependOn(received: TaskOf, ...keys: readonly string[]): MatcherResult {
    const pass = keys.every((key) => received.dependsOn.includes(key));
    const dependencies =
      received.dependsOn.length === 0 ? "no task" : received.dependsOn.join(", ");
    return matcherResult(
      pass,
      `expected task '${received.key}' ${pass ? "not " : ""}to depend on ${keys.join(", ")}; it depends on ${dependencies}`,
    );
  },

  /** Passes if a task (see `taskOf`) runs on this cluster: see {@link TaskOf.cluster}. */
  toRunOn(received: TaskOf, cluster: string): MatcherResult {
    const pass = received.cluster === cluster;
    return matcherResult(
      pass,
      `expected task '${received.key}' ${pass ? "not " : ""}to run on ${cluster}; it runs on ${received.cluster}`,
    );
  },

  /** Passes if a run, or a task of one, ended with SUCCESS. */
  toSucceed(received: RunResult | TaskResult): MatcherResult {
    return matcherResult(
      received.result === "SUCCESS",
      `expected ${received.result === "SUCCESS" ? "a failure" : "success"}\n\n${describeResult(received)}`,
    );
  },

  /**
   * Passes if a run did not succeed, and this task is the first that ended with FAILED or TIMEDOUT.
   */
  toFailAt(received: RunResult, key: string): MatcherResult {
    const failedTasks = Object.values(received.tasks).filter((task) =>
      ["FAILED", "TIMEDOUT"].includes(task.result ?? ""),
    );
    const first = failedTasks.sort((a, b) => (a.ended ?? 0) - (b.ended ?? 0))[0]?.key;
    const pass = received.result !== "SUCCESS" && first === key;
    const outcome =
      received.result === "SUCCESS"
        ? "it succeeded"
        : first === undefined
          ? "none of its tasks failed"
          : `it failed at '${first}'`;
    return matcherResult(
      pass,
      `expected the run ${pass ? "not " : ""}to fail at '${key}'; ${outcome}\n\n${describeResult(received)}`,
    );
  },

  /**
   * Passes if the stack has exactly these resources, by Terraform type and name. Metadata (`//`) is
   * not compared.
   */
  toSynthesizeTo(received: CdktfStack, expected: Readonly<Record<string, unknown>>): MatcherResult {
    const asJson = (value: unknown): string => `${JSON.stringify(sorted(value), undefined, 2)}\n`;
    const [expectedJson, actualJson] = [
      asJson(expected),
      asJson(withoutMetadata(resourcesOf(received))),
    ];
    if (expectedJson === actualJson)
      return matcherResult(true, "expected the stack to synthesize differently");
    return matcherResult(
      false,
      createTwoFilesPatch("expected", "synthesized", expectedJson, actualJson, "", "", {
        context: 3,
      }),
    );
  },
};

function describeResult(received: RunResult | TaskResult): string {
  if (!("tasks" in received)) return describeTask(received);
  return [
    `${received.name}: ${received.result ?? received.life} ${received.message}`.trimEnd(),
    ...Object.values(received.tasks).map((task) => `  ${describeTask(task)}`),
  ].join("\n");
}

const describeTask = ({ key, result: outcome, life, error, message, trace }: TaskResult): string =>
  `${key}: ${outcome ?? life} ${error ?? message}${trace === undefined ? "" : `\n${trace}`}`.trimEnd();

function withoutMetadata(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMetadata);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) =>
      name === "//" ? [] : [[name, withoutMetadata(item)]],
    ),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, sorted(item)]),
  );
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how jest's matchers are typed
  namespace jest {
    // eslint-disable-next-line @typescript-eslint/no-unused-vars, @typescript-eslint/no-empty-object-type -- the parameters must be those of the interface that is merged
    interface Matchers<R, T = {}> {
      toHaveTask(key: string): R;
      toDependOn(...keys: readonly string[]): R;
      toRunOn(cluster: string): R;
      toSucceed(): R;
      toFailAt(key: string): R;
      toSynthesizeTo(expected: Readonly<Record<string, unknown>>): R;
    }
  }
}
