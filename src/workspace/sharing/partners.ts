/** Delta Sharing: `/api/2.1/unity-catalog/recipients` and `…/providers`. No data is shared. */
import { createHash } from "node:crypto";
import type { JsonObject } from "../errors";
import { renderChanges, restRoutes, type StoredObject } from "../rest-objects";
import type { WorkspaceApp } from "../routes";
import { unityCatalog } from "../catalog/securables";

export function sharingRoutes(app: WorkspaceApp): void {
  const { metastoreId } = unityCatalog(app);
  const commonOptions = {
    version: "2.1",
    required: ["name", "authentication_type"],
    unique: "name",
    admin: true,
  } as const;
  // Names are case-insensitive.
  const toId = (name: string): string => name.toLowerCase();
  const newId = ({ name }: JsonObject): string => toId(name as string);
  restRoutes(app, {
    ...commonOptions,
    title: "Recipient",
    path: "/unity-catalog/recipients",
    collection: "uc_recipients",
    fields: [
      "name",
      "authentication_type",
      "sharing_code",
      "data_recipient_global_metastore_id",
      "comment",
      "expiration_time",
      "ip_access_list",
      "properties_kvpairs",
      "owner",
    ],
    newId,
    toId,
    items: "recipients",
    render: (object) => {
      const { sharing_code: _code, ...settings } = object.settings;
      const token = {
        id: tokenId(object),
        activation_url: `https://sharing.invalid/${tokenId(object)}`,
        ...renderChanges(object),
      };
      const usesToken = settings.authentication_type === "TOKEN";
      return {
        owner: object.creator,
        ...settings,
        metastore_id: metastoreId,
        activated: false,
        ...(usesToken && { tokens: [token], activation_url: token.activation_url }),
        ...renderChanges(object),
      };
    },
  });
  restRoutes(app, {
    ...commonOptions,
    title: "Provider",
    path: "/unity-catalog/providers",
    collection: "uc_providers",
    fields: ["name", "authentication_type", "comment", "recipient_profile_str", "owner"],
    newId,
    toId,
    items: "providers",
    render: (object) => {
      const { recipient_profile_str: _secret, ...settings } = object.settings;
      return { owner: object.creator, ...settings, ...renderChanges(object) };
    },
  });
}

function tokenId({ id, created }: StoredObject): string {
  return createHash("sha256").update(`${id} ${created}`).digest("hex").slice(0, 32);
}
