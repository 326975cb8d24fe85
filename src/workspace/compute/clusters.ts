import { randomBytes, randomInt } from "node:crypto";
import { defined } from "../../defined";
import { invalid, WorkspaceError, type JsonObject } from "../errors";
import { Fields } from "../fields";
import type { Principal } from "../principal-records";
import type { WorkspaceApp } from "../routes";
import type { Collection } from "../store";
import { timingOf, type Timing } from "../timing";
import { parseClusterSpec, specDefaults } from "./cluster-spec";
import {
  advance,
  isPurged,
  startCluster,
  stopCluster,
  withEvent,
  type Cluster,
} from "./cluster-state";

/** The number of ended job clusters to keep. (The platform keeps them for 30 days.) */
const MAX_ENDED_JOB_CLUSTERS = 500;

/** Stores the clusters and changes their state. All API families share one instance. */
export class Clusters {
  private readonly clusters: Collection<Cluster>;
  private readonly timing: () => Timing;
  /**
   * Changes that runs made outside a write, stored with their next write. They override the store.
   */
  private readonly unsaved = new Map<string, Cluster>();
  /** The ids of ended job clusters, oldest first; read from the store when first needed. */
  private endedJobClusters: string[] | undefined;
  private readonly terminationCallbacks: ((id: string) => void)[] = [];

  constructor(private readonly app: WorkspaceApp) {
    this.clusters = app.store.collection("clusters");
    this.timing = timingOf(app);
  }

  /** Returns the cluster in its current state. */
  find(id: string): Cluster | undefined {
    const cluster = this.findWithPurged(id);
    return cluster === undefined || isPurged(cluster, this.app.clock.now()) ? undefined : cluster;
  }

  /**
   * Also returns a purged cluster: the platform responds differently to ids of purged clusters and
   * to unknown ids.
   */
  private findWithPurged(id: string): Cluster | undefined {
    const cluster = id.length > 200 ? undefined : (this.unsaved.get(id) ?? this.clusters.get(id));
    return cluster === undefined ? undefined : advance(cluster, this.app.clock.now());
  }

  /**
   * Returns a cluster, or throws with the platform's message
   * (databricks/terraform-provider-databricks#1177; #1197 for permissions, #3679 for libraries).
   * @throws 400 INVALID_PARAMETER_VALUE if it does not exist, 400 INVALID_STATE if it was purged
   */
  mustFind(id: string): Cluster {
    const cluster = this.findWithPurged(id);
    if (cluster === undefined) throw invalid(`Cluster ${id.slice(0, 200)} does not exist`);
    if (isPurged(cluster, this.app.clock.now()))
      throw new WorkspaceError(
        "INVALID_STATE",
        `Cannot access cluster ${id} that was terminated or unpinned more than 30 days ago.`,
      );
    return cluster;
  }

  all(): Cluster[] {
    const now = this.app.clock.now();
    const storedClusters = this.clusters
      .values()
      .filter(({ cluster_id }) => !this.unsaved.has(cluster_id));
    return [...storedClusters, ...this.unsaved.values()]
      .map((cluster) => advance(cluster, now))
      .filter((cluster) => !isPurged(cluster, now));
  }

  /** Registers a callback for clusters that a client terminates or deletes: their tasks fail. */
  onTermination(callback: (id: string) => void): void {
    this.terminationCallbacks.push(callback);
  }

  /** Stores a cluster. Call only inside `store.write`. */
  put(cluster: Cluster): void {
    this.unsaved.delete(cluster.cluster_id);
    this.clusters.put(cluster.cluster_id, cluster);
  }

  /**
   * Creates a cluster in state PENDING. If an active cluster with the same idempotency token
   * exists, returns that one. Call only inside `store.write`.
   */
  create(caller: Principal, settings: JsonObject): Cluster {
    const token = new Fields(settings).optionalString("idempotency_token") ?? "";
    if (token.length > 64)
      throw invalid("The idempotency_token must not be longer than 64 characters.");
    const existing =
      token === ""
        ? undefined
        : this.all().find(
            (cluster) => cluster.idempotency_token === token && cluster.state !== "TERMINATED",
          );
    if (existing !== undefined) return existing;
    const newCluster = {
      ...this.buildCluster(parseClusterSpec(this.app, settings), caller.name),
      ...(token === "" ? {} : { idempotency_token: token }),
    };
    const cluster = startCluster(
      newCluster,
      "PENDING",
      newCluster.start_time,
      this.timing().cluster_start_ms,
      caller.name,
    );
    this.put(cluster);
    this.app.permissions.grantToCreator("cluster", cluster.cluster_id, caller);
    return cluster;
  }

