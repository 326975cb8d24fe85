/**
 * Applies random valid configurations of every kind, generated from the schema, with terraform: the
 * next plan is empty; one changed field of each causes exactly one update or replacement; an import
 * by id into an empty state causes only the changes that the recordings show for the kind. Many
 * resources share one run, since a terraform command takes seconds.
 */
import { stateId } from "../../src/resources";
import { resourceTypes, schemaOf, type Block } from "../../src/resources/shape/schema";
import { prepareRandom, randomResources, type RandomResource } from "../support/random-kinds";
import type { JsonObject } from "../support/replay-format";
import { scaled } from "../support/scale";
import { noChanges, Stack } from "../support/stack";

/** The number of configurations of each kind. */
const count = scaled(20, 2);
const seed = Number(process.env["LAKEFORM_SEED"] ?? "20240101");

/**
 * Fields that an import does not read, according to the recordings: a configuration with such a
 * field plans this after its import.
 */
const unread: Readonly<Record<string, readonly [field: string, action: string]>> = {
  databricks_catalog: ["force_destroy", "update"],
  databricks_cluster: ["library", "update"],
  databricks_dbfs_file: ["content_base64", "replace"],
  databricks_directory: ["delete_recursive", "update"],
  databricks_file: ["content_base64", "replace"],
  databricks_git_credential: ["personal_access_token", "update"],
  databricks_connection: ["options", "update"],
  databricks_dashboard: ["serialized_dashboard", "update"],
  databricks_global_init_script: ["content_base64", "update"],
  databricks_metastore: ["force_destroy", "update"],
  databricks_notebook: ["content_base64", "update"],
  databricks_obo_token: ["application_id", "replace"],
  databricks_provider: ["recipient_profile_str", "update"],
  databricks_schema: ["force_destroy", "update"],
  databricks_secret: ["string_value", "replace"],
  databricks_sql_table: ["warehouse_id", "update"],
  databricks_token: ["lifetime_seconds", "replace"],
  databricks_workspace_conf: ["custom_config", "update"],
  databricks_workspace_file: ["content_base64", "update"],
};

describe(`random configurations (LAKEFORM_SEED=${seed})`, () => {
  let stack: Stack;
  let resources: ReadonlyMap<string, readonly RandomResource[]>;

  beforeAll(async () => {
    stack = await Stack.open();
    const prerequisites = await prepareRandom(stack, count);
    resources = new Map(
      resourceTypes().map((type) => [type, randomResources(type, prerequisites, count, seed)]),
    );
  });
  afterAll(() => stack.close());

  function write(
    config: (resource: RandomResource) => JsonObject,
    otherBlocks: JsonObject = {},
    types: readonly string[] = [...resources.keys()],
  ): void {
    const resourcesByType = types.map(
      (type) =>
        [
          type,
          Object.fromEntries(
            (resources.get(type) ?? []).map((resource, i) => [`r${i}`, config(resource)]),
          ),
        ] as const,
    );
    stack.write(Object.fromEntries(resourcesByType), otherBlocks);
  }

  test("are applied with an empty next plan", async () => {
    write(({ config }) => config);
    const { actions, errors } = await stack.apply();
    expect(errors).toEqual([]);
    expect(Object.keys(actions)).toHaveLength([...resources.values()].flat().length);
    expect(await stack.plan()).toEqual(noChanges);
  });

  test("are each updated or replaced once if one field changes", async () => {
    write(({ config, changed }) => changed?.config ?? config);
    const expected = [...resources].flatMap(([type, list]) =>
      list.flatMap((resource, i) =>
        resource.changed === undefined
          ? []
          : [[`${type}.r${i}`, actionOf(type, resource)] as const],
      ),
    );
    expect(await stack.apply()).toEqual({ ...noChanges, actions: Object.fromEntries(expected) });
    expect(await stack.plan()).toEqual(noChanges);
  });

  test("change only in unread fields after an import by id into an empty state", async () => {
    // The id of a service principal's secret does not contain the service principal.
    const isImportable = (type: string): boolean =>
      schemaOf(type)?.importable === true && type !== "databricks_service_principal_secret";
    const ids = Object.entries(stack.state()).filter(([address]) =>
      isImportable(address.split(".")[0] ?? ""),
    );
    stack.directory.writeState([]);
    write(
      ({ config, changed }) => changed?.config ?? config,
      {
        import: ids.map(([to, attributes]) => ({
          to,
          id: stateId(to.slice(0, to.indexOf(".")), attributes) as string,
        })),
      },
      [...resources.keys()].filter(isImportable),
    );
    const expected = [...resources].flatMap(([type, list]) =>
      list.map(({ config, changed }, i): [string, string] => {
        const [field, action] = unread[type] ?? [];
        const isFieldSet = field !== undefined && Boolean((changed?.config ?? config)[field]);
        return [`${type}.r${i}`, (isFieldSet ? action : undefined) ?? "import"];
      }),
    );
    const importIds = new Map(ids);
    expect(await stack.plan()).toEqual({
      ...noChanges,
      actions: Object.fromEntries(expected.filter(([address]) => importIds.has(address))),
    });
  });
});

function actionOf(type: string, { config, changed }: RandomResource): "update" | "replace" {
  const schema = schemaOf(type);
  return schema?.updatable !== true ||
    forcesReplacement(schema.block, config, changed?.config ?? config)
    ? "replace"
    : "update";
}

/**
 * Whether a change forces a replacement. The rule of a block applies if one of its items is added or
 * removed; if only the content of the items changes, the rules of their attributes apply.
 */
function forcesReplacement(block: Block, before: JsonObject, after: JsonObject): boolean {
  return Object.keys(after).some((name) => {
    const [valueBefore, valueAfter] = [before[name], after[name]];
    if (JSON.stringify(valueBefore) === JSON.stringify(valueAfter)) return false;
    const nested = block.blocks[name];
    if (nested === undefined) return block.attributes[name]?.forceNew === true;
    const [itemsBefore, itemsAfter] = [valueBefore, valueAfter].map((value) =>
      Array.isArray(value) ? (value as JsonObject[]) : [],
    );
    if (itemsBefore?.length !== itemsAfter?.length || nested.nesting === "set")
      return nested.forceNew === true;
    return (itemsAfter ?? []).some((item, i) =>
      forcesReplacement(nested.block, itemsBefore?.[i] ?? {}, item),
    );
  });
}
