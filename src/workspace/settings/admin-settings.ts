/**
 * Settings for admins: IP access lists, notification destinations, global init scripts and instance
 * profiles.
 */
import { invalid, missing, exists, type JsonObject, type JsonValue } from "../errors";
import type { Fields } from "../fields";
import { renderChanges, restRoutes, type StoredObject } from "../rest-objects";
import type { WorkspaceApp } from "../routes";

/** Returns a string that a create requires and an update may omit. */
const stringOrPrevious = (
  name: string,
  input: Fields,
  previous: JsonObject | undefined,
): JsonValue | undefined =>
  previous === undefined ? input.string(name) : (input.optionalString(name) ?? previous[name]);

/** Fields of destinations that responses replace by `<field>_set`, which is true or false. */
const SECRET_FIELDS: Readonly<Record<string, readonly string[]>> = {
  slack: ["url", "channel_id", "oauth_token"],
  pagerduty: ["integration_key"],
  microsoft_teams: ["url", "channel_url", "auth_secret", "tenant_id", "app_id"],
  generic_webhook: ["url", "username", "password"],
};
const destinationTypes: Readonly<Record<string, string>> = {
  slack: "SLACK",
  pagerduty: "PAGERDUTY",
  microsoft_teams: "MICROSOFT_TEAMS",
  generic_webhook: "WEBHOOK",
  email: "EMAIL",
};

export function settingsRoutes(app: WorkspaceApp): void {
  restRoutes(
    app,
    {
      title: "IP access list",
      path: "/ip-access-lists",
      collection: "ip_access_lists",
      admin: true,
      items: "ip_access_lists",
      parseSettings: (input, previous) => {
        const list_type =
          input.optionalEnum("list_type", ["ALLOW", "BLOCK"]) ?? previous?.list_type;
        const label = stringOrPrevious("label", input, previous);
        if (list_type === undefined) throw invalid("Missing required field: list_type");
        const ip_addresses = input.optionalStrings("ip_addresses") ?? previous?.ip_addresses ?? [];
        const invalidAddress = (ip_addresses as string[]).find(
          (address) => !/^[\d.]+(\/\d{1,2})?$/.test(address),
        );
        if (invalidAddress !== undefined)
          throw invalid(
            `${invalidAddress.slice(0, 100)} is not a valid IPv4 address or CIDR range.`,
          );
        return {
          label,
          list_type,
          ip_addresses,
          enabled: input.optionalBoolean("enabled") ?? previous?.enabled ?? true,
        };
      },
      render: (object) => ({
        list_id: object.id,
        ...object.settings,
        address_count: (object.settings.ip_addresses as string[]).length,
        ...renderChanges(object),
      }),
      renderOne: (ip_access_list) => ({ ip_access_list }),
    },
    ["PATCH", "PUT"],
  );
  restRoutes(app, {
    title: "Notification destination",
    path: "/notification-destinations",
    collection: "notification_destinations",
    unique: "display_name",
    admin: true,
    items: "results",
    parseSettings: (input, previous) => {
      const display_name = stringOrPrevious("display_name", input, previous);
      const config = input.optionalObject("config") ?? (previous?.config as JsonObject | undefined);
      const kinds = Object.keys(config ?? {}).filter(
        (kind) => destinationTypes[kind] !== undefined,
      );
      if (config === undefined || kinds.length !== 1)
        throw invalid(
          `config must have exactly one of ${Object.keys(destinationTypes).join(", ")}.`,
        );
      return { display_name, config };
    },
    render: ({ id, settings }) => {
      const [kind, destination] = Object.entries(settings.config as JsonObject)[0] ?? ["", {}];
      const secrets = SECRET_FIELDS[kind] ?? [];
      const values = Object.entries((destination ?? {}) as JsonObject).map(([name, value]) =>
        secrets.includes(name) ? [`${name}_set`, value !== ""] : [name, value],
      );
      const config = { [kind]: Object.fromEntries(values) as JsonObject };
      return {
        id,
        display_name: settings.display_name,
        destination_type: destinationTypes[kind] ?? "",
        config,
      };
    },
    renderListItem: ({ id, display_name, destination_type }) => ({
      id,
      display_name,
      destination_type,
    }),
  });
  restRoutes(app, {
    title: "Global init script",
    path: "/global-init-scripts",
    collection: "global_init_scripts",
    unique: "name",
    admin: true,
    items: "scripts",
    parseSettings: (input, previous) => {
      const name = stringOrPrevious("name", input, previous);
      const script = stringOrPrevious("script", input, previous);
      if (Buffer.from(script as string, "base64").length > 65_536)
        throw invalid("The script is longer than 64 KiB.");
      const scriptCount = app.store.collection<StoredObject>("global_init_scripts").count();
      // A new script is at the end of the list by default. No position is beyond the end.
      const lastPosition = previous === undefined ? scriptCount : Math.max(0, scriptCount - 1);
      const requestedPosition =
        input.optionalInteger("position") ?? (previous?.position as number | undefined);
      const position = Math.min(requestedPosition ?? scriptCount, lastPosition);
      return {
        name,
        script,
        position,
        enabled: input.optionalBoolean("enabled") ?? previous?.enabled ?? false,
      };
    },
    render: (object) => ({ script_id: object.id, ...object.settings, ...renderChanges(object) }),
    renderCreated: ({ script_id }) => ({ script_id }),
    renderListItem: ({ script: _script, ...otherFields }) => otherFields,
  });
  instanceProfileRoutes(app);
}

