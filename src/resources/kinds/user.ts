import { sameName } from "../shape/shape";
import { scim } from "../families/scim";
import type { Attributes } from "../kind";
import { textOrEmpty } from "../shape/attributes";
import { optionalText, type Json } from "../shape/json";

/** What users and service principals have in common. */
export const principalSpec = {
  attributes: "userName,displayName,active,externalId,entitlements",
  keptFields: ["groups", "roles"],
  isDisabledOnDelete: (attributes: Attributes): boolean =>
    attributes.disable_as_user_deletion === true,
  body: (attributes: Attributes): Record<string, unknown> => {
    const [displayName, externalId] = [
      textOrEmpty(attributes, "display_name"),
      textOrEmpty(attributes, "external_id"),
    ];
    return {
      active: attributes.active === true,
      ...(displayName !== "" && { displayName }),
      ...(externalId !== "" && { externalId }),
    };
  },
  attributesOf: (item: Json, name: string): Attributes => ({
    display_name: optionalText(item.displayName) ?? "",
    active: item.active === true,
    home: `/Users/${name}`,
    repos: `/Repos/${name}`,
  }),
  folders: (attributes: Attributes, name: string): readonly string[] => [
    ...(attributes.force_delete_repos === true ? [`/Repos/${name}`] : []),
    ...(attributes.force_delete_home_dir === true ? [`/Users/${name}`] : []),
  ],
};

export const user = scim({
  ...principalSpec,
  type: "databricks_user",
  title: "user",
  collection: "Users",
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
  name: () => ["user_name", "userName"],
  body: (attributes) => ({
    ...principalSpec.body(attributes),
    userName: textOrEmpty(attributes, "user_name"),
  }),
  attributesOf: (item) => {
    const name = optionalText(item.userName) ?? "";
    return {
      ...principalSpec.attributesOf(item, name),
      user_name: name,
      acl_principal_id: `users/${name}`,
    };
  },
  folders: (attributes) => principalSpec.folders(attributes, textOrEmpty(attributes, "user_name")),
  suppress: { user_name: sameName },
});
