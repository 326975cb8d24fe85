import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, readOnly, type Connection } from "../api";
import { defined } from "../defined";
import { LakeformError } from "../errors";
import { useSchemaFor } from "../resources/shape/schema";
import { requiredVersion } from "../terraform/provider-mirror";
import type { SynthesizedStack } from "../terraform/stack";
import { verifyTargets, type VerifyReport } from "../verify";
import type { TerraformState } from "../verify/input";
import { WorkspaceClock } from "../workspace/clock";
import type { JsonValue } from "../workspace/errors";
import { parseDuration } from "../workspace/jobs/outcomes";
import type { JournalEntry } from "../workspace/journal";
import {
  startWorkspace as startServer,
  type RunningWorkspace,
  type WorkspaceOptions,
} from "../workspace/server";
import { applyByRest, terraformOnlyFeature } from "./apply";
import { hasEnded, readRun, type RunResult, type TaskResult } from "./run-result";
import { removeSynthesized, synthesizeStack, type CdktfStack } from "./synthesize";
import { applyByTerraform } from "./terraform-apply";

/** A line of the outcomes script; docs/outcomes.md has its fields. */
export type OutcomeLine = Readonly<Record<string, JsonValue>>;

export interface TestWorkspaceOptions extends Pick<WorkspaceOptions, "principals" | "admin"> {
  /** Default outcomes of tasks. @default - they succeed immediately */
  readonly outcomes?: readonly OutcomeLine[];
  /**
   * Whether to execute notebooks, Python files, wheels and SQL; `true`, or the path of the Python
   * to use.
   * @default false
   */
  readonly execute?: boolean | string;
  /** Initial time of the workspace's clock. @default - the machine's time */
  readonly now?: Date;
}

export interface DeployOptions {
  /**
   * Apply the first deploy of the stack with Terraform and the embedded provider.
   * @default - only if the stack needs it (data sources, modules, `count`, `for_each`,
   * provisioners, resource types that lakeform does not support)
   */
  readonly terraform?: boolean;
  /**
   * Values of the stack's secrets, by environment variable.
   * @default - process.env, else a placeholder
   */
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunOptions {
  /** Job parameters. */
  readonly params?: Readonly<Record<string, string>>;
  /** Notebook widgets, as in run-now's `notebook_params`. */
  readonly notebookParams?: Readonly<Record<string, string>>;
  /** Outcome lines for this run only; they take precedence over all others. */
  readonly outcomes?: readonly OutcomeLine[];
  /** Run only these tasks. */
  readonly only?: readonly string[];
}

export interface Deployed {
  /** The name of the stack. */
  readonly name: string;
  readonly stack: SynthesizedStack;
  readonly state: TerraformState;
  /** Compares the workspace with the stack. */
  verify(): Promise<VerifyReport>;
}

/** A workflow of lakeform/constructs, or a job's name. */
export type JobReference = string | { readonly name: string };

/**
 * Starts a workspace in this process: in memory, on a free port of the loopback address. Its clock
 * is frozen, and {@link TestWorkspace.run} advances it as far as a run needs: a three-hour task
 * takes no real time.
 *
 * @example
 * const workspace = await startWorkspace();
 * await workspace.deploy(new DailyEtl(new App(), local));
 * expect(await workspace.run("daily-etl-pipeline")).toSucceed();
 * await workspace.close();
 */
export async function startWorkspace(options: TestWorkspaceOptions = {}): Promise<TestWorkspace> {
  const { execute = false, outcomes = [], now, ...rest } = options;
  const server = await startServer({
    ...rest,
    clock: WorkspaceClock.stopped((now ?? new Date()).getTime()),
    outcomes: { defaults: { setup: 0, duration: 0, terminating: 0 }, outcomes: [...outcomes] },
    execution: {
      all: execute !== false,
      onRequest: true,
      ...(typeof execute === "string" ? { python: execute } : {}),
    },
  });
  return new TestWorkspace(server);
}

export class TestWorkspace {
  readonly #client: Connection;
  readonly #deployed = new Map<string, Deployed>();
  readonly #synthesized: SynthesizedStack[] = [];