interface Profile {
  readonly instance_profile_arn: string;
  readonly iam_role_arn?: string;
  readonly is_meta_instance_profile: boolean;
}

function instanceProfileRoutes(app: WorkspaceApp): void {
  const profiles = app.store.collection<Profile>("instance_profiles");
  const parseArn = (arn: string): string => {
    if (!/^arn:[\w-]+:iam::\d{12}:instance-profile\/.{1,300}$/.test(arn))
      throw invalid(`${arn.slice(0, 200)} is not the ARN of an instance profile.`);
    return arn;
  };
  app.post(
    ["2.0"],
    "/instance-profiles/add",
    async ({ input }) => {
      const instance_profile_arn = parseArn(input.string("instance_profile_arn"));
      const role = input.optionalString("iam_role_arn") ?? "";
      const is_meta_instance_profile = input.boolean("is_meta_instance_profile", false);
      await app.store.write(() => {
        if (profiles.has(instance_profile_arn))
          throw exists(`Instance profile ${instance_profile_arn} already exists.`);
        profiles.put(instance_profile_arn, {
          instance_profile_arn,
          is_meta_instance_profile,
          ...(role !== "" && { iam_role_arn: role }),
        });
      });
      return undefined;
    },
    { admin: true },
  );
  app.post(
    ["2.0"],
    "/instance-profiles/edit",
    async ({ input }) => {
      const arn = parseArn(input.string("instance_profile_arn"));
      const role = input.optionalString("iam_role_arn") ?? "";
      await app.store.write(() => {
        const profile = profiles.get(arn);
        if (profile === undefined) throw missing(`Instance profile ${arn} does not exist.`);
        // To remove the role, clients send the profile's ARN in iam_role_arn.
        const { iam_role_arn: _role, ...otherFields } = profile;
        profiles.put(
          arn,
          role === arn ? otherFields : { ...profile, ...(role !== "" && { iam_role_arn: role }) },
        );
      });
      return undefined;
    },
    { admin: true },
  );
  app.post(
    ["2.0"],
    "/instance-profiles/remove",
    async ({ input }) => {
      const arn = parseArn(input.string("instance_profile_arn"));
      await app.store.write(() => {
        if (!profiles.has(arn)) throw missing(`Instance profile ${arn} does not exist.`);
        profiles.remove(arn);
      });
      return undefined;
    },
    { admin: true },
  );
  app.get(["2.0"], "/instance-profiles/list", () => ({ instance_profiles: profiles.values() }));
}
