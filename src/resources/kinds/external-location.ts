import { sameStorage } from "../families/metastore";
import { securable } from "../families/unity-catalog";
import { refused } from "../shape/allowed-values";

const eventQueues = [
  "managed_aqs",
  "managed_pubsub",
  "managed_sqs",
  "provided_aqs",
  "provided_pubsub",
  "provided_sqs",
];
const fields = [
  "url",
  "credential_name",
  "comment",
  "read_only",
  "fallback",
  "encryption_details",
  "enable_file_events",
];

/** A path of cloud storage with the credential to access it. */
export const externalLocation = securable({
  type: "databricks_external_location",
  title: "external location",
  traits: {
    holds: "external location",
    securable: "external_location",
    walked: "the external locations",
  },
  collection: "external-locations",
  items: "external_locations",
  page: "locations",
  fullName: ["name"],
  create: ["name", ...fields, "file_event_queue", "skip_validation"],
  update: [...fields, "file_event_queue", "isolation_mode", "skip_validation"],
  alsoFalse: ["read_only", "fallback", "enable_file_events"],
  force: { update: "force_update", delete: "force_destroy" },
  afterCreate: ["owner", "isolation_mode"],
  bound: "external_location",
  unset: { comment: "", owner: null, read_only: false, fallback: false, enable_file_events: false },
  rules: {
    backendDefaults: {
      isolation_mode: {
        reason: "documented default",
        when: (value) => value === "ISOLATION_MODE_OPEN",
      },
      owner: { reason: "the creator, if the code sets no owner", when: () => true },
    },
    configOnly: {
      force_destroy: "only controls how Terraform deletes",
      force_update: "only controls how Terraform updates",
      skip_validation: "controls how the platform checks a request; not stored in the workspace",
    },
    unverifiable: Object.fromEntries(
      eventQueues.map((queue) => [
        `file_event_queue.${queue}.managed_resource_id`,
        "set by the platform",
      ]),
    ),
    equivalent: { url: sameStorage },
  },
  suppress: {
    url: sameStorage,
    skip_validation: (before, after) => before !== true && after === true,
  },
  validate: (config) =>
    refused(config, { isolation_mode: ["ISOLATION_MODE_ISOLATED", "ISOLATION_MODE_OPEN"] }),
});
