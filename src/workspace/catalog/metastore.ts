import { invalid, missing, type JsonObject } from "../errors";
import type { Call, WorkspaceApp } from "../routes";
import { kept, unityCatalog } from "./securables";

const V = ["2.1"];
/** What metastores/update may change. */
const SETTINGS = [
  "owner",
  "delta_sharing_scope",
  "delta_sharing_recipient_token_lifetime_in_seconds",
  "delta_sharing_organization_name",
  "storage_root_credential_id",
  "privilege_model_version",
];

/** The only metastore, and its assignment to the workspace. Metastores are managed by an account, which does not exist here. */
export function metastoreRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const changed = app.store.collection<JsonObject>("uc_metastore");
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
    ...changed.get("metastore"),
  });
  const assignment = (): JsonObject => ({
    metastore_id: uc.metastoreId,
    workspace_id: Number(app.workspaceId),
    default_catalog_name: "main",
    ...changed.get("assignment"),
  });
  const need = (id: string | undefined): void => {
    if (id !== uc.metastoreId) throw missing(`Metastore '${(id ?? "").slice(0, 100)}' does not exist.`);
  };

  app.get(V, "/unity-catalog/current-metastore-assignment", assignment);
  app.get(V, "/unity-catalog/metastore_summary", metastore);
  app.get(V, "/unity-catalog/metastores", () => ({ metastores: [metastore()] }));
  app.get(V, "/unity-catalog/metastores/:id", ({ params }) => {
    need(params.id);
    return metastore();
  });
  app.patch(
    V,
    "/unity-catalog/metastores/:id",
    async ({ params, input }) => {
      need(params.id);
      const name = input.optionalString("new_name") ?? "";
      const owner = input.optionalString("owner") ?? "";
      input.optionalEnum("delta_sharing_scope", ["INTERNAL", "INTERNAL_AND_EXTERNAL"]);
      await app.store.write(() => {
        if (owner !== "") app.principals.ensure(owner);
        changed.put("metastore", { ...changed.get("metastore"), ...kept(input.values, SETTINGS), ...(name === "" ? {} : { name }) });
      });
      return metastore();
    },
    admin,
  );
  // PUT assigns, PATCH changes the assignment: both accept only this metastore and a default catalog.
  const assign = async ({ params, input }: Call): Promise<undefined> => {
    if (params.id !== app.workspaceId) throw missing(`Workspace ${(params.id ?? "").slice(0, 100)} does not exist.`);
    const id = input.optionalString("metastore_id") ?? uc.metastoreId;
    if (id !== uc.metastoreId) throw missing(`Metastore '${id.slice(0, 100)}' does not exist.`);
    const name = input.optionalString("default_catalog_name");
    if (name === "") throw invalid("default_catalog_name must not be empty.");
    if (name !== undefined) await app.store.write(() => changed.put("assignment", { default_catalog_name: name }));
    return undefined;
  };
  app.put(V, "/unity-catalog/workspaces/:id/metastore", assign, admin);
  app.patch(V, "/unity-catalog/workspaces/:id/metastore", assign, admin);
}
