/** Lists a workspace folder, with the resource type of each object if lakeform supports it. */
import { traitsOf, typesWith } from "../../resources";
import { listOf } from "../../api/transport/paging";
import type { ReadClient } from "../../api/client";
import type { Remote } from "../../resources/kind";
import { idText, optionalText } from "../../resources/shape/json";

/** Terraform resource types by their `object_type` in `workspace/list`. */
const resourceTypes = new Map(typesWith("treeType").map((type) => [traitsOf(type).treeType, type]));

export interface TreeItem {
  readonly path: string;
  /** The type in REST: `NOTEBOOK`, `DASHBOARD`. */
  readonly objectType: string;
  /** The Terraform resource type; undefined if lakeform does not support it. */
  readonly resourceType: string | undefined;
  readonly remote: Remote;
}

/** Lists the objects in a folder. @throws ApiError, even if the folder does not exist */
export async function treeItems(api: ReadClient, folder: string): Promise<readonly TreeItem[]> {
  return (await listOf(api, "/api/2.0/workspace/list", "objects", { query: { path: folder } })).map(
    (item) => {
      const [path, objectType] = [
        optionalText(item.path) ?? "",
        optionalText(item.object_type) ?? "",
      ];
      // The id of a repo's folder is the id of the repo.
      const id = objectType === "REPO" ? idText(item.object_id, "object_id") : path;
      return {
        path,
        objectType,
        resourceType: resourceTypes.get(objectType),
        remote: { id, attributes: { path } },
      };
    },
  );
}
