import { createHash } from "node:crypto";
import { denied, invalid, missing, type JsonObject } from "../errors";
import { Fields } from "../fields";
import { knownFields } from "../known-fields";
import type { Principal } from "../principal-records";
import type { Call, WorkspaceApp } from "../routes";
import { timingOf } from "../timing";

interface Warehouse {
  readonly id: string;
  readonly settings: JsonObject;
  readonly creator_name: string;
  readonly state: "STARTING" | "RUNNING" | "STOPPING" | "STOPPED";
  /** The time at which STARTING becomes RUNNING, or STOPPING becomes STOPPED. */
  readonly due: number;
}

/** The fields that clients may set. */
const SETTABLE_FIELDS = [
  "name",
  "cluster_size",
  "auto_stop_mins",
  "min_num_clusters",
  "max_num_clusters",
  "spot_instance_policy",
  "enable_photon",
  "enable_serverless_compute",
  "warehouse_type",
  "channel",
  "tags",
  "instance_profile_arn",
];
const SIZES = [
  "2X-Small",
  "X-Small",
  "Small",
  "Medium",
  "Large",
  "X-Large",
  "2X-Large",
  "3X-Large",
  "4X-Large",
  "5X-Large",
];

/** Routes of `/api/2.0/sql/warehouses…`, and of the legacy data sources that represent warehouses. */
export function warehouseRoutes(app: WorkspaceApp): void {
  const warehouses = app.store.collection<Warehouse>("warehouses");
  const currentTiming = timingOf(app);
  const inCurrentState = (warehouse: Warehouse): Warehouse => {
    if (warehouse.due > app.clock.now()) return warehouse;
    return {
      ...warehouse,
      state:
        warehouse.state === "STARTING"
          ? "RUNNING"
          : warehouse.state === "STOPPING"
            ? "STOPPED"
            : warehouse.state,
    };
  };
  const mustFind = (id: string | undefined): Warehouse => {
    const warehouse = id === undefined || id.length > 100 ? undefined : warehouses.get(id);
    if (warehouse === undefined) throw missing(`SQL warehouse ${id ?? ""} does not exist`);
    return inCurrentState(warehouse);
  };
  const rejectTakenName = (name: unknown, id?: string): void => {
    if (
      warehouses
        .values()
        .some((warehouse) => warehouse.settings.name === name && warehouse.id !== id)
    )
      throw invalid(`SQL warehouse with name \`${String(name)}\` already exists`);
  };
  const renderWarehouse = (warehouse: Warehouse): object => {
    const { id, settings, creator_name, state } = warehouse;
    const { hostname, port, protocol } = new URL(app.host());
    const path = `/sql/1.0/warehouses/${id}`;
    return {
      id,
      ...settings,
      creator_name,
      state,
      num_clusters: state === "RUNNING" ? Number(settings.min_num_clusters ?? 1) : 0,
      num_active_sessions: 0,
      jdbc_url: `jdbc:spark://${hostname}:${port}/default;transportMode=http;ssl=${protocol === "https:" ? 1 : 0};AuthMech=3;httpPath=${path};`,
      odbc_params: { hostname, path, protocol: protocol.slice(0, -1), port: Number(port) },
      health: { status: "HEALTHY" },
    };
  };

  const visibleWarehouses = (caller: Principal): Warehouse[] =>
    warehouses
      .values()
      .filter(({ id }) => app.permissions.allows(caller, "warehouse", id, "CAN_VIEW"));

  app.post(["2.0"], "/sql/warehouses", async (call) => {
    const { caller } = call;
    if (!app.principals.isEntitled(caller, "allow-cluster-create"))
      throw denied("You do not have permission to create SQL warehouses.");
    const settings = { ...defaults, ...parseSettings(call) };
    if (typeof settings.name !== "string" || settings.name === "")
      throw invalid("Missing required field: name");
    const id = await app.store.write(() => {
      rejectTakenName(settings.name);
      const warehouseId = createHash("sha256")
        .update(`${app.workspaceId}/${app.store.nextId("warehouse")}`)
        .digest("hex")
        .slice(0, 16);
      warehouses.put(warehouseId, {
        id: warehouseId,
        settings,
        creator_name: caller.name,
        state: "STARTING",
        due: app.clock.now() + currentTiming().warehouse_start_ms,
      });
      app.permissions.grantToCreator("warehouse", warehouseId, caller);
      return warehouseId;
    });
    return { id };
  });
  app.get(["2.0"], "/sql/warehouses", ({ caller }) => ({
    warehouses: visibleWarehouses(caller).map((warehouse) =>
      renderWarehouse(inCurrentState(warehouse)),
    ),
  }));
  app.get(["2.0"], "/sql/warehouses/:id", ({ params, caller }) => {
    const warehouse = mustFind(params.id);
    app.permissions.require(caller, "warehouse", warehouse.id, "CAN_VIEW");
    return renderWarehouse(warehouse);
  });
  const changeHandler =
    (level: string, apply: (warehouse: Warehouse, call: Call) => void) => async (call: Call) => {
      await app.store.write(() => {
        const warehouse = mustFind(call.params.id);
        app.permissions.require(call.caller, "warehouse", warehouse.id, level);
        apply(warehouse, call);
      });
      return undefined;
    };
  app.post(
    ["2.0"],
    "/sql/warehouses/:id/edit",
    changeHandler("CAN_MANAGE", (warehouse, call) => {
      const settings = { ...warehouse.settings, ...parseSettings(call) };
      rejectTakenName(settings.name, warehouse.id);
      warehouses.put(warehouse.id, { ...warehouse, settings });
    }),
  );
  app.post(
    ["2.0"],
    "/sql/warehouses/:id/start",
    changeHandler("CAN_USE", (warehouse) => {
      if (warehouse.state === "RUNNING" || warehouse.state === "STARTING") return;
      warehouses.put(warehouse.id, {
        ...warehouse,
        state: "STARTING",
        due: app.clock.now() + currentTiming().warehouse_start_ms,
      });
    }),
  );
  app.post(
    ["2.0"],
    "/sql/warehouses/:id/stop",
    changeHandler("CAN_MANAGE", (warehouse) => {
      if (warehouse.state === "STOPPED" || warehouse.state === "STOPPING") return;
      warehouses.put(warehouse.id, {
        ...warehouse,
        state: "STOPPING",
        due: app.clock.now() + currentTiming().cluster_stop_ms,
      });
    }),
  );
  app.delete(
    ["2.0"],
    "/sql/warehouses/:id",
    changeHandler("CAN_MANAGE", (warehouse) => {
      warehouses.remove(warehouse.id);
      app.permissions.removeGrants("warehouse", warehouse.id);
    }),
  );
  app.get(["2.0"], "/preview/sql/data_sources", ({ caller }) =>
    visibleWarehouses(caller).map(({ id, settings }) => {
      const digest = createHash("sha256").update(id).digest("hex");
      return {
        id: `${digest.slice(0, 8)}-${digest.slice(8, 12)}-${digest.slice(12, 16)}-${digest.slice(16, 20)}-${digest.slice(20, 32)}`,
        warehouse_id: id,
        name: settings.name,
        paused: 0,
        pause_reason: null,
        supports_auto_limit: true,
        syntax: "sql",
        type: "databricks_internal",
        view_only: false,
      };
    }),
  );
  const configs = app.store.collection<JsonObject>("warehouse_config");
  app.get(
    ["2.0"],
    "/sql/config/warehouses",
    () =>
      configs.get("config") ?? {
        security_policy: "DATA_ACCESS_CONTROL",
        enable_serverless_compute: true,
      },
  );
  app.put(
    ["2.0"],
    "/sql/config/warehouses",
    async ({ input }) => {
      await app.store.write(() => configs.put("config", input.values));
      return undefined;
    },
    { admin: true },
  );
}

