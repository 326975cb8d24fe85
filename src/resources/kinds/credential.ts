import { cloudAccess } from "../families/cloud-access";
import { refusedValues } from "../shape/allowed-values";
import { text } from "../shape/json";
import { credentialRules } from "./storage-credential";

const identities = ["aws_iam_role", "azure_managed_identity", "azure_service_principal"];

/** The identity that Unity Catalog uses to call cloud services or access cloud storage. */
export const credential = cloudAccess({
  type: "databricks_credential",
  title: "credential",
  traits: { holds: "credential", secret: true, securable: "credential", walked: "the credentials" },
  collection: "credentials",
  page: "credentials",
  create: ["purpose", ...identities, "databricks_gcp_service_account"],
  update: identities,
  bound: "credential",
  computed: (found) => ({ credential_id: text(found.id) ?? "" }),
  rules: {
    ...credentialRules,
    backendDefaults: {
      ...credentialRules.backendDefaults,
      used_for_managed_storage: { reason: "set by the platform", when: () => true },
    },
    onlyNew: { purpose: "only set when a credential is created" },
  },
  validate: (config) => refusedValues(config, { purpose: ["SERVICE", "STORAGE"] }),
});
