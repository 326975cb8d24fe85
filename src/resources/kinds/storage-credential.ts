import { cloudAccess } from "../families/cloud-access";
import type { Rules } from "../kind";
import { optionalText } from "../shape/json";
import { acceptAny } from "../shape/rules";

const identities = [
  "aws_iam_role",
  "azure_managed_identity",
  "azure_service_principal",
  "cloudflare_api_token",
];
const notReturned = "the platform does not return it";

/** Rules that all credentials of Unity Catalog share. */
export const credentialRules: Partial<Rules> = {
  backendDefaults: {
    "aws_iam_role.external_id": acceptAny("set by the platform, for the role's trust policy"),
    "aws_iam_role.unity_catalog_iam_arn": { reason: "the platform's own role", when: () => true },
    "azure_managed_identity.credential_id": { reason: "set by the platform", when: () => true },
    databricks_gcp_service_account: { reason: "created by the platform", when: () => true },
  },
  unverifiable: {
    "azure_service_principal.client_secret": notReturned,
    "cloudflare_api_token.secret_access_key": notReturned,
    "gcp_service_account_key.private_key": notReturned,
  },
};

/** The identity with which Unity Catalog accesses cloud storage. */
export const storageCredential = cloudAccess({
  type: "databricks_storage_credential",
  title: "storage credential",
  traits: {
    lostOnDestroy: "storage credential",
    secret: true,
    securable: "storage_credential",
    unmanagedTitle: "the storage credentials",
  },
  collection: "storage-credentials",
  items: "storage_credentials",
  page: "credentials",
  create: [...identities, "gcp_service_account_key", "databricks_gcp_service_account"],
  update: identities,
  unsentFields: [
    "aws_iam_role.external_id",
    "aws_iam_role.unity_catalog_iam_arn",
    "azure_managed_identity.credential_id",
  ],
  bindingType: "storage_credential",
  computed: (item) => ({ storage_credential_id: optionalText(item.id) ?? "" }),
  rules: credentialRules,
});