  private buildCluster(spec: JsonObject, creator_user_name: string): Cluster {
    const now = this.app.clock.now();
    const stamp = new Date(now).toISOString();
    return {
      cluster_id: `${stamp.slice(5, 10).replace("-", "")}-${stamp.slice(11, 19).replaceAll(":", "")}-${randomBytes(4).toString("hex")}`,
      spec,
      creator_user_name,
      cluster_source: "API",
      state: "PENDING",
      state_message: "",
      start_time: now,
      last_activity_time: now,
      pinned: false,
      spark_context_id: randomInt(2 ** 47),
      events: [],
    };
  }

  /**
   * Creates a cluster for a run; it takes `ms` to start. Call only outside of `store.write`.
   * @throws for invalid settings
   */
  createForRun(
    settings: JsonObject,
    run: { readonly job_id: number; readonly run_name: string; readonly run_as: string },
    ms: number,
  ): Cluster {
    const { job_id, run_name, run_as } = run;
    const newCluster: Cluster = {
      ...this.buildCluster(parseClusterSpec(this.app, settings), run_as),
      cluster_source: "JOB",
      job: { job_id, run_name },
    };
    const cluster = startCluster(newCluster, "PENDING", newCluster.start_time, ms, run_as);
    this.unsaved.set(cluster.cluster_id, cluster);
    return cluster;
  }

  /** Terminates the cluster that a run created. Call only outside of `store.write`. */
  terminateAfterRun(id: string): void {
    const cluster = this.find(id);
    if (cluster === undefined || cluster.state === "TERMINATED" || cluster.state === "TERMINATING")
      return;
    const reason = { code: "JOB_FINISHED", type: "SUCCESS" };
    this.unsaved.set(
      id,
      stopCluster(cluster, this.app.clock.now(), this.timing().cluster_stop_ms, reason),
    );
  }

  /**
   * Marks a cluster as used by a task, and starts it if it is stopped. Call only outside of
   * `store.write`.
   * @returns the time from which the cluster is running
   */
  attach(cluster: Cluster, user: string): number {
    const now = this.app.clock.now();
    // A terminating cluster must terminate before it can start.
    const startTime = cluster.state === "TERMINATING" ? (cluster.next?.due ?? now) : now;
    const clusterAtStart = advance(cluster, startTime);
    const attachedCluster =
      clusterAtStart.state === "TERMINATED"
        ? startCluster(clusterAtStart, "PENDING", startTime, this.timing().cluster_start_ms, user)
        : clusterAtStart;
    this.unsaved.set(cluster.cluster_id, {
      ...attachedCluster,
      busy: (cluster.busy ?? 0) + 1,
      last_activity_time: now,
    });
    return attachedCluster.state === "RUNNING" || attachedCluster.state === "RESIZING"
      ? now
      : (attachedCluster.next?.due ?? now);
  }

  /** Reverses {@link attach} when the task has ended. Call only outside of `store.write`. */
  detach(id: string): void {
    const cluster = this.find(id);
    if (cluster !== undefined)
      this.unsaved.set(id, {
        ...cluster,
        busy: Math.max(0, (cluster.busy ?? 0) - 1),
        last_activity_time: this.app.clock.now(),
      });
  }

