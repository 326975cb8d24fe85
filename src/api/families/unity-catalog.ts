import type { Client, ReadClient } from "../client";
import { createUnique } from "../transport/lost-answers";
import { byToken } from "../transport/paging";

export interface CatalogInfo {
  readonly name: string;
  readonly owner?: string;
  readonly comment?: string;
  readonly [field: string]: unknown;
}
export interface SchemaInfo extends CatalogInfo {
  readonly catalog_name: string;
  readonly full_name?: string;
}
export interface VolumeInfo extends SchemaInfo {
  readonly schema_name: string;
  readonly volume_type?: "MANAGED" | "EXTERNAL";
}
export interface PrivilegeAssignment {
  readonly principal: string;
  readonly privileges: readonly string[];
}
export interface PrivilegeChange {
  readonly principal: string;
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

const base = "/api/2.1/unity-catalog";
const route = (kind: string, name: string): string => `${base}/${kind}/${encodeURIComponent(name)}`;

export class UnityCatalogReader {
  constructor(private readonly reader: ReadClient) {}

  catalogs(): AsyncGenerator<CatalogInfo> {
    return byToken<CatalogInfo>(this.reader, { path: `${base}/catalogs`, items: "catalogs" });
  }

  schemas(catalog: string): AsyncGenerator<SchemaInfo> {
    return byToken<SchemaInfo>(this.reader, {
      path: `${base}/schemas`,
      query: { catalog_name: catalog },
      items: "schemas",
    });
  }

  volumes(catalog: string, schema: string): AsyncGenerator<VolumeInfo> {
    return byToken<VolumeInfo>(this.reader, {
      path: `${base}/volumes`,
      query: { catalog_name: catalog, schema_name: schema },
      items: "volumes",
    });
  }

  async catalog(name: string): Promise<CatalogInfo> {
    return (await this.reader.get(route("catalogs", name))) as CatalogInfo;
  }

  async schema(fullName: string): Promise<SchemaInfo> {
    return (await this.reader.get(route("schemas", fullName))) as SchemaInfo;
  }

  async volume(fullName: string): Promise<VolumeInfo> {
    return (await this.reader.get(route("volumes", fullName))) as VolumeInfo;
  }

  /** @param kind `catalog`, `schema`, `volume`, `table`, … */
  async grants(kind: string, fullName: string): Promise<readonly PrivilegeAssignment[]> {
    const response = (await this.reader.get(
      `${route("permissions", kind)}/${encodeURIComponent(fullName)}`,
    )) as {
      privilege_assignments?: PrivilegeAssignment[];
    };
    return response.privilege_assignments ?? [];
  }
}

/**
 * Changes objects of Unity Catalog. Their names are unique, so "already exists" after a lost
 * response to a create means that the lost attempt created the object.
 */
export class UnityCatalog extends UnityCatalogReader {
  constructor(private readonly client: Client) {
    super(client);
  }

  async createCatalog(catalog: CatalogInfo): Promise<void> {
    await createUnique(() => this.client.post(`${base}/catalogs`, catalog, { idempotent: true }));
  }

  async createSchema(schema: SchemaInfo): Promise<void> {
    await createUnique(() => this.client.post(`${base}/schemas`, schema, { idempotent: true }));
  }

  async createVolume(volume: VolumeInfo): Promise<void> {
    await createUnique(() =>
      this.client.post(
        `${base}/volumes`,
        { volume_type: "MANAGED", ...volume },
        { idempotent: true },
      ),
    );
  }

  async update(
    kind: "catalogs" | "schemas" | "volumes",
    fullName: string,
    change: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    await this.client.patch(route(kind, fullName), change, {
      // After a rename the object no longer has this name.
      idempotent: change["new_name"] === undefined,
    });
  }

  async delete(
    kind: "catalogs" | "schemas" | "volumes",
    fullName: string,
    force = false,
  ): Promise<void> {
    await this.client.delete(route(kind, fullName), force ? { query: { force } } : {});
  }

  /**
   * Changes grants. Safe to repeat, because adding an existing grant or removing a missing one is
   * not an error.
   */
  async changeGrants(
    kind: string,
    fullName: string,
    changes: readonly PrivilegeChange[],
  ): Promise<void> {
    await this.client.patch(
      `${route("permissions", kind)}/${encodeURIComponent(fullName)}`,
      { changes },
      { idempotent: true },
    );
  }
}