const defaults: JsonObject = {
  auto_stop_mins: 120,
  cluster_size: "X-Small",
  enable_photon: true,
  enable_serverless_compute: false,
  max_num_clusters: 1,
  min_num_clusters: 1,
  spot_instance_policy: "COST_OPTIMIZED",
  warehouse_type: "CLASSIC",
};

/** Reads and checks the settings in a request. Reports unknown fields, ignores read-only ones. */
function parseSettings(call: Call): JsonObject {
  const { values, unknown } = knownFields(call.input.values, "Warehouse");
  call.reportDropped(unknown);
  const fields = new Fields(
    Object.fromEntries(
      Object.entries(values).filter(
        ([name, value]) => SETTABLE_FIELDS.includes(name) && value !== undefined && value !== null,
      ),
    ),
  );
  const size = fields.optionalString("cluster_size");
  if (size !== undefined && !SIZES.includes(size))
    throw invalid(
      `Invalid cluster_size ${size.slice(0, 100)}: it must be one of ${SIZES.join(", ")}`,
    );
  const autoStopMinutes = fields.optionalInteger("auto_stop_mins") ?? 0;
  if (autoStopMinutes < 0 || autoStopMinutes > 100_000)
    throw invalid("auto_stop_mins must be between 0 (never) and 100000.");
  const minClusters = fields.optionalInteger("min_num_clusters") ?? 1;
  const maxClusters = fields.optionalInteger("max_num_clusters") ?? minClusters;
  if (minClusters < 1 || minClusters > 30 || maxClusters < minClusters || maxClusters > 40)
    throw invalid(
      "min_num_clusters must be between 1 and 30, and max_num_clusters between min_num_clusters and 40.",
    );
  // Read only to check the values.
  fields.optionalEnum("warehouse_type", ["CLASSIC", "PRO", "TYPE_UNSPECIFIED"]);
  fields.optionalEnum("spot_instance_policy", [
    "COST_OPTIMIZED",
    "RELIABILITY_OPTIMIZED",
    "POLICY_UNSPECIFIED",
  ]);
  if ((fields.optionalString("name") ?? "").length > 100)
    throw invalid("The name is longer than 100 characters.");
  fields.optionalObject("tags");
  fields.optionalObject("channel");
  fields.optionalBoolean("enable_photon");
  fields.optionalBoolean("enable_serverless_compute");
  return fields.values;
}
