import type { Backend } from "./backend";
import { ConstructError, oneOf } from "./errors";
import { nameProblem, nameRules } from "./names";
import { isWorkspaceId } from "./workspace-choice";

/**
 * The severity with which review reports the findings of a policy. `off` disables the policy in
 * this environment.
 */
export type PolicySeverity = "off" | "info" | "warning" | "error";

/**
 * The setting of a review policy in one environment: a severity, or an object with further settings
 * (`{ severity: "warning", max: 4 }`).
 */
export type PolicySetting =
  | PolicySeverity
  | {
      /** The severity of the findings. @default - the policy's own */
      readonly severity?: PolicySeverity;
      readonly [setting: string]: unknown;
    };

/** The identity that jobs run as: exactly one of the two properties. */
export type RunAs =
  | {
      /** The e-mail address of a user. */
      readonly userName: string;
      readonly servicePrincipalName?: never;
    }
  | {
      /** The application id of a service principal. */
      readonly servicePrincipalName: string;
      readonly userName?: never;
    };

/**
 * Recipients of failure notifications, for every workflow of the environment that sets no
 * recipients for failures in the same channel (e-mail or webhook).
 */
export interface NotificationTargets {
  /** E-mail addresses to notify of each failed run. */
  readonly onFailure?: readonly string[];
  /** Ids of notification destinations (webhooks) to notify of each failed run. */
  readonly onFailureWebhooks?: readonly string[];
}

/**
 * An intentional difference from the other environments, with its reason. Construct paths (without
 * the name of the stack) and field paths may contain globs.
 */
export interface AllowedDifference {
  /** The construct path. @default - every construct */
  readonly path?: string;
  /** The Terraform type: `databricks_cluster`. @default - every type */
  readonly kind?: string;
  /** The field path: `autoscale.max_workers`. @default - every field */
  readonly field?: string;
  /** Why the environments may differ. */
  readonly reason: string;
}

/**
 * Everything that may differ between environments. `Values` is the type of your own settings, such
 * as sizes, paths and limits, which a stack reads from `stack.environment.values`. Keep all
 * differences in the profiles, so that the code of a stack is the same in every environment.
 */
export interface EnvironmentProfile<Values = unknown> {
  /** The name, which is the last part of each stack's name: `dev`, `prod`. */
  readonly name: string;
  /** The Terraform provider. @default "official", the provider of the Terraform registry */
  readonly provider?: "embedded" | "official";
  /**
   * The address of the workspace: `https://adb-….azuredatabricks.net`.
   * @default - LAKEFORM_<ENVIRONMENT>_HOST when a command runs, else DATABRICKS_HOST
   */
  readonly host?: string;
  /**
   * The number after `?o=` in the address of the workspace. It is written into every resource and
   * data source (`provider_config`), so that a deploy with the credentials of another workspace
   * fails. Requires cdktn.
   * @default - not written: the provider uses the workspace of its credentials
   */
  readonly workspaceId?: string;
  /** The name of a profile in `.databrickscfg`. @default - the environment variables */
  readonly databricksProfile?: string;
  /** Where the state is stored. @default local: `.lakeform/state/<stack>.tfstate` */
  readonly backend?: Backend;
  /**
   * A prefix for the names of jobs, clusters, policies, pools, warehouses, pipelines, dashboards,
   * queries, alerts and notification destinations.
   * @default - none
   */
  readonly namePrefix?: string;
  /**
   * Tags of all jobs, clusters, pools, warehouses and pipelines. Tags in the code of a construct
   * take precedence.
   * @default - none
   */
  readonly tags?: Readonly<Record<string, string>>;
  /** `off` deploys every schedule, trigger and continuous job paused. @default "on" */
  readonly schedules?: "on" | "off";
  /** The identity that jobs run as. @default - the deploying identity */
  readonly runAs?: RunAs;
  /** The recipients of failure notifications, for workflows without their own. @default - none */
  readonly notifications?: NotificationTargets;
  /**
   * The settings of review policies by id (`max-workers`).
   * @default - each policy's own severity and settings
   */
  readonly policies?: Readonly<Record<string, PolicySetting>>;
  /**
   * Whether this is a production environment, for which some policies are stricter.
   * @default - true if the name starts with `prod` and the provider is the official one
   */
  readonly production?: boolean;
  /**
   * Whether the environment is part of the promotion order.
   * @default - true unless it is named `local`
   */
  readonly promoted?: boolean;
  /**
   * The allowed differences from other environments.
   * @default - none: `lakeform diff` reports all other differences
   */
  readonly allowedDifferences?: readonly AllowedDifference[];
  /** Your own settings. */
  readonly values: Values;
  /**
   * The names of the promoted environments in order, set by {@link defineEnvironments}. `lakeform
   * promote` does not go backwards or skip an environment.
   */
  readonly promotionOrder?: readonly string[];
}

/** The environments of a project, in the order of promotion. */
export type Environments<Values> = readonly EnvironmentProfile<Values>[];

/**
 * Checks the profiles of a project, given in the order of promotion, and returns them.
 * @throws ConstructError BAD_ENVIRONMENT for an invalid profile, a duplicate name, or two
 * environments with the same workspace or the same profile of .databrickscfg
 *
 * @example
 * const environments = defineEnvironments<{ workers: number }>([
 *   { name: "dev", values: { workers: 1 }, schedules: "off" },
 *   { name: "prod", values: { workers: 8 }, databricksProfile: "prod" },
 * ]);
 */
