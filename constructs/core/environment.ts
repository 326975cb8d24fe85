import type { Backend } from "./backend";
import { ConstructError, oneOf } from "./errors";
import { nameProblem, nameRules } from "./names";
import { isWorkspaceId } from "./workspace-choice";

/**
 * The severity with which review reports a policy's findings; `off` disables the policy in this
 * environment.
 */
export type PolicySeverity = "off" | "info" | "warning" | "error";

/**
 * The settings of a review policy in one environment: its severity alone, or an object with further
 * settings (`{ severity: "warning", max: 4 }`).
 */
export type PolicySetting =
  PolicySeverity | { readonly severity?: PolicySeverity; readonly [setting: string]: unknown };

/** The identity that jobs run as: exactly one of the two. */
export type RunAs =
  | { readonly userName: string; readonly servicePrincipalName?: never }
  | { readonly servicePrincipalName: string; readonly userName?: never };

/** Recipients of run notifications: added to every workflow of the environment that sets none. */
export interface NotificationTargets {
  /** E-mail addresses notified of each failed run. */
  readonly onFailure?: readonly string[];
  /** Ids of notification destinations (webhooks) notified of each failed run. */
  readonly onFailureWebhooks?: readonly string[];
}

/**
 * An intentional difference from the other environments, with the reason. Globs over construct
 * paths (without the stack's name) and field paths.
 */
export interface AllowedDifference {
  readonly path?: string;
  readonly kind?: string;
  readonly field?: string;
  readonly reason: string;
}

/**
 * Everything that may differ between environments. `Values` is your own part (sizes, paths,
 * limits), typed: a stack reads it as `stack.environment.values`, so a difference between
 * environments can only come from here.
 */
export interface EnvironmentProfile<Values = unknown> {
  /** `dev`, `prod`: the last part of each stack's name. */
  readonly name: string;
  /** @default "official", the provider of the Terraform registry */
  readonly provider?: "embedded" | "official";
  /** `https://adb-….azuredatabricks.net`. @default - DATABRICKS_HOST when a command runs */
  readonly host?: string;
  /**
   * The number after `?o=` in the address of the workspace: written into every resource and data
   * source (`provider_config`), so that a deploy with the credentials of another workspace is
   * refused. With cdktn only.
   * @default - the provider's workspace
   */
  readonly workspaceId?: string;
  /** A profile of `.databrickscfg`. @default - the environment variables */
  readonly databricksProfile?: string;
  /** @default local: `.lakeform/state/<stack>.tfstate` */
  readonly backend?: Backend;
  /**
   * Prefix for the name of every job, cluster, policy, pool, warehouse, pipeline, query, alert and
   * notification destination.
   * @default -
   * none
   */
  readonly namePrefix?: string;
  /** Tags on everything that supports tags. @default - only the stamp */
  readonly tags?: Readonly<Record<string, string>>;
  /** `off` deploys every schedule, trigger and continuous job paused. @default "on" */
  readonly schedules?: "on" | "off";
  /** @default - the deploying identity */
  readonly runAs?: RunAs;
  readonly notifications?: NotificationTargets;
  /** Review policies by id (`max-workers`). @default - each policy's severity and settings */
  readonly policies?: Readonly<Record<string, PolicySetting>>;
  /**
   * Some policies are stricter in production.
   * @default - true if the name starts with `prod` and the provider is the official one
   */
  readonly production?: boolean;
  /** Whether it is part of the promotion order. @default - true unless it is named `local` */
  readonly promoted?: boolean;
  /** @default - none: `lakeform diff` reports every other difference as not allowed */
  readonly allowedDifferences?: readonly AllowedDifference[];
  /** Your own values, typed. */
  readonly values: Values;
  /**
   * Set by {@link defineEnvironments}: the names of the promoted environments, in order.
   * `lakeform promote` refuses to go back or to skip one.
   */
  readonly promotionOrder?: readonly string[];
}

/** The environments of a project, in the order of promotion. */
export type Environments<Values> = readonly EnvironmentProfile<Values>[];

/**
 * Checks the profiles of a project, given in promotion order, and returns them.
 *
 * @throws ConstructError BAD_ENVIRONMENT for a bad or repeated name, two environments in one
 * workspace, an invalid host URL, credentials in a backend
 * @example
 * const environments = defineEnvironments<{ workers: number }>([
 *   { name: "dev", values: { workers: 1 }, schedules: "off" },
 *   { name: "prod", values: { workers: 8 }, databricksProfile: "prod" },
 * ]);
 */
