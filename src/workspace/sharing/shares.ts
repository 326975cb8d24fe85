/** `/api/2.1/unity-catalog/shares`: shares and their objects. No data is shared. */
import { exists, missing, type JsonObject } from "../errors";
import { unityCatalog } from "../catalog/securables";
import type { Fields } from "../fields";
import { pickFields, renderChanges, RestStore } from "../rest-objects";
import type { WorkspaceApp } from "../routes";

const sharedObjectFields = [
  "comment",
  "content",
  "partitions",
  "cdf_enabled",
  "history_data_sharing_status",
  "start_version",
  "string_shared_as",
];

export function shareRoutes(app: WorkspaceApp): void {
  const path = "/unity-catalog/shares";
  const parseObject = (settings: Fields, previous?: JsonObject): JsonObject => {
    const name = settings.string("name");
    const alias =
      settings.optionalString("shared_as") ??
      previous?.shared_as ??
      name.split(".").slice(1).join(".");
    return {
      data_object_type:
        settings.optionalString("data_object_type") ?? previous?.data_object_type ?? "TABLE",
      name,
      ...(alias !== "" && { shared_as: alias }),
      cdf_enabled: false,
      history_data_sharing_status: "DISABLED",
      ...pickFields(settings.values, sharedObjectFields),
      added_at: previous?.added_at ?? app.clock.now(),
      status: "ACTIVE",
    };
  };
  /** Returns the objects of a share after the updates of a request. */
  const applyUpdates = (objects: readonly JsonObject[], updates: readonly Fields[]): JsonObject[] =>
    updates.reduce(
      (current: JsonObject[], update) => {
        const action = update.enum("action", ["ADD", "REMOVE", "UPDATE"]);
        const dataObject = update.fields("data_object");
        const name = dataObject.string("name");
        const existing = current.find((object) => object.name === name);
        if (action === "ADD") {
          if (existing !== undefined)
            throw exists(`Shared object '${name.slice(0, 300)}' already exists in the share.`);
          return [...current, parseObject(dataObject)];
        }
        if (existing === undefined)
          throw missing(`Shared object '${name.slice(0, 300)}' does not exist in the share.`);
        if (action === "REMOVE") return current.filter((object) => object !== existing);
        return current.map((object) =>
          object === existing ? parseObject(dataObject, existing) : object,
        );
      },
      [...objects],
    );
  const shares = new RestStore(app, {
    title: "Share",
    collection: "uc_shares",
    admin: true,
    items: "shares",
    parseSettings: (input, previous) => {
      const ownFields = pickFields(input.values, ["comment", "storage_root", "owner"]);
      if (previous === undefined) return { name: input.string("name"), ...ownFields, objects: [] };
      return {
        ...previous,
        ...ownFields,
        objects: applyUpdates(previous.objects as JsonObject[], input.list("updates")),
      };
    },
    newId: ({ name }) => (name as string).toLowerCase(),
    render: (share) => ({
      owner: share.creator,
      ...share.settings,
      objects: (share.settings.objects as JsonObject[]).map((object) => ({
        ...object,
        added_by: share.creator,
      })),
      ...renderChanges(share),
    }),
    renderCreated: ({ objects: _none, ...share }) => share,
    renderListItem: ({ objects: _objects, ...share }) => share,
  });
  const toId = (name: string | undefined): string => (name ?? "").toLowerCase();
  const VERSIONS = ["2.1"];
  app.post(VERSIONS, path, (call) => shares.create(call));
  app.get(VERSIONS, path, (call) => shares.list(call));
  app.get(VERSIONS, `${path}/:name`, ({ params, caller, input }) => {
    const { objects, ...share } = shares.read(toId(params.name), caller);
    return input.boolean("include_shared_data", false) ? { ...share, objects } : share;
  });
  app.patch(VERSIONS, `${path}/:name`, (call) => shares.change(toId(call.params.name), call));
  app.delete(VERSIONS, `${path}/:name`, async (call) => {
    await shares.remove(toId(call.params.name), call);
    await app.store.write(() => unityCatalog(app).putGrants("share", toId(call.params.name), {}));
    return undefined;
  });
}
