import { setTimeout as delay } from "node:timers/promises";
import type { Client, ReadClient } from "../client";
import { LakeformError } from "../../errors";
import { createOnceByName } from "../transport/in-turn";
import { all, byToken } from "../transport/paging";

export interface WarehouseSpec {
  readonly name?: string;
  readonly cluster_size?: string;
  readonly [field: string]: unknown;
}

export interface Warehouse extends WarehouseSpec {
  readonly id: string;
  /** STARTING, RUNNING, STOPPING, STOPPED, DELETING, DELETED */
  readonly state?: string;
}

export interface Statement {
  readonly statement_id: string;
  /** PENDING, RUNNING, SUCCEEDED, FAILED, CANCELED, CLOSED */
  readonly status?: {
    readonly state: string;
    readonly error?: { readonly error_code?: string; readonly message?: string };
  };
  readonly manifest?: {
    readonly schema?: {
      readonly columns?: readonly { readonly name: string; readonly type_name?: string }[];
    };
    readonly total_chunk_count?: number;
  };
  /** The first rows, with each value as text. `next_chunk_index` is set if there are more. */
  readonly result?: {
    readonly data_array?: readonly (readonly (string | null)[])[];
    readonly next_chunk_index?: number;
  };
}

const base = "/api/2.0/sql/warehouses";

export class WarehousesReader {
  constructor(private readonly reader: ReadClient) {}

  async get(id: string): Promise<Warehouse> {
    return (await this.reader.get(`${base}/${encodeURIComponent(id)}`)) as Warehouse;
  }

  list(): AsyncGenerator<Warehouse> {
    return byToken<Warehouse>(this.reader, { path: base, items: "warehouses" });
  }
}

export class Warehouses extends WarehousesReader {
  constructor(private readonly client: Client) {
    super(client);
  }

  /**
   * Creates a warehouse exactly once: after a lost response, the warehouses with this name are
   * compared with those that existed before.
   */
  async create(warehouse: WarehouseSpec): Promise<string> {
    const warehousesOfName = async (): Promise<Warehouse[]> =>
      (await all(this.list())).filter((candidate) => candidate.name === warehouse.name);
    const created = await createOnceByName(
      this.client,
      `warehouse ${warehouse.name ?? ""}`,
      (warehouse) => warehouse.id,
      warehousesOfName,
      (recover) => this.client.post(base, warehouse, { recover }),
    );
    return created.id;
  }

  async edit(id: string, warehouse: WarehouseSpec): Promise<void> {
    await this.client.post(`${base}/${encodeURIComponent(id)}/edit`, warehouse, {
      idempotent: true,
    });
  }

  async start(id: string): Promise<void> {
    await this.client.post(`${base}/${encodeURIComponent(id)}/start`, {}, { idempotent: true });
  }

  async stop(id: string): Promise<void> {
    await this.client.post(`${base}/${encodeURIComponent(id)}/stop`, {}, { idempotent: true });
  }

  async delete(id: string): Promise<void> {
    await this.client.delete(`${base}/${encodeURIComponent(id)}`);
  }

  /**
   * Runs one SQL statement and waits for its rows. A statement may change data, so it is not sent
   * again after a lost response.
   * @throws LakeformError STATEMENT_FAILED with the warehouse's message
   */
  async execute(
    warehouseId: string,
    statement: string,
    options: {
      readonly parameters?: readonly {
        readonly name: string;
        readonly value?: string;
        readonly type?: string;
      }[];
      readonly catalog?: string;
      readonly schema?: string;
      readonly signal?: AbortSignal;
      /** Pause between two status calls of a running statement, in milliseconds. @default 500 */
      readonly pollMs?: number;
    } = {},
  ): Promise<{
    readonly columns: readonly string[];
    readonly rows: readonly (readonly (string | null)[])[];
  }> {
    const { signal, pollMs = 500, ...rest } = options;
    const callOptions = signal === undefined ? {} : { signal };
    let response = (await this.client.post(
      "/api/2.0/sql/statements",
      { warehouse_id: warehouseId, statement, wait_timeout: "30s", ...rest },
      callOptions,
    )) as Statement;
    const path = `/api/2.0/sql/statements/${encodeURIComponent(response.statement_id)}`;
    while (response.status?.state === "PENDING" || response.status?.state === "RUNNING") {
      await delay(pollMs, undefined, callOptions);
      response = (await this.client.get(path, callOptions)) as Statement;
    }
    if (response.status?.state !== "SUCCEEDED") {
      throw new LakeformError(
        "STATEMENT_FAILED",
        response.status?.error?.message ??
          `the statement ended in state ${response.status?.state ?? "unknown"}`,
        {
          value: statement.length > 200 ? `${statement.slice(0, 200)}…` : statement,
          fix: "fix the statement; if the warehouse is stopped, start it",
        },
      );
    }
    const rows = [...(response.result?.data_array ?? [])];
    for (let chunk = response.result?.next_chunk_index; chunk !== undefined;) {
      const nextChunk = (await this.client.get(
        `${path}/result/chunks/${chunk}`,
        callOptions,
      )) as NonNullable<Statement["result"]>;
      rows.push(...(nextChunk.data_array ?? []));
      chunk = nextChunk.next_chunk_index;
    }
    return {
      columns: (response.manifest?.schema?.columns ?? []).map((column) => column.name),
      rows,
    };
  }
}
