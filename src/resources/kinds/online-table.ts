import { byId, urls } from "../families/by-id";
import { untilGone, untilReady } from "../families/until-ready";
import type { Kind } from "../kind";
import { object, str, text } from "../shape/json";
import { sameName } from "../shape/shape";

const path = "/api/2.0/online-tables";
const at = (name: string): string => `${path}/${encodeURIComponent(name)}`;
const shown = (reason: string) => ({ reason, when: () => true, follows: () => true });

const base = byId({
  type: "databricks_online_table",
  title: "online table",
  traits: { holds: "online table" },
  calls: urls(path),
  idField: "name",
  nameField: "name",
  idOf: (planned) => str(planned, "name"),
  link: (host, name) => `${host}/explore/data/${name.split(".").map(encodeURIComponent).join("/")}`,
  fixed: true,
  created: (api, name, _planned, signal) =>
    untilReady(
      api,
      at(name),
      ({ status }) => {
        const state = text(object(status).detailed_state) ?? "";
        if (state === "OFFLINE_FAILED" || state === "ONLINE_PIPELINE_FAILED") return text(object(status).message) ?? state;
        return state.startsWith("ONLINE");
      },
      `the online table ${name}`,
      signal,
    ),
  rules: {
    backendDefaults: {
      status: shown("the state of the table"),
      table_serving_url: shown("set by the platform"),
      unity_catalog_provisioning_state: shown("the state of the table"),
      "spec.pipeline_id": shown("the pipeline that the platform creates"),
    },
    equivalent: { name: sameName, "spec.source_table_full_name": sameName },
  },
  suppress: { name: sameName, "spec.source_table_full_name": sameName },
});

/** A copy of a table for low-latency reads. Each change creates a new one. */
export const onlineTable: Kind = {
  ...base,
  async delete(api, name, prior, context) {
    await base.delete(api, name, prior, context);
    await untilGone(api, at(name), `the deletion of the online table ${name}`, context.signal);
  },
};
