// The privileges of each kind of securable:
// https://docs.databricks.com/aws/en/data-governance/unity-catalog/manage-privileges/privileges

export type VolumePrivilege =
  "ALL_PRIVILEGES" | "APPLY_TAG" | "MANAGE" | "READ_METADATA" | "READ_VOLUME" | "WRITE_VOLUME";

export type SchemaPrivilege =
  | VolumePrivilege
  | "CREATE_FUNCTION"
  | "CREATE_MATERIALIZED_VIEW"
  | "CREATE_MODEL"
  | "CREATE_MODEL_VERSION"
  | "CREATE_TABLE"
  | "CREATE_VOLUME"
  | "EXECUTE"
  | "EXTERNAL_USE_SCHEMA"
  | "MODIFY"
  | "REFRESH"
  | "SELECT"
  | "USE_SCHEMA";

export type CatalogPrivilege = SchemaPrivilege | "BROWSE" | "CREATE_SCHEMA" | "USE_CATALOG";

export type ExternalLocationPrivilege =
  | "ALL_PRIVILEGES"
  | "BROWSE"
  | "CREATE_EXTERNAL_TABLE"
  | "CREATE_EXTERNAL_VOLUME"
  | "CREATE_FOREIGN_SECURABLE"
  | "CREATE_MANAGED_STORAGE"
  | "EXTERNAL_USE_LOCATION"
  | "MANAGE"
  | "READ_FILES"
  | "WRITE_FILES";

export type StorageCredentialPrivilege =
  | "ALL_PRIVILEGES"
  | "CREATE_EXTERNAL_LOCATION"
  | "CREATE_EXTERNAL_TABLE"
  | "MANAGE"
  | "READ_FILES"
  | "WRITE_FILES";

/**
 * The privileges of credentials with the purpose SERVICE. Credentials with the purpose STORAGE have
 * the privileges of storage credentials, too.
 */
export type ServiceCredentialPrivilege =
  StorageCredentialPrivilege | "ACCESS" | "CREATE_CONNECTION";

export type ConnectionPrivilege =
  "ALL_PRIVILEGES" | "CREATE_FOREIGN_CATALOG" | "MANAGE" | "USE_CONNECTION";

export type RegisteredModelPrivilege =
  "ALL_PRIVILEGES" | "APPLY_TAG" | "CREATE_MODEL_VERSION" | "EXECUTE" | "MANAGE";

/** The privileges of tables and views. MODIFY is not available for views. */
export type TablePrivilege = "ALL_PRIVILEGES" | "APPLY_TAG" | "MANAGE" | "MODIFY" | "SELECT";

export type SharePrivilege = "SELECT";

/**
 * The privileges that ALL_PRIVILEGES does not include. They may be granted in addition to it
 * (databricks/cli#6733, and the page linked above).
 */
const notInAllPrivileges: ReadonlySet<string> = new Set([
  "MANAGE",
  "READ_METADATA",
  "EXTERNAL_USE_SCHEMA",
  "EXTERNAL_USE_LOCATION",
]);

/**
 * Returns the privileges that ALL_PRIVILEGES already includes. If both are granted, the platform
 * returns only ALL_PRIVILEGES, and every plan would show a diff.
 */
export function redundantPrivileges(privileges: Iterable<string>): string[] {
  // Raw resources may use the spelling of SQL: `ALL PRIVILEGES`.
  const names = [...privileges].map((privilege) => privilege.toUpperCase().replaceAll(" ", "_"));
  return names.includes("ALL_PRIVILEGES")
    ? names.filter((name) => name !== "ALL_PRIVILEGES" && !notInAllPrivileges.has(name))
    : [];
}
