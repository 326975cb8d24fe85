/** Settings of a metastore for all its workspaces: artifact allowlists and system schemas. */
import { invalid, missing, type JsonObject } from "../errors";
import type { WorkspaceApp } from "../routes";
import { unityCatalog } from "./securables";

const V = ["2.1"];
const artifactTypes = ["INIT_SCRIPT", "LIBRARY_JAR", "LIBRARY_MAVEN"];
/** The optional schemas of the catalog `system`. (`information_schema` always exists.) */
const systemSchemas = [
  "access",
  "billing",
  "compute",
  "lakeflow",
  "marketplace",
  "query",
  "serving",
  "storage",
];

export function metastoreListRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const admin = { admin: true };
  const lists = app.store.collection<JsonObject>("uc_artifact_allowlists");
  const typeOf = (type = ""): string => {
    if (!artifactTypes.includes(type))
      throw invalid(
        `Invalid artifact type '${type.slice(0, 100)}': it must be one of ${artifactTypes.join(", ")}.`,
      );
    return type;
  };
  const shown = (type: string): JsonObject => ({
    artifact_matchers: [],
    ...lists.get(type),
    metastore_id: uc.metastoreId,
  });
  const path = "/unity-catalog/artifact-allowlists/:type";
  app.get(V, path, ({ params }) => shown(typeOf(params.type)));
  app.put(
    V,
    path,
    async ({ params, input, caller }) => {
      const type = typeOf(params.type);
      const artifact_matchers = input.list("artifact_matchers").map((matcher): JsonObject => {
        const match_type =
          matcher.optionalEnum("match_type", ["PREFIX_MATCH"]) ?? matcher.string("match_type");
        return { artifact: matcher.string("artifact"), match_type };
      });
      await app.store.write(() =>
        lists.put(type, {
          artifact_matchers,
          created_at: app.clock.now(),
          created_by: caller.name,
        }),
      );
      return shown(type);
    },
    admin,
  );

  const enabled = app.store.collection<boolean>("uc_system_schemas");
  const inMetastore = (id: string | undefined): void => {
    if (id !== uc.metastoreId)
      throw missing(`Metastore '${(id ?? "").slice(0, 100)}' does not exist.`);
  };
  const schemaOf = (name = ""): string => {
    if (!systemSchemas.includes(name))
      throw missing(`System schema '${name.slice(0, 100)}' does not exist.`);
    return name;
  };
  const schemas = "/unity-catalog/metastores/:id/systemschemas";
  app.get(V, schemas, ({ params }) => {
    inMetastore(params.id);
    return {
      schemas: [
        { schema: "information_schema", state: "ENABLE_COMPLETED" },
        ...systemSchemas.map((schema) => ({
          schema,
          state: enabled.get(schema) === true ? "ENABLE_COMPLETED" : "AVAILABLE",
        })),
      ],
    };
  });
  const setEnabled =
    (isOn: boolean) => async (params: Readonly<Record<string, string | undefined>>) => {
      inMetastore(params.id);
      const name = schemaOf(params.name);
      if (isOn && enabled.get(name) === true) throw invalid(`Schema ${name} already exists`);
      if (!isOn && enabled.get(name) !== true)
        throw missing(`System schema '${name}' is not enabled.`);
      await app.store.write(() => (isOn ? enabled.put(name, true) : enabled.remove(name)));
      return undefined;
    };
  app.put(V, `${schemas}/:name`, ({ params }) => setEnabled(true)(params), admin);
  app.delete(V, `${schemas}/:name`, ({ params }) => setEnabled(false)(params), admin);
}
