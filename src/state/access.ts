/** Reads and restricts the access list of a state's folder. */
import { isForbidden, isNotFound } from "../api/transport/errors";
import type { Client, ReadClient } from "../api/client";
import { whoAmI, type Me } from "../api/families/me";

async function callerName(client: ReadClient): Promise<string> {
  const identity: Partial<Me> = await whoAmI(client);
  return identity.userName ?? "";
}

async function idOf(client: ReadClient, folder: string): Promise<number> {
  return (
    (await client.get("/api/2.0/workspace/get-status", { query: { path: folder } })) as {
      object_id: number;
    }
  ).object_id;
}

/**
 * Restricts a newly created folder to its creator and admins. Access inherited from its parents
 * stays: the platform does not allow removing it.
 */
export async function restrictAccess(client: Client, folder: string): Promise<void> {
  const [name, id] = [await callerName(client), await idOf(client, folder)];
  const isUser = name.includes("@");
  const creatorEntry = {
    [isUser ? "user_name" : "service_principal_name"]: name,
    permission_level: "CAN_MANAGE",
  };
  await client.put(
    `/api/2.0/permissions/directories/${id}`,
    { access_control_list: [creatorEntry] },
    { idempotent: true },
  );
}

interface Entry {
  readonly user_name?: string;
  readonly group_name?: string;
  readonly service_principal_name?: string;
  readonly all_permissions?: readonly {
    readonly permission_level: string;
    readonly inherited?: boolean;
  }[];
}

/**
 * Returns the principals that can read a folder, except admins, and users and service principals
 * that manage it directly. The deployer is one of these; the caller may be a different principal.
 * @returns undefined if unknown: the folder does not exist yet, or its access list is not readable
 */
export async function readersOf(
  client: ReadClient,
  folder: string,
): Promise<readonly string[] | undefined> {
  try {
    const id = await idOf(client, folder);
    const { access_control_list: entries = [] } = (await client.get(
      `/api/2.0/permissions/directories/${id}`,
    )) as {
      access_control_list?: readonly Entry[];
    };
    return entries.flatMap(
      ({ user_name, group_name, service_principal_name, all_permissions = [] }) => {
        const isManager = all_permissions.some(
          ({ permission_level, inherited }) =>
            permission_level === "CAN_MANAGE" && inherited !== true,
        );
        if (group_name === "admins" || (group_name === undefined && isManager)) return [];
        return [
          group_name === undefined
            ? (user_name ?? service_principal_name ?? "unknown")
            : `group ${group_name}`,
        ];
      },
    );
  } catch (error) {
    if (isNotFound(error) || isForbidden(error)) return undefined;
    throw error;
  }
}
