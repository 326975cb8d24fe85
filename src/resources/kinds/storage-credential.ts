import { securable } from "../families/unity-catalog";
import { refused } from "../shape/allowed-values";
import type { Rules } from "../kind";
import { text } from "../shape/json";

const identities = [
  "aws_iam_role",
  "azure_managed_identity",
  "azure_service_principal",
  "cloudflare_api_token",
];
const kept = "the platform does not return it";

/** Rules that all credentials of Unity Catalog share. */
export const credentialRules: Partial<Rules> = {
  backendDefaults: {
    isolation_mode: {
      reason: "documented default",
      when: (value) => value === "ISOLATION_MODE_OPEN",
    },
    owner: { reason: "the creator, if the code sets no owner", when: () => true },
    "aws_iam_role.external_id": {
      reason: "set by the platform, for the role's trust policy",
      when: () => true,
    },
    "aws_iam_role.unity_catalog_iam_arn": { reason: "the platform's own role", when: () => true },
    "azure_managed_identity.credential_id": { reason: "set by the platform", when: () => true },
    databricks_gcp_service_account: { reason: "created by the platform", when: () => true },
  },
  configOnly: {
    force_destroy: "only controls how Terraform deletes",
    force_update: "only controls how Terraform updates",
    skip_validation: "controls how the platform checks a request; not stored in the workspace",
  },
  unverifiable: {
    "azure_service_principal.client_secret": kept,
    "cloudflare_api_token.secret_access_key": kept,
    "gcp_service_account_key.private_key": kept,
  },
};

/** The identity with which Unity Catalog accesses cloud storage. */
export const storageCredential = securable({
  type: "databricks_storage_credential",
  title: "storage credential",
  traits: {
    holds: "storage credential",
    secret: true,
    securable: "storage_credential",
    walked: "the storage credentials",
  },
  collection: "storage-credentials",
  items: "storage_credentials",
  page: "credentials",
  fullName: ["name"],
  create: [
    "name",
    ...identities,
    "gcp_service_account_key",
    "databricks_gcp_service_account",
    "comment",
    "read_only",
    "skip_validation",
  ],
  update: [...identities, "comment", "read_only", "isolation_mode", "skip_validation"],
  alsoFalse: ["read_only"],
  force: { update: "force_update", delete: "force_destroy" },
  unsent: [
    "aws_iam_role.external_id",
    "aws_iam_role.unity_catalog_iam_arn",
    "azure_managed_identity.credential_id",
  ],
  afterCreate: ["owner", "isolation_mode"],
  bound: "storage_credential",
  unset: { comment: "", owner: null, read_only: false },
  computed: (found) => ({ storage_credential_id: text(found.id) ?? "" }),
  rules: credentialRules,
  suppress: { skip_validation: (before, after) => before !== true && after === true },
  validate: (config) =>
    refused(config, { isolation_mode: ["ISOLATION_MODE_ISOLATED", "ISOLATION_MODE_OPEN"] }),
});
