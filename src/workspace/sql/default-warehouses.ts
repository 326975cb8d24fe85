import { denied, exists, invalid, missing, type JsonObject } from "../errors";
import type { Fields } from "../fields";
import { page } from "../paging";
import type { Call, WorkspaceApp } from "../routes";

/** The path contains its version, so routes are registered without versions: `[]`. */
const PATH = "/api/warehouses/v1/default-warehouse-overrides";

interface Override {
  readonly type: "CUSTOM" | "LAST_SELECTED";
  readonly warehouse_id?: string;
}

/**
 * Routes of the users' default warehouses for queries. Users set their own, admins those of all
 * users. The id `me` is the caller.
 */
export function defaultWarehouseRoutes(app: WorkspaceApp): void {
  const overrides = app.store.collection<Override>("default_warehouses");
  const renderOverride = (id: string, override: Override): JsonObject => ({
    name: `default-warehouse-overrides/${id}`,
    default_warehouse_override_id: id,
    ...override,
  });
  const resolveUser = ({ caller }: Call, user: string): string => {
    const id = user === "me" ? caller.id : user;
    if (id.length > 100 || !app.principals.users.has(id))
      throw missing(`User ${id.slice(0, 100)} does not exist.`);
    if (id !== caller.id && !caller.admin)
      throw denied("Only workspace admins can use other users' default warehouses.");
    return id;
  };
  const mustFind = (id: string): Override => {
    const override = overrides.get(id);
    if (override === undefined) throw missing(`The user ${id} has no default warehouse override.`);
    return override;
  };
  const parseOverride = (input: Fields, previous?: Override): Override => {
    const type = input.optionalEnum("type", ["CUSTOM", "LAST_SELECTED"]) ?? previous?.type;
    const warehouse = input.optionalString("warehouse_id") ?? previous?.warehouse_id ?? "";
    if (type === undefined) throw invalid("Missing required field: type");
    if (type === "LAST_SELECTED") return { type };
    if (warehouse === "") throw invalid("Missing required field: warehouse_id");
    if (warehouse.length > 100 || !app.store.collection("warehouses").has(warehouse))
      throw missing(`SQL warehouse ${warehouse.slice(0, 100)} does not exist`);
    return { type, warehouse_id: warehouse };
  };

  app.post([], PATH, async (call) => {
    const id = resolveUser(call, call.input.string("default_warehouse_override_id"));
    const newOverride = parseOverride(call.input);
    await app.store.write(() => {
      if (overrides.has(id))
        throw exists(`The user ${id} has a default warehouse override already.`);
      overrides.put(id, newOverride);
    });
    return renderOverride(id, newOverride);
  });
  app.get([], PATH, ({ input, caller }) => {
    const visibleOverrides = overrides
      .range()
      .filter(({ key }) => caller.admin || key === caller.id);
    const { items, next_page_token } = page(input, visibleOverrides, {
      defaultSize: 100,
      maxSize: 1000,
      sizeParameter: "page_size",
    });
    return {
      default_warehouse_overrides: items.map(({ key, value }) =>
        renderOverride(String(key), value),
      ),
      next_page_token,
    };
  });
  app.get([], `${PATH}/:id`, (call) => {
    const id = resolveUser(call, call.params.id ?? "");
    return renderOverride(id, mustFind(id));
  });
  app.patch([], `${PATH}/:id`, async (call) => {
    const id = resolveUser(call, call.params.id ?? "");
    const changedOverride = await app.store.write(() => {
      const override = parseOverride(
        call.input,
        call.input.boolean("allow_missing", false) ? overrides.get(id) : mustFind(id),
      );
      overrides.put(id, override);
      return override;
    });
    return renderOverride(id, changedOverride);
  });
  app.delete([], `${PATH}/:id`, async (call) => {
    const id = resolveUser(call, call.params.id ?? "");
    await app.store.write(() => {
      mustFind(id);
      overrides.remove(id);
    });
    return undefined;
  });
}
