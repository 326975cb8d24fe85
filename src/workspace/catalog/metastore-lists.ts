/** Settings of a metastore for all its workspaces: artifact allowlists and system schemas. */
import { invalid, missing, type JsonObject } from "../errors";
import type { Call, WorkspaceApp } from "../routes";
import { unityCatalog } from "./securables";

const VERSIONS = ["2.1"];
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
  const adminOnly = { admin: true };
  const lists = app.store.collection<JsonObject>("uc_artifact_allowlists");
  const parseArtifactType = (type = ""): string => {
    if (!artifactTypes.includes(type))
      throw invalid(
        `Invalid artifact type '${type.slice(0, 100)}': it must be one of ${artifactTypes.join(", ")}.`,
      );
    return type;
  };
  const renderAllowlist = (type: string): JsonObject => ({
    artifact_matchers: [],
    ...lists.get(type),
    metastore_id: uc.metastoreId,
  });
  const allowlistPath = "/unity-catalog/artifact-allowlists/:type";
  app.get(VERSIONS, allowlistPath, ({ params }) => renderAllowlist(parseArtifactType(params.type)));
  app.put(
    VERSIONS,
    allowlistPath,
    async ({ params, input, caller }) => {
      const type = parseArtifactType(params.type);
      const artifact_matchers = input.list("artifact_matchers").map((matcher): JsonObject => {
        const match_type = matcher.enum("match_type", ["PREFIX_MATCH"]);
        return { artifact: matcher.string("artifact"), match_type };
      });
      await app.store.write(() =>
        lists.put(type, {
          artifact_matchers,
          created_at: app.clock.now(),
          created_by: caller.name,
        }),
      );
      return renderAllowlist(type);
    },
    adminOnly,
  );

  const enabledSchemas = app.store.collection<boolean>("uc_system_schemas");
  const requireMetastore = (id: string | undefined): void => {
    if (id !== uc.metastoreId)
      throw missing(`Metastore '${(id ?? "").slice(0, 100)}' does not exist.`);
  };
  const parseSchemaName = (name = ""): string => {
    if (!systemSchemas.includes(name))
      throw missing(`System schema '${name.slice(0, 100)}' does not exist.`);
    return name;
  };
  const schemasPath = "/unity-catalog/metastores/:id/systemschemas";
  app.get(VERSIONS, schemasPath, ({ params }) => {
    requireMetastore(params.id);
    return {
      schemas: [
        { schema: "information_schema", state: "ENABLE_COMPLETED" },
        ...systemSchemas.map((schema) => ({
          schema,
          state: enabledSchemas.get(schema) === true ? "ENABLE_COMPLETED" : "AVAILABLE",
        })),
      ],
    };
  });
  const setEnabled = async ({ params }: Call, enable: boolean): Promise<undefined> => {
    requireMetastore(params.id);
    const name = parseSchemaName(params.name);
    if (enable && enabledSchemas.get(name) === true) throw invalid(`Schema ${name} already exists`);
    if (!enable && enabledSchemas.get(name) !== true)
      throw missing(`System schema '${name}' is not enabled.`);
    await app.store.write(() =>
      enable ? enabledSchemas.put(name, true) : enabledSchemas.remove(name),
    );
    return undefined;
  };
  app.put(VERSIONS, `${schemasPath}/:name`, (call) => setEnabled(call, true), adminOnly);
  app.delete(VERSIONS, `${schemasPath}/:name`, (call) => setEnabled(call, false), adminOnly);
}
