import { randomUUID } from "node:crypto";
import { exists, invalid, missing, WorkspaceError, type JsonObject } from "../errors";
import type { Call, WorkspaceApp } from "../routes";
import { kept, unityCatalog } from "./securables";

const V = ["2.1"];
/** The fields that metastores/update may change. */
const SETTINGS = [
  "owner",
  "delta_sharing_scope",
  "delta_sharing_recipient_token_lifetime_in_seconds",
  "delta_sharing_organization_name",
  "storage_root_credential_id",
  "privilege_model_version",
];

/**
 * The workspace's metastore, its assignment, and other metastores, which no workspace uses. The
 * assignment to this workspace cannot be removed: `unassign` only resets the default catalog.
 */
export function metastoreRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const overrides = app.store.collection<JsonObject>("uc_metastore");
  const admin = { admin: true };
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
  const need = (id: string | undefined): JsonObject => {
    const found =
      id === uc.metastoreId ? metastore() : otherMetastores.get((id ?? "").slice(0, 100));
    if (found === undefined)
      throw missing(`Metastore '${(id ?? "").slice(0, 100)}' does not exist.`);
    return found;
  };
  const refuseTaken = (name: string, own = ""): void => {
    if (
      [metastore(), ...otherMetastores.values()].some(
        (each) => each.name === name && each.metastore_id !== own,
      )
    )
      throw exists(`Metastore '${name.slice(0, 200)}' already exists`);
  };

  app.get(V, "/unity-catalog/current-metastore-assignment", assignment);
  app.get(V, "/unity-catalog/metastore_summary", metastore);
  app.get(V, "/unity-catalog/metastores", () => ({
    metastores: [metastore(), ...otherMetastores.values()],
  }));
  app.get(V, "/unity-catalog/metastores/:id", ({ params }) => need(params.id));
  app.post(
    V,
    "/unity-catalog/metastores",
    async ({ input, caller }) => {
      const name = input.string("name");
      const region = input.optionalString("region") ?? "local";
      const root = input.optionalString("storage_root") ?? "";
      return app.store.write(() => {
        refuseTaken(name);
        const metastore_id = randomUUID();
        const now = app.clock.now();
        const result: JsonObject = {
          metastore_id,
          name,
          region,
          cloud: "aws",
          owner: caller.name,
          global_metastore_id: `aws:${region}:${metastore_id}`,
          delta_sharing_scope: "INTERNAL",
          ...(root !== "" && { storage_root: root }),
          created_at: now,
          created_by: caller.name,
          updated_at: now,
          updated_by: caller.name,
        };
        otherMetastores.put(metastore_id, result);
        return result;
      });
    },
    admin,
  );
  app.delete(
    V,
    "/unity-catalog/metastores/:id",
    async ({ params }) => {
      need(params.id);
      if (params.id === uc.metastoreId)
        throw new WorkspaceError("INVALID_STATE", "The workspace uses this metastore.");
      await app.store.write(() => otherMetastores.remove(params.id ?? ""));
      return undefined;
    },
    admin,
  );
  app.patch(
    V,
    "/unity-catalog/metastores/:id",
    async ({ params, input, caller }) => {
      const before = need(params.id);
      const name = input.optionalString("new_name") ?? "";
      const owner = input.optionalString("owner") ?? "";
      input.optionalEnum("delta_sharing_scope", ["INTERNAL", "INTERNAL_AND_EXTERNAL"]);
      await app.store.write(() => {
        if (owner !== "") app.principals.ensure(owner);
        const own = before.metastore_id === uc.metastoreId;
        if (name !== "") refuseTaken(name, params.id);
        const next = { ...kept(input.values, SETTINGS), ...(name === "" ? {} : { name }) };
        if (own) overrides.put("metastore", { ...overrides.get("metastore"), ...next });
        else
          otherMetastores.put(params.id ?? "", {
            ...before,
            ...next,
            updated_at: app.clock.now(),
            updated_by: caller.name,
          });
      });
      return need(params.id);
    },
    admin,
  );
  app.delete(
    V,
    "/unity-catalog/workspaces/:id/metastore",
    async ({ params, input }) => {
      if (params.id !== app.workspaceId)
        throw missing(`Workspace ${(params.id ?? "").slice(0, 100)} does not exist.`);
      need(input.string("metastore_id"));
      await app.store.write(() => overrides.remove("assignment"));
      return undefined;
    },
    admin,
  );
  // PUT assigns a metastore and PATCH changes the assignment. Both accept only the workspace's own
  // metastore, and a default catalog.
  const assign = async ({ params, input }: Call): Promise<undefined> => {
    if (params.id !== app.workspaceId)
      throw missing(`Workspace ${(params.id ?? "").slice(0, 100)} does not exist.`);
    const id = input.optionalString("metastore_id") ?? uc.metastoreId;
    if (id !== uc.metastoreId) throw missing(`Metastore '${id.slice(0, 100)}' does not exist.`);
    const name = input.optionalString("default_catalog_name");
    if (name === "") throw invalid("default_catalog_name must not be empty.");
    if (name !== undefined)
      await app.store.write(() => overrides.put("assignment", { default_catalog_name: name }));
    return undefined;
  };
  app.put(V, "/unity-catalog/workspaces/:id/metastore", assign, admin);
  app.patch(V, "/unity-catalog/workspaces/:id/metastore", assign, admin);
}
