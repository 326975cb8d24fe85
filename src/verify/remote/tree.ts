/** A folder of the workspace's tree, and what of it lakeform has a kind for. */
import { traitsOf, typesWith } from "../../resources";
import { listOf } from "../../api/transport/paging";
import type { ReadClient } from "../../api/client";
import type { Remote } from "../../resources/kind";
import { idText, text } from "../../resources/shape/json";

/** Types by their name in `workspace/list`. */
const kinds = new Map(typesWith("treeType").map((type) => [traitsOf(type).treeType, type]));

export interface TreeItem {
  readonly path: string;
  /** The type in REST: `NOTEBOOK`, `DASHBOARD`. */
  readonly objectType: string;
  /** Undefined: not supported by lakeform. */
  readonly kind: string | undefined;
  readonly remote: Remote;
}

/** @throws ApiError, also if the folder does not exist */
export async function treeItems(api: ReadClient, folder: string): Promise<readonly TreeItem[]> {
  return (await listOf(api, "/api/2.0/workspace/list", "objects", { query: { path: folder } })).map(
    (item) => {
      const [path, objectType] = [text(item.path) ?? "", text(item.object_type) ?? ""];
      // The id of a repo's folder is the id of the repo.
      const id = objectType === "REPO" ? idText(item.object_id, "object_id") : path;
      return {
        path,
        objectType,
        kind: kinds.get(objectType),
        remote: { id, attributes: { path } },
      };
    },
  );
}
