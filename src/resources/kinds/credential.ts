import { securable } from "../families/unity-catalog";
import { refused } from "../shape/allowed-values";
import { text } from "../shape/json";
import { credentialRules } from "./storage-credential";

const identities = ["aws_iam_role", "azure_managed_identity", "azure_service_principal"];

/** The identity that Unity Catalog uses to call cloud services or access cloud storage. */
export const credential = securable({
  type: "databricks_credential",
  title: "credential",
  traits: { holds: "credential", secret: true, securable: "credential", walked: "the credentials" },
  collection: "credentials",
  page: "credentials",
  fullName: ["name"],
  create: [
    "name",
    "purpose",
    ...identities,
    "databricks_gcp_service_account",
    "comment",
    "read_only",
    "skip_validation",
  ],
  update: [...identities, "comment", "read_only", "isolation_mode", "skip_validation"],
  alsoFalse: ["read_only"],
  force: { update: "force_update", delete: "force_destroy" },
  afterCreate: ["owner", "isolation_mode"],
  bound: "credential",
  unset: { comment: "", owner: null, read_only: false },
  computed: (found) => ({ credential_id: text(found.id) ?? "" }),
  rules: {
    ...credentialRules,
    backendDefaults: {
      ...credentialRules.backendDefaults,
      used_for_managed_storage: { reason: "set by the platform", when: () => true },
    },
    onlyNew: { purpose: "only set when a credential is created" },
  },
  suppress: { skip_validation: (before, after) => before !== true && after === true },
  validate: (config) =>
    refused(config, {
      isolation_mode: ["ISOLATION_MODE_ISOLATED", "ISOLATION_MODE_OPEN"],
      purpose: ["SERVICE", "STORAGE"],
    }),
});
