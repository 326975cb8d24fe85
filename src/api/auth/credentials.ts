import { defined } from "../../defined";
import { LakeformError } from "../../errors";
import { profileFilePath, readProfileFile } from "./profile-file";
import { Secret } from "../transport/secret";

export type AuthType = "pat" | "basic" | "oauth-m2m" | "azure-client-secret";

/**
 * The address of a workspace and its credentials. A value that is not set here is read from the
 * environment, and then from the profile.
 */
export interface CredentialOptions {
  readonly host?: string | undefined;
  readonly token?: string | Secret | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | Secret | undefined;
  readonly azureClientId?: string | undefined;
  readonly azureClientSecret?: string | Secret | undefined;
  readonly azureTenantId?: string | undefined;
  readonly azureWorkspaceResourceId?: string | undefined;
  /** @default `https://login.microsoftonline.com` */
  readonly azureLoginEndpoint?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | Secret | undefined;
  /** Selects the method if more than one is configured. */
  readonly authType?: AuthType | undefined;
  /** A section of the profile file. @default DATABRICKS_CONFIG_PROFILE */
  readonly profile?: string | undefined;
  /** The profile file. @default DATABRICKS_CONFIG_FILE, else `.databrickscfg` in the home folder */
  readonly configFile?: string | undefined;
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

export interface Credentials {
  /** `https://host`, without a trailing slash. */
  readonly host: string;
  /** Whether the host was given without a scheme, so that https was assumed. */
  readonly schemeAssumed: boolean;
  readonly authType: AuthType;
  readonly token?: Secret;
  readonly clientId?: string;
  readonly clientSecret?: Secret;
  readonly azureClientId?: string;
  readonly azureClientSecret?: Secret;
  readonly azureTenantId?: string;
  readonly azureWorkspaceResourceId?: string;
  readonly azureLoginEndpoint?: string;
  readonly username?: string;
  readonly password?: Secret;
  readonly profile?: string;
  /** The source of each value, for messages: `token: environment DATABRICKS_TOKEN`. */
  readonly sources: Readonly<Record<string, string>>;
}

/** Each field with its environment variables and its key in a profile. */
const fields = [
  ["host", ["DATABRICKS_HOST"], "host"],
  ["token", ["DATABRICKS_TOKEN"], "token"],
  ["clientId", ["DATABRICKS_CLIENT_ID"], "client_id"],
  ["clientSecret", ["DATABRICKS_CLIENT_SECRET"], "client_secret"],
  ["azureClientId", ["ARM_CLIENT_ID"], "azure_client_id"],
  ["azureClientSecret", ["ARM_CLIENT_SECRET"], "azure_client_secret"],
  ["azureTenantId", ["ARM_TENANT_ID"], "azure_tenant_id"],
  ["azureWorkspaceResourceId", ["DATABRICKS_AZURE_RESOURCE_ID"], "azure_workspace_resource_id"],
  ["azureLoginEndpoint", ["AZURE_AUTHORITY_HOST"], "azure_login_endpoint"],
  ["username", ["DATABRICKS_USERNAME"], "username"],
  ["password", ["DATABRICKS_PASSWORD"], "password"],
  ["authType", ["DATABRICKS_AUTH_TYPE"], "auth_type"],
] as const;
type Field = (typeof fields)[number][0];

/**
 * The authorization methods, in the official order. A method is configured if one of its identifying
 * fields is set, and complete if all its required fields are set.
 */
const methods: readonly {
  readonly type: AuthType;
  readonly family: string;
  readonly requiredFields: readonly Field[];
  readonly identifyingFields: readonly Field[];
}[] = [
  { type: "pat", family: "pat", requiredFields: ["token"], identifyingFields: ["token"] },
  {
    type: "basic",
    family: "basic",
    requiredFields: ["username", "password"],
    identifyingFields: ["password"],
  },
  {
    type: "oauth-m2m",
    family: "oauth",
    requiredFields: ["clientId", "clientSecret"],
    identifyingFields: ["clientSecret"],
  },
  {
    type: "azure-client-secret",
    family: "azure",
    requiredFields: ["azureClientId", "azureClientSecret", "azureTenantId"],
    identifyingFields: ["azureClientSecret"],
  },
];

/**
 * Resolves host and authorization in the official order: explicit values, environment, profile. The
 * profile file is read only if a profile is named, or if neither host nor authorization is set.
 * @throws LakeformError `NO_HOST`, `BAD_HOST`, `NO_CREDENTIALS`, `CONFLICTING_CREDENTIALS`,
 * `INCOMPLETE_CREDENTIALS`, `UNKNOWN_AUTH_TYPE`, `UNKNOWN_PROFILE`, `PROFILE_FILE_UNREADABLE`
 */
export function resolveCredentials(options: CredentialOptions = {}): Credentials {
  const env = options.env ?? process.env;
  const values = new Map<Field, { value: string; source: string }>();
  for (const [field, variables] of fields) {
    const explicit = options[field];
    if (explicit !== undefined && explicit !== "") {
      values.set(field, {
        value: explicit instanceof Secret ? explicit.reveal() : explicit,
        source: "given",
      });
      continue;
    }
    const variable = variables.find((name) => env[name] !== undefined && env[name] !== "");
    if (variable !== undefined)
      values.set(field, { value: env[variable] ?? "", source: `environment ${variable}` });
  }
  const profile = loadProfile(options, env, values);
  const host = values.get("host");
  if (host === undefined) {
    throw new LakeformError("NO_HOST", "no workspace is configured", {
      fix: "pass --host, set DATABRICKS_HOST, or name a profile of .databrickscfg with --profile",
    });
  }
  const authType = chooseMethod(values);
  const text = (field: Field): string | undefined => values.get(field)?.value;
  const optional: Record<string, unknown> = {};
  for (const [field] of fields) {
    const value = text(field);
    if (value === undefined || field === "host" || field === "authType") continue;
    optional[field] = secretFields.has(field) ? new Secret(value) : value;
  }
  const sources: Record<string, string> = {};
  for (const [field, { source }] of values) sources[field] = source;
  return { ...optional, ...parseHost(host.value), authType, ...defined({ profile }), sources };
}

/** The fields that are wrapped in a `Secret`. */
const secretFields: ReadonlySet<Field> = new Set<Field>([
  "token",
  "clientSecret",
  "azureClientSecret",
  "password",
]);

/**
 * Adds the values of the profile that are not set yet.
 * @returns the name of the profile; undefined if none was read
 */
function loadProfile(
  options: CredentialOptions,
  env: NodeJS.ProcessEnv,
  values: Map<Field, { value: string; source: string }>,
): string | undefined {
  const selectedProfile =
    options.profile ??
    (env["DATABRICKS_CONFIG_PROFILE"] === "" ? undefined : env["DATABRICKS_CONFIG_PROFILE"]);
  const isUnconfigured =
    !values.has("host") &&
    !methods.some((method) => method.identifyingFields.some((field) => values.has(field)));
  if (selectedProfile === undefined && !isUnconfigured) return undefined;
  const file = profileFilePath(env, options.configFile);
  const profiles = readProfileFile(file);
  const name = selectedProfile ?? profiles?.get("__settings__")?.["default_profile"] ?? "DEFAULT";
  const section = profiles?.get(name);
  if (
    section === undefined ||
    (selectedProfile !== undefined && Object.keys(section).length === 0)
  ) {
    if (selectedProfile === undefined) return undefined;
    const profileNames = [...(profiles?.keys() ?? [])].filter(
      (candidate) =>
        candidate !== "__settings__" && Object.keys(profiles?.get(candidate) ?? {}).length > 0,
    );
    throw new LakeformError(
      "UNKNOWN_PROFILE",
      profiles === undefined
        ? "the profile file .databrickscfg does not exist"
        : "no such connection profile",
      {
        value: selectedProfile,
        path: file,
        ...(profileNames.length > 0 ? { allowed: profileNames.join(", ") } : {}),
        fix: `add a section [${selectedProfile}] with host and token to ${file}`,
      },
    );
  }
  for (const [field, , key] of fields) {
    const value = section[key];
    if (!values.has(field) && value !== undefined && value !== "")
      values.set(field, { value, source: `profile ${name}` });
  }
  return name;
}

function chooseMethod(values: Map<Field, { value: string; source: string }>): AuthType {
  const configuredType = values.get("authType")?.value;
  if (configuredType !== undefined) {
    const method = methods.find((candidate) => candidate.type === configuredType);
    if (method === undefined) {
      throw new LakeformError("UNKNOWN_AUTH_TYPE", "unsupported auth_type", {
        value: configuredType,
        allowed: methods.map((candidate) => candidate.type).join(", "),
        fix: "set auth_type to one of the allowed values, or pass a token provider to connect()",
      });
    }
    const missing = method.requiredFields.filter((field) => !values.has(field));
    if (missing.length > 0) throw incompleteCredentials(method.type, missing);
    return method.type;
  }
  const candidates = methods.filter((method) =>
    method.identifyingFields.some((field) => values.has(field)),
  );
  if (candidates.length > 1) {
    const sources = candidates.map(
      (method) =>
        `${method.family} (${method.identifyingFields.map((field) => `${keyOf(field)}: ${values.get(field)?.source ?? ""}`).join(", ")})`,
    );
    throw new LakeformError(
      "CONFLICTING_CREDENTIALS",
      `more than one authorization method configured: ${sources.join(" and ")}`,
      {
        fix: "unset all but one, or set auth_type (DATABRICKS_AUTH_TYPE) to the one to use",
      },
    );
  }
  const method = candidates[0];
  if (method === undefined) {
    throw new LakeformError("NO_CREDENTIALS", "no credentials for the workspace", {
      value: values.get("host")?.value ?? "",
      fix: "set DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET, or name a profile with --profile",
    });
  }
  const missing = method.requiredFields.filter((field) => !values.has(field));
  if (missing.length > 0) throw incompleteCredentials(method.type, missing);
  return method.type;
}

/** Returns the name of a field in a profile. */
const keyOf = (field: Field): string => fields.find(([name]) => name === field)?.[2] ?? field;

function incompleteCredentials(type: AuthType, missing: readonly Field[]): LakeformError {
  return new LakeformError(
    "INCOMPLETE_CREDENTIALS",
    `authorization by ${type} also needs ${missing.map(keyOf).join(" and ")}`,
    {
      fix: `set ${missing.map((field) => fields.find(([name]) => name === field)?.[1][0] ?? field).join(" and ")}, or add it to the profile`,
    },
  );
}

/**
 * Parses an address to scheme, name and port; https is assumed without a scheme (even for
 * `localhost:8080`, as in the official SDKs).
 * @throws LakeformError `BAD_HOST`
 */
export function parseHost(address: string): {
  readonly host: string;
  readonly schemeAssumed: boolean;
} {
  const trimmed = address.trim();
  const schemeAssumed = !/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed);
  let url: URL;
  try {
    url = new URL(schemeAssumed ? `https://${trimmed}` : trimmed);
  } catch (error) {
    throw badHost(address, error);
  }
  if (
    (url.protocol !== "https:" && url.protocol !== "http:") ||
    url.hostname === "" ||
    url.username !== "" ||
    url.password !== ""
  )
    throw badHost(address);
  return { host: `${url.protocol}//${url.host}`, schemeAssumed };
}

function badHost(address: string, cause?: unknown): LakeformError {
  // A host may be a token pasted into the wrong variable, or contain a password: only values that
  // look like a host name are shown.
  const safeValue =
    /^[a-z0-9.:/-]+$/i.test(address) && !/^dapi/i.test(address) ? { value: address } : {};
  return new LakeformError("BAD_HOST", "not a workspace address", {
    ...safeValue,
    allowed: "https://<name> or http://<name>:<port>",
    fix: "copy the address from the browser: https://adb-1234567890123456.7.azuredatabricks.net",
    cause,
  });
}
