/** `/api/2.1/unity-catalog/shares`: shares and their objects. No data is shared. */
import { exists, missing, type JsonObject } from "../errors";
import { unityCatalog } from "../catalog/securables";
import type { Fields } from "../fields";
import { keep, RestStore } from "../rest-objects";
import type { WorkspaceApp } from "../routes";

const fields = [
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
  const objectOf = (settings: Fields, before?: JsonObject): JsonObject => {
    const name = settings.string("name");
    const alias =
      settings.optionalString("shared_as") ??
      before?.shared_as ??
      name.split(".").slice(1).join(".");
    return {
      data_object_type:
        settings.optionalString("data_object_type") ?? before?.data_object_type ?? "TABLE",
      name,
      ...(alias !== "" && { shared_as: alias }),
      cdf_enabled: false,
      history_data_sharing_status: "DISABLED",
      ...keep(settings.values, fields),
      added_at: before?.added_at ?? app.clock.now(),
      status: "ACTIVE",
    };
  };
  /** Returns the objects of a share after the changes of a request. */
  const applyUpdates = (objects: readonly JsonObject[], updates: readonly Fields[]): JsonObject[] =>
    updates.reduce(
      (before: JsonObject[], update) => {
        const action =
          update.optionalEnum("action", ["ADD", "REMOVE", "UPDATE"]) ?? update.string("action");
        const given = update.fields("data_object");
        const name = given.string("name");
        const found = before.find((object) => object.name === name);
        if (action === "ADD") {
          if (found !== undefined)
            throw exists(`Shared object '${name.slice(0, 300)}' already exists in the share.`);
          return [...before, objectOf(given)];
        }
        if (found === undefined)
          throw missing(`Shared object '${name.slice(0, 300)}' does not exist in the share.`);
        if (action === "REMOVE") return before.filter((object) => object !== found);
        return before.map((object) => (object === found ? objectOf(given, found) : object));
      },
      [...objects],
    );
  const shares = new RestStore(app, {
    title: "Share",
    path,
    collection: "uc_shares",
    fields: [],
    required: [],
    admin: true,
    items: "shares",
    settings: (input, before) => {
      const ownFields = keep(input.values, ["comment", "storage_root", "owner"]);
      if (before === undefined) return { name: input.string("name"), ...ownFields, objects: [] };
      return {
        ...before,
        ...ownFields,
        objects: applyUpdates(before.objects as JsonObject[], input.list("updates")),
      };
    },
    newId: ({ name }) => (name as string).toLowerCase(),
    shown: ({ settings, creator, created, updated }) => ({
      owner: creator,
      ...settings,
      objects: (settings.objects as JsonObject[]).map((object) => ({
        ...object,
        added_by: creator,
      })),
      created_at: created,
      created_by: creator,
      updated_at: updated,
      updated_by: creator,
    }),
    created: ({ objects: _none, ...share }) => share,
    listed: ({ objects: _objects, ...share }) => share,
  });
  const id = (name: string | undefined): string => (name ?? "").toLowerCase();
  const V = ["2.1"];
  app.post(V, path, (call) => shares.create(call));
  app.get(V, path, (call) => shares.list(call));
  app.get(V, `${path}/:name`, ({ params, caller, input }) => {
    const { objects, ...share } = shares.read(id(params.name), caller);
    return input.boolean("include_shared_data", false) ? { ...share, objects } : share;
  });
  app.patch(V, `${path}/:name`, (call) => shares.change(id(call.params.name), call));
  app.delete(V, `${path}/:name`, async (call) => {
    await shares.remove(id(call.params.name), call);
    await app.store.write(() => unityCatalog(app).putGrants("share", id(call.params.name), {}));
    return undefined;
  });
}
