/**
 * Random valid configurations of every kind: attributes come from the schema, values that the
 * schema cannot describe from the generators below, and unique values (names, paths, principals)
 * from the number of the configuration. Tests apply many of them in one run.
 */
import fc from "fast-check";
import { schemaOf } from "../../src/resources/shape/schema";
import { prepare, type Prerequisites } from "./every-kind";
import { attributesOf, withoutUndefined, word, words, type SpecialValues } from "./random-fields";
import { prepareMore, type MorePrerequisites } from "./more-kinds";
import { moreRecipes } from "./random-more";
import { randomJob } from "./random-jobs";
import type { Json, JsonObject } from "./replay-format";
import type { Caller } from "./stack";

/** The objects that the configurations refer to, by number of the configuration. */
export interface RandomPrerequisites extends Prerequisites {
  readonly jobs: readonly string[];
  readonly more: MorePrerequisites;
}

export async function prepareRandom(stack: Caller, count: number): Promise<RandomPrerequisites> {
  const prerequisites = await prepare(stack);
  const jobs: string[] = [];
  for (let i = 0; i < count; i += 1) {
    await stack.call("POST", "/api/2.0/preview/scim/v2/Groups", { displayName: `group_${i}` });
    await stack.call("POST", "/api/2.1/unity-catalog/schemas", {
      catalog_name: "base",
      name: `granted_${i}`,
    });
    const created = (await stack.call("POST", "/api/2.2/jobs/create", { name: `base-${i}` })) as {
      job_id: number;
    };
    jobs.push(String(created.job_id));
  }
  return { ...prerequisites, jobs, more: await prepareMore(stack) };
}

export interface Recipe {
  readonly special?: SpecialValues;
  /**
   * Attributes that are not generated, since they conflict with others, need an object that does
   * not exist, or identify the resource.
   */
  readonly without?: readonly string[];
  /** Blocks, and attributes that depend on each other. */
  readonly blocks?: fc.Arbitrary<JsonObject>;
  /** Returns the fields that identify a resource. */
  readonly identityOf: (i: number, prerequisites: RandomPrerequisites) => JsonObject;
  /** Max number of these resources in one workspace. */
  readonly maxCount?: number;
}

const optionalValue = (value: fc.Arbitrary<Json>): fc.Arbitrary<Json | undefined> =>
  fc.option(value, { nil: undefined });
const optional = (fields: Readonly<Record<string, fc.Arbitrary<Json>>>): fc.Arbitrary<JsonObject> =>
  fc
    .record(
      Object.fromEntries(
        Object.entries(fields).map(([name, value]) => [name, optionalValue(value)]),
      ),
    )
    .map(withoutUndefined);
const base64Content = fc
  .string({ minLength: 1, maxLength: 200 })
  .map((text) => Buffer.from(text).toString("base64"));
const fileRecipe: Pick<Recipe, "special" | "without"> = {
  special: { content_base64: base64Content },
  without: [
    "id",
    "path",
    "source",
    "md5",
    "object_id",
    "object_type",
    "remote_file_modified",
    "content_base64",
  ],
};
const withContent = fc.record({ content_base64: base64Content });
const library: fc.Arbitrary<JsonObject> = fc.oneof(
  word.map((name) => ({ pypi: [{ package: name }] })),
  word.map((name) => ({ whl: `/Workspace/Shared/${name}-1.0-py3-none-any.whl` })),
  word.map((name) => ({ jar: `/Volumes/base/one/files/${name}.jar` })),
  fc
    .tuple(word, word)
    .map(([group, name]) => ({ maven: [{ coordinates: `${group}:${name}:1.0` }] })),
  word.map((name) => ({ cran: [{ package: name }] })),
);
const libraries = fc.uniqueArray(library, {
  minLength: 1,
  maxLength: 3,
  selector: (item) => JSON.stringify(item),
});
const versions = fc.constantFrom("15.4.x-scala2.12", "14.3.x-scala2.12");
const nodes = fc.constantFrom("i3.xlarge", "i3.2xlarge");
const privileges = fc.uniqueArray(
  fc.constantFrom("USE_SCHEMA", "SELECT", "MODIFY", "CREATE_TABLE", "EXECUTE"),
  {
    minLength: 1,
    maxLength: 3,
  },
);
const unityValues: SpecialValues = {
  enable_predictive_optimization: fc.constantFrom("ENABLE", "DISABLE", "INHERIT"),
  owner: fc.constant("team"),
};
const unityExcluded = [
  "id",
  "name",
  "catalog_name",
  "schema_name",
  "metastore_id",
  "storage_root",
  "storage_location",
];

