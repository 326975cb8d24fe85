import type { CallOptions, Client, ReadClient } from "../client";
import { createOnceByName } from "../transport/in-turn";
import { all, byToken, type PageOptions } from "../transport/paging";

/** The settings of a cluster. */
export interface ClusterSpec {
  readonly cluster_name?: string;
  readonly spark_version?: string;
  readonly node_type_id?: string;
  readonly num_workers?: number;
  readonly autoscale?: { readonly min_workers: number; readonly max_workers: number };
  readonly custom_tags?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export interface Cluster extends ClusterSpec {
  readonly cluster_id: string;
  /** PENDING, RUNNING, RESTARTING, RESIZING, TERMINATING, TERMINATED, ERROR, UNKNOWN */
  readonly state?: string;
  readonly state_message?: string;
  readonly cluster_source?: string;
  readonly creator_user_name?: string;
}

const base = "/api/2.1/clusters";

export class ClustersReader {
  constructor(private readonly reader: ReadClient) {}

  /** @throws ApiError; `isNotFound` for a missing cluster, although the workspace returns 400 */
  async get(clusterId: string, options: CallOptions = {}): Promise<Cluster> {
    return (await this.reader.get(`${base}/get`, {
      ...options,
      query: { cluster_id: clusterId },
    })) as Cluster;
  }

  /**
   * Lists all-purpose and job clusters that are pinned, not terminated, or terminated in the last 30
   * days.
   */
  list(options: PageOptions & { readonly pinned?: boolean } = {}): AsyncGenerator<Cluster> {
    const { pinned, ...rest } = options;
    return byToken<Cluster>(this.reader, {
      path: `${base}/list`,
      query: { page_size: 100, "filter_by.is_pinned": pinned },
      items: "clusters",
      ...rest,
    });
  }

  async sparkVersions(): Promise<readonly { readonly key: string; readonly name: string }[]> {
    return (
      (
        (await this.reader.get(`${base}/spark-versions`)) as {
          versions?: { key: string; name: string }[];
        }
      ).versions ?? []
    );
  }

  async nodeTypes(): Promise<
    readonly { readonly node_type_id: string; readonly [field: string]: unknown }[]
  > {
    return (
      (
        (await this.reader.get(`${base}/list-node-types`)) as {
          node_types?: { node_type_id: string }[];
        }
      ).node_types ?? []
    );
  }
}

export class Clusters extends ClustersReader {
  constructor(private readonly client: Client) {
    super(client);
  }

  /**
   * Creates a cluster exactly once: after a lost response, the clusters with this name are compared
   * with those that existed before.
   */
  async create(spec: ClusterSpec, options: CallOptions = {}): Promise<string> {
    const clustersOfName = async (): Promise<Cluster[]> =>
      (await all(this.list())).filter((cluster) => cluster.cluster_name === spec.cluster_name);
    const created = await createOnceByName(
      this.client,
      `cluster ${spec.cluster_name ?? ""}`,
      (cluster) => cluster.cluster_id,
      clustersOfName,
      (recover) => this.client.post(`${base}/create`, spec, { recover, ...options }),
    );
    return created.cluster_id;
  }

  async edit(clusterId: string, spec: ClusterSpec, options: CallOptions = {}): Promise<void> {
    await this.client.post(
      `${base}/edit`,
      { ...spec, cluster_id: clusterId },
      { idempotent: true, ...options },
    );
  }

  /**
   * Requests the start. The platform rejects it unless the cluster is terminated. After a lost
   * response, a cluster in any other state counts as started.
   * @throws ApiError (kind `invalid`) if the cluster is not terminated
   */
  async start(clusterId: string, options: CallOptions = {}): Promise<void> {
    const recover = async (): Promise<unknown> =>
      (await this.get(clusterId)).state === "TERMINATED" ? undefined : {};
    await this.client.post(`${base}/start`, { cluster_id: clusterId }, { recover, ...options });
  }

  /** Requests the termination; the cluster's definition is kept. */
  async terminate(clusterId: string, options: CallOptions = {}): Promise<void> {
    await this.client.post(
      `${base}/delete`,
      { cluster_id: clusterId },
      { idempotent: true, ...options },
    );
  }

  async permanentDelete(clusterId: string, options: CallOptions = {}): Promise<void> {
    await this.client.post(
      `${base}/permanent-delete`,
      { cluster_id: clusterId },
      { idempotent: true, removes: true, ...options },
    );
  }
}
