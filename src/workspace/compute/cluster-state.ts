import type { JsonObject } from "../errors";

export type ClusterState =
  "PENDING" | "RUNNING" | "RESTARTING" | "RESIZING" | "TERMINATING" | "TERMINATED" | "ERROR";

export interface ClusterEvent {
  readonly timestamp: number;
  readonly type: string;
  readonly details: JsonObject;
}

/** A stored cluster: its last written state, and the pending transition. */
export interface Cluster {
  readonly cluster_id: string;
  /** The requested settings, completed by the policy. */
  readonly spec: JsonObject;
  /** The idempotency token of the create call; never returned. */
  readonly idempotency_token?: string;
  readonly creator_user_name: string;
  readonly cluster_source: "API" | "UI" | "JOB";
  readonly state: ClusterState;
  readonly state_message: string;
  /** The next state, and when it is reached. */
  readonly next?: { readonly state: ClusterState; readonly due: number };
  readonly start_time: number;
  readonly terminated_time?: number;
  readonly last_restarted_time?: number;
  readonly last_activity_time: number;
  readonly termination_reason?: JsonObject;
  readonly pinned: boolean;
  /** The admin who pinned the cluster last. */
  readonly pinned_by?: string;
  readonly unpinned_time?: number;
  /** The number of task attempts on the cluster. While it is above 0, the cluster is not idle. */
  readonly busy?: number;
  /** The run that created the cluster. */
  readonly job?: { readonly job_id: number; readonly run_name: string };
  readonly spark_context_id: number;
  /** The cluster's events, newest last. */
  readonly events: readonly ClusterEvent[];
}

/** Docs "Manage compute": a terminated cluster is kept for 30 days, a pinned one permanently. */
const RETENTION_MS = 30 * 24 * 3600 * 1000;

/**
 * Whether the platform has removed the cluster: more than 30 days ago, it was terminated and, if it
 * had been pinned, unpinned.
 */
export const isPurged = (
  { state, pinned, terminated_time, unpinned_time }: Cluster,
  now: number,
): boolean =>
  state === "TERMINATED" &&
  !pinned &&
  now > Math.max(terminated_time ?? now, unpinned_time ?? 0) + RETENTION_MS;

const MAX_EVENTS = 500;

/** Returns the cluster with one more event. */
export const withEvent = (
  cluster: Cluster,
  timestamp: number,
  type: string,
  details: JsonObject = {},
): Cluster => ({
  ...cluster,
  events: [...cluster.events, { timestamp, type, details }].slice(-MAX_EVENTS),
});

const sizeOf = ({ spec }: Cluster): JsonObject =>
  spec.autoscale === undefined
    ? { num_workers: spec.num_workers ?? 0 }
    : { autoscale: spec.autoscale };

/**
 * Returns the cluster's state at the time `now`, with each due transition applied at its own time.
 * Reading a cluster therefore needs no write.
 */
export function advance(cluster: Cluster, now: number): Cluster {
  const { next } = cluster;
  if (next !== undefined && next.due <= now)
    return advance(reachState(cluster, next.state, next.due), now);
  if (next === undefined && cluster.state === "RUNNING") {
    const minutes = Number(cluster.spec.autotermination_minutes ?? 0);
    const idleUntil = cluster.last_activity_time + minutes * 60_000;
    if (minutes > 0 && idleUntil <= now && (cluster.busy ?? 0) === 0)
      return terminate(
        stopCluster(cluster, idleUntil, 0, {
          code: "INACTIVITY",
          type: "SUCCESS",
          parameters: { inactivity_duration_min: String(minutes) },
        }),
        idleUntil,
      );
  }
  return cluster;
}

function reachState(cluster: Cluster, state: ClusterState, time: number): Cluster {
  if (state === "TERMINATED") return terminate(cluster, time);
  const { next: _next, ...fields } = cluster;
  const reached: Cluster = { ...fields, state, state_message: "" };
  if (state !== "RUNNING") return reached;
  const type = cluster.state === "RESIZING" ? "UPSIZE_COMPLETED" : "RUNNING";
  return withEvent(
    {
      ...reached,
      last_activity_time: time,
      spark_context_id: cluster.spark_context_id + (type === "RUNNING" ? 1 : 0),
    },
    time,
    type,
    {
      current_num_workers: Number(cluster.spec.num_workers ?? 0),
      target_num_workers: Number(cluster.spec.num_workers ?? 0),
    },
  );
}

function terminate(cluster: Cluster, time: number): Cluster {
  const { next: _next, ...fields } = cluster;
  const isIdle = cluster.termination_reason?.code === "INACTIVITY";
  return {
    ...fields,
    state: "TERMINATED",
    state_message: isIdle ? "Inactive cluster terminated." : "",
    terminated_time: time,
  };
}

/** Puts a cluster into the given state, from which it reaches RUNNING after `ms`. */
export function startCluster(
  cluster: Cluster,
  viaState: "PENDING" | "RESTARTING" | "RESIZING",
  now: number,
  ms: number,
  user: string,
): Cluster {
  const { terminated_time: _time, termination_reason: _reason, ...fields } = cluster;
  const type =
    viaState === "PENDING" ? (cluster.events.length === 0 ? "CREATING" : "STARTING") : viaState;
  const message =
    viaState === "PENDING"
      ? "Finding instances for new nodes, acquiring more instances if necessary"
      : "";
  return {
    ...withEvent(fields, now, type, { user, cluster_size: sizeOf(cluster) }),
    state: viaState,
    state_message: message,
    next: { state: "RUNNING", due: now + ms },
    ...(viaState === "RESIZING"
      ? {}
      : {
          start_time: viaState === "PENDING" ? now : cluster.start_time,
          last_restarted_time: now,
        }),
  };
}

/** Puts a cluster into the state TERMINATING, from which it reaches TERMINATED after `ms`. */
export const stopCluster = (
  cluster: Cluster,
  now: number,
  ms: number,
  reason: JsonObject,
): Cluster => ({
  ...withEvent(cluster, now, "TERMINATING", { reason }),
  state: "TERMINATING",
  state_message: "",
  termination_reason: reason,
  next: { state: "TERMINATED", due: now + ms },
});
