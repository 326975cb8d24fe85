import { invalid, missing } from "../errors";
import type { Fields } from "../fields";
import type { Call, WorkspaceApp } from "../routes";
import { unityCatalog } from "./securables";

const V = ["2.1"];

interface Binding {
  readonly workspace_id: number;
  readonly binding_type: "BINDING_TYPE_READ_WRITE" | "BINDING_TYPE_READ_ONLY";
}

/** Which workspaces may use an isolated catalog. */
export function bindingRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const bindings = app.store.collection<Binding[]>("uc_bindings");
  const found = (name: string | undefined): string => uc.need("catalog", name ?? "").full_name;
  const listOf = (name: string): Binding[] => bindings.get(["catalog", name]) ?? [];
  const change = async (call: Call, name: string | undefined, add: readonly Binding[], remove: readonly number[]): Promise<Binding[]> =>
    app.store.write(() => {
      const catalog = found(name);
      uc.requireOwner(call.caller, "catalog", uc.need("catalog", catalog));
      const gone = new Set([...remove, ...add.map(({ workspace_id }) => workspace_id)]);
      const next = [...listOf(catalog).filter(({ workspace_id }) => !gone.has(workspace_id)), ...add];
      bindings.put(["catalog", catalog], next);
      return next;
    });
  const bindingsIn = (input: Fields, field: string): Binding[] =>
    input.list(field).map((each) => ({
      workspace_id: each.integer("workspace_id"),
      binding_type: each.optionalEnum("binding_type", ["BINDING_TYPE_READ_WRITE", "BINDING_TYPE_READ_ONLY"]) ?? "BINDING_TYPE_READ_WRITE",
    }));
  const catalogOnly = (type: string | undefined): void => {
    if (type !== "catalog") throw missing(`The local workspace has no securables of type '${(type ?? "").slice(0, 100)}' with bindings.`);
  };
  app.get(V, "/unity-catalog/bindings/:type/:name", ({ params }) => {
    catalogOnly(params.type);
    return { bindings: listOf(found(params.name)) };
  });
  app.patch(V, "/unity-catalog/bindings/:type/:name", async (call) => {
    catalogOnly(call.params.type);
    const remove = bindingsIn(call.input, "remove").map(({ workspace_id }) => workspace_id);
    return { bindings: await change(call, call.params.name, bindingsIn(call.input, "add"), remove) };
  });
  const numbers = (input: Fields, field: string): number[] =>
    (input.optionalArray(field) ?? []).map((each) => {
      if (typeof each !== "number" || !Number.isSafeInteger(each)) throw invalid(`${field} must be numbers of workspaces`);
      return each;
    });
  app.get(V, "/unity-catalog/workspace-bindings/catalogs/:name", ({ params }) => ({
    workspaces: listOf(found(params.name)).map(({ workspace_id }) => workspace_id),
  }));
  app.patch(V, "/unity-catalog/workspace-bindings/catalogs/:name", async (call) => {
    const add = numbers(call.input, "assign_workspaces").map((workspace_id): Binding => ({
      workspace_id,
      binding_type: "BINDING_TYPE_READ_WRITE",
    }));
    const next = await change(call, call.params.name, add, numbers(call.input, "unassign_workspaces"));
    return { workspaces: next.map(({ workspace_id }) => workspace_id) };
  });
}
