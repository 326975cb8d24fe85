import { LakeformError } from "../../errors";
import { fromWire } from "../shape/from-wire";
import type { DataKind } from "../kind";
import { schemaOf } from "../shape/schema";
import { filled } from "../shape/sdk-state";
import { textOrEmpty } from "../shape/attributes";
import { object, objects, optionalText } from "../shape/json";

/** Finds one SQL warehouse by name or, if the code sets no name, by id. */
export const sqlWarehouseData: DataKind = {
  type: "databricks_sql_warehouse",
  title: "SQL warehouse",
  async read(api, config, context) {
    const { signal } = context;
    const selector = { id: textOrEmpty(config, "id"), name: textOrEmpty(config, "name") };
    if (selector.id === "" && selector.name === "")
      throw new LakeformError("NOTHING_ASKED", "neither id nor name is set", {
        allowed: "one of id, name",
        fix: "set one of them",
      });
    const sources = objects(await api.get("/api/2.0/preview/sql/data_sources", { signal })).filter(
      (item) =>
        selector.name !== "" ? item.name === selector.name : item.warehouse_id === selector.id,
    );
    const [source, second] = sources;
    if (source === undefined) {
      throw new LakeformError("NO_SUCH_WAREHOUSE", "no such SQL warehouse", {
        value: selector.name || selector.id,
        fix: "check the name or id, and that the token may use the warehouse: lakeform api GET 2.0/sql/warehouses",
      });
    }
    if (second !== undefined) {
      throw new LakeformError(
        "DUPLICATE_WAREHOUSE_NAME",
        "more than one SQL warehouse has this name",
        {
          value: selector.name,
          fix: "select it by id instead of name",
        },
      );
    }
    const id = optionalText(source.warehouse_id) ?? "";
    const warehouse = object(
      await api.get(`/api/2.0/sql/warehouses/${encodeURIComponent(id)}`, { signal }),
    );
    const block = schemaOf("data.databricks_sql_warehouse")?.block;
    return {
      ...config,
      ...(block === undefined ? {} : filled(block, fromWire(block, warehouse))),
      id,
      data_source_id: optionalText(source.id) ?? "",
    };
  },
};
