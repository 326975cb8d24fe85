/** `/api/2.0/lakeview/dashboards`: drafts and published versions; schedules are not implemented. */
import { createHash, randomUUID } from "node:crypto";
import { missing, type JsonObject } from "../errors";
import { workspaceTree } from "../objects/tree";
import { RestStore } from "../rest-objects";
import type { Call, WorkspaceApp } from "../routes";

interface Publication {
  readonly embed_credentials: boolean;
  readonly warehouse_id: string;
  readonly time: number;
}

/** In updates, the official provider also sends these read-only fields from its state. */
const ECHOED_FIELDS = [
  "create_time",
  "dashboard_id",
  "etag",
  "lifecycle_state",
  "path",
  "update_time",
];

const etagOf = (settings: JsonObject): string =>
  createHash("sha256").update(JSON.stringify(settings)).digest("hex").slice(0, 16);

export function dashboardRoutes(app: WorkspaceApp): void {
  const path = "/lakeview/dashboards";
  const publications = app.store.collection<Publication>("lakeview_published");
  const fields = ["display_name", "parent_path", "serialized_dashboard", "warehouse_id"];
  const dashboards = new RestStore(app, {
    title: "Dashboard",
    collection: "lakeview_dashboards",
    fields,
    parameters: ["dataset_catalog", "dataset_schema", ...ECHOED_FIELDS],
    required: ["display_name"],
    newId: () => randomUUID().replaceAll("-", ""),
    etagOf,
    items: "dashboards",
    permissions: { type: "dashboard", read: "CAN_READ", change: "CAN_EDIT" },
    render: ({ id, settings, created, updated }) => ({
      dashboard_id: id,
      ...settings,
      etag: etagOf(settings),
      lifecycle_state: "ACTIVE",
      path: `${(settings.parent_path as string | undefined) ?? ""}/${settings.display_name as string}.lvdash.json`,
      create_time: new Date(created).toISOString(),
      update_time: new Date(updated).toISOString(),
    }),
    // A list omits these fields, as the API documentation states.
    renderListItem: ({
      serialized_dashboard: _1,
      path: _2,
      parent_path: _3,
      etag: _4,
      update_time: _5,
      ...listFields
    }) => listFields,
  });
  const dashboardPath = `${path}/:id`;
  app.post(["2.0"], path, (call) => {
    const folder = call.input.optionalString("parent_path") ?? "";
    const tree = workspaceTree(app);
    if (folder !== "") tree.mustFind(tree.locate(folder).path, folder);
    return dashboards.create(call);
  });
  app.get(["2.0"], path, (call) => dashboards.list(call));
  app.get(["2.0"], dashboardPath, ({ params, caller }) => dashboards.read(params.id, caller));
  app.patch(["2.0"], dashboardPath, (call) => dashboards.change(call.params.id, call));
  app.delete(["2.0"], dashboardPath, async (call) => {
    await dashboards.remove(call.params.id, call);
    await app.store.write(() => publications.remove(call.params.id ?? ""));
    return undefined;
  });
  const requirePermission = ({ params, caller }: Call, level: "CAN_READ" | "CAN_EDIT"): void =>
    app.permissions.require(caller, "dashboard", dashboards.requireObject(params.id).id, level);
  const renderPublication = ({ params }: Pick<Call, "params">): JsonObject => {
    const { id, settings } = dashboards.requireObject(params.id);
    const publication = publications.get(id);
    if (publication === undefined) throw missing(`Dashboard ${id} is not published.`);
    const { time, ...fields } = publication;
    return {
      display_name: settings.display_name,
      ...fields,
      revision_create_time: new Date(time).toISOString(),
    };
  };
  app.get(["2.0"], `${dashboardPath}/published`, (call) => {
    requirePermission(call, "CAN_READ");
    return renderPublication(call);
  });
  app.post(["2.0"], `${dashboardPath}/published`, async (call) => {
    requirePermission(call, "CAN_EDIT");
    const { id, settings } = dashboards.requireObject(call.params.id);
    const publication: Publication = {
      embed_credentials: call.input.optionalBoolean("embed_credentials") ?? false,
      warehouse_id:
        call.input.optionalString("warehouse_id") ??
        (settings.warehouse_id as string | undefined) ??
        "",
      time: app.clock.now(),
    };
    await app.store.write(() => publications.put(id, publication));
    return renderPublication(call);
  });
  app.delete(["2.0"], `${dashboardPath}/published`, async (call) => {
    requirePermission(call, "CAN_EDIT");
    // Throws if the dashboard is not published.
    renderPublication(call);
    await app.store.write(() => publications.remove(call.params.id ?? ""));
    return undefined;
  });
}