  /**
   * Stores the changes made by runs. Call only inside `store.write`.
   * @returns a callback for when the write is durable
   */
  storeUnsaved(): () => void {
    const changedClusters = [...this.unsaved.values()];
    for (const cluster of changedClusters) {
      const id = cluster.cluster_id;
      const creator = this.clusters.has(id)
        ? undefined
        : this.app.principals.findUser(cluster.creator_user_name);
      if (creator !== undefined)
        this.app.permissions.grantToCreator(
          "cluster",
          id,
          this.app.principals.toPrincipal(creator),
        );
      this.clusters.put(id, cluster);
      if (cluster.state === "PENDING") this.removeUninstalledLibraries(id);
      if (cluster.cluster_source === "JOB" && cluster.next?.state === "TERMINATED")
        this.pruneJobClusters(id);
    }
    return () => {
      for (const cluster of changedClusters)
        if (this.unsaved.get(cluster.cluster_id) === cluster)
          this.unsaved.delete(cluster.cluster_id);
    };
  }

  private pruneJobClusters(id: string): void {
    this.endedJobClusters ??= this.clusters
      .values()
      .filter(
        (cluster) =>
          cluster.cluster_source === "JOB" &&
          cluster.cluster_id !== id &&
          cluster.termination_reason !== undefined,
      )
      .sort((left, right) => left.start_time - right.start_time)
      .map(({ cluster_id }) => cluster_id);
    this.endedJobClusters.push(id);
    while (this.endedJobClusters.length > MAX_ENDED_JOB_CLUSTERS)
      this.deleteRecords(this.endedJobClusters.shift() ?? "");
  }

  /**
   * Starts a terminated cluster (TERMINATED to PENDING). Call only inside `store.write`.
   * @throws 400 INVALID_STATE from any other state
   */
  start(caller: Principal, cluster: Cluster): void {
    rejectJobCluster(cluster, "start");
    if (cluster.state !== "TERMINATED") throw unexpectedState(cluster);
    this.put(
      startCluster(
        cluster,
        "PENDING",
        this.app.clock.now(),
        this.timing().cluster_start_ms,
        caller.name,
      ),
    );
    this.removeUninstalledLibraries(cluster.cluster_id);
  }

  /** Terminates a cluster. Call only inside `store.write`. */
  terminate(cluster: Cluster): void {
    if (cluster.state === "TERMINATED" || cluster.state === "TERMINATING") return;
    const reason = { code: "USER_REQUEST", type: "SUCCESS" };
    this.put(stopCluster(cluster, this.app.clock.now(), this.timing().cluster_stop_ms, reason));
    for (const callback of this.terminationCallbacks) callback(cluster.cluster_id);
  }

  /**
   * Restarts a cluster. Call only inside `store.write`. @throws 400 INVALID_STATE unless it is
   * running
   */
  restart(caller: Principal, cluster: Cluster): void {
    rejectJobCluster(cluster, "restart");
    if (cluster.state !== "RUNNING") throw unexpectedState(cluster);
    this.put(
      startCluster(
        cluster,
        "RESTARTING",
        this.app.clock.now(),
        this.timing().cluster_start_ms,
        caller.name,
      ),
    );
    this.removeUninstalledLibraries(cluster.cluster_id);
  }

  /** Changes the settings; a running cluster restarts with them. Call only inside `store.write`. */
  edit(caller: Principal, cluster: Cluster, settings: JsonObject): void {
    rejectJobCluster(cluster, "edit");
    if (cluster.state !== "RUNNING" && cluster.state !== "TERMINATED")
      throw unexpectedState(cluster);
    const spec = parseClusterSpec(this.app, settings);
    const editedCluster = withEvent({ ...cluster, spec }, this.app.clock.now(), "EDITED", {
      user: caller.name,
    });
    this.put(editedCluster);
    if (editedCluster.state === "RUNNING") this.restart(caller, editedCluster);
  }

  /**
   * Resizes a cluster. Call only inside `store.write`. @throws 400 INVALID_STATE unless it is
   * running
   */
  resize(caller: Principal, cluster: Cluster, size: JsonObject): void {
    rejectJobCluster(cluster, "resize");
    if (cluster.state !== "RUNNING") throw unexpectedState(cluster);
    const { num_workers: _workers, autoscale: _scale, ...otherSettings } = cluster.spec;
    const spec = parseClusterSpec(this.app, { ...otherSettings, ...size });
    this.put(
      startCluster(
        { ...cluster, spec },
        "RESIZING",
        this.app.clock.now(),
        this.timing().cluster_start_ms,
        caller.name,
      ),
    );
  }