export function defineEnvironments<Values>(
  profiles: readonly EnvironmentProfile<Values>[],
): Environments<Values> {
  const ownersByKey = new Map<string, string>();
  for (const profile of profiles) {
    const problem = nameProblem(nameRules.stack, profile.name);
    if (problem !== undefined)
      throw invalidProfile(
        profile,
        `the name of an environment ${problem}`,
        profile.name,
        nameRules.stack.allowed,
      );
    for (const { label, key } of uniqueSettings(profile)) {
      const owner = ownersByKey.get(key);
      if (owner !== undefined) {
        throw invalidProfile(
          profile,
          `${label} is already used by ${owner}`,
          key,
          "each environment needs its own name and workspace",
        );
      }
      ownersByKey.set(key, profile.name);
    }
    checkHost(profile);
    if (profile.workspaceId !== undefined && !isWorkspaceId(profile.workspaceId))
      throw invalidProfile(
        profile,
        "the workspace id must be a number",
        profile.workspaceId,
        "the digits after ?o= in the address of the workspace",
      );
    checkBackend(profile);
    if (profile.namePrefix !== undefined && !/^[\w .@+-]{0,64}$/.test(profile.namePrefix)) {
      throw invalidProfile(
        profile,
        "invalid name prefix",
        profile.namePrefix,
        "up to 64 letters, digits, spaces, _ . @ + and -",
      );
    }
    for (const difference of profile.allowedDifferences ?? []) {
      if (difference.reason.trim() === "")
        throw invalidProfile(
          profile,
          "an allowed difference needs a reason",
          JSON.stringify(difference),
          "a sentence",
        );
    }
  }
  const isPromoted = (profile: EnvironmentProfile): boolean =>
    profile.promoted ?? profile.name !== "local";
  const promotionOrder = profiles.filter(isPromoted).map(({ name }) => name);
  return profiles.map((profile) =>
    isPromoted(profile) ? { ...profile, promotionOrder } : profile,
  );
}

/** A setting that no two environments may have in common. */
interface UniqueSetting {
  /** What the message calls the setting: `the workspace`. */
  readonly label: string;
  /** The kind and the value of the setting: `host https://…`. */
  readonly key: string;
}

/** Returns the settings that must be unique: the name, and each way to select the workspace. */
function uniqueSettings({
  name,
  host,
  workspaceId,
  databricksProfile,
}: EnvironmentProfile): readonly UniqueSetting[] {
  return [
    { label: "the name", key: `name ${name}` },
    ...(host === undefined
      ? []
      : [{ label: "the workspace", key: `host ${host.toLowerCase().replace(/\/+$/, "")}` }]),
    ...(workspaceId === undefined
      ? []
      : [{ label: "the workspace id", key: `workspace ${workspaceId}` }]),
    ...(databricksProfile === undefined
      ? []
      : [{ label: "the profile of .databrickscfg", key: `profile ${databricksProfile}` }]),
  ];
}

function checkHost(profile: EnvironmentProfile): void {
  if (profile.host !== undefined)
    checkUrl(profile, "the host", profile.host, "environment variables");
}

function checkBackend(profile: EnvironmentProfile): void {
  if (profile.backend?.kind === "http")
    checkUrl(
      profile,
      "the address of the http backend",
      profile.backend.address,
      "TF_HTTP_USERNAME and TF_HTTP_PASSWORD",
    );
}

/**
 * Checks that a setting is an http or https URL without credentials. The error hides credentials.
 * @param variables the environment variables for the credentials
 */
function checkUrl(
  profile: EnvironmentProfile,
  setting: string,
  address: string,
  variables: string,
): void {
  let url: URL | undefined;
  try {
    url = new URL(address);
  } catch {
    // not a URL
  }
  if (url === undefined || !["http:", "https:"].includes(url.protocol))
    throw invalidProfile(
      profile,
      `${setting} is not a URL`,
      address.replace(/^.*@/s, "<credentials>@"),
      "https://<server>",
    );
  if (url.username !== "" || url.password !== "")
    throw invalidProfile(
      profile,
      `${setting} contains credentials`,
      url.host,
      `a URL without credentials; set them in ${variables}`,
    );
}

function invalidProfile(
  profile: EnvironmentProfile,
  message: string,
  value: string,
  allowed: string,
): ConstructError {
  return new ConstructError("BAD_ENVIRONMENT", `environment ${profile.name}: ${message}`, {
    value,
    allowed,
    fix: "correct the profile in defineEnvironments",
  });
}

/** Returns the profile with a name. @throws ConstructError UNKNOWN_ENVIRONMENT */
export function environmentNamed<Values>(
  environments: Environments<Values>,
  name: string,
): EnvironmentProfile<Values> {
  const profile = environments.find((environment) => environment.name === name);
  if (profile !== undefined) return profile;
  throw new ConstructError("UNKNOWN_ENVIRONMENT", "unknown environment", {
    value: name,
    allowed: oneOf(environments.map((environment) => environment.name)),
    fix: "use one of these names, or add the environment to defineEnvironments",
  });
}

/**
 * Returns the settings of a profile that review and promote read, as plain JSON: all except the
 * name, the host, the provider, the profile of .databrickscfg and `promoted`, and only the kind of
 * the backend.
 */
export function profileSettings(profile: EnvironmentProfile): Record<string, unknown> {
  const settings: Record<string, unknown> = {
    namePrefix: profile.namePrefix,
    tags: profile.tags,
    schedules: profile.schedules ?? "on",
    runAs: profile.runAs,
    workspaceId: profile.workspaceId,
    notifications: profile.notifications,
    policies: profile.policies,
    production: profile.production,
    promotionOrder: profile.promotionOrder,
    allowedDifferences: profile.allowedDifferences,
    values: profile.values,
    backend: profile.backend?.kind ?? "local",
  };
  // The JSON round trip drops settings that are not set, and serializes value classes with toJSON.
  return JSON.parse(JSON.stringify(settings)) as Record<string, unknown>;
}
