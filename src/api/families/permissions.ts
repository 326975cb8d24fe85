import type { Client, ReadClient } from "../client";

export interface AccessControl {
  readonly user_name?: string;
  readonly group_name?: string;
  readonly service_principal_name?: string;
  /** The level to set, such as CAN_VIEW or CAN_MANAGE. Responses have `all_permissions` instead. */
  readonly permission_level?: string;
  /** The levels in a response, with those that come from a parent object. */
  readonly all_permissions?: readonly {
    readonly permission_level: string;
    readonly inherited?: boolean;
    readonly inherited_from_object?: readonly string[];
  }[];
}

export interface ObjectPermissions {
  readonly object_id: string;
  readonly object_type: string;
  readonly access_control_list?: readonly AccessControl[];
}

const route = (type: string, id: string): string =>
  `/api/2.0/permissions/${type}/${encodeURIComponent(id)}`;

/** Reads permissions on jobs, clusters, notebooks, warehouses, … */
export class PermissionsReader {
  constructor(private readonly reader: ReadClient) {}

  /** @param type as in the path: `jobs`, `clusters`, `sql/warehouses`, `notebooks`, … */
  async get(type: string, id: string): Promise<ObjectPermissions> {
    return (await this.reader.get(route(type, id))) as ObjectPermissions;
  }
}

export class Permissions extends PermissionsReader {
  constructor(private readonly client: Client) {
    super(client);
  }

  /** Replaces direct permissions; inherited ones are kept. */
  async set(type: string, id: string, list: readonly AccessControl[]): Promise<ObjectPermissions> {
    return (await this.client.put(route(type, id), {
      access_control_list: list,
    })) as ObjectPermissions;
  }

  /** Sets the levels of the principals in the list; other entries are kept. */
  async update(
    type: string,
    id: string,
    list: readonly AccessControl[],
  ): Promise<ObjectPermissions> {
    return (await this.client.patch(
      route(type, id),
      { access_control_list: list },
      { idempotent: true },
    )) as ObjectPermissions;
  }
}
