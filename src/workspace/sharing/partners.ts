/** Delta Sharing: `/api/2.1/unity-catalog/recipients` and `…/providers`. No data is shared. */
import { createHash } from "node:crypto";
import type { JsonObject } from "../errors";
import { restRoutes, type Stored } from "../rest-objects";
import type { WorkspaceApp } from "../routes";
import { unityCatalog } from "../catalog/securables";

export function sharingRoutes(app: WorkspaceApp): void {
  const { metastoreId } = unityCatalog(app);
  const common = {
    version: "2.1",
    required: ["name", "authentication_type"],
    unique: "name",
    admin: true,
  } as const;
  const newId = ({ name }: JsonObject): string => (name as string).toLowerCase();
  const notes = ({ creator, created, updated }: Stored): JsonObject => ({
    created_at: created,
    created_by: creator,
    updated_at: updated,
    updated_by: creator,
  });
  restRoutes(app, {
    ...common,
    title: "Recipient",
    path: "/unity-catalog/recipients",
    collection: "uc_recipients",
    fields: ["name", "authentication_type", "sharing_code", "data_recipient_global_metastore_id", "comment", "expiration_time"].concat(
      ["ip_access_list", "properties_kvpairs", "owner"]), // prettier-ignore
    newId,
    items: "recipients",
    shown: (stored) => {
      const { sharing_code: _code, ...settings } = stored.settings;
      const token = {
        id: tokenId(stored),
        activation_url: `https://sharing.invalid/${tokenId(stored)}`,
        ...notes(stored),
      };
      const byToken = settings.authentication_type === "TOKEN";
      return {
        owner: stored.creator,
        ...settings,
        metastore_id: metastoreId,
        activated: false,
        ...(byToken && { tokens: [token], activation_url: token.activation_url }),
        ...notes(stored),
      };
    },
  });
  restRoutes(app, {
    ...common,
    title: "Provider",
    path: "/unity-catalog/providers",
    collection: "uc_providers",
    fields: ["name", "authentication_type", "comment", "recipient_profile_str", "owner"],
    newId,
    items: "providers",
    shown: (stored) => {
      const { recipient_profile_str: _secret, ...settings } = stored.settings;
      return { owner: stored.creator, ...settings, ...notes(stored) };
    },
  });
}

function tokenId({ id, created }: Stored): string {
  return createHash("sha256").update(`${id} ${created}`).digest("hex").slice(0, 32);
}
