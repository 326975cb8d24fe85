import { securable } from "../families/unity-catalog";
import { valueProblems } from "../shape/allowed-values";

/** A sender of shares by Delta Sharing. */
export const sharingProvider = securable({
  type: "databricks_provider",
  title: "sharing provider",
  traits: {
    lostOnDestroy: "provider and the catalogs created from its shares",
    secret: true,
    unmanagedTitle: "the sharing providers",
  },
  collection: "providers",
  page: "sharing/providers",
  fullName: ["name"],
  create: ["name", "authentication_type", "comment", "recipient_profile_str"],
  update: ["comment"],
  // The profile is sent if it changes. (The official provider never sends a changed one.)
  updateOverrides: ({ recipient_profile_str }, prior) =>
    recipient_profile_str === prior.recipient_profile_str ? {} : { recipient_profile_str },
  restoredFields: ["recipient_profile_str"],
  afterCreate: [],
  unset: { comment: "" },
  forceAttributes: {},
  rules: { unverifiable: { recipient_profile_str: "the platform does not return it" } },
  validate: (config) => valueProblems(config, { authentication_type: ["TOKEN", "DATABRICKS"] }),
});
