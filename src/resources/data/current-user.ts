import { readIdentity } from "../families/caller";
import type { DataKind } from "../kind";

export const currentUser: DataKind = {
  type: "databricks_current_user",
  title: "current user",
  async read(api, _config, context) {
    const { id, userName, externalId } = await readIdentity(api, context.signal);
    // A service principal's user name is its application id, which has no @.
    const kind = userName.includes("@") ? "users" : "servicePrincipals";
    return {
      id,
      user_name: userName,
      home: `/Users/${userName}`,
      repos: `/Repos/${userName}`,
      external_id: externalId,
      acl_principal_id: `${kind}/${userName}`,
      alphanumeric: alphanumeric(userName),
      workspace_url: api.host,
    };
  },
};

/**
 * Returns the part before the @ in lower case, with `_` for all characters except ASCII letters and
 * digits: a part of names that allow no other characters.
 */
export function alphanumeric(userName: string): string {
  const localPart = userName.split("@")[0] ?? "";
  return localPart.toLowerCase().replaceAll(/\W/g, "_");
}
