import { denied, exists, invalid, missing, type JsonObject } from "../errors";
import type { Fields } from "../fields";
import { page } from "../paging";
import type { Call, WorkspaceApp } from "../routes";

const PATH = "/api/warehouses/v1/default-warehouse-overrides";

interface Override {
  readonly type: "CUSTOM" | "LAST_SELECTED";
  readonly warehouse_id?: string;
}

/**
 * The default warehouse for queries: one per user, and one for the workspace, which admins set. The
 * id `me` is the caller.
 */
export function defaultWarehouseRoutes(app: WorkspaceApp): void {
  const overrides = app.store.collection<Override>("default_warehouses");
  const shown = (id: string, override: Override): JsonObject => ({
    name: `default-warehouse-overrides/${id}`,
    default_warehouse_override_id: id,
    ...override,
  });
  const userOf = ({ caller }: Call, user: string): string => {
    const id = user === "me" ? caller.id : user;
    if (id.length > 100 || !app.principals.users.has(id))
      throw missing(`User ${id.slice(0, 100)} does not exist.`);
    if (id !== caller.id && !caller.admin)
      throw denied("Only workspace admins can use other users' default warehouses.");
    return id;
  };
  const need = (id: string): Override => {
    const found = overrides.get(id);
    if (found === undefined) throw missing(`The user ${id} has no default warehouse override.`);
    return found;
  };
  const overrideIn = (input: Fields, before?: Override): Override => {
    const type = input.optionalEnum("type", ["CUSTOM", "LAST_SELECTED"]) ?? before?.type;
    const warehouse = input.optionalString("warehouse_id") ?? before?.warehouse_id ?? "";
    if (type === undefined) throw invalid("Missing required field: type");
    if (type === "LAST_SELECTED") return { type };
    if (warehouse === "") throw invalid("Missing required field: warehouse_id");
    if (warehouse.length > 100 || !app.store.collection("warehouses").has(warehouse))
      throw missing(`SQL warehouse ${warehouse.slice(0, 100)} does not exist`);
    return { type, warehouse_id: warehouse };
  };

  app.post([], PATH, async (call) => {
    const id = userOf(call, call.input.string("default_warehouse_override_id"));
    const result = overrideIn(call.input);
    await app.store.write(() => {
      if (overrides.has(id))
        throw exists(`The user ${id} has a default warehouse override already.`);
      overrides.put(id, result);
    });
    return shown(id, result);
  });
  app.get([], PATH, ({ input, caller }) => {
    const all = overrides.range().filter(({ key }) => caller.admin || key === caller.id);
    const { items, next_page_token } = page(input, all, {
      byDefault: 100,
      most: 1000,
      size: "page_size",
    });
    return {
      default_warehouse_overrides: items.map(({ key, value }) => shown(String(key), value)),
      next_page_token,
    };
  });
  app.get([], `${PATH}/:id`, (call) => {
    const id = userOf(call, call.params.id ?? "");
    return shown(id, need(id));
  });
  app.patch([], `${PATH}/:id`, async (call) => {
    const id = userOf(call, call.params.id ?? "");
    const next = await app.store.write(() => {
      const changed = overrideIn(
        call.input,
        call.input.boolean("allow_missing", false) ? overrides.get(id) : need(id),
      );
      overrides.put(id, changed);
      return changed;
    });
    return shown(id, next);
  });
  app.delete([], `${PATH}/:id`, async (call) => {
    const id = userOf(call, call.params.id ?? "");
    await app.store.write(() => {
      need(id);
      overrides.remove(id);
    });
    return undefined;
  });
}
