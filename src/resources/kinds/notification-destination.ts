import { byId, urls } from "../families/by-id";

const kept = "the platform does not show it";
const secrets = [
  ["slack", "url", "channel_id", "oauth_token"],
  ["pagerduty", "integration_key"],
  ["microsoft_teams", "url", "channel_url", "auth_secret", "tenant_id", "app_id"],
  ["generic_webhook", "url", "username", "password"],
].flatMap(([kind = "", ...fields]) => fields.map((field) => `config.${kind}.${field}`));

/** A destination of notifications: mail, Slack, Teams, PagerDuty, a webhook. */
export const notificationDestination = byId({
  type: "databricks_notification_destination",
  title: "notification destination",
  traits: { secret: true, named: {}, walked: "the notification destinations" },
  calls: urls("/api/2.0/notification-destinations"),
  idField: "id",
  nameField: "display_name",
  items: "results",
  // The list contains only names.
  omitted: ["config"],
  listsNames: true,
  readOnly: ["destination_type"],
  shape: { absent: new Set(["*.url_set", "*.channel_id_set", "*.oauth_token_set", "*.integration_key_set"].concat(
    ["*.username_set", "*.password_set", "*.channel_url_set", "*.auth_secret_set", "*.tenant_id_set", "*.app_id_set"])) }, // prettier-ignore
  rules: { unverifiable: Object.fromEntries(secrets.map((path) => [path, kept])), keyed: { "config.email.addresses": "*" } },
});
