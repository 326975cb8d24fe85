import { LakeformError } from "../../errors";
import { fromWire } from "../from-wire";
import type { DataKind } from "../kind";
import { schemaOf } from "../schema";
import { object, objects, str, text } from "../wire";

/** One SQL warehouse, by id or by name. */
export const sqlWarehouseData: DataKind = {
  type: "databricks_sql_warehouse",
  title: "SQL warehouse",
  async read(api, config, context) {
    const { signal } = context;
    let id = str(config, "id");
    const name = str(config, "name");
    if (id === "" && name === "") throw new LakeformError("NOTHING_ASKED", "neither id nor name is given", { allowed: "one of id, name" });
    const sources = await api.get("/api/2.0/preview/sql/data_sources", { signal });
    if (id === "") {
      const named = objects(sources).filter((source) => source.name === name);
      if (named.length > 1)
        throw new LakeformError("DUPLICATE_WAREHOUSE_NAME", "more than one SQL warehouse has this name", { value: name, fix: "give id" });
      id = text(named[0]?.warehouse_id) ?? "";
      if (id === "") throw new LakeformError("NO_SUCH_WAREHOUSE", "there is no SQL warehouse of this name", { value: name });
    }
    const warehouse = object(await api.get(`/api/2.0/sql/warehouses/${encodeURIComponent(id)}`, { signal }));
    const block = schemaOf("data.databricks_sql_warehouse")?.block;
    const source = objects(sources).find((one) => one.warehouse_id === id);
    return { ...config, ...(block === undefined ? {} : fromWire(block, warehouse)), id, data_source_id: text(source?.id) ?? "" };
  },
};
