import type { Client, ReadClient } from "../client";
import { createOnceByName } from "../transport/in-turn";
import { all, byToken } from "../transport/paging";

export interface InstancePoolSpec {
  readonly instance_pool_name?: string;
  readonly node_type_id?: string;
  readonly min_idle_instances?: number;
  readonly max_capacity?: number;
  readonly state?: string;
  readonly custom_tags?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export interface InstancePool extends InstancePoolSpec {
  readonly instance_pool_id: string;
}

const base = "/api/2.0/instance-pools";

export class PoolsReader {
  constructor(private readonly reader: ReadClient) {}

  async get(poolId: string): Promise<InstancePool> {
    return (await this.reader.get(`${base}/get`, {
      query: { instance_pool_id: poolId },
    })) as InstancePool;
  }

  list(): AsyncGenerator<InstancePool> {
    return byToken<InstancePool>(this.reader, { path: `${base}/list`, items: "instance_pools" });
  }
}

export class Pools extends PoolsReader {
  constructor(private readonly client: Client) {
    super(client);
  }

  /**
   * Creates a pool exactly once: after a lost response, the pools with this name are compared with
   * those that existed before.
   */
  async create(pool: InstancePoolSpec): Promise<string> {
    const poolsOfName = async (): Promise<InstancePool[]> =>
      (await all(this.list())).filter(
        (candidate) => candidate.instance_pool_name === pool.instance_pool_name,
      );
    const created = await createOnceByName(
      this.client,
      `pool ${pool.instance_pool_name ?? ""}`,
      (pool) => pool.instance_pool_id,
      poolsOfName,
      (recover) => this.client.post(`${base}/create`, pool, { recover }),
    );
    return created.instance_pool_id;
  }

  async edit(poolId: string, pool: InstancePoolSpec): Promise<void> {
    await this.client.post(
      `${base}/edit`,
      { ...pool, instance_pool_id: poolId },
      { idempotent: true },
    );
  }

  async delete(poolId: string): Promise<void> {
    await this.client.post(
      `${base}/delete`,
      { instance_pool_id: poolId },
      { idempotent: true, removes: true },
    );
  }
}
