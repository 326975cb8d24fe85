import { defined } from "../../defined";
import { invalid, type JsonObject } from "../errors";
import { page } from "../paging";
import type { WorkspaceApp } from "../routes";
import { unityCatalog, type Securable } from "./securables";
import { volumeTree } from "./volume-files";

const VERSIONS = ["2.1"];
const UC = "/unity-catalog";

/** Routes of `/api/2.1/unity-catalog/volumes`. */
export function volumeRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const files = volumeTree(app);
  const parentNames = (fullName: string): JsonObject => {
    const [catalog_name = "", schema_name = ""] = fullName.split(".");
    return { catalog_name, schema_name };
  };
  const renderVolume = (volume: Securable): JsonObject => ({
    storage_location: `s3://local-metastore/${uc.metastoreId}/volumes/${volume.id}`,
    ...uc.commonFields(volume),
    ...parentNames(volume.full_name),
    volume_id: volume.id,
    securable_type: "VOLUME",
    securable_kind:
      volume.settings.volume_type === "EXTERNAL" ? "VOLUME_STANDARD_EXTERNAL" : "VOLUME_STANDARD",
    access_point: "",
    browse_only: false,
  });
  app.post(VERSIONS, `${UC}/volumes`, async ({ input, caller }) => {
    const schema = uc.parseSchema(input);
    const name = uc.namePart("name", input.string("name"));
    const volume_type = input.optionalEnum("volume_type", ["MANAGED", "EXTERNAL"]) ?? "MANAGED";
    const location = input.optionalString("storage_location") ?? "";
    const comment = input.optionalString("comment");
    if (volume_type === "EXTERNAL" && location === "")
      throw invalid("An external volume needs a storage_location.");
    if (volume_type === "MANAGED" && location !== "")
      throw invalid("A managed volume cannot have a storage_location.");
    const settings = {
      volume_type,
      ...defined({ comment }),
      ...(location === "" ? {} : { storage_location: location }),
    };
    const newVolume = await app.store.write(() => {
      uc.mustFind("schema", schema);
      uc.requirePrivilege(caller, "schema", schema, "CREATE_VOLUME");
      return uc.add("volume", `${schema}.${name}`, caller, settings);
    });
    return renderVolume(newVolume);
  });
  app.get(VERSIONS, `${UC}/volumes`, ({ input, caller }) => {
    const schema = uc.mustFind(
      "schema",
      `${input.string("catalog_name")}.${input.string("schema_name")}`,
    );
    const volumes = uc
      .childrenOf("volume", schema.full_name)
      .filter((volume) => uc.isVisible(caller, "volume", volume));
    const { items, next_page_token } = page(input, volumes, { defaultSize: 1000, maxSize: 10_000 });
    return { volumes: items.map(renderVolume), next_page_token };
  });
  app.get(VERSIONS, `${UC}/volumes/:name`, ({ params, caller }) => {
    const volume = uc.mustFind("volume", params.name ?? "");
    if (!uc.isVisible(caller, "volume", volume))
      uc.requirePrivilege(caller, "volume", volume.full_name, "READ_VOLUME");
    return renderVolume(volume);
  });
  app.patch(VERSIONS, `${UC}/volumes/:name`, async ({ params, input, caller }) => {
    const comment = input.optionalString("comment");
    const owner = input.optionalString("owner");
    const updatedVolume = await app.store.write(() => {
      const volume = uc.update(
        "volume",
        uc.mustFind("volume", params.name ?? ""),
        caller,
        comment === undefined ? {} : { comment },
        owner,
      );
      return uc.rename("volume", volume, input.optionalString("new_name"));
    });
    return renderVolume(updatedVolume);
  });
  app.delete(VERSIONS, `${UC}/volumes/:name`, async ({ params, caller }) => {
    await app.store.write(() => {
      const volume = uc.mustFind("volume", params.name ?? "");
      uc.requireOwner(caller, "volume", volume);
      files.dropVolume(volume.id);
      uc.remove("volume", volume.full_name);
    });
    return undefined;
  });
}
