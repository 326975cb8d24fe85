import { securable } from "../families/unity-catalog";
import type { Attributes, Value } from "../kind";
import { object, optionalText, type Json } from "../shape/json";
import { stateOf } from "../shape/sdk-state";
import { blockOf } from "../shape/schema";

/** Options that the platform does not return. The state therefore keeps the code's values. */
const secretOptions = [
  "user",
  "password",
  "personalAccessToken",
  "access_token",
  "client_secret",
  "pem_private_key",
  "OAuthPvtKey",
  "GoogleServiceAccountKeyJson",
  "bearer_token",
];
/** Options that the platform computes. */
const computedOptions = ["pem_private_key_expiration_epoch_sec", "access_token_expiration"];

const withoutOptions = (options: Value | undefined, names: readonly string[]): Json =>
  Object.fromEntries(Object.entries(object(options)).filter(([name]) => !names.includes(name)));
/** Whether the options are equal, except those that the platform computes or does not return. */
function sameOptions(a: Value, b: Value): boolean {
  const serialized = (value: Value): string =>
    JSON.stringify(
      Object.entries(withoutOptions(value, [...secretOptions, ...computedOptions])).sort(),
    );
  return serialized(a) === serialized(b);
}

/** A connection to another database system, for foreign catalogs. */
export const connection = securable({
  type: "databricks_connection",
  title: "connection",
  traits: {
    lostOnDestroy: "connection",
    secret: true,
    securable: "foreign_connection",
    securableNameField: "name",
    unmanagedTitle: "the connections",
  },
  collection: "connections",
  page: "connections",
  fullName: ["name"],
  stateId: {
    of: (item) => `${optionalText(item.metastore_id) ?? ""}|${optionalText(item.name) ?? ""}`,
    name: (id) => id.slice(id.indexOf("|") + 1),
  },
  create: [
    "name",
    "connection_type",
    "options",
    "comment",
    "properties",
    "read_only",
    "environment_settings",
  ],
  update: ["options", "environment_settings"],
  updateOverrides: ({ options }) => ({ options: withoutOptions(options, computedOptions) }),
  afterCreate: ["owner"],
  checksMetastore: "exceptDeletes",
  unset: { owner: null },
  forceAttributes: {},
  rules: {
    backendDefaults: {
      owner: { reason: "the creator, if the code sets no owner", when: () => true },
      read_only: { reason: "decided by the type of connection", when: () => true },
      properties: { reason: "the platform adds its own", when: () => true },
    },
    equivalent: { options: sameOptions },
    unverifiable: Object.fromEntries(
      secretOptions.map((name) => [`options.${name}`, "the platform does not return it"]),
    ),
    immutable: Object.fromEntries(
      ["comment", "connection_type", "properties", "read_only"].map((field) => [
        field,
        "only set when a connection is created",
      ]),
    ),
  },
  // Keep the code's values of secret options, which the platform does not return.
  toState: (remote, before, _why, fresh) => {
    const known = object(before.options);
    const secrets = Object.fromEntries(
      secretOptions.flatMap((name) =>
        known[name] === undefined ? [] : [[name, known[name] as Value]],
      ),
    );
    const options = {
      ...(withoutOptions(remote.attributes.options, secretOptions) as Attributes),
      ...secrets,
    };
    return stateOf(
      blockOf("databricks_connection"),
      before,
      { ...remote, attributes: { ...remote.attributes, options } },
      fresh,
    );
  },
});
