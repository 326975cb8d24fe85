import { defined } from "../../src/defined";
import { Permissions, type JobLevel } from "../access/permissions";
import { renderRunAs, type Principal } from "../access/principal";
import { JobResource, load, type Construct, type JobTask } from "../core/bindings";
import { Element } from "../core/element";
import { ConstructError, errorAt } from "../core/errors";
import { insertSorted } from "../core/insert-sorted";
import { nameProblem, nameRules } from "../core/names";
import { renderFieldsOfNewerBindings } from "../core/newer-bindings";
import { callerPosition } from "../core/caller-position";
import { warn } from "../core/warnings";
import { WorkspaceStack } from "../core/workspace-stack";
import type { NotificationTargets } from "../core/environment";
import type { GitSource } from "./git-source";
import { JobCluster, type JobClusterProps, type ServerlessJobClusterProps } from "./job-cluster";
import { JobEnvironment, type JobEnvironmentProps } from "./job-environment";
import { JobParameter } from "./job-parameter";
import {
  renderNotifications,
  type EmailNotifications,
  type HealthRule,
  type NotificationSettings,
  type WebhookNotifications,
} from "./notifications";
import { DynamicReference } from "./reference";
import type { Schedule } from "./schedule";
import { ConditionOutcome, ConditionTask, Task } from "./task";
import type { RunContext } from "./task-run";
import {
  renderTaskBase,
  renderWork,
  type ConditionProps,
  type ForEachProps,
  type RenderedInner,
  type TaskBaseProps,
  type TaskProps,
} from "./task-props";

export interface WorkflowProps {
  /** The job's name, without the environment's prefix. */
  readonly name: string;
  /** A description of the job, at most 27,700 characters. @default - none */
  readonly description?: string;
  /** The tags of the job: at most 25, including the tags of the environment and the stamp. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Add the stack's stamp, a tag that lets verify find unmanaged copies. @default true */
  readonly stamp?: boolean;
  /** What starts runs automatically. @default - nothing: runs are started manually */
  readonly schedule?: Schedule;
  /**
   * The identity that the job runs as: a user or a service principal.
   * @default - the environment's, else the deploying identity
   */
  readonly runAs?: Exclude<Principal, { readonly kind: "group" }>;
  /** The git repository that tasks can run code from. */
  readonly gitSource?: GitSource;
  /** The maximum number of concurrent runs. @default 1 */
  readonly maxConcurrentRuns?: number;
  /** The time limit of a run in seconds. @default - no limit */
  readonly timeoutSeconds?: number;
  /**
   * Whether runs beyond `maxConcurrentRuns` are queued, for up to 48 hours.
   * @default - off, the official provider's default
   */
  readonly queue?: boolean;
  /** The e-mail addresses to notify about runs. */
  readonly emailNotifications?: EmailNotifications;
  /** The destinations to notify about runs. */
  readonly webhookNotifications?: WebhookNotifications;
  /** Which runs cause no notifications. @default - none */
  readonly notificationSettings?: NotificationSettings;
  /** The limits whose violation triggers a notification. */
  readonly health?: readonly HealthRule[];
  /** With `UI_LOCKED`, the job cannot be edited in the browser. */
  readonly editMode?: "UI_LOCKED" | "EDITABLE";
  /** Whether serverless tasks start fast or cost less. For serverless compute only. */
  readonly performanceTarget?: "PERFORMANCE_OPTIMIZED" | "STANDARD";
  /** The id of the budget policy that serverless usage is attributed to. */
  readonly budgetPolicyId?: string;
  /** The id of the usage policy that serverless usage is attributed to. */
  readonly usagePolicyId?: string;
  /** The workspace folder that shows the job. Requires cdktn. @default - none */
  readonly parentPath?: string;
  /**
   * Start a run of a continuous job after each deployment, or restart the active one.
   * @default false
   */
  readonly controlRunState?: boolean;
  /** The time limits of Terraform operations, such as `30m`. */
  readonly timeouts?: { readonly create?: string; readonly update?: string };
}

/**
 * A job, managed by this stack or elsewhere. Used for {@link RunJobTask} and `Permissions.onJob`.
 */
export interface IWorkflow {
  /** Distinguishes a workflow from other handles at compile time. */
  readonly kind: "workflow";
  /** Returns the job's numeric id, which is a Terraform reference for a job of this stack. */
  renderJobId(): string;
}

