import { securable } from "../families/unity-catalog";
import { refusedValues } from "../shape/allowed-values";

/** A sender of shares by Delta Sharing. */
export const sharingProvider = securable({
  type: "databricks_provider",
  title: "sharing provider",
  traits: {
    holds: "provider and the catalogs created from its shares",
    secret: true,
    walked: "the sharing providers",
  },
  collection: "providers",
  page: "sharing/providers",
  fullName: ["name"],
  create: ["name", "authentication_type", "comment", "recipient_profile_str"],
  update: ["comment"],
  // The official provider never sends a changed profile.
  updateAlso: ({ recipient_profile_str }, prior) =>
    recipient_profile_str === prior.recipient_profile_str ? {} : { recipient_profile_str },
  alsoRestored: ["recipient_profile_str"],
  afterCreate: [],
  unset: { comment: "" },
  force: {},
  rules: { unverifiable: { recipient_profile_str: "the platform does not return it" } },
  validate: (config) => refusedValues(config, { authentication_type: ["TOKEN", "DATABRICKS"] }),
});
