import { clustersOf, type Clusters } from "../compute/clusters";
import { invalid, WorkspaceError, type JsonObject } from "../errors";
import type { Principal } from "../principal-records";
import type { WorkspaceApp } from "../routes";
import { asObject, asText } from "./json";
import { latest, isTerminal, type Attempt, type Run, type TaskRun } from "./run-model";
import { tasksOf } from "./settings";

const ONLY_ALL_PURPOSE = "existing_cluster_id only supports all-purpose cluster IDs";

/** The compute of a task and the time from which it is ready, or the reason why there is none. */
export type Compute =
  { readonly cluster_id?: string; readonly ready: number } | { readonly error: string };

/**
 * The clusters that runs start and use. A job cluster exists from the first task that needs it to
 * the end of the run; a task's own cluster exists for one attempt. An existing cluster is started
 * if needed, and is not idle while a task uses it.
 */
export class RunClusters {
  private readonly clusters: Clusters;

  constructor(private readonly app: WorkspaceApp) {
    this.clusters = clustersOf(app);
  }

  /**
   * Checks that the caller may use the existing clusters named by the tasks. A job may name a
   * cluster that does not exist (yet); its runs then fail.
   * @throws 400 for a job cluster and, with `mustExist`, for a missing one; 403 without permission
   */
  checkExistingClusters(caller: Principal, settings: JsonObject, mustExist: boolean): void {
    for (const task of tasksOf(settings)) {
      const nestedTask = asObject(asObject(task.for_each_task)?.task);
      const id = asText(task.existing_cluster_id) || asText(nestedTask?.existing_cluster_id);
      if (id === "" || id.includes("{{")) continue;
      const cluster = mustExist ? this.clusters.mustFind(id) : this.clusters.find(id);
      if (cluster === undefined) continue;
      if (cluster.cluster_source === "JOB") throw invalid(ONLY_ALL_PURPOSE);
      this.app.permissions.require(caller, "cluster", id, "CAN_ATTACH_TO");
    }
  }

  /**
   * Returns the cluster for an attempt, and starts it if necessary.
   * @param setup_ms the scripted duration of the start
   */
  acquire(run: Run, task: TaskRun, attempt: Attempt, setup_ms: number): Compute {
    const spec = attempt.resolved ?? task.spec;
    const now = this.app.clock.now();
    const existing = asText(spec.existing_cluster_id);
    if (existing !== "") return this.attach(run, attempt, existing, now + setup_ms);
    const key = asText(spec.job_cluster_key);
    if (key === "") {
      const ownSettings = asObject(spec.new_cluster);
      if (ownSettings === undefined) return { ready: now + setup_ms };
      return this.start(
        run,
        ownSettings,
        `job-${run.job_id}-run-${attempt.run_id}`,
        setup_ms,
        (id) => recordUse(run, attempt, id, false),
      );
    }
    const runningCluster = this.clusters.find(run.clusters[key] ?? "");
    if (
      runningCluster !== undefined &&
      runningCluster.state !== "TERMINATED" &&
      runningCluster.state !== "TERMINATING"
    )
      return {
        cluster_id: runningCluster.cluster_id,
        ready: Math.max(runningCluster.next?.due ?? now, now + setup_ms),
      };
    const jobCluster = run.job_clusters
      .map((item) => asObject(item))
      .find((item) => item?.job_cluster_key === key);
    const name = `job-${run.job_id}-run-${run.run_id}-${key}`;
    return this.start(run, asObject(jobCluster?.new_cluster) ?? {}, name, setup_ms, (id) => {
      run.clusters[key] = id;
    });
  }

  /** Releases the clusters that a run no longer uses. Call it after each change of a run. */
  release(run: Run): void {
    const usedClusters = Object.entries(run.held ?? {});
    if (usedClusters.length > 0) {
      const activeAttempts = new Set<number>();
      for (const task of run.tasks)
        for (const taskRun of [task, ...(latest(task).iterations ?? [])])
          if (!isTerminal(latest(taskRun).life)) activeAttempts.add(latest(taskRun).run_id);
      for (const [attempt, { cluster_id, existing }] of usedClusters) {
        if (activeAttempts.has(Number(attempt))) continue;
        Reflect.deleteProperty(run.held ?? {}, attempt);
        if (existing) this.clusters.detach(cluster_id);
        else this.clusters.terminateAfterRun(cluster_id);
      }
    }
    if (!isTerminal(run.life)) return;
    for (const id of Object.values(run.clusters)) this.clusters.terminateAfterRun(id);
    run.clusters = {};
  }

  /**
   * Stores the clusters. Call only inside the write that stores the runs.
   * @returns a callback for when the write is durable
   */
  storeUnsaved(): () => void {
    return this.clusters.storeUnsaved();
  }

  private attach(run: Run, attempt: Attempt, id: string, readyAt: number): Compute {
    const cluster = this.clusters.find(id);
    if (cluster === undefined)
      return {
        error: `Unexpected failure while waiting for the cluster (${id}) to be ready: Cluster ${id} does not exist`,
      };
    if (cluster.cluster_source === "JOB") return { error: ONLY_ALL_PURPOSE };
    recordUse(run, attempt, id, true);
    return { cluster_id: id, ready: Math.max(readyAt, this.clusters.attach(cluster, run.run_as)) };
  }

  private start(
    run: Run,
    spec: JsonObject,
    cluster_name: string,
    setup_ms: number,
    recordCluster: (id: string) => void,
  ): Compute {
    try {
      const { cluster_id } = this.clusters.createForRun({ ...spec, cluster_name }, run, setup_ms);
      recordCluster(cluster_id);
      return { cluster_id, ready: this.app.clock.now() + setup_ms };
    } catch (error) {
      if (!(error instanceof WorkspaceError)) throw error;
      return {
        error: `Unexpected failure while creating the cluster for the job. Cause: ${error.code}: ${error.message}`,
      };
    }
  }
}

function recordUse(run: Run, attempt: Attempt, cluster_id: string, existing: boolean): void {
  (run.held ??= {})[attempt.run_id] = { cluster_id, existing };
}
