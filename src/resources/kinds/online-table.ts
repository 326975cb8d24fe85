import { byId, urls } from "../families/by-id";
import { explorePage } from "../families/metastore";
import { untilGone } from "../families/until-ready";
import { tableVersions } from "../families/versions";
import { textOrEmpty } from "../shape/attributes";
import { object, optionalText } from "../shape/json";
import { setByPlatform } from "../shape/rules";
import { sameName } from "../shape/shape";

const path = "/api/2.0/online-tables";
const urlOf = (name: string): string => `${path}/${encodeURIComponent(name)}`;

/** A copy of a table for low-latency reads. Each change creates a new one. */
export const onlineTable = byId({
  type: "databricks_online_table",
  title: "online table",
  traits: { lostOnDestroy: "online table", listedVersions: "schema" },
  versions: tableVersions,
  calls: urls(path),
  idField: "name",
  nameField: "name",
  idOf: (planned) => textOrEmpty(planned, "name"),
  link: (host, name) => explorePage(host, name),
  isImmutable: true,
  readiness: ({ status }) => {
    const state = optionalText(object(status).detailed_state) ?? "";
    if (state === "OFFLINE_FAILED" || state === "ONLINE_PIPELINE_FAILED")
      return optionalText(object(status).message) ?? state;
    return state.startsWith("ONLINE");
  },
  waitUntilDeleted: (api, name, signal) =>
    untilGone(api, urlOf(name), `the deletion of the online table ${name}`, signal),
  rules: {
    backendDefaults: {
      status: setByPlatform("the state of the table"),
      table_serving_url: setByPlatform("set by the platform"),
      unity_catalog_provisioning_state: setByPlatform("the state of the table"),
      "spec.pipeline_id": setByPlatform("the pipeline that the platform creates"),
    },
    equivalent: { name: sameName, "spec.source_table_full_name": sameName },
  },
  suppress: { name: sameName, "spec.source_table_full_name": sameName },
});
