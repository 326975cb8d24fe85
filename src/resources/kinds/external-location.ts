import { cloudAccess } from "../families/cloud-access";
import { sameStorage } from "../families/metastore";

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
  "fallback",
  "encryption_details",
  "enable_file_events",
  "file_event_queue",
];

/** A path of cloud storage with the credential to access it. */
export const externalLocation = cloudAccess({
  type: "databricks_external_location",
  title: "external location",
  traits: {
    lostOnDestroy: "external location",
    securable: "external_location",
    unmanagedTitle: "the external locations",
  },
  collection: "external-locations",
  items: "external_locations",
  page: "locations",
  create: fields,
  update: fields,
  sentIfDisabled: ["fallback", "enable_file_events"],
  bindingType: "external_location",
  rules: {
    unverifiable: Object.fromEntries(
      eventQueues.map((queue) => [
        `file_event_queue.${queue}.managed_resource_id`,
        "set by the platform",
      ]),
    ),
    equivalent: { url: sameStorage },
  },
  suppress: { url: sameStorage },
});
