import { scimEntry } from "../families/scim";

/** A member of a group. */
export const groupMember = scimEntry({
  type: "databricks_group_member",
  title: "group member",
  collection: "Groups",
  fields: ["group_id", "member_id"],
  list: "members",
});

export const groupRole = scimEntry({
  type: "databricks_group_role",
  title: "group role",
  collection: "Groups",
  fields: ["group_id", "role"],
  list: "roles",
});

export const userRole = scimEntry({
  type: "databricks_user_role",
  title: "user role",
  collection: "Users",
  fields: ["user_id", "role"],
  list: "roles",
});

export const servicePrincipalRole = scimEntry({
  type: "databricks_service_principal_role",
  title: "service principal role",
  collection: "ServicePrincipals",
  fields: ["service_principal_id", "role"],
  list: "roles",
});

/** The older Terraform type for a group's role. */
export const groupInstanceProfile = scimEntry({
  type: "databricks_group_instance_profile",
  title: "group instance profile",
  collection: "Groups",
  fields: ["group_id", "instance_profile_id"],
  list: "roles",
});

/** The older Terraform type for a user's role. */
export const userInstanceProfile = scimEntry({
  type: "databricks_user_instance_profile",
  title: "user instance profile",
  collection: "Users",
  fields: ["user_id", "instance_profile_id"],
  list: "roles",
});
