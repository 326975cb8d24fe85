import { randomUUID } from "node:crypto";
import { exists, invalid, missing, WorkspaceError, type JsonObject } from "../errors";
import type { Call, WorkspaceApp } from "../routes";
import { pickFields } from "../rest-objects";
import { unityCatalog } from "./securables";

const VERSIONS = ["2.1"];
/** The fields that an update of a metastore may change, in addition to its name. */
const CHANGEABLE_FIELDS = [
  "owner",
  "delta_sharing_scope",
  "delta_sharing_recipient_token_lifetime_in_seconds",
  "delta_sharing_organization_name",
  "storage_root_credential_id",
  "privilege_model_version",
];

/**
 * Routes of the workspace's metastore and its assignment, and of further metastores, which no
 * workspace uses. The assignment to this workspace cannot be removed: a DELETE only resets the
 * default catalog.
 */
export function metastoreRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const overrides = app.store.collection<JsonObject>("uc_metastore");
  const adminOnly = { admin: true };
  const metastore = (): JsonObject => ({
    metastore_id: uc.metastoreId,
    name: "local",
    region: "local",
    cloud: "aws",
    owner: "admins",
    global_metastore_id: `aws:local:${uc.metastoreId}`,
    privilege_model_version: "1.0",
    storage_root: `s3://local-metastore/${uc.metastoreId}`,
    delta_sharing_scope: "INTERNAL",
    ...overrides.get("metastore"),
  });
  const assignment = (): JsonObject => ({
    metastore_id: uc.metastoreId,
    workspace_id: Number(app.workspaceId),
    default_catalog_name: "main",
    ...overrides.get("assignment"),
  });
  const otherMetastores = app.store.collection<JsonObject>("uc_other_metastores");
  const mustFind = (id: string | undefined): JsonObject => {
    const match =
      id === uc.metastoreId ? metastore() : otherMetastores.get((id ?? "").slice(0, 100));
    if (match === undefined)
      throw missing(`Metastore '${(id ?? "").slice(0, 100)}' does not exist.`);
    return match;
  };
  const rejectTakenName = (name: string, ownId = ""): void => {
    if (
      [metastore(), ...otherMetastores.values()].some(
        (candidate) => candidate.name === name && candidate.metastore_id !== ownId,
      )
    )
      throw exists(`Metastore '${name.slice(0, 200)}' already exists`);
  };

  app.get(VERSIONS, "/unity-catalog/current-metastore-assignment", assignment);
  app.get(VERSIONS, "/unity-catalog/metastore_summary", metastore);
  app.get(VERSIONS, "/unity-catalog/metastores", () => ({
    metastores: [metastore(), ...otherMetastores.values()],
  }));
  app.get(VERSIONS, "/unity-catalog/metastores/:id", ({ params }) => mustFind(params.id));
  app.post(
    VERSIONS,
    "/unity-catalog/metastores",
    async ({ input, caller }) => {
      const name = input.string("name");
      const region = input.optionalString("region") ?? "local";
      const storageRoot = input.optionalString("storage_root") ?? "";
      return app.store.write(() => {
        rejectTakenName(name);
        const metastore_id = randomUUID();
        const now = app.clock.now();
        const newMetastore: JsonObject = {
          metastore_id,
          name,
          region,
          cloud: "aws",
          owner: caller.name,
          global_metastore_id: `aws:${region}:${metastore_id}`,
          delta_sharing_scope: "INTERNAL",
          ...(storageRoot !== "" && { storage_root: storageRoot }),
          created_at: now,
          created_by: caller.name,
          updated_at: now,
          updated_by: caller.name,
        };
        otherMetastores.put(metastore_id, newMetastore);
        return newMetastore;
      });
    },
    adminOnly,
  );
  app.delete(
    VERSIONS,
    "/unity-catalog/metastores/:id",
    async ({ params }) => {
      mustFind(params.id);
      if (params.id === uc.metastoreId)
        throw new WorkspaceError("INVALID_STATE", "The workspace uses this metastore.");
      await app.store.write(() => otherMetastores.remove(params.id ?? ""));
      return undefined;
    },
    adminOnly,
  );
  app.patch(
    VERSIONS,
    "/unity-catalog/metastores/:id",
    async ({ params, input, caller }) => {
      const previous = mustFind(params.id);
      const name = input.optionalString("new_name") ?? "";
      const owner = input.optionalString("owner") ?? "";
      // Checks the value, which `pickFields` stores below.
      input.optionalEnum("delta_sharing_scope", ["INTERNAL", "INTERNAL_AND_EXTERNAL"]);
      await app.store.write(() => {
        if (owner !== "") app.principals.ensure(owner);
        const isOwn = previous.metastore_id === uc.metastoreId;
        if (name !== "") rejectTakenName(name, params.id);
        const changes = {
          ...pickFields(input.values, CHANGEABLE_FIELDS),
          ...(name === "" ? {} : { name }),
        };
        if (isOwn) overrides.put("metastore", { ...overrides.get("metastore"), ...changes });
        else
          otherMetastores.put(params.id ?? "", {
            ...previous,
            ...changes,
            updated_at: app.clock.now(),
            updated_by: caller.name,
          });
      });
      return mustFind(params.id);
    },
    adminOnly,
  );
  app.delete(
    VERSIONS,
    "/unity-catalog/workspaces/:id/metastore",
    async ({ params, input }) => {
      if (params.id !== app.workspaceId)
        throw missing(`Workspace ${(params.id ?? "").slice(0, 100)} does not exist.`);
      mustFind(input.string("metastore_id"));
      await app.store.write(() => overrides.remove("assignment"));
      return undefined;
    },
    adminOnly,
  );
  // PUT assigns a metastore and PATCH changes the assignment. Both accept a default catalog, and as
  // the metastore only the workspace's own.
  const assign = async ({ params, input }: Call): Promise<undefined> => {
    if (params.id !== app.workspaceId)
      throw missing(`Workspace ${(params.id ?? "").slice(0, 100)} does not exist.`);
    const id = input.optionalString("metastore_id") ?? uc.metastoreId;
    mustFind(id);
    if (id !== uc.metastoreId)
      throw invalid(`Metastore '${id}' cannot be assigned: this workspace always uses its own.`);
    const name = input.optionalString("default_catalog_name");
    if (name === "") throw invalid("default_catalog_name must not be empty.");
    if (name !== undefined)
      await app.store.write(() => overrides.put("assignment", { default_catalog_name: name }));
    return undefined;
  };
  app.put(VERSIONS, "/unity-catalog/workspaces/:id/metastore", assign, adminOnly);
  app.patch(VERSIONS, "/unity-catalog/workspaces/:id/metastore", assign, adminOnly);
}
