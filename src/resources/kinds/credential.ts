import { cloudAccess } from "../families/cloud-access";
import { valueProblems } from "../shape/allowed-values";
import { optionalText } from "../shape/json";
import { credentialRules } from "./storage-credential";

const identities = ["aws_iam_role", "azure_managed_identity", "azure_service_principal"];

/** The identity that Unity Catalog uses to call cloud services or access cloud storage. */
export const credential = cloudAccess({
  type: "databricks_credential",
  title: "credential",
  traits: {
    lostOnDestroy: "credential",
    secret: true,
    securable: "credential",
    unmanagedTitle: "the credentials",
  },
  collection: "credentials",
  page: "credentials",
  create: ["purpose", ...identities, "databricks_gcp_service_account"],
  update: identities,
  bindingType: "credential",
  computed: (item) => ({ credential_id: optionalText(item.id) ?? "" }),
  rules: {
    ...credentialRules,
    backendDefaults: {
      ...credentialRules.backendDefaults,
      used_for_managed_storage: { reason: "set by the platform", when: () => true },
    },
    immutable: { purpose: "only set when a credential is created" },
  },
  validate: (config) => valueProblems(config, { purpose: ["SERVICE", "STORAGE"] }),
});