const recipes: Readonly<Record<string, Recipe>> = {
  databricks_cluster: {
    special: {
      spark_version: versions,
      node_type_id: nodes,
      driver_node_type_id: nodes,
      autotermination_minutes: fc.constantFrom(0, 10, 45, 120),
      data_security_mode: fc.constantFrom("SINGLE_USER", "USER_ISOLATION", "NONE"),
      runtime_engine: fc.constantFrom("STANDARD", "PHOTON"),
      spark_conf: words(word.map((name) => `spark.${name}`)),
      single_user_name: word.map((name) => `${name}@example.com`),
    },
    // Pools and policies supply generated fields, `kind` conflicts with most of them, the token is
    // only sent by the create, and waiting only takes time.
    without: [
      "id",
      "cluster_name",
      "driver_instance_pool_id",
      "instance_pool_id",
      "idempotency_token",
      "is_single_node",
      "kind",
      "policy_id",
    ].concat(
      [
        "use_ml_runtime",
        "apply_policy_default_values",
        "num_workers",
        "no_wait",
        "node_type_id",
        "remote_disk_throughput",
      ],
      ["total_initial_remote_disk_size"],
    ),
    blocks: fc
      .tuple(
        fc.oneof(
          fc.integer({ min: 1, max: 9 }).map((num_workers): JsonObject => ({ num_workers })),
          fc.integer({ min: 1, max: 5 }).map((low): JsonObject => ({
            autoscale: [{ min_workers: low, max_workers: low + 3 }],
          })),
        ),
        optional({
          library: libraries,
          cluster_log_conf: word.map((name) => [{ dbfs: [{ destination: `dbfs:/logs/${name}` }] }]),
          init_scripts: fc
            .uniqueArray(word, { minLength: 1, maxLength: 2 })
            .map((names) =>
              names.map((name) => ({ workspace: [{ destination: `/Shared/${name}.sh` }] })),
            ),
          aws_attributes: fc
            .record({
              availability: fc.constantFrom("SPOT", "ON_DEMAND", "SPOT_WITH_FALLBACK"),
              zone_id: fc.constantFrom("auto", "us-west-2a"),
            })
            .map((item) => [{ ...item, first_on_demand: 1 }]),
        }),
        nodes,
      )
      .map(([size, blocks, node_type_id]) => ({ ...size, ...blocks, node_type_id })),
    identityOf: (i) => ({ cluster_name: `cluster-${i}` }),
  },
  databricks_cluster_policy: {
    special: {
      definition: fc
        .integer({ min: 1, max: 99 })
        .map((maxValue) => JSON.stringify({ num_workers: { type: "range", maxValue } })),
    },
    without: ["id", "name", "policy_family_id", "policy_family_definition_overrides"],
    blocks: optional({ libraries }),
    identityOf: (i) => ({ name: `policy-${i}` }),
  },
  databricks_instance_pool: {
    special: {
      idle_instance_autotermination_minutes: fc.integer({ min: 0, max: 600 }),
      min_idle_instances: fc.integer({ min: 0, max: 3 }),
      max_capacity: fc.integer({ min: 4, max: 50 }),
      preloaded_spark_versions: versions.map((item) => [item]),
    },
    // The official provider does not send `enable_elastic_disk = false` (recorded), and plans a
    // replacement where the workspace has it on by default.
    without: [
      "id",
      "instance_pool_name",
      "instance_pool_id",
      "node_type_id",
      "enable_elastic_disk",
    ],
    blocks: fc
      .tuple(
        nodes,
        optional({
          disk_spec: fc
            .record({
              disk_count: fc.integer({ min: 1, max: 4 }),
              disk_size: fc.integer({ min: 100, max: 200 }),
            })
            .map((item) => [{ ...item, disk_type: [{ ebs_volume_type: "GENERAL_PURPOSE_SSD" }] }]),
          aws_attributes: fc
            .record({
              availability: fc.constantFrom("SPOT", "ON_DEMAND"),
              zone_id: fc.constantFrom("us-west-2a", "us-west-2b"),
            })
            .map((item) => [item]),
          preloaded_docker_image: word.map((name) => [{ url: `registry.example.com/${name}:1` }]),
        }),
      )
      .map(([node_type_id, blocks]) => ({ node_type_id, ...blocks })),
    identityOf: (i) => ({ instance_pool_name: `pool-${i}` }),
  },
  databricks_library: {
    without: ["id", "cluster_id", "egg", "jar", "requirements", "whl"],
    blocks: library,
    identityOf: (_i, { cluster }) => ({ cluster_id: cluster }),
    maxCount: 1,
  },
  databricks_secret_scope: {
    without: ["id", "name", "backend_type", "initial_manage_principal"],
    identityOf: (i) => ({ name: `scope-${i}` }),
  },
  databricks_secret: {
    without: ["id", "scope", "key"],
    identityOf: (i) => ({ scope: "base", key: `key-${i}` }),
  },
  databricks_secret_acl: {
    special: { permission: fc.constantFrom("READ", "WRITE", "MANAGE") },
    without: ["id", "scope", "principal"],
    identityOf: (i) => ({ scope: "base", principal: `group_${i}` }),
  },
  databricks_dbfs_file: {
    ...fileRecipe,
    blocks: withContent,
    identityOf: (i) => ({ path: `/tmp/random/${i}.bin` }),
  },
  databricks_file: {
    ...fileRecipe,
    blocks: withContent,
    identityOf: (i) => ({ path: `/Volumes/base/one/files/${i}.bin` }),
  },
  databricks_workspace_file: {
    ...fileRecipe,
    blocks: withContent,
    identityOf: (i) => ({ path: `/Shared/random-${i}.txt` }),
  },
  databricks_notebook: {
    special: { language: fc.constantFrom("PYTHON", "SQL", "SCALA", "R") },
    without: [...(fileRecipe.without ?? []), "format", "language"],
    blocks: fc.record({
      language: fc.constantFrom("PYTHON", "SQL", "SCALA", "R"),
      content_base64: base64Content,
    }),
    identityOf: (i) => ({ path: `/Shared/notebook-${i}` }),
  },
  databricks_directory: {
    without: ["id", "path", "object_id"],
    identityOf: (i) => ({ path: `/Shared/folder-${i}` }),
  },
  databricks_token: {
    special: { lifetime_seconds: fc.integer({ min: 3600, max: 86_400 }) },
    without: ["id", "comment", "creation_time", "expiry_time", "token_id"],
    identityOf: (i) => ({ comment: `token-${i}` }),
  },
  databricks_sql_endpoint: {
    special: {
      cluster_size: fc.constantFrom("2X-Small", "Small", "Large"),
      auto_stop_mins: fc.constantFrom(0, 10, 60),
      spot_instance_policy: fc.constantFrom("COST_OPTIMIZED", "RELIABILITY_OPTIMIZED"),
      warehouse_type: fc.constant("PRO"),
    },
    // max_num_clusters is 1 by default, and must not be less than min_num_clusters.
    without: [
      "id",
      "name",
      "data_source_id",
      "instance_profile_arn",
      "no_wait",
      "min_num_clusters",
      "max_num_clusters",
    ],
    blocks: fc
      .tuple(
        fc.option(
          fc.record({
            min_num_clusters: fc.constantFrom(1, 2),
            max_num_clusters: fc.constantFrom(2, 5),
          }),
          { nil: {} },
        ),
        optional({
          tags: words().map((tags) => [
            { custom_tags: Object.entries(tags).map(([key, value]) => ({ key, value })) },
          ]),
          channel: fc
            .constantFrom("CHANNEL_NAME_CURRENT", "CHANNEL_NAME_PREVIEW")
            .map((name) => [{ name }]),
        }),
      )
      .map(([size, blocks]) => ({ ...size, ...blocks })),
    identityOf: (i) => ({ name: `warehouse-${i}` }),
  },
  databricks_catalog: {
    special: { ...unityValues, isolation_mode: fc.constantFrom("OPEN", "ISOLATED") },
    // Shared and foreign catalogs need shares and connections.
    without: [
      ...unityExcluded,
      "connection_name",
      "provider_name",
      "share_name",
      "options",
      "browse_only",
    ],
    identityOf: (i) => ({ name: `catalog_${i}` }),
  },
  databricks_schema: {
    special: unityValues,
    without: unityExcluded,
    identityOf: (i) => ({ catalog_name: "base", name: `schema_${i}` }),
  },
  databricks_volume: {
    special: { ...unityValues, volume_type: fc.constant("MANAGED") },
    without: unityExcluded,
    identityOf: (i) => ({ catalog_name: "base", schema_name: "two", name: `volume_${i}` }),
  },
  databricks_grants: {
    without: Object.keys(schemaOf("databricks_grants")?.block.attributes ?? {}),
    blocks: fc
      .uniqueArray(fc.constantFrom("team", "others"), { minLength: 1, maxLength: 2 })
      .chain((principals) =>
        fc.tuple(...principals.map(() => privileges)).map((lists) => ({
          grant: lists.map((list, i) => ({ principal: principals[i] ?? "", privileges: list })),
        })),
      ),
    identityOf: (i) => ({ schema: `base.granted_${i}` }),
  },
  databricks_grant: {
    without: Object.keys(schemaOf("databricks_grant")?.block.attributes ?? {}),
    blocks: fc.record({ privileges }),
    identityOf: (i) => ({ schema: "base.one", principal: `group_${i}` }),
  },
  databricks_permissions: {
    without: Object.keys(schemaOf("databricks_permissions")?.block.attributes ?? {}),
    blocks: fc
      .uniqueArray(fc.constantFrom("team", "others"), { minLength: 1, maxLength: 2 })
      .chain((groups) =>
        fc
          .tuple(...groups.map(() => fc.constantFrom("CAN_VIEW", "CAN_MANAGE_RUN", "CAN_MANAGE")))
          .map((levels) => ({
            access_control: levels.map((permission_level, i) => ({
              group_name: groups[i] ?? "",
              permission_level,
            })),
          })),
      ),
    identityOf: (i, { jobs }) => ({ job_id: jobs[i] ?? "" }),
  },
  databricks_repo: {
    special: { branch: word },
    without: ["id", "url", "path", "git_provider", "commit_hash", "tag"],
    identityOf: (i) => ({
      url: `https://github.com/acme/repo-${i}.git`,
      path: `/Repos/team/repo-${i}`,
    }),
  },
  ...moreRecipes,
  databricks_git_credential: {
    without: ["id", "git_provider", "name", "is_default_for_provider", "git_email", "force"],
    identityOf: () => ({ git_provider: "gitHub" }),
    maxCount: 1,
  },
};

