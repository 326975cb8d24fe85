import { randomBytes } from "node:crypto";
import { invalid, WorkspaceError, type JsonObject } from "../errors";
import { Fields } from "../fields";
import type { Principal } from "../principals";
import type { WorkspaceApp } from "../routes";
import type { Collection } from "../store";
import { timing, type Timing } from "../timing";
import { clusterSpec, specDefaults } from "./cluster-spec";
import { advanced, starting, stopping, withEvent, type Cluster } from "./cluster-state";

/** The clusters: what the clusters, libraries and jobs families share. */
export class Clusters {
  private readonly kept: Collection<Cluster>;
  private readonly timing: () => Timing;

  constructor(private readonly app: WorkspaceApp) {
    this.kept = app.store.collection("clusters");
    this.timing = timing(app);
  }

  /** As it is now. */
  find(id: string): Cluster | undefined {
    const cluster = id.length > 200 ? undefined : this.kept.get(id);
    return cluster === undefined ? undefined : advanced(cluster, this.app.clock.now());
  }

  /** @throws 400 INVALID_PARAMETER_VALUE in the platform's words */
  need(id: string): Cluster {
    const cluster = this.find(id);
    if (cluster === undefined) throw invalid(`Cluster ${id.slice(0, 200)} does not exist`);
    return cluster;
  }

  all(): Cluster[] {
    return this.kept.values().map((cluster) => advanced(cluster, this.app.clock.now()));
  }

  /** Inside a write. */
  put(cluster: Cluster): void {
    this.kept.put(cluster.cluster_id, cluster);
  }

  /** Makes a cluster, on its way to RUNNING, unless one of this idempotency token is there that is not terminated. Inside a write. */
  create(caller: Principal, given: JsonObject, source: Cluster["cluster_source"] = "API"): Cluster {
    const token = new Fields(given).optionalString("idempotency_token") ?? "";
    if (token.length > 64) throw invalid("The idempotency_token must not be longer than 64 characters.");
    const earlier = token === "" ? undefined : this.all().find((one) => one.idempotency_token === token && one.state !== "TERMINATED");
    if (earlier !== undefined) return earlier;
    const spec = clusterSpec(this.app, given);
    const now = this.app.clock.now();
    const stamp = new Date(now).toISOString();
    const cluster_id = `${stamp.slice(5, 10).replace("-", "")}-${stamp.slice(11, 19).replaceAll(":", "")}-${randomBytes(4).toString("hex")}`;
    const made: Cluster = {
      cluster_id,
      spec,
      ...(token === "" ? {} : { idempotency_token: token }),
      creator_user_name: caller.name,
      cluster_source: source,
      state: "PENDING",
      state_message: "",
      start_time: now,
      last_activity_time: now,
      pinned: false,
      spark_context_id: this.app.store.nextId("spark_context"),
      events: [],
    };
    const cluster = starting(made, "PENDING", now, this.timing().cluster_start_ms, caller.name);
    this.put(cluster);
    this.app.permissions.created("cluster", cluster_id, caller);
    return cluster;
  }

  /** TERMINATED → PENDING. Inside a write. @throws 400 INVALID_STATE from any other state */
  start(caller: Principal, cluster: Cluster): void {
    if (cluster.state !== "TERMINATED") throw unexpected(cluster);
    this.put(starting(cluster, "PENDING", this.app.clock.now(), this.timing().cluster_start_ms, caller.name));
    this.restarted(cluster.cluster_id);
  }

  /** To TERMINATED; one that is there already stays. Inside a write. */
  terminate(cluster: Cluster, reason: JsonObject = { code: "USER_REQUEST", type: "SUCCESS" }): void {
    if (cluster.state === "TERMINATED" || cluster.state === "TERMINATING") return;
    this.put(stopping(cluster, this.app.clock.now(), this.timing().cluster_stop_ms, reason));
  }