  /** Deletes a cluster. Call only inside `store.write`. @throws if it is pinned */
  remove(cluster: Cluster): void {
    if (cluster.pinned)
      throw new WorkspaceError(
        "INVALID_STATE",
        `The cluster ${cluster.cluster_id} is pinned: unpin the cluster first before deleting it permanently`,
      );
    this.deleteRecords(cluster.cluster_id);
    for (const callback of this.terminationCallbacks) callback(cluster.cluster_id);
  }

  private deleteRecords(id: string): void {
    this.unsaved.delete(id);
    this.clusters.remove(id);
    this.app.permissions.removeGrants("cluster", id);
    const libraries = this.app.store.collection("libraries");
    for (const { key } of libraries.range({ prefix: [id] })) libraries.remove(key);
  }

  /**
   * Restarts the autotermination period after the cluster was used. Call only inside `store.write`.
   */
  recordActivity(id: string): void {
    const cluster = this.find(id);
    if (cluster !== undefined) this.put({ ...cluster, last_activity_time: this.app.clock.now() });
  }

  /** Removes the libraries that were marked to be uninstalled at the next restart. */
  private removeUninstalledLibraries(id: string): void {
    const libraries = this.app.store.collection<{ readonly uninstall?: boolean }>("libraries");
    for (const { key, value } of libraries.range({ prefix: [id] }))
      if (value.uninstall === true) libraries.remove(key);
  }
}

const unexpectedState = ({ cluster_id, state }: Cluster): WorkspaceError =>
  new WorkspaceError(
    "INVALID_STATE",
    `Cluster ${cluster_id} is in unexpected state ${state.charAt(0)}${state.slice(1).toLowerCase()}.`,
  );

/** @throws for a job cluster, which only its run may change */
function rejectJobCluster({ cluster_id, cluster_source }: Cluster, action: string): void {
  if (cluster_source === "JOB")
    throw invalid(`Cannot ${action} cluster ${cluster_id} created by JobLauncher`);
}

/** Returns the instance that all API families share; the first call creates it. */
export function clustersOf(app: WorkspaceApp): Clusters {
  const existing = app.services.get("clusters") as Clusters | undefined;
  if (existing !== undefined) return existing;
  const clusters = new Clusters(app);
  app.services.set("clusters", clusters);
  return clusters;
}

/** Returns a cluster in the format of clusters/get. */
export function renderCluster(cluster: Cluster): JsonObject {
  const {
    cluster_id,
    spec,
    state,
    state_message,
    creator_user_name,
    cluster_source,
    start_time,
    last_restarted_time,
    terminated_time,
    termination_reason,
  } = cluster;
  const isRunning = state === "RUNNING" || state === "RESIZING";
  return {
    cluster_name: "",
    ...spec,
    ...specDefaults(spec),
    cluster_id,
    creator_user_name,
    cluster_source,
    state,
    state_message,
    start_time,
    last_state_loss_time: 0,
    spark_context_id: cluster.spark_context_id,
    jdbc_port: 10000,
    disk_spec: { disk_count: 0 },
    init_scripts_safe_mode: false,
    ...(isRunning
      ? {
          last_activity_time: cluster.last_activity_time,
          // A cluster of the local workspace has no machines: these sizes are constants.
          cluster_cores: 4,
          cluster_memory_mb: 14336,
        }
      : {}),
    ...defined({ last_restarted_time, terminated_time }),
    ...(termination_reason === undefined || state === "TERMINATING" ? {} : { termination_reason }),
    ...(cluster.pinned ? { pinned_by_user_name: cluster.pinned_by ?? creator_user_name } : {}),
    default_tags: {
      Vendor: "Databricks",
      Creator: creator_user_name,
      ClusterName: typeof spec.cluster_name === "string" ? spec.cluster_name : "",
      ClusterId: cluster_id,
      ...(cluster.job === undefined
        ? {}
        : { JobId: String(cluster.job.job_id), RunName: cluster.job.run_name }),
    },
    spec,
  };
}
