import { randomBytes } from "node:crypto";
import { invalid, missing, type JsonObject } from "../errors";
import type { Fields } from "../fields";
import { pickFields } from "../rest-objects";
import type { WorkspaceApp } from "../routes";
import { withoutPassword } from "./cluster-spec";

interface Pool {
  readonly instance_pool_id: string;
  readonly creator_id: string;
  readonly settings: JsonObject;
}

/** The fields of a pool. Other fields of a request are dropped. */
const KNOWN_FIELDS = [
  "instance_pool_name",
  "min_idle_instances",
  "max_capacity",
  "node_type_id",
  "idle_instance_autotermination_minutes",
  "enable_elastic_disk",
  "disk_spec",
  "custom_tags",
  "preloaded_spark_versions",
  "preloaded_docker_images",
  "aws_attributes",
  "azure_attributes",
  "gcp_attributes",
  "instance_pool_fleet_attributes",
  "remote_disk_throughput",
  "total_initial_remote_disk_size",
  "node_type_flexibility",
];
/** The fields that only a create sets. An edit does not change them. */
const CREATION_FIELDS = [
  "aws_attributes",
  "azure_attributes",
  "gcp_attributes",
  "disk_spec",
  "enable_elastic_disk",
  "instance_pool_fleet_attributes",
  "preloaded_docker_images",
  "preloaded_spark_versions",
  "node_type_id",
];

/** Routes of `/api/2.0/instance-pools/…`. */
export function poolRoutes(app: WorkspaceApp): void {
  const pools = app.store.collection<Pool>("instance_pools");
  const mustFind = (id: string): Pool => {
    const pool = id.length > 200 ? undefined : pools.get(id);
    if (pool === undefined)
      throw missing(`Can't find an instance pool with id: ${id.slice(0, 200)}.`);
    return pool;
  };
  const renderPool = ({ instance_pool_id, creator_id, settings }: Pool): object => ({
    ...settings,
    instance_pool_id,
    default_tags: {
      Vendor: "Databricks",
      DatabricksInstancePoolCreatorId: creator_id,
      DatabricksInstancePoolId: instance_pool_id,
    },
    state: "ACTIVE",
    stats: {
      used_count: 0,
      idle_count: settings.min_idle_instances ?? 0,
      pending_used_count: 0,
      pending_idle_count: 0,
    },
    status: {},
  });
  app.post(["2.0"], "/instance-pools/create", async ({ input, caller }) => {
    if (!app.principals.isEntitled(caller, "allow-instance-pool-create"))
      app.permissions.requireAdmin(caller, "create instance pools");
    const settings = parseSettings(input);
    if (typeof settings.node_type_id !== "string")
      throw invalid("Missing required field: node_type_id");
    const instance_pool_id = await app.store.write(() => {
      if (
        pools
          .values()
          .some((pool) => pool.settings.instance_pool_name === settings.instance_pool_name)
      )
        throw invalid(
          `Instance pool name ${input.string("instance_pool_name")} is already in use.`,
        );
      const now = new Date(app.clock.now()).toISOString();
      // As on the platform: the date, the time and a suffix (0131-120000-pool1-pool-1f2e3d4c).
      const id = `${now.slice(5, 10).replace("-", "")}-${now.slice(11, 19).replaceAll(":", "")}-pool${app.store.nextId("pool") % 1000}-pool-${randomBytes(4).toString("hex")}`;
      pools.put(id, { instance_pool_id: id, creator_id: caller.id, settings });
      app.permissions.grantToCreator("instance-pool", id, caller);
      return id;
    });
    return { instance_pool_id };
  });
  app.post(["2.0"], "/instance-pools/edit", async ({ input, caller }) => {
    const id = input.string("instance_pool_id");
    const settings = parseSettings(input);
    await app.store.write(() => {
      const pool = mustFind(id);
      app.permissions.require(caller, "instance-pool", id, "CAN_MANAGE");
      if (
        settings.node_type_id !== undefined &&
        settings.node_type_id !== pool.settings.node_type_id
      )
        throw invalid("The node type of an instance pool cannot be changed.");
      const changes = Object.fromEntries(
        Object.entries(settings).filter(([name]) => !CREATION_FIELDS.includes(name)),
      );
      const creationSettings = pickFields(pool.settings, CREATION_FIELDS);
      pools.put(id, { ...pool, settings: { ...creationSettings, ...changes } });
    });
    return undefined;
  });
  app.get(["2.0"], "/instance-pools/get", ({ input, caller }) => {
    const pool = mustFind(input.string("instance_pool_id"));
    app.permissions.require(caller, "instance-pool", pool.instance_pool_id, "CAN_ATTACH_TO");
    return renderPool(pool);
  });
  app.get(["2.0"], "/instance-pools/list", ({ caller }) => {
    const visiblePools = pools
      .values()
      .filter((pool) =>
        app.permissions.allows(caller, "instance-pool", pool.instance_pool_id, "CAN_ATTACH_TO"),
      );
    return visiblePools.length === 0 ? {} : { instance_pools: visiblePools.map(renderPool) };
  });
  app.post(["2.0"], "/instance-pools/delete", async ({ input, caller }) => {
    const id = input.string("instance_pool_id");
    await app.store.write(() => {
      mustFind(id);
      app.permissions.require(caller, "instance-pool", id, "CAN_MANAGE");
      pools.remove(id);
      app.permissions.removeGrants("instance-pool", id);
    });
    return undefined;
  });
}

function parseSettings(input: Fields): JsonObject {
  const name = input.string("instance_pool_name");
  if (name.length > 100) throw invalid("The instance pool's name is longer than 100 characters.");
  for (const field of [
    "min_idle_instances",
    "max_capacity",
    "idle_instance_autotermination_minutes",
  ])
    if ((input.optionalInteger(field) ?? 0) < 0) throw invalid(`${field} must not be negative.`);
  const knownSettings = Object.entries(input.values).filter(
    ([key, value]) => KNOWN_FIELDS.includes(key) && value !== undefined && value !== null,
  );
  return withoutPasswords({
    min_idle_instances: 0,
    idle_instance_autotermination_minutes: 60,
    enable_elastic_disk: true,
    ...Object.fromEntries(knownSettings),
  });
}

/** Removes the passwords of the Docker registries: the API never returns them. */
function withoutPasswords(settings: JsonObject): JsonObject {
  const { preloaded_docker_images: images } = settings;
  if (!Array.isArray(images)) return settings;
  const publicImages = images.map((image) =>
    typeof image === "object" && image !== null && !Array.isArray(image)
      ? withoutPassword({ docker_image: image }).docker_image
      : image,
  );
  return { ...settings, preloaded_docker_images: publicImages };
}
