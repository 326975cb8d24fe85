import type { ReadClient } from "../../api/client";
import type { DataKind } from "../kind";
import { object, text } from "../shape/json";

export interface Me {
  readonly id: string;
  readonly userName: string;
  readonly externalId: string;
  /** Groups by name, direct ones only. */
  readonly groups: readonly string[];
}

/** Who the token belongs to. */
export async function me(api: ReadClient, signal?: AbortSignal): Promise<Me> {
  const answer = object(await api.get("/api/2.0/preview/scim/v2/Me", { signal }));
  const groups = Array.isArray(answer.groups) ? answer.groups.map((group) => text(object(group).display) ?? "") : [];
  return { id: text(answer.id) ?? "", userName: text(answer.userName) ?? "", externalId: text(answer.externalId) ?? "", groups };
}

export const currentUser: DataKind = {
  type: "databricks_current_user",
  title: "current user",
  async read(api, _config, context) {
    const { id, userName, externalId } = await me(api, context.signal);
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

/** The part before the @, lower case, each character but letters and digits as `_`: for names that must be so. */
function alphanumeric(userName: string): string {
  const local = userName.split("@")[0] ?? "";
  return local.toLowerCase().replaceAll(/\W/g, "_");
}