  /** @internal */
  constructor(private readonly server: RunningWorkspace) {
    this.#client = connect({
      env: {},
      host: server.host,
      token: server.token,
      retry: { baseMs: 1, capMs: 5 },
    });
  }

  get host(): string {
    return this.server.host;
  }

  get token(): string {
    return this.server.token;
  }

  /**
   * Deploys a stack to the workspace: over REST with the provider's own code, or with Terraform. A
   * second deploy of a stack updates the objects that the first one created, always with Terraform.
   * @throws errors of the constructs' checks; LakeformError NO_APP, NO_METADATA, RESOURCE_CYCLE,
   * NO_ENGINE, TERRAFORM_FAILED; ApiError
   */
  async deploy(stack: CdktfStack, options: DeployOptions = {}): Promise<Deployed> {
    const synthesized = synthesizeStack(stack);
    const { name, metadata } = synthesized;
    useSchemaFor(requiredVersion(synthesized.json.terraform));
    const previous = this.#deployed.get(name);
    const variables: Record<string, string> = {};
    for (const [variable, { environment }] of Object.entries(metadata.variables))
      variables[variable] =
        options.env?.[environment] ?? process.env[environment] ?? `test-${environment}`;
    const state =
      previous !== undefined ||
      (options.terraform ?? terraformOnlyFeature(synthesized) !== undefined)
        ? await applyByTerraform(synthesized, this, variables, previous?.state)
        : await applyByRest(this.#client, synthesized, (variable) => variables[variable]);
    const deployment: Deployed = {
      name,
      stack: synthesized,
      state,
      verify: () => this.#verify(synthesized, state, variables),
    };
    this.#deployed.set(name, deployment);
    this.#synthesized.push(synthesized);
    return deployment;
  }

  async #verify(
    stack: SynthesizedStack,
    state: TerraformState,
    variables: Readonly<Record<string, string>>,
  ): Promise<VerifyReport> {
    const target = {
      name: stack.name,
      directory: stack.directory,
      metadata: stack.metadata,
      desired: { stack: stack.json },
      state: () => Promise.resolve(structuredClone(state)),
      variable: (name: string) => variables[name],
    };
    return verifyTargets({ targets: [target], api: readOnly(this.#client) });
  }

  /**
   * Starts a job and waits until the run ends.
   * @throws LakeformError UNKNOWN_JOB, RUN_STANDS_STILL
   */
  async run(job: JobReference, options: RunOptions = {}): Promise<RunResult> {
    return this.wait(await this.start(job, options));
  }

  /** Starts a job. @returns the run's id @throws LakeformError UNKNOWN_JOB */
  async start(
    job: JobReference,
    { params, notebookParams, outcomes, only }: RunOptions = {},
  ): Promise<number> {
    const name = typeof job === "string" ? job : job.name;
    const response = (await this.api(
      "GET",
      `/api/2.2/jobs/list?name=${encodeURIComponent(name)}`,
    )) as { jobs?: { job_id: number }[] };
    const [first, second] = response.jobs ?? [];
    if (first === undefined || second !== undefined)
      throw new LakeformError(
        "UNKNOWN_JOB",
        first === undefined
          ? "no job with this name in the workspace"
          : "several jobs with this name in the workspace",
        {
          value: name,
          fix: first === undefined ? "deploy the stack first" : "give each job a unique name",
        },
      );
    const body = {
      job_id: first.job_id,
      ...defined({ job_parameters: params, notebook_params: notebookParams, only }),
    };
    const headers: Record<string, string> =
      outcomes === undefined ? {} : { "x-lakeform-outcomes": JSON.stringify(outcomes) };
    return ((await this.api("POST", "/api/2.2/jobs/run-now", body, headers)) as { run_id: number })
      .run_id;
  }

  /**
   * Reruns the failed tasks of a run with their downstream tasks, and waits until it ends.
   * @param options.outcomes added to the outcomes script, so later runs use them, too
   */
  async repair(
    run: RunResult | number,
    options: { readonly outcomes?: readonly OutcomeLine[] } = {},
  ): Promise<RunResult> {
    const run_id = typeof run === "number" ? run : run.runId;
    if (options.outcomes !== undefined) await this.outcomes(...options.outcomes);
    const runWithHistory = (await this.api(
      "GET",
      `/api/2.2/jobs/runs/get?run_id=${run_id}&include_history=true`,
    )) as {
      repair_history?: { id?: number }[];
    };
    const lastRepairId = runWithHistory.repair_history?.at(-1)?.id;
    await this.api("POST", "/api/2.2/jobs/runs/repair", {
      run_id,
      rerun_all_failed_tasks: true,
      rerun_dependent_tasks: true,
      ...defined({ latest_repair_id: lastRepairId }),
    });
    return this.wait(run_id);
  }

  /**
   * Waits until a run ends, and advances the clock as needed.
   * @throws LakeformError RUN_STANDS_STILL if no timer can advance the run
   */
  async wait(runId: number): Promise<RunResult> {
    for (let idleChecks = 0; ;) {
      const result = await readRun(this, this.server, runId);
      if (hasEnded(result.life)) return result;
      const { clock } = this;
      const executing = this.server.executing;
      if (executing > 0) {
        await sleep(10);
        idleChecks = 0;
        continue;
      }
      const next = clock.nextDue;
      if (next === undefined) {
        // A task that has just ended may not be processed yet.
        if (idleChecks++ > 50)
          throw new LakeformError(
            "RUN_STANDS_STILL",
            "the run is waiting for an event that advancing the clock cannot cause",
            {
              value: `run ${runId}, ${result.life}`,
              fix: "check what the run waits for, such as another run of a job with maxConcurrentRuns 1; end that run first",
            },
          );
        await sleep(2);
        continue;
      }
      idleChecks = 0;
      clock.moveTo(Math.max(next, clock.now()));
      await new Promise(setImmediate);
    }
  }

  /**
   * Executes one notebook: a path in the workspace, or a file of the project (`.py`, `.sql`,
   * `.ipynb`), which is imported to /Shared.
   * @param widgets values of the notebook's widgets
   */
  async execute(
    notebook: string,
    widgets: Readonly<Record<string, string>> = {},
  ): Promise<TaskResult> {
    const notebookPath = fs.existsSync(notebook) ? await this.#import(notebook) : notebook;
    const body = {
      run_name: notebookPath,
      tasks: [
        {
          task_key: "notebook",
          notebook_task: { notebook_path: notebookPath, base_parameters: widgets },
        },
      ],
    };
    const headers = { "x-lakeform-outcomes": JSON.stringify([{ execution: true }]) };
    const { run_id } = (await this.api("POST", "/api/2.2/jobs/runs/submit", body, headers)) as {
      run_id: number;
    };
    const task = (await this.wait(run_id)).tasks["notebook"];
    if (task === undefined) throw new Error("the notebook run has no task");
    return task;
  }

  async #import(file: string): Promise<string> {
    const extension = path.extname(file);
    const target = `/Shared/${path.basename(file, extension)}`;
    const format =
      extension === ".ipynb"
        ? { format: "JUPYTER" }
        : { format: "SOURCE", language: extension === ".sql" ? "SQL" : "PYTHON" };
    await this.api("POST", "/api/2.0/workspace/import", {
      path: target,
      overwrite: true,
      content: fs.readFileSync(file).toString("base64"),
      ...format,
    });
    return target;
  }

  /** Adds lines to the outcomes script, before the existing ones. */
  async outcomes(...lines: readonly OutcomeLine[]): Promise<void> {
    await this.api("POST", "/_lakeform/outcomes", { outcomes: lines });
  }

  /**
   * Advances the workspace's clock; due schedules, triggers and tasks fire.
   * @param time milliseconds, or a string such as `5s`, `2m`, `1.5h` or `1d`
   */
  async advance(time: number | string): Promise<void> {
    await this.api("POST", "/_lakeform/clock", { advance: parseDuration(time, "advance") });
  }

  get clock(): WorkspaceClock {
    if (!(this.server.clock instanceof WorkspaceClock)) throw new Error("the clock was replaced");
    return this.server.clock;
  }

  /** Injects faults into calls; docs/workspace.md lists the fields of a fault. */
  fault(rule: Readonly<Record<string, JsonValue>>): void {
    this.server.faults.add(rule);
  }

  /** Returns the served calls, oldest first, with secrets redacted. */
  calls(
    filter: { readonly method?: string; readonly path?: string; readonly after?: number } = {},
  ): JournalEntry[] {
    return this.server.journal({ limit: 100_000, ...filter });
  }

  /** Calls the REST API. @throws if the response status is not 2xx */
  async api(
    method: string,
    route: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<unknown> {
    const response = await fetch(this.host + route, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        "content-type": "application/json",
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${text}`);
    return text === "" ? {} : JSON.parse(text);
  }

  async close(): Promise<void> {
    await this.#client.close();
    await this.server.close();
    for (const stack of this.#synthesized) removeSynthesized(stack);
  }
}
