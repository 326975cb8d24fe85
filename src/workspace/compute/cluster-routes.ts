import { denied, invalid, WorkspaceError, type JsonObject } from "../errors";
import type { Fields } from "../fields";
import { knownFields } from "../known-fields";
import type { Principal } from "../principal-records";
import type { Call, WorkspaceApp } from "../routes";
import { page } from "../paging";
import { replaceMaskedField } from "../update-mask";
import { clustersOf, renderCluster } from "./clusters";
import type { Cluster, ClusterEvent } from "./cluster-state";
import { nodeTypes } from "./node-types";
import { sparkVersions } from "./spark-versions";

const VERSIONS = ["2.0", "2.1"];
const MAX_PINNED = 100;
const MAP_FIELDS = ["spark_conf", "spark_env_vars", "custom_tags"];

/** Routes of `/api/2.0/clusters/…` and `/api/2.1/clusters/…`. */
export function clusterRoutes(app: WorkspaceApp): void {
  const clusters = clustersOf(app);
  const { permissions } = app;

  app.post(VERSIONS, "/clusters/create", async (call) => {
    const { caller, input } = call;
    requireCreatePermission(app, caller, input);
    const settings = withoutUnknown(call, input.values);
    const cluster = await app.store.write(() => clusters.create(caller, settings));
    return { cluster_id: cluster.cluster_id };
  });
  app.get(VERSIONS, "/clusters/get", ({ input, caller }) => {
    const cluster = clusters.mustFind(input.string("cluster_id"));
    permissions.require(caller, "cluster", cluster.cluster_id, "CAN_ATTACH_TO");
    return renderCluster(cluster);
  });

  /** Registers a call that changes one cluster. The response is `{}`. */
  const registerChange = (
    path: string,
    level: string,
    apply: (cluster: Cluster, call: Call) => void,
  ): void =>
    app.post(VERSIONS, path, async (call) => {
      const id = call.input.string("cluster_id");
      await app.store.write(() => {
        const cluster = clusters.mustFind(id);
        permissions.require(call.caller, "cluster", id, level);
        apply(cluster, call);
      });
      return undefined;
    });
  registerChange("/clusters/edit", "CAN_MANAGE", (cluster, call) =>
    clusters.edit(call.caller, cluster, withoutUnknown(call, call.input.values)),
  );
  registerChange("/clusters/update", "CAN_MANAGE", (cluster, call) =>
    clusters.edit(call.caller, cluster, applyMask(cluster, call)),
  );
  registerChange("/clusters/start", "CAN_RESTART", (cluster, { caller }) =>
    clusters.start(caller, cluster),
  );
  registerChange("/clusters/restart", "CAN_RESTART", (cluster, { caller }) =>
    clusters.restart(caller, cluster),
  );
  registerChange("/clusters/delete", "CAN_RESTART", (cluster) => clusters.terminate(cluster));
  registerChange("/clusters/permanent-delete", "CAN_MANAGE", (cluster) => clusters.remove(cluster));
  registerChange("/clusters/resize", "CAN_MANAGE", (cluster, { caller, input }) => {
    const workers = input.optionalInteger("num_workers");
    const autoscale = input.optionalObject("autoscale");
    if ((workers === undefined) === (autoscale === undefined))
      throw invalid("Exactly one of num_workers and autoscale must be specified.");
    clusters.resize(
      caller,
      cluster,
      autoscale === undefined ? { num_workers: workers ?? 0 } : { autoscale },
    );
  });
  registerChange("/clusters/pin", "CAN_MANAGE", (cluster, { caller }) => {
    permissions.requireAdmin(caller, "pin clusters");
    if (!cluster.pinned && clusters.all().filter(({ pinned }) => pinned).length >= MAX_PINNED)
      throw new WorkspaceError(
        "RESOURCE_LIMIT_EXCEEDED",
        `The workspace has the maximum of ${MAX_PINNED} pinned clusters.`,
      );
    clusters.put({ ...cluster, pinned: true, pinned_by: caller.name });
  });
  registerChange("/clusters/unpin", "CAN_MANAGE", (cluster, { caller }) => {
    permissions.requireAdmin(caller, "unpin clusters");
    clusters.put({
      ...cluster,
      pinned: false,
      ...(cluster.pinned ? { unpinned_time: app.clock.now() } : {}),
    });
  });
  registerChange("/clusters/change-owner", "CAN_MANAGE", (cluster, { caller, input }) => {
    permissions.requireAdmin(caller, "change a cluster's owner");
    if (cluster.state !== "TERMINATED")
      throw new WorkspaceError("INVALID_STATE", "Only a terminated cluster can change its owner.");
    clusters.put({ ...cluster, creator_user_name: input.string("owner_username") });
  });

  app.get(VERSIONS, "/clusters/list", ({ input, caller, version }) => {
    const onlyPinned = input.optionalBoolean("filter_by.is_pinned");
    const states = stringList(input, "filter_by.cluster_states");
    const sources = stringList(input, "filter_by.cluster_sources");
    const policy = input.optionalString("filter_by.policy_id");
    const matches = clusters
      .all()
      .filter(
        (cluster) =>
          (onlyPinned === undefined || cluster.pinned === onlyPinned) &&
          (states.length === 0 || states.includes(cluster.state)) &&
          (sources.length === 0 || sources.includes(cluster.cluster_source)) &&
          (policy === undefined || cluster.spec.policy_id === policy) &&
          permissions.allows(caller, "cluster", cluster.cluster_id, "CAN_ATTACH_TO"),
      )
      .sort((left, right) => right.start_time - left.start_time)
      .filter(recentJobClusters())
      .sort(sortOrder(input));
    if (version === "2.0")
      return matches.length === 0 ? {} : { clusters: matches.map(renderCluster) };
    const { items, ...tokens } = page(input, matches, {
      defaultSize: 20,
      maxSize: 100,
      sizeParameter: "page_size",
    });
    return { clusters: items.map(renderCluster), ...tokens };
  });

  app.post(VERSIONS, "/clusters/events", ({ input, caller }) => {
    const cluster = clusters.mustFind(input.string("cluster_id"));
    permissions.require(caller, "cluster", cluster.cluster_id, "CAN_ATTACH_TO");
    return eventsPage(cluster, input);
  });
  app.get(VERSIONS, "/clusters/list-node-types", () => ({ node_types: nodeTypes }));
  app.get(VERSIONS, "/clusters/spark-versions", () => ({ versions: sparkVersions }));
  app.get(VERSIONS, "/clusters/list-zones", () => ({
    zones: ["us-west-2a", "us-west-2b", "us-west-2c"],
    default_zone: "us-west-2a",
  }));
}