  /** Inside a write. @throws 400 INVALID_STATE unless it runs */
  restart(caller: Principal, cluster: Cluster): void {
    if (cluster.state !== "RUNNING") throw unexpected(cluster);
    this.put(starting(cluster, "RESTARTING", this.app.clock.now(), this.timing().cluster_start_ms, caller.name));
    this.restarted(cluster.cluster_id);
  }

  /** New settings; a running cluster restarts with them. Inside a write. */
  edit(caller: Principal, cluster: Cluster, given: JsonObject): void {
    if (cluster.state !== "RUNNING" && cluster.state !== "TERMINATED") throw unexpected(cluster);
    const spec = clusterSpec(this.app, given);
    const edited = withEvent({ ...cluster, spec }, this.app.clock.now(), "EDITED", { user: caller.name });
    this.put(edited);
    if (edited.state === "RUNNING") this.restart(caller, edited);
  }

  /** Inside a write. @throws 400 INVALID_STATE unless it runs */
  resize(caller: Principal, cluster: Cluster, size: JsonObject): void {
    if (cluster.state !== "RUNNING") throw unexpected(cluster);
    const { num_workers: _workers, autoscale: _scale, ...rest } = cluster.spec;
    const spec = clusterSpec(this.app, { ...rest, ...size });
    this.put(starting({ ...cluster, spec }, "RESIZING", this.app.clock.now(), this.timing().cluster_start_ms, caller.name));
  }

  /** Inside a write. */
  remove(cluster: Cluster): void {
    if (cluster.pinned)
      throw new WorkspaceError(
        "INVALID_STATE",
        `The cluster ${cluster.cluster_id} is pinned: unpin the cluster first before deleting it permanently`,
      );
    this.kept.remove(cluster.cluster_id);
    this.app.permissions.forget("cluster", cluster.cluster_id);
    const libraries = this.app.store.collection("libraries");
    for (const { key } of libraries.range({ prefix: [cluster.cluster_id] })) libraries.remove(key);
  }

  /** It was used just now: its autotermination starts again. Inside a write. */
  touch(id: string): void {
    const cluster = this.find(id);
    if (cluster !== undefined) this.put({ ...cluster, last_activity_time: this.app.clock.now() });
  }

  /** Libraries that wait for a restart to go are gone after it. */
  private restarted(id: string): void {
    const libraries = this.app.store.collection<{ readonly uninstall?: boolean }>("libraries");
    for (const { key, value } of libraries.range({ prefix: [id] })) if (value.uninstall === true) libraries.remove(key);
  }
}

const unexpected = ({ cluster_id, state }: Cluster): WorkspaceError =>
  new WorkspaceError("INVALID_STATE", `Cluster ${cluster_id} is in unexpected state ${state.charAt(0)}${state.slice(1).toLowerCase()}.`);

/** One for all families. */
export function clustersOf(app: WorkspaceApp): Clusters {
  const found = app.services.get("clusters") as Clusters | undefined;
  if (found !== undefined) return found;
  const made = new Clusters(app);
  app.services.set("clusters", made);
  return made;
}

/** A cluster as clusters/get shows it. */
export function shownCluster(cluster: Cluster): JsonObject {
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
  const running = state === "RUNNING" || state === "RESIZING";
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
    ...(running ? { last_activity_time: cluster.last_activity_time, cluster_cores: 4, cluster_memory_mb: 14336 } : {}),
    ...(last_restarted_time === undefined ? {} : { last_restarted_time }),
    ...(terminated_time === undefined ? {} : { terminated_time }),
    ...(termination_reason === undefined || state === "TERMINATING" ? {} : { termination_reason }),
    ...(cluster.pinned ? { pinned_by_user_name: creator_user_name } : {}),
    default_tags: {
      Vendor: "Databricks",
      Creator: creator_user_name,
      ClusterName: typeof spec.cluster_name === "string" ? spec.cluster_name : "",
      ClusterId: cluster_id,
    },
    spec,
  };
}
