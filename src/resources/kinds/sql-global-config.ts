import type { Client, ReadClient } from "../../api/client";
import type { Attributes, Kind } from "../kind";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { object, objects, optionalText, type Json } from "../shape/json";
import { noRules } from "../shape/rules";
import { blockOf } from "../shape/schema";
import { stateOf } from "../shape/sdk-state";
import { withUnknown } from "../shape/shape";

const path = "/api/2.0/sql/config/warehouses";
const type = "databricks_sql_global_config";
const defaultPolicy = "DATA_ACCESS_CONTROL";

const toPairs = (map: unknown): Json[] =>
  Object.entries(object(map))
    .sort()
    .map(([key, value]) => ({ key, value }));
const fromPairs = (list: unknown): Attributes =>
  Object.fromEntries(
    objects(list).map(({ key, value }) => [optionalText(key) ?? "", optionalText(value) ?? ""]),
  );

/** Returns the paths of the fields in pairs that are neither key nor value. */
const unknownPairFields = (path: string, list: unknown): string[] =>
  objects(list).flatMap((pair) =>
    Object.keys(pair).flatMap((field) =>
      field === "key" || field === "value" ? [] : [`${path}.${field}`],
    ),
  );

async function readConfiguration(api: ReadClient, signal?: AbortSignal): Promise<Json> {
  return object(await api.get(path, { signal }));
}

async function writeConfiguration(
  api: Client,
  attributes: Attributes,
  signal?: AbortSignal,
): Promise<void> {
  const { instance_profile_arn, google_service_account } = attributes;
  const parameters = toPairs(attributes.sql_config_params);
  const body = {
    security_policy: textOrEmpty(attributes, "security_policy") || defaultPolicy,
    data_access_config: toPairs(attributes.data_access_config),
    ...(parameters.length > 0 && {
      sql_configuration_parameters: { configuration_pairs: parameters },
    }),
    ...(textOrEmpty(attributes, "instance_profile_arn") !== "" && { instance_profile_arn }),
    ...(textOrEmpty(attributes, "google_service_account") !== "" && { google_service_account }),
    // A PUT without the field would disable it. So the workspace's value is kept.
    enable_serverless_compute:
      attributes.enable_serverless_compute ??
      (await readConfiguration(api, signal)).enable_serverless_compute === true,
  };
  await api.put(path, body, { idempotent: true, signal });
}

/** Settings of all SQL warehouses of the workspace. */
export const sqlGlobalConfig: Kind = {
  type,
  title: "SQL warehouse configuration",
  traits: { grantsPermissions: true, createAdopts: true },
  identity: { naturalKey: () => "conf:sql" },
  rules: {
    ...noRules,
    backendDefaults: {
      enable_serverless_compute: { reason: "the workspace's current setting", when: () => true },
    },
  },
  async read(api, id, { signal }) {
    const wireObject = await readConfiguration(api, signal);
    const textFields = ["security_policy", "instance_profile_arn", "google_service_account"].map(
      (field) => [field, optionalText(wireObject[field]) ?? null],
    );
    const attributes: Attributes = {
      id,
      ...(Object.fromEntries(textFields) as Attributes),
      enable_serverless_compute: wireObject.enable_serverless_compute === true,
      data_access_config: fromPairs(wireObject.data_access_config),
      sql_config_params: fromPairs(
        object(wireObject.sql_configuration_parameters).configuration_pairs,
      ),
    };
    const known = [...Object.keys(attributes), "sql_configuration_parameters"];
    const parameters = object(wireObject.sql_configuration_parameters);
    const unknown = [
      ...Object.keys(wireObject).filter((field) => !known.includes(field)),
      ...Object.keys(parameters)
        .filter((field) => field !== "configuration_pairs")
        .map((field) => `sql_configuration_parameters.${field}`),
      ...unknownPairFields("data_access_config", wireObject.data_access_config),
      ...unknownPairFields(
        "sql_configuration_parameters.configuration_pairs",
        parameters.configuration_pairs,
      ),
    ];
    return { id, attributes: withUnknown(attributes, unknown) };
  },
  async create(api, planned, { signal }) {
    await writeConfiguration(api, planned, signal);
    return { id: "global" };
  },
  async update(api, id, _prior, planned, { signal }) {
    await writeConfiguration(api, planned, signal);
    return { id };
  },
  // If the code omits enable_serverless_compute, its deployed value is restored.
  restore: (api, _id, desired, { signal, cleared }) =>
    writeConfiguration(
      api,
      {
        ...desired,
        enable_serverless_compute:
          desired.enable_serverless_compute ?? cleared?.enable_serverless_compute ?? null,
      },
      signal,
    ),
  delete: (api, _id, { enable_serverless_compute = null }, { signal }) =>
    writeConfiguration(api, { enable_serverless_compute }, signal),
  // The official provider does not read the parameters.
  toState: (remote, before, _why, fresh) => ({
    ...stateOf(blockOf(type), before, remote, fresh),
    sql_config_params: before.sql_config_params ?? null,
  }),
  removal: () =>
    apiCommand("PUT", path, { security_policy: defaultPolicy, data_access_config: [] }),
};
