/**
 * What the platform keeps beside an object in a resource of its own, and that no kind of lakeform describes: found in the list of REST endpoints
 * (`/unity-catalog/bindings`, `/entity-tag-assignments`, `/policies`). It is never compared, and each report says so.
 */
const tags =
  "tags are objects of their own (databricks_entity_tag_assignment): lakeform api GET 2.1/unity-catalog/entity-tag-assignments/…";
const policies =
  "policies for rows and columns are objects of their own (databricks_policy_info): lakeform api GET 2.1/unity-catalog/policies/…";

export const notRead: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  databricks_catalog: {
    "workspace bindings":
      "which workspaces may use it is an object of its own (databricks_workspace_binding): lakeform api GET 2.1/unity-catalog/bindings/catalog/NAME",
    "entity tags": tags,
    "access policies": policies,
  },
  databricks_schema: { "entity tags": tags, "access policies": policies },
  databricks_volume: { "entity tags": tags },
};
