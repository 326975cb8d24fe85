import type { ReadClient } from "../../api/client";
import { byToken } from "../../api/transport/paging";
import { LakeformError } from "../../errors";
import { fromWire } from "../shape/from-wire";
import type { DataKind } from "../kind";
import { schemaOf } from "../shape/schema";
import { filled } from "../shape/sdk-state";
import { textOrEmpty } from "../shape/attributes";
import { object, optionalText, type Json } from "../shape/json";

/** Lists the ids of the clusters that match the filters. */
export const clustersData: DataKind = {
  type: "databricks_clusters",
  title: "clusters",
  async read(api, config, context) {
    const filter = object(Array.isArray(config.filter_by) ? config.filter_by[0] : undefined);
    const query: Record<string, string | number | boolean> = { page_size: 100 };
    if (filter.is_pinned === true) query["filter_by.is_pinned"] = true;
    const policy = optionalText(filter.policy_id);
    if (policy !== undefined && policy !== "") query["filter_by.policy_id"] = policy;
    const nameFilter = textOrEmpty(config, "cluster_name_contains").toLowerCase();
    const [sources, states] = [
      new Set(strings(filter.cluster_sources)),
      new Set(strings(filter.cluster_states)),
    ];
    const ids: string[] = [];
    for await (const cluster of byToken<Json>(api, {
      path: "/api/2.1/clusters/list",
      query,
      items: "clusters",
      signal: context.signal,
    })) {
      if (!(optionalText(cluster.cluster_name) ?? "").toLowerCase().includes(nameFilter)) continue;
      if (sources.size > 0 && !sources.has(optionalText(cluster.cluster_source) ?? "")) continue;
      if (states.size > 0 && !states.has(optionalText(cluster.state) ?? "")) continue;
      ids.push(optionalText(cluster.cluster_id) ?? "");
    }
    return { ...config, id: "_", ids: ids.sort() };
  },
};

function strings(value: unknown): readonly string[] {
  return Array.isArray(value)
    ? value.filter((item): item is string => typeof item === "string")
    : [];
}

/** Reads one cluster by name or, if the code sets no name, by id. */
export const clusterData: DataKind = {
  type: "databricks_cluster",
  title: "cluster",
  async read(api, config, context) {
    const name = textOrEmpty(config, "cluster_name");
    const id = textOrEmpty(config, "cluster_id");
    if (id === "" && name === "") {
      throw new LakeformError("NOTHING_ASKED", "neither cluster_id nor cluster_name is set", {
        allowed: "one of cluster_id, cluster_name",
        fix: "set one of them",
      });
    }
    const cluster =
      name !== ""
        ? await findClusterByName(api, name, context.signal)
        : object(
            await api.get("/api/2.1/clusters/get", {
              query: { cluster_id: id },
              signal: context.signal,
            }),
          );
    const block = schemaOf("data.databricks_cluster")?.block.blocks.cluster_info?.block;
    const clusterId = optionalText(cluster.cluster_id) ?? id;
    return {
      ...config,
      id: clusterId,
      cluster_id: clusterId,
      cluster_name: optionalText(cluster.cluster_name) ?? "",
      cluster_info: block === undefined ? [] : [filled(block, fromWire(block, cluster))],
    };
  },
};

/** Finds the all-purpose cluster with a name. */
async function findClusterByName(
  api: ReadClient,
  name: string,
  signal?: AbortSignal,
): Promise<Json> {
  const matches: Json[] = [];
  for await (const cluster of byToken<Json>(api, {
    path: "/api/2.1/clusters/list",
    query: { page_size: 100 },
    items: "clusters",
    signal,
  })) {
    if (cluster.cluster_name === name && cluster.cluster_source !== "JOB") matches.push(cluster);
  }
  const [match, second] = matches;
  if (match === undefined)
    throw new LakeformError("NO_SUCH_CLUSTER", "no cluster has this name", {
      value: name,
      fix: "check the name: lakeform clusters list",
    });
  if (second !== undefined)
    throw new LakeformError("DUPLICATE_CLUSTER_NAME", "more than one cluster has this name", {
      value: name,
      fix: "select it by cluster_id",
    });
  return match;
}