/**
 * A job with its tasks. Tasks, clusters and parameters are handles: a misspelt one is a compile
 * error, and with `const` a cycle is impossible.
 *
 * @example
 * const etl = new Workflow(stack, "pipeline", { name: "daily-etl-pipeline" });
 * const shared = etl.addJobCluster("shared_cluster", {
 *   sparkVersion: SparkVersion.LTS_15_4,
 *   nodeType: NodeType.of("Standard_DS3_v2"),
 *   size: ClusterSize.fixed(2),
 * });
 * const ingest = etl.addTask("ingest", { run: NotebookTask.at("/Shared/ingest"), on: shared });
 * etl.addTask("transform", {
 *   run: NotebookTask.at("/Shared/transform"),
 *   on: shared,
 *   after: [ingest],
 * });
 * @see https://docs.databricks.com/aws/en/jobs/
 */
export class Workflow extends Element implements IWorkflow {
  /**
   * Refers to the job with this numeric id, which is managed elsewhere.
   * @throws ConstructError BAD_JOB_ID
   */
  static fromId(jobId: string): IWorkflow {
    if (!/^(\d+|\$\{.+\})$/.test(jobId)) {
      throw new ConstructError("BAD_JOB_ID", "invalid job id", {
        path: callerPosition(),
        value: jobId,
        allowed: "digits, or a Terraform reference",
        fix: "copy the number from the URL of the job, or look the job up with Workflow.fromName",
      });
    }
    return { kind: "workflow", renderJobId: () => jobId };
  }

  /** Refers to a job that is managed elsewhere. Terraform looks it up by its name. */
  static fromName(scope: Construct, id: string, name: string): IWorkflow {
    const { DataDatabricksJob } = load("data-databricks-job");
    const job = new DataDatabricksJob(scope, id, { jobName: name });
    return { kind: "workflow", renderJobId: () => job.id };
  }

  readonly kind = "workflow";
  /** The job's name as deployed, with the environment's prefix. */
  readonly name: string;
  readonly #job: JobResource;
  readonly #tasks: JobTask[] = [];
  readonly #clusters: JobCluster[] = [];
  readonly #environments: JobEnvironment[] = [];
  readonly #parameters: JobParameter[] = [];
  /**
   * The used keys with the kind of their element, such as `task ingest` or `job cluster main`:
   * elements of different kinds may have the same key.
   */
  readonly #keys = new Set<string>();
  readonly #hasGitSource: boolean;
  #permissions: Permissions<JobLevel> | undefined;

