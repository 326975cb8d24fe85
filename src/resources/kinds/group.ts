import { scim } from "../families/scim";
import { textOrEmpty } from "../shape/attributes";
import { optionalText } from "../shape/json";

export const group = scim({
  type: "databricks_group",
  title: "group",
  collection: "Groups",
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
  name: () => ["display_name", "displayName"],
  attributes: "displayName,externalId,entitlements",
  keptFields: ["displayName", "groups", "members", "roles", "externalId"],
  body: (attributes) => {
    const externalId = textOrEmpty(attributes, "external_id");
    return {
      displayName: textOrEmpty(attributes, "display_name"),
      ...(externalId !== "" && { externalId }),
    };
  },
  attributesOf: (item, host) => {
    const name = optionalText(item.displayName) ?? "";
    return {
      display_name: name,
      acl_principal_id: `groups/${name}`,
      url: `${host}/#setting/accounts/groups/${optionalText(item.id) ?? ""}`,
    };
  },
  link: (host, id) => `${host}/#setting/accounts/groups/${id}`,
  validate: ({ display_name }) =>
    display_name === "users" || display_name === "admins"
      ? [
          {
            path: "display_name",
            message: `${display_name} is a built-in group, which cannot be created: read it with the data source databricks_group`,
          },
        ]
      : [],
});
