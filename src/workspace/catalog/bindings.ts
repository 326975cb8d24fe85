import { invalid, missing } from "../errors";
import type { Fields } from "../fields";
import type { Call, WorkspaceApp } from "../routes";
import { unityCatalog } from "./securables";

const VERSIONS = ["2.1"];

interface Binding {
  readonly workspace_id: number;
  readonly binding_type: "BINDING_TYPE_READ_WRITE" | "BINDING_TYPE_READ_ONLY";
}

const boundTypes = ["catalog", "external_location", "storage_credential", "credential"] as const;
type BoundType = (typeof boundTypes)[number];

/** Routes for bindings: the workspaces that may use an isolated catalog, location or credential. */
export function bindingRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const bindings = app.store.collection<Binding[]>("uc_bindings");
  const fullNameOf = (type: BoundType, name: string | undefined): string =>
    uc.mustFind(type, name ?? "").full_name;
  const bindingsOf = (type: BoundType, name: string): Binding[] => bindings.get([type, name]) ?? [];
  const changeBindings = async (
    call: Call,
    type: BoundType,
    addedBindings: readonly Binding[],
    removedIds: readonly number[],
  ): Promise<Binding[]> =>
    app.store.write(() => {
      const name = fullNameOf(type, call.params.name);
      uc.requireOwner(call.caller, type, uc.mustFind(type, name));
      const replacedIds = new Set([
        ...removedIds,
        ...addedBindings.map(({ workspace_id }) => workspace_id),
      ]);
      const newBindings = [
        ...bindingsOf(type, name).filter(({ workspace_id }) => !replacedIds.has(workspace_id)),
        ...addedBindings,
      ];
      bindings.put([type, name], newBindings);
      return newBindings;
    });
  const parseBindings = (input: Fields, field: string): Binding[] =>
    input.list(field).map((item) => ({
      workspace_id: item.integer("workspace_id"),
      binding_type:
        item.optionalEnum("binding_type", ["BINDING_TYPE_READ_WRITE", "BINDING_TYPE_READ_ONLY"]) ??
        "BINDING_TYPE_READ_WRITE",
    }));
  const parseType = ({ params }: Call): BoundType => {
    const type = boundTypes.find((item) => item === params.type);
    if (type === undefined)
      throw missing(
        `The local workspace has no securables of type '${(params.type ?? "").slice(0, 100)}' with bindings.`,
      );
    return type;
  };
  app.get(VERSIONS, "/unity-catalog/bindings/:type/:name", (call) => {
    const type = parseType(call);
    return { bindings: bindingsOf(type, fullNameOf(type, call.params.name)) };
  });
  app.patch(VERSIONS, "/unity-catalog/bindings/:type/:name", async (call) => {
    const removedIds = parseBindings(call.input, "remove").map(({ workspace_id }) => workspace_id);
    return {
      bindings: await changeBindings(
        call,
        parseType(call),
        parseBindings(call.input, "add"),
        removedIds,
      ),
    };
  });
  const parseWorkspaceIds = (input: Fields, field: string): number[] =>
    (input.optionalArray(field) ?? []).map((item) => {
      if (typeof item !== "number" || !Number.isSafeInteger(item))
        throw invalid(`${field} must be a list of workspace ids`);
      return item;
    });
  app.get(VERSIONS, "/unity-catalog/workspace-bindings/catalogs/:name", ({ params }) => ({
    workspaces: bindingsOf("catalog", fullNameOf("catalog", params.name)).map(
      ({ workspace_id }) => workspace_id,
    ),
  }));
  app.patch(VERSIONS, "/unity-catalog/workspace-bindings/catalogs/:name", async (call) => {
    const addedBindings = parseWorkspaceIds(call.input, "assign_workspaces").map(
      (workspace_id): Binding => ({
        workspace_id,
        binding_type: "BINDING_TYPE_READ_WRITE",
      }),
    );
    const newBindings = await changeBindings(
      call,
      "catalog",
      addedBindings,
      parseWorkspaceIds(call.input, "unassign_workspaces"),
    );
    return { workspaces: newBindings.map(({ workspace_id }) => workspace_id) };
  });
}
