import { defined } from "../../defined";
import { invalid, type JsonObject } from "../errors";
import { page } from "../paging";
import type { WorkspaceApp } from "../routes";
import { unityCatalog, type Securable } from "./securables";
import { volumeTree } from "./volume-files";

const V = ["2.1"];
const UC = "/unity-catalog";

/** `/api/2.1/unity-catalog/volumes` */
export function volumeRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const files = volumeTree(app);
  const place = (fullName: string): JsonObject => {
    const [catalog_name = "", schema_name = ""] = fullName.split(".");
    return { catalog_name, schema_name };
  };
  const shown = (found: Securable): JsonObject => ({
    storage_location: `s3://local-metastore/${uc.metastoreId}/volumes/${found.id}`,
    ...uc.common(found),
    ...place(found.full_name),
    volume_id: found.id,
    securable_type: "VOLUME",
    securable_kind:
      found.settings.volume_type === "EXTERNAL" ? "VOLUME_STANDARD_EXTERNAL" : "VOLUME_STANDARD",
    access_point: "",
    browse_only: false,
  });
  app.post(V, `${UC}/volumes`, async ({ input, caller }) => {
    const schema = `${uc.part("catalog_name", input.string("catalog_name"))}.${uc.part("schema_name", input.string("schema_name"))}`;
    const name = uc.part("name", input.string("name"));
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
    const created = await app.store.write(() => {
      uc.need("schema", schema);
      uc.require(caller, "schema", schema, "CREATE_VOLUME");
      return uc.add("volume", `${schema}.${name}`, caller, settings);
    });
    return shown(created);
  });
  app.get(V, `${UC}/volumes`, ({ input, caller }) => {
    const schema = uc.need(
      "schema",
      `${input.string("catalog_name")}.${input.string("schema_name")}`,
    );
    const all = uc
      .within("volume", schema.full_name)
      .filter((each) => uc.visible(caller, "volume", each));
    const { items, next_page_token } = page(input, all, { byDefault: 1000, most: 10_000 });
    return { volumes: items.map(shown), next_page_token };
  });
  app.get(V, `${UC}/volumes/:name`, ({ params, caller }) => {
    const found = uc.need("volume", params.name ?? "");
    if (!uc.visible(caller, "volume", found))
      uc.require(caller, "volume", found.full_name, "READ_VOLUME");
    return shown(found);
  });
  app.patch(V, `${UC}/volumes/:name`, async ({ params, input, caller }) => {
    const comment = input.optionalString("comment");
    const owner = input.optionalString("owner");
    const next = await app.store.write(() => {
      const found = uc.update(
        "volume",
        uc.need("volume", params.name ?? ""),
        caller,
        comment === undefined ? {} : { comment },
        owner,
      );
      return uc.rename("volume", found, input.optionalString("new_name"));
    });
    return shown(next);
  });
  app.delete(V, `${UC}/volumes/:name`, async ({ params, caller }) => {
    await app.store.write(() => {
      const found = uc.need("volume", params.name ?? "");
      uc.requireOwner(caller, "volume", found);
      files.dropVolume(found.id);
      uc.remove("volume", found.full_name);
    });
    return undefined;
  });
}
