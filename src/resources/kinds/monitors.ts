import type { Client } from "../../api/client";
import { defined } from "../../defined";
import { contradicts, createOnce } from "../families/create-once";
import { unityCatalog, explorePage } from "../families/metastore";
import { orMissing } from "../families/or-missing";
import { PartiallyCreated } from "../families/partially-created";
import { untilReady } from "../families/until-ready";
import type { Attributes, Kind, Value } from "../kind";
import { valueProblems } from "../shape/allowed-values";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { object, optionalText, type Json } from "../shape/json";
import { acceptAny, noRules, platformFields, setByPlatform } from "../shape/rules";
import { blockOf, schemaOf } from "../shape/schema";
import { stateOf, wholeState } from "../shape/sdk-state";
import { fromWire, toWire } from "../shape/shape";

const urlOf = (table: string): string =>
  `${unityCatalog}/tables/${encodeURIComponent(table)}/monitor`;
/** Fields that only the create call has, and no call returns. */
const createOnlyFields = ["warehouse_id", "skip_builtin_dashboard"];
const computedFields = [
  "dashboard_id",
  "drift_metrics_table_name",
  "monitor_version",
  "profile_metrics_table_name",
  "status",
];
const responseOnly = new Set([
  "id",
  ...computedFields,
  "latest_monitor_failure_msg",
  "schedule.pause_status",
]);
/** Returns the fields that an update call has. */
const changeable = (body: Json): Json =>
  Object.fromEntries(
    Object.entries(body).filter(
      ([field]) => field !== "assets_dir" && !createOnlyFields.includes(field),
    ),
  );
const isDifferent = (before: Value, after: Value): boolean => (before ?? "") !== (after ?? "");

async function waitUntilReady(api: Client, table: string, signal?: AbortSignal): Promise<void> {
  const readinessOf = ({ status, latest_monitor_failure_msg: why }: Json): boolean | string =>
    status === "MONITOR_STATUS_ERROR" || status === "MONITOR_STATUS_FAILED"
      ? (optionalText(why) ?? "no reason given")
      : status === "MONITOR_STATUS_ACTIVE";
  await untilReady(api, urlOf(table), readinessOf, `the monitor of ${table}`, signal);
}

/**
 * The monitor of a table: metrics that the platform computes repeatedly.
 * `databricks_quality_monitor` and the deprecated `databricks_lakehouse_monitor` use the same API. In
 * the official provider, the newer type uses the plugin framework, and the deprecated one the SDK.
 */
function monitor(type: string): Kind {
  const wire = (attributes: Attributes): Record<string, unknown> =>
    toWire(blockOf(type), attributes, { absent: responseOnly });
  return {
    type,
    title: "quality monitor",
    traits: { lostOnDestroy: "quality monitor and its metrics" },
    identity: {
      naturalKey: (attributes) =>
        textOrEmpty(attributes, "table_name") === ""
          ? undefined
          : `name:${textOrEmpty(attributes, "table_name").toLowerCase()}`,
      link: (host, id) => explorePage(host, id),
    },
    rules: {
      ...noRules,
      keyed: { custom_metrics: "name", slicing_exprs: "*" },
      backendDefaults: {
        ...platformFields(...computedFields),
        latest_monitor_failure_msg: setByPlatform(
          "set by the platform: the reason for the last failure",
        ),
        "schedule.pause_status": acceptAny("set by the platform: whether the schedule is paused"),
      },
      configOnly: {
        warehouse_id: "creates the dashboard; the workspace does not return it",
        skip_builtin_dashboard:
          "controls whether a dashboard is created; the workspace does not return it",
      },
      immutable: {
        assets_dir: "only set when a monitor is created",
        table_name: "a different table has a different monitor",
      },
    },
    // No call can change these fields. (The official provider plans an update again and again,
    // without effect.)
    forcesNew: { assets_dir: isDifferent, table_name: isDifferent },
    validate: (config) =>
      valueProblems(config, {
        "inference_log.problem_type": ["PROBLEM_TYPE_CLASSIFICATION", "PROBLEM_TYPE_REGRESSION"],
        "custom_metrics.type": [
          "CUSTOM_METRIC_TYPE_AGGREGATE",
          "CUSTOM_METRIC_TYPE_DERIVED",
          "CUSTOM_METRIC_TYPE_DRIFT",
        ],
      }),
    read: (api, id, { signal }) =>
      orMissing(api.get(urlOf(id), { signal }), (response) => ({
        id,
        attributes: {
          ...fromWire(blockOf(type), object(response), {
            absent: new Set(["id", ...createOnlyFields]),
          }),
          id,
        },
      })),
    async create(api, planned, { signal, pending }) {
      const table = textOrEmpty(planned, "table_name");
      const body = wire(planned);
      const find = async (): Promise<unknown> => {
        const response = await orMissing(api.get(urlOf(table), { signal }), object);
        return response === undefined ||
          contradicts(body, {
            ...response,
            ...Object.fromEntries(createOnlyFields.map((field) => [field, body[field]])),
          })
          ? undefined
          : response;
      };
      await createOnce(
        {
          objectKey: `monitor ${table}`,
          create: (recover) => api.post(urlOf(table), body, { recover, signal }),
          find,
        },
        api,
        pending,
      );
      try {
        await waitUntilReady(api, table, signal);
      } catch (error) {
        throw new PartiallyCreated(table, error);
      }
      return { id: table };
    },
    async update(api, id, prior, planned, { signal }) {
      const body = changeable(wire(planned));
      const dashboard = textOrEmpty(prior, "dashboard_id");
      await api.put(
        urlOf(id),
        { ...body, ...(dashboard !== "" && { dashboard_id: dashboard }) },
        { idempotent: true, signal },
      );
      await waitUntilReady(api, id, signal);
      return { id };
    },
    async restore(api, id, desired, { signal }) {
      const { dashboard_id } = object(await api.get(urlOf(id), { signal }));
      const body = changeable(wire(desired));
      await api.put(
        urlOf(id),
        { ...body, ...defined({ dashboard_id }) },
        { idempotent: true, signal },
      );
      await waitUntilReady(api, id, signal);
    },
    async delete(api, id, _prior, { signal }) {
      await api.delete(urlOf(id), { signal });
    },
    toState: (remote, before, _why, fresh) =>
      schemaOf(type)?.pluginFramework === true
        ? wholeState(blockOf(type), before, remote, [...createOnlyFields, "provider_config"])
        : stateOf(blockOf(type), before, remote, fresh),
    importId: (argument) => ({ id: argument, attributes: { table_name: argument } }),
    removal: ({ id }) => apiCommand("DELETE", urlOf(id)),
  };
}

export const qualityMonitor = monitor("databricks_quality_monitor");
export const lakehouseMonitor = monitor("databricks_lakehouse_monitor");