export function defineEnvironments<Values>(
  profiles: readonly EnvironmentProfile<Values>[],
): Environments<Values> {
  const seen = new Map<string, string>();
  for (const profile of profiles) {
    const wrong = nameProblem(nameRules.stack, profile.name);
    if (wrong !== undefined)
      throw bad(
        profile,
        `the name of an environment ${wrong}`,
        profile.name,
        nameRules.stack.allowed,
      );
    for (const [claim, value] of claims(profile)) {
      const other = seen.get(value);
      if (other !== undefined) {
        throw bad(
          profile,
          `${claim} is already used by ${other}`,
          value,
          "each environment needs its own name and workspace",
        );
      }
      seen.set(value, profile.name);
    }
    checkHost(profile);
    if (profile.workspaceId !== undefined && !isWorkspaceId(profile.workspaceId))
      throw bad(
        profile,
        "the id of a workspace is a number",
        profile.workspaceId,
        "the digits after ?o= in its address",
      );
    checkBackend(profile);
    if (profile.namePrefix !== undefined && !/^[\w .@+-]{0,64}$/.test(profile.namePrefix)) {
      throw bad(
        profile,
        "the name prefix contains an invalid character",
        profile.namePrefix,
        "up to 64 letters, digits, spaces, _ . @ + and -",
      );
    }
    for (const difference of profile.allowedDifferences ?? []) {
      if (difference.reason.trim() === "")
        throw bad(
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

function claims(profile: EnvironmentProfile): readonly (readonly [string, string])[] {
  const host = profile.host?.toLowerCase().replace(/\/+$/, "");
  return [
    ["the name", `name ${profile.name}`],
    ...(host === undefined ? [] : [["the workspace", `host ${host}`] as const]),
    ...(profile.workspaceId === undefined
      ? []
      : [["the id of the workspace", `workspace ${profile.workspaceId}`] as const]),
    ...(profile.databricksProfile === undefined
      ? []
      : [["the profile of .databrickscfg", `profile ${profile.databricksProfile}`] as const]),
  ];
}

function checkHost(profile: EnvironmentProfile): void {
  if (profile.host === undefined) return;
  let url: URL;
  try {
    url = new URL(profile.host);
  } catch {
    throw bad(profile, "the host is not a URL", profile.host, "https://<workspace>");
  }
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw bad(profile, "the host is not a URL", profile.host, "https://<workspace>");
  if (url.username !== "" || url.password !== "")
    throw bad(
      profile,
      "the host contains credentials",
      url.host,
      "credentials come from the environment",
    );
}

function checkBackend(profile: EnvironmentProfile): void {
  const backend = profile.backend;
  if (backend?.kind !== "http") return;
  const url = new URL(backend.address);
  if (url.username !== "" || url.password !== "") {
    throw bad(
      profile,
      "the address of the http backend contains credentials",
      url.host,
      "TF_HTTP_USERNAME and TF_HTTP_PASSWORD",
    );
  }
}

function bad(
  profile: EnvironmentProfile,
  message: string,
  value: string,
  allowed: string,
): ConstructError {
  return new ConstructError("BAD_ENVIRONMENT", `environment ${profile.name}: ${message}`, {
    value,
    allowed,
    fix: "fix the profile",
  });
}

/** One profile by its name. @throws ConstructError UNKNOWN_ENVIRONMENT */
export function environmentNamed<Values>(
  environments: Environments<Values>,
  name: string,
): EnvironmentProfile<Values> {
  const found = environments.find((profile) => profile.name === name);
  if (found !== undefined) return found;
  throw new ConstructError("UNKNOWN_ENVIRONMENT", "unknown environment", {
    value: name,
    allowed: oneOf(environments.map((profile) => profile.name)),
    fix: "use one of these names, or add the environment to defineEnvironments",
  });
}

/** The profile for review and promote as plain JSON: everything except the connection. */
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
  // A JSON round trip: value classes serialize with toJSON, unset settings are dropped.
  return JSON.parse(JSON.stringify(settings)) as Record<string, unknown>;
}