/** Returns the order that `sort_by` requests: by name, or by start time (DEFAULT). */
function sortOrder(input: Fields): (left: Cluster, right: Cluster) => number {
  const field = input.optionalEnum("sort_by.field", ["CLUSTER_NAME", "DEFAULT"]) ?? "DEFAULT";
  const direction =
    input.optionalEnum("sort_by.direction", ["ASC", "DESC"]) ??
    (field === "DEFAULT" ? "DESC" : "ASC");
  const nameOf = ({ spec }: Cluster): string =>
    typeof spec.cluster_name === "string" ? spec.cluster_name : "";
  return (left, right) => {
    const order =
      field === "DEFAULT"
        ? left.start_time - right.start_time
        : nameOf(left).localeCompare(nameOf(right), "en");
    return direction === "ASC" ? order : -order;
  };
}

/**
 * Returns a filter for clusters sorted by start time, newest first: of the terminated job clusters,
 * it selects only the first 30 (docs "List clusters").
 */
function recentJobClusters(): (cluster: Cluster) => boolean {
  let endedCount = 0;
  return ({ cluster_source, state }) =>
    cluster_source !== "JOB" || state !== "TERMINATED" || ++endedCount <= 30;
}

/** @throws 403 unless the caller is an admin, has the entitlement, or may use the named policy */
function requireCreatePermission(app: WorkspaceApp, caller: Principal, input: Fields): void {
  const policy = input.optionalString("policy_id") ?? "";
  const isEntitled = app.principals.isEntitled(caller, "allow-cluster-create");
  if (
    !isEntitled &&
    (policy === "" ||
      !app.permissions.allows(caller, "cluster-policy", policy.slice(0, 100), "CAN_USE"))
  )
    throw denied("You are not authorized to create clusters. Please contact your administrator.");
}

