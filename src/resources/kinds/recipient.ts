import { securable } from "../families/unity-catalog";
import { setByPlatform } from "../shape/rules";
import { valueProblems } from "../shape/allowed-values";

const fields = ["comment", "expiration_time", "ip_access_list", "properties_kvpairs"];

/** A receiver of shares by Delta Sharing. */
export const recipient = securable({
  type: "databricks_recipient",
  title: "recipient",
  traits: {
    lostOnDestroy: "recipient and its access",
    grantsPermissions: true,
    unmanagedTitle: "the recipients",
  },
  collection: "recipients",
  page: "sharing/recipients",
  fullName: ["name"],
  create: [
    "name",
    "authentication_type",
    "sharing_code",
    "data_recipient_global_metastore_id",
    "owner",
    ...fields,
  ],
  update: fields,
  afterCreate: [],
  checksMetastore: false,
  unset: { comment: "", owner: null },
  forceAttributes: {},
  rules: {
    backendDefaults: {
      owner: { reason: "the creator, if the code sets no owner", when: () => true },
      tokens: setByPlatform("set by the platform"),
      properties_kvpairs: { reason: "the platform adds its own", when: () => true },
    },
    keyed: { "ip_access_list.allowed_ip_addresses": "*" },
    unverifiable: { sharing_code: "the platform does not return it" },
    immutable: {
      authentication_type: "only set when a recipient is created",
      data_recipient_global_metastore_id: "only set when a recipient is created",
    },
  },
  validate: (config) => valueProblems(config, { authentication_type: ["TOKEN", "DATABRICKS"] }),
});
