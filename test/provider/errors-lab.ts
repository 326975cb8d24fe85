/** The provider's failures with the real terraform: a local workspace and a directory with one job. */
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { Directory, requiredProviders } from "../support/replay-terraform";
import type { JsonObject } from "../support/replay-format";

/** Starts a workspace and initializes a directory for the tests of a file. */
export function useErrorsLab(): ErrorsLab {
  const lab = new ErrorsLab();
  beforeAll(() => lab.start());
  afterEach(() => lab.workspace.faults.clear());
  afterAll(() => lab.close());
  return lab;
}

export class ErrorsLab {
  workspace!: RunningWorkspace;
  directory!: Directory;

  async start(): Promise<void> {
    this.workspace = await startWorkspace();
    this.directory = new Directory({
      DATABRICKS_HOST: this.workspace.host,
      DATABRICKS_TOKEN: this.workspace.token,
    });
    await this.directory.init();
  }

  async close(): Promise<void> {
    this.directory.close();
    await this.workspace.close();
  }

  writeConfig(resource: JsonObject, otherBlocks: JsonObject = {}, target = this.directory): void {
    target.write("main.tf.json", {
      terraform: { required_providers: requiredProviders },
      resource,
      ...otherBlocks,
    });
  }

  /** Plans, and applies the plan if there is one. @returns the errors */
  async apply(): Promise<string> {
    const planErrors = await this.directory.plan();
    return joinErrors(planErrors.length > 0 ? planErrors : await this.directory.apply());
  }

  async listJobs(): Promise<{ job_id: number }[]> {
    const response = await fetch(`${this.workspace.host}/api/2.2/jobs/list`, {
      headers: { Authorization: `Bearer ${this.workspace.token}` },
    });
    return ((await response.json()) as { jobs?: { job_id: number }[] }).jobs ?? [];
  }

  /** The first resource in the state, if there is one. */
  get savedInstance() {
    return this.directory.readState()[0]?.instances[0];
  }
}

/** A configuration with one job. */
export const jobConfig = (changes: JsonObject = {}): JsonObject => ({
  databricks_job: {
    a: {
      name: "a",
      tags: { lakeform: "p/s" },
      task: [{ task_key: "t", notebook_task: { notebook_path: "/t" }, existing_cluster_id: "c" }],
      ...changes,
    },
  },
});

export const joinErrors = (errors: readonly { summary: string; detail: string }[]): string =>
  errors.map(({ summary, detail }) => `${summary}\n${detail}`).join("\n");