  /** @throws ConstructError BAD_NAME */
  constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id);
    const stack = WorkspaceStack.around(this);
    const problem = nameProblem(nameRules.jobName, props.name);
    if (problem !== undefined)
      throw errorAt(this, "BAD_NAME", `the name of the job ${problem}`, {
        value: props.name,
        allowed: nameRules.jobName.allowed,
      });
    this.name = stack.named(props.name);
    if (props.maxConcurrentRuns === 0)
      warn(
        this,
        "ZERO_CONCURRENT_RUNS",
        "the Terraform provider does not send maxConcurrentRuns: 0; a new job allows 1 run",
        "to start no runs, pause the schedule: Schedule.cron(…).paused()",
      );
    this.#hasGitSource = props.gitSource !== undefined;
    this.#job = new JobResource(this, "Resource", {
      name: this.name,
      description: props.description,
      tags: stack.stamped(props.tags, props.stamp),
      maxConcurrentRuns: props.maxConcurrentRuns,
      timeoutSeconds: props.timeoutSeconds,
      queue: props.queue === undefined ? undefined : { enabled: props.queue },
      gitSource: props.gitSource?.render(),
      runAs: renderRunAs(props.runAs) ?? stack.environment.runAs,
      notificationSettings: props.notificationSettings,
      editMode: props.editMode,
      performanceTarget: props.performanceTarget,
      budgetPolicyId: props.budgetPolicyId,
      usagePolicyId: props.usagePolicyId,
      controlRunState: props.controlRunState,
      timeouts: props.timeouts,
      ...renderFieldsOfNewerBindings(this, { parentPath: props.parentPath }),
      ...renderNotifications(withEnvironmentRecipients(props, stack.environment.notifications)),
      ...(stack.environment.schedules === "off"
        ? props.schedule?.paused()
        : props.schedule
      )?.render(),
    });
    this.node.addValidation({
      validate: () =>
        this.#tasks.length === 0 ? ["a workflow needs at least one task: addTask"] : [],
    });
  }

  /**
   * Adds a cluster that the tasks of a run share.
   * @throws ConstructError BAD_NAME, DUPLICATE_KEY
   */
  addJobCluster(key: string, props: JobClusterProps | ServerlessJobClusterProps): JobCluster {
    this.#claimKey("job cluster", key);
    const cluster = new JobCluster(this, this.#constructId(key, "cluster"), key, props);
    insertSorted(this.#clusters, cluster, (item) => item.key);
    this.#job.putJobCluster(this.#clusters.map((item) => item.rendered));
    return cluster;
  }

  /** Adds an environment for serverless tasks. @throws ConstructError BAD_NAME, DUPLICATE_KEY */
  addEnvironment(key: string, props: JobEnvironmentProps): JobEnvironment {
    this.#claimKey("environment", key);
    const environment = new JobEnvironment(this, this.#constructId(key, "environment"), key, props);
    insertSorted(this.#environments, environment, (item) => item.key);
    this.#job.putEnvironment(this.#environments.map((item) => item.rendered));
    return environment;
  }

  /**
   * Adds a parameter. Each task can read it, and each run can set it.
   * @throws ConstructError BAD_NAME, DUPLICATE_KEY
   */
  addParameter(name: string, defaultValue: string): JobParameter {
    const problem = nameProblem(nameRules.parameter, name);
    if (problem !== undefined)
      throw errorAt(this, "BAD_NAME", `the name of the parameter ${problem}`, {
        value: name,
        allowed: nameRules.parameter.allowed,
      });
    if (this.#parameters.some((item) => item.name === name)) {
      throw errorAt(this, "DUPLICATE_KEY", "the job already has a parameter with this name", {
        value: name,
        fix: "use another name for the parameter",
      });
    }
    const parameter = new JobParameter(name, defaultValue);
    insertSorted(this.#parameters, parameter, (item) => item.name);
    this.#job.putParameter(
      this.#parameters.map((item) => ({ name: item.name, default: item.defaultValue })),
    );
    return parameter;
  }

  /**
   * Adds a task.
   * @throws ConstructError BAD_NAME, DUPLICATE_KEY, OTHER_WORKFLOW for a handle that belongs to
   * another workflow
   */
  addTask(key: string, props: TaskProps): Task {
    const task = new Task(this, this.#claimTaskId(key), {
      taskKey: key,
      ...this.#renderDependencies(key, props),
      ...renderTaskBase(props),
      ...renderWork(props, this.#runContext(key, props.on)),
    });
    this.#addToJob(task.rendered);
    return task;
  }

  /**
   * Adds a task that compares two values. Later tasks depend on its `whenTrue` or `whenFalse`.
   * @throws ConstructError as {@link addTask}
   */
  addCondition(key: string, props: ConditionProps): ConditionTask {
    const task = new ConditionTask(this, this.#claimTaskId(key), {
      taskKey: key,
      ...this.#renderDependencies(key, props),
      ...renderTaskBase(props),
      conditionTask: { left: props.left.toString(), op: props.op, right: props.right.toString() },
    });
    this.#addToJob(task.rendered);
    return task;
  }

  /**
   * Adds a task that runs another task for each item of a list.
   * @throws ConstructError as {@link addTask}
   */
  addForEach(key: string, props: ForEachProps): Task {
    const inner: RenderedInner = {
      taskKey: this.#checkInnerKey(props.task.key),
      ...renderTaskBase(props.task),
      ...renderWork(props.task, this.#runContext(key, props.task.on)),
    };
    const inputs =
      props.inputs instanceof DynamicReference || typeof props.inputs === "string"
        ? props.inputs.toString()
        : JSON.stringify(props.inputs);
    const task = new Task(this, this.#claimTaskId(key), {
      taskKey: key,
      ...this.#renderDependencies(key, props),
      ...renderTaskBase(props),
      forEachTask: { inputs, ...defined({ concurrency: props.concurrency }), task: inner },
    });
    this.#addToJob(task.rendered);
    return task;
  }

  /** The access list of the job. It replaces all other permissions on the object. */
  get permissions(): Permissions<JobLevel> {
    return (this.#permissions ??= Permissions.onJob(this, "Permissions", this));
  }

  renderJobId(): string {
    return this.#job.id;
  }

  /** The keys of the tasks, sorted. */
  get taskKeys(): readonly string[] {
    return this.#tasks.map((task) => task.taskKey);
  }

  #addToJob(task: JobTask): void {
    insertSorted(this.#tasks, task, (item) => item.taskKey);
    // The resource keeps this array, because copying it for each task would take quadratic time in
    // a large job.
    if (this.#tasks.length === 1) this.#job.putTask(this.#tasks);
  }

  /** Checks a key and registers it. @throws ConstructError BAD_NAME, DUPLICATE_KEY */
  #claimKey(noun: string, key: string): void {
    const problem = nameProblem(nameRules.taskKey, key);
    if (problem !== undefined)
      throw errorAt(this, "BAD_NAME", `the key of the ${noun} ${problem}`, {
        value: key,
        allowed: nameRules.taskKey.allowed,
      });
    if (this.#keys.has(`${noun} ${key}`)) {
      throw errorAt(this, "DUPLICATE_KEY", `the workflow already has a ${noun} with this key`, {
        value: key,
        fix: `use another key for the ${noun}`,
      });
    }
    this.#keys.add(`${noun} ${key}`);
  }

  /** Registers a task key and returns the id of its construct. */
  #claimTaskId(key: string): string {
    this.#claimKey("task", key);
    return this.#constructId(key, "task");
  }

  /**
   * Returns the construct id for a key. It differs from the key if the id is taken, for example
   * because a cluster has the same key as a task, or reserved. (`Default` has a meaning in cdktf,
   * and is the key that the workspace's editor gives to an environment.)
   */
  #constructId(key: string, kind: string): string {
    const isTaken =
      ["Resource", "Default", "Permissions"].includes(key) ||
      this.node.tryFindChild(key) !== undefined;
    return isTaken ? `${key}-${kind}` : key;
  }

  #checkInnerKey(key: string): string {
    const problem = nameProblem(nameRules.taskKey, key);
    if (problem !== undefined)
      throw errorAt(this, "BAD_NAME", `the key of the inner task ${problem}`, {
        value: key,
        allowed: nameRules.taskKey.allowed,
      });
    return key;
  }

  #renderDependencies(key: string, props: TaskBaseProps): Pick<JobTask, "dependsOn" | "runIf"> {
    const edges = (props.after ?? []).map((upstream) => {
      const task = upstream instanceof ConditionOutcome ? upstream.task : upstream;
      this.#checkOwner(key, "after", task);
      return {
        taskKey: task.key,
        ...(upstream instanceof ConditionOutcome && { outcome: upstream.outcome }),
      };
    });
    // The API returns dependencies sorted. In another order, every plan would show a diff.
    edges.sort(
      (a, b) => compare(a.taskKey, b.taskKey) || compare(a.outcome ?? "", b.outcome ?? ""),
    );
    const distinctEdges = edges.filter(
      (edge, index) =>
        index === 0 ||
        edge.taskKey !== edges[index - 1]?.taskKey ||
        edge.outcome !== edges[index - 1]?.outcome,
    );
    return {
      dependsOn: distinctEdges.length === 0 ? undefined : distinctEdges,
      runIf: props.runIf,
    };
  }

  /** Returns the context of a task's run. @throws ConstructError OTHER_WORKFLOW */
  #runContext(key: string, compute: unknown): RunContext {
    if (compute instanceof JobCluster || compute instanceof JobEnvironment)
      this.#checkOwner(key, "on", compute);
    return { hasGitSource: this.#hasGitSource };
  }

  #checkOwner(key: string, prop: "after" | "on", handle: Construct): void {
    if (handle.node.scope === this) return;
    throw new ConstructError("OTHER_WORKFLOW", `"${prop}" belongs to a different workflow`, {
      path: `${this.node.path}/${key}`,
      value: handle.node.path,
      allowed: `handles from ${this.node.path}`,
      fix: "use a handle of this workflow",
    });
  }
}

/**
 * Sets the environment's recipients for failures, unless the workflow sets recipients for failures
 * in the same channel.
 */
function withEnvironmentRecipients(
  props: WorkflowProps,
  targets: NotificationTargets | undefined,
): WorkflowProps {
  if (targets === undefined) return props;
  const { emailNotifications: email, webhookNotifications: webhook } = props;
  return {
    ...props,
    ...(targets.onFailure !== undefined && {
      emailNotifications: { onFailure: targets.onFailure, ...email },
    }),
    ...(targets.onFailureWebhooks !== undefined && {
      webhookNotifications: { onFailure: targets.onFailureWebhooks, ...webhook },
    }),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