/**
 * Returns the settings after clusters/update: the fields in the mask come from the request's
 * `cluster` (`*` selects all fields), the others keep their values.
 */
function applyMask(cluster: Cluster, call: Call): JsonObject {
  const { input } = call;
  const requestedFields = withoutUnknown(call, input.object("cluster"), "cluster.");
  const mask = input.string("update_mask").split(",");
  let spec: JsonObject = { ...cluster.spec };
  for (const path of mask) {
    if (path.trim() === "*") return requestedFields;
    const names = path.trim().split(".");
    // Maps can only be replaced completely: their keys may contain dots.
    if (
      names.some((name) => name === "" || name === "__proto__") ||
      (names.length > 1 && MAP_FIELDS.includes(names[0] ?? ""))
    )
      throw invalid("update_mask is not valid.");
    spec = replaceMaskedField(spec, requestedFields, names);
    // A cluster has either a fixed size or a range.
    if (names[0] === "num_workers") delete spec.autoscale;
    if (names[0] === "autoscale") delete spec.num_workers;
  }
  return spec;
}

/** Removes unknown fields at every level, and reports them. */
function withoutUnknown(call: Call, body: JsonObject, path = ""): JsonObject {
  const { values, unknown } = knownFields(body, "ClusterSpec", ["clone_from"]);
  call.reportDropped(unknown.map((field) => `${path}${field}`));
  return values;
}

/** Returns the strings of an array or, in a query, of a comma-separated list. */
const stringList = (input: Fields, name: string): string[] =>
  (Array.isArray(input.values[name])
    ? (input.optionalStrings(name) ?? [])
    : (input.optionalString(name) ?? "").split(",")
  ).filter((text) => text !== "");

function eventsPage(cluster: Cluster, input: Fields): object {
  const startTime = input.optionalInteger("start_time") ?? 0;
  const endTime = input.optionalInteger("end_time") ?? Infinity;
  const types = input.optionalStrings("event_types") ?? [];
  const order = input.optionalEnum("order", ["ASC", "DESC"]) ?? "DESC";
  const isSelected = ({ timestamp, type }: ClusterEvent): boolean =>
    timestamp >= startTime && timestamp <= endTime && (types.length === 0 || types.includes(type));
  const matches = cluster.events.filter(isSelected);
  const sortedEvents = order === "ASC" ? matches : matches.toReversed();
  const limit = Math.min(
    input.optionalInteger("page_size") ?? input.optionalInteger("limit") ?? 50,
    500,
  );
  const offset = Math.max(
    0,
    input.optionalInteger("offset") ?? Number(input.optionalString("page_token") ?? 0),
  );
  if (Number.isNaN(offset) || limit < 0) throw invalid("offset, limit or page_token is not valid.");
  const items = sortedEvents
    .slice(offset, offset + limit)
    .map((event) => ({ cluster_id: cluster.cluster_id, ...event }));
  const hasMore = offset + limit < sortedEvents.length;
  return {
    ...(items.length === 0 ? {} : { events: items }),
    total_count: sortedEvents.length,
    ...(hasMore
      ? {
          next_page: {
            cluster_id: cluster.cluster_id,
            // Events that happen between two calls must not move the pages.
            end_time: endTime === Infinity ? cluster.events.at(-1)?.timestamp : endTime,
            order,
            offset: offset + limit,
            limit,
          },
          next_page_token: String(offset + limit),
        }
      : {}),
  };
}
