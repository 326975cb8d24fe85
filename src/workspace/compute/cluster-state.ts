import type { JsonObject } from "../errors";

export type ClusterState =
  "PENDING" | "RUNNING" | "RESTARTING" | "RESIZING" | "TERMINATING" | "TERMINATED" | "ERROR";

export interface ClusterEvent {
  readonly timestamp: number;
  readonly type: string;
  readonly details: JsonObject;
}

/** A cluster as stored: the last written state, and the one it is heading for. */
export interface Cluster {
  readonly cluster_id: string;
  /** The settings in the request, with values from the policy. */
  readonly spec: JsonObject;
  /** The idempotency token of its create call; not returned. */
  readonly idempotency_token?: string;
  readonly creator_user_name: string;
  readonly cluster_source: "API" | "UI" | "JOB";
  readonly state: ClusterState;
  readonly state_message: string;
  /** The state to be reached at `due`. */
  readonly next?: { readonly state: ClusterState; readonly due: number };
  readonly start_time: number;
  readonly terminated_time?: number;
  readonly last_restarted_time?: number;
  readonly last_activity_time: number;
  readonly termination_reason?: JsonObject;
  readonly pinned: boolean;
  readonly unpinned_time?: number;
  /** How many attempts of runs use it: while there are any, it is not idle. */
  readonly busy?: number;
  /** The run that started it. */
  readonly job?: { readonly job_id: number; readonly run_name: string };
  readonly spark_context_id: number;
  /** Newest last. */
  readonly events: readonly ClusterEvent[];
}

/** Docs "Manage compute": a terminated cluster is kept for 30 days, a pinned one permanently. */
const KEPT_MS = 30 * 24 * 3600 * 1000;

/**
 * Whether a cluster was terminated, or unpinned after that, so long ago that the workspace no
 * longer has it.
 */
export const purged = (
  { state, pinned, terminated_time, unpinned_time }: Cluster,
  now: number,
): boolean =>
  state === "TERMINATED" &&
  !pinned &&
  now > Math.max(terminated_time ?? now, unpinned_time ?? 0) + KEPT_MS;

const MAX_EVENTS = 500;

/** A cluster with one more event. */
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
 * The cluster at the time `now`: due transitions are applied, each at its own time. Pure, so that
 * reading needs no write.
 */
export function advanced(cluster: Cluster, now: number): Cluster {
  const { next } = cluster;
  if (next !== undefined && next.due <= now)
    return advanced(arrive(cluster, next.state, next.due), now);
  if (next === undefined && cluster.state === "RUNNING") {
    const minutes = Number(cluster.spec.autotermination_minutes ?? 0);
    const idleUntil = cluster.last_activity_time + minutes * 60_000;
    if (minutes > 0 && idleUntil <= now && (cluster.busy ?? 0) === 0)
      return terminated(
        {
          ...cluster,
          termination_reason: {
            code: "INACTIVITY",
            type: "SUCCESS",
            parameters: { inactivity_duration_min: String(minutes) },
          },
        },
        idleUntil,
      );
  }
  return cluster;
}

function arrive(cluster: Cluster, state: ClusterState, at: number): Cluster {
  const { next: _next, ...rest } = cluster;
  if (state === "TERMINATED") return terminated(rest, at);
  const arrived: Cluster = { ...rest, state, state_message: "" };
  if (state !== "RUNNING") return arrived;
  const type = cluster.state === "RESIZING" ? "UPSIZE_COMPLETED" : "RUNNING";
  return withEvent(
    {
      ...arrived,
      last_activity_time: at,
      spark_context_id: cluster.spark_context_id + (type === "RUNNING" ? 1 : 0),
    },
    at,
    type,
    {
      current_num_workers: Number(cluster.spec.num_workers ?? 0),
      target_num_workers: Number(cluster.spec.num_workers ?? 0),
    },
  );
}

function terminated(cluster: Cluster, at: number): Cluster {
  const reason = cluster.termination_reason ?? { code: "USER_REQUEST", type: "SUCCESS" };
  const inactive = reason.code === "INACTIVITY" ? "Inactive cluster terminated." : "";
  return {
    ...withEvent(cluster, at, "TERMINATING", { reason }),
    state: "TERMINATED",
    state_message: inactive,
    terminated_time: at,
    termination_reason: reason,
  };
}

/** Moves to RUNNING through `via`. */
export function starting(
  cluster: Cluster,
  via: "PENDING" | "RESTARTING" | "RESIZING",
  now: number,
  ms: number,
  user: string,
): Cluster {
  const { terminated_time: _time, termination_reason: _reason, ...rest } = cluster;
  const type = via === "PENDING" ? (cluster.events.length === 0 ? "CREATING" : "STARTING") : via;
  const message =
    via === "PENDING"
      ? "Finding instances for new nodes, acquiring more instances if necessary"
      : "";
  return {
    ...withEvent(rest, now, type, { user, cluster_size: sizeOf(cluster) }),
    state: via,
    state_message: message,
    next: { state: "RUNNING", due: now + ms },
    ...(via === "RESIZING"
      ? {}
      : { start_time: via === "PENDING" ? now : cluster.start_time, last_restarted_time: now }),
  };
}

/** Moves to TERMINATED. */
export const stopping = (
  cluster: Cluster,
  now: number,
  ms: number,
  reason: JsonObject,
): Cluster => ({
  ...cluster,
  state: "TERMINATING",
  state_message: "",
  termination_reason: reason,
  next: { state: "TERMINATED", due: now + ms },
});