export interface RandomResource {
  readonly config: JsonObject;
  /** The configuration with one changed field; undefined if no field can be changed. */
  readonly changed: { readonly field: string; readonly config: JsonObject } | undefined;
}

function arbitraryOf(type: string): fc.Arbitrary<JsonObject> {
  if (type === "databricks_job") return randomJob();
  const recipe = recipes[type];
  const schema = schemaOf(type);
  if (recipe === undefined || schema === undefined) throw new Error(`no generator for ${type}`);
  const fields = fc
    .record(attributesOf(schema.block, "", recipe.special ?? {}, recipe.without))
    .map(withoutUndefined);
  return fc
    .tuple(fields, recipe.blocks ?? fc.constant({}))
    .map(([attributes, blocks]) => ({ ...attributes, ...blocks }));
}

/**
 * Serializes a value for a comparison. Lists of strings are sorted, because they are sets in all
 * kinds except jobs, which have no such list at the top level.
 */
function comparableText(value: Json | undefined): string {
  return JSON.stringify(
    Array.isArray(value) && value.every((item) => typeof item === "string")
      ? [...value].sort()
      : value,
  );
}

/**
 * Returns configurations of a kind, the same for the same seed.
 * @param count at most the number that prepareRandom was called with
 */
export function randomResources(
  type: string,
  prerequisites: RandomPrerequisites,
  count: number,
  seed: number,
): readonly RandomResource[] {
  const recipe: Recipe =
    type === "databricks_job"
      ? { identityOf: (i) => ({ name: `job-${i}` }) }
      : (recipes[type] ?? { identityOf: () => ({}) });
  const pairs = fc.sample(fc.tuple(arbitraryOf(type), arbitraryOf(type)), {
    numRuns: Math.min(count, recipe.maxCount ?? count),
    seed,
  });
  return pairs.map(([first, second], i) => {
    const identity = recipe.identityOf(i, prerequisites);
    const config = { ...first, ...identity };
    const changedNames = Object.keys(first).filter(
      (name) => name in second && comparableText(first[name]) !== comparableText(second[name]),
    );
    const field = changedNames[i % Math.max(1, changedNames.length)];
    return {
      config,
      changed:
        field === undefined
          ? undefined
          : { field, config: { ...config, [field]: second[field] ?? null } },
    };
  });
}
