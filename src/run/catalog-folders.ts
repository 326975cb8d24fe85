import { printable } from "../printable";
import { isNotFound, type ReadClient } from "../api";
import { UnityCatalogReader } from "../api/families/unity-catalog";
import { LakeformError } from "../errors";
import { displayPath, type Entry, type FileLocation } from "./file-location";

/** Returns the names in a path after `/Volumes`: catalog, schema, volume, … */
const partsOf = (path: string): string[] =>
  path
    .split("/")
    .filter((part) => part !== "")
    .slice(1);

/**
 * True for `/Volumes`, a catalog or a schema, which the Files API does not serve as folders.
 * @param maxDepth 3 also accepts a volume
 */
export const isAboveVolume = (path: string, maxDepth: 2 | 3 = 2): boolean =>
  partsOf(path).length <= maxDepth;

/** Lists `/Volumes`, a catalog or a schema as a folder. */
export class CatalogFolders {
  readonly #catalog: UnityCatalogReader;

  constructor(reader: ReadClient) {
    this.#catalog = new UnityCatalogReader(reader);
  }

  /** @returns undefined if the catalog or schema does not exist */
  async stat(path: string): Promise<Entry | undefined> {
    const [catalog, schema] = partsOf(path);
    try {
      if (schema !== undefined) await this.#catalog.schema(`${catalog ?? ""}.${schema}`);
      else if (catalog !== undefined) await this.#catalog.catalog(catalog);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
    return folderEntry(path, schema ?? catalog ?? "Volumes");
  }

  async list(path: string): Promise<Entry[]> {
    const [catalog, schema] = partsOf(path);
    const children =
      catalog === undefined
        ? this.#catalog.catalogs()
        : schema === undefined
          ? this.#catalog.schemas(catalog)
          : this.#catalog.volumes(catalog, schema);
    const entries: Entry[] = [];
    for await (const { name } of children) entries.push(folderEntry(`${path}/${name}`, name));
    return entries;
  }
}

const folderEntry = (path: string, name: string): Entry => ({ name, path, directory: true });

export function notInVolume(location: FileLocation): LakeformError {
  return new LakeformError(
    "NOT_IN_A_VOLUME",
    "catalogs, schemas and volumes cannot be created or removed as folders",
    {
      value: printable(displayPath(location)),
      allowed: "/Volumes/<catalog>/<schema>/<volume>/…",
      fix: "name a path in a volume; list volumes: lakeform fs ls /Volumes; declare new ones in code (Volume)",
    },
  );
}
