import { byId, urls } from "../families/by-id";
import { setByPlatform } from "../shape/rules";

const notReturned = "the platform does not return it";
const secrets = [
  ["slack", "url", "channel_id", "oauth_token"],
  ["pagerduty", "integration_key"],
  ["microsoft_teams", "url", "channel_url", "auth_secret", "tenant_id", "app_id"],
  ["generic_webhook", "url", "username", "password"],
].flatMap(([kind = "", ...fields]) => fields.map((field) => `config.${kind}.${field}`));
const notComputed = ["channel_url", "auth_secret", "tenant_id", "app_id"];
const computed = secrets
  .filter((path) => !notComputed.some((field) => path.endsWith(`.${field}`)))
  .map((path) => `${path}_set`);

/** A destination for notifications: email, Slack, Teams, PagerDuty, or a webhook. */
export const notificationDestination = byId({
  type: "databricks_notification_destination",
  title: "notification destination",
  traits: {
    secret: true,
    foundInList: {},
    unmanagedTitle: "the notification destinations",
    listedPartly: [],
  },
  calls: urls("/api/2.0/notification-destinations"),
  idField: "id",
  nameField: "display_name",
  items: "results",
  // The list contains only names.
  omitted: ["config"],
  listHasNamesOnly: true,
  readOnly: ["destination_type"],
  // These fields are not read, because in the state they would cause a difference in every plan.
  shape: {
    absent: new Set(["*.channel_url_set", "*.auth_secret_set", "*.tenant_id_set", "*.app_id_set"]),
  },
  rules: {
    backendDefaults: Object.fromEntries(
      computed.map((path) => [path, setByPlatform("whether the platform has the value")]),
    ),
    unverifiable: Object.fromEntries(secrets.map((path) => [path, notReturned])),
    keyed: { "config.email.addresses": "*" },
  },
});
