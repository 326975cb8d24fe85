import { invalid, missing } from "../errors";
import type { Fields } from "../fields";
import type { Call, WorkspaceApp } from "../routes";
import { unityCatalog } from "./securables";

const V = ["2.1"];

interface Binding {
  readonly workspace_id: number;
  readonly binding_type: "BINDING_TYPE_READ_WRITE" | "BINDING_TYPE_READ_ONLY";
}

const boundTypes = ["catalog", "external_location", "storage_credential", "credential"] as const;
type BoundType = (typeof boundTypes)[number];

/** Which workspaces may use an isolated catalog, location or credential. */
export function bindingRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const bindings = app.store.collection<Binding[]>("uc_bindings");
  const found = (type: BoundType, name: string | undefined): string =>
    uc.need(type, name ?? "").full_name;
  const listOf = (type: BoundType, name: string): Binding[] => bindings.get([type, name]) ?? [];
  const change = async (
    call: Call,
    type: BoundType,
    add: readonly Binding[],
    remove: readonly number[],
  ): Promise<Binding[]> =>
    app.store.write(() => {
      const name = found(type, call.params.name);
      uc.requireOwner(call.caller, type, uc.need(type, name));
      const removedIds = new Set([...remove, ...add.map(({ workspace_id }) => workspace_id)]);
      const next = [
        ...listOf(type, name).filter(({ workspace_id }) => !removedIds.has(workspace_id)),
        ...add,
      ];
      bindings.put([type, name], next);
      return next;
    });
  const bindingsIn = (input: Fields, field: string): Binding[] =>
    input.list(field).map((each) => ({
      workspace_id: each.integer("workspace_id"),
      binding_type:
        each.optionalEnum("binding_type", ["BINDING_TYPE_READ_WRITE", "BINDING_TYPE_READ_ONLY"]) ??
        "BINDING_TYPE_READ_WRITE",
    }));
  const typeIn = ({ params }: Call): BoundType => {
    const type = boundTypes.find((each) => each === params.type);
    if (type === undefined)
      throw missing(
        `The local workspace has no securables of type '${(params.type ?? "").slice(0, 100)}' with bindings.`,
      );
    return type;
  };
  app.get(V, "/unity-catalog/bindings/:type/:name", (call) => {
    const type = typeIn(call);
    return { bindings: listOf(type, found(type, call.params.name)) };
  });
  app.patch(V, "/unity-catalog/bindings/:type/:name", async (call) => {
    const remove = bindingsIn(call.input, "remove").map(({ workspace_id }) => workspace_id);
    return { bindings: await change(call, typeIn(call), bindingsIn(call.input, "add"), remove) };
  });
  const numbers = (input: Fields, field: string): number[] =>
    (input.optionalArray(field) ?? []).map((each) => {
      if (typeof each !== "number" || !Number.isSafeInteger(each))
        throw invalid(`${field} must be a list of workspace ids`);
      return each;
    });
  app.get(V, "/unity-catalog/workspace-bindings/catalogs/:name", ({ params }) => ({
    workspaces: listOf("catalog", found("catalog", params.name)).map(
      ({ workspace_id }) => workspace_id,
    ),
  }));
  app.patch(V, "/unity-catalog/workspace-bindings/catalogs/:name", async (call) => {
    const add = numbers(call.input, "assign_workspaces").map((workspace_id): Binding => ({
      workspace_id,
      binding_type: "BINDING_TYPE_READ_WRITE",
    }));
    const next = await change(call, "catalog", add, numbers(call.input, "unassign_workspaces"));
    return { workspaces: next.map(({ workspace_id }) => workspace_id) };
  });
}
