import fs from "node:fs";
import path from "node:path";
import { defined } from "../defined";
import { LakeformError } from "../errors";
import { readSavedJson } from "../exact-json";
import { isRunning } from "../processes";
import type { StackMetadata } from "./metadata";
import type { Project } from "./project";

export interface ConnectionFlags {
  readonly host?: string;
  readonly profile?: string;
}

/**
 * The connection to a workspace: standard DATABRICKS_* variables, and where their values come from.
 */
export interface Connection {
  readonly environment: Readonly<Record<string, string>>;
  /**
   * The source of the connection, for doctor and errors: `local workspace`, `LAKEFORM_DEV_HOST`.
   */
  readonly from: string;
}

const credentialNames = [
  "TOKEN",
  "CLIENT_ID",
  "CLIENT_SECRET",
  "AUTH_TYPE",
  "CONFIG_FILE",
] as const;
const azureNames = ["ARM_TENANT_ID", "ARM_CLIENT_ID", "ARM_CLIENT_SECRET"] as const;

/**
 * The variable that `lakeform env` sets to the environment of the shell's DATABRICKS_* variables.
 * It prevents the deploy of another environment, without its own host, to the same workspace.
 */
export const shellEnvironment = "LAKEFORM_ENVIRONMENT";

/** Prefix of the environment variables with the connection of an environment: `LAKEFORM_PROD_`. */
export const variablePrefix = (environment: string): string =>
  `LAKEFORM_${environment.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}_`;

/**
 * Resolves the connection of a stack's environment, in this order: --host or --profile;
 * LAKEFORM_<ENVIRONMENT>_HOST (_TOKEN, _CLIENT_ID, _CLIENT_SECRET, _PROFILE); the host or profile
 * of the environment in the code, with DATABRICKS_* credentials; for a local environment the local
 * workspace of this project; DATABRICKS_* variables or .databrickscfg.
 * @param metadata the environment is "" if the command is not for a stack
 * @throws LakeformError HOST_MISMATCH, OTHER_ENVIRONMENT, WORKSPACE_NOT_RUNNING
 */
export function resolveConnection(
  project: Project,
  metadata: Pick<StackMetadata, "environment" | "provider" | "host" | "profile">,
  env: NodeJS.ProcessEnv,
  flags: ConnectionFlags = {},
): Connection {
  const databricksVariables = fromVariables(env, "DATABRICKS_");
  if (flags.host !== undefined)
    return {
      environment: {
        ...without(databricksVariables, "CONFIG_PROFILE"),
        DATABRICKS_HOST: flags.host,
      },
      from: "--host",
    };
  if (flags.profile !== undefined)
    return { environment: onlyProfile(env, flags.profile), from: `--profile ${flags.profile}` };

  const prefix = variablePrefix(metadata.environment);
  const environmentVariables = fromVariables(env, prefix);
  if (environmentVariables.DATABRICKS_HOST !== undefined)
    return { environment: environmentVariables, from: `${prefix}HOST` };
  const ownProfile = env[`${prefix}PROFILE`];
  if (ownProfile !== undefined)
    return { environment: onlyProfile(env, ownProfile), from: `${prefix}PROFILE` };

  if (metadata.host !== undefined) {
    const envHost = env.DATABRICKS_HOST;
    if (envHost !== undefined && normalHost(envHost) !== normalHost(metadata.host)) {
      throw new LakeformError(
        "HOST_MISMATCH",
        `the environment "${metadata.environment}" uses a different workspace than DATABRICKS_HOST`,
        {
          value: envHost,
          allowed: metadata.host,
          fix: `unset DATABRICKS_HOST, or override explicitly with --host ${envHost}`,
        },
      );
    }
    return {
      environment: {
        ...databricksVariables,
        ...environmentVariables,
        DATABRICKS_HOST: metadata.host,
      },
      from: `the profile of "${metadata.environment}"`,
    };
  }
  if (metadata.profile !== undefined)
    return {
      environment: onlyProfile(env, metadata.profile),
      from: `the profile of "${metadata.environment}"`,
    };
  if (metadata.provider === "embedded") return localConnection(project);
  const shell = env[shellEnvironment];
  if (shell !== undefined && metadata.environment !== "" && shell !== metadata.environment)
    throw new LakeformError(
      "OTHER_ENVIRONMENT",
      `the DATABRICKS_* variables of this shell belong to the environment "${shell}"`,
      {
        value: `${metadata.environment}, which has no host of its own`,
        allowed: shell,
        fix: `set ${prefix}HOST, or unset ${shellEnvironment} to use DATABRICKS_HOST`,
      },
    );
  return { environment: databricksVariables, from: "DATABRICKS_* variables or .databrickscfg" };
}

/**
 * True if the host and the credentials of a connection come from the same source. Otherwise only
 * the code names the host, and credentials must not be sent to the host in an outdated synth
 * output.
 */
export function isHostKnown(
  metadata: Pick<StackMetadata, "environment" | "provider" | "host" | "profile">,
  env: NodeJS.ProcessEnv,
  { host, profile }: ConnectionFlags = {},
): boolean {
  if (host !== undefined || profile !== undefined) return true;
  const prefix = variablePrefix(metadata.environment);
  const environmentVariables = fromVariables(env, prefix);
  if (environmentVariables.DATABRICKS_HOST !== undefined || (env[`${prefix}PROFILE`] ?? "") !== "")
    return true;
  const hasOwnCredentials = credentialNames.some(
    (name) => environmentVariables[`DATABRICKS_${name}`] !== undefined,
  );
  if ((env.DATABRICKS_HOST ?? "") !== "" && !hasOwnCredentials) return true;
  return (
    metadata.host === undefined &&
    (metadata.profile !== undefined || metadata.provider === "embedded")
  );
}

/**
 * Shell variables that a client uses besides the connection, such as proxies and certificates, but
 * not host and credentials.
 */
const passedVariables = [
  "LAKEFORM_OUTAGE_SECONDS",
  "HOME",
  "USERPROFILE",
  "HTTPS_PROXY",
  "https_proxy",
  "HTTP_PROXY",
  "http_proxy",
  "NO_PROXY",
  "no_proxy",
  "NODE_EXTRA_CA_CERTS",
  "DATABRICKS_RATE_LIMIT",
  "DATABRICKS_CONFIG_FILE",
  "AZURE_AUTHORITY_HOST",
];

/**
 * Returns the environment of a client for a connection, without the DATABRICKS_* variables of this
 * process.
 */
export function clientEnvironment(
  env: NodeJS.ProcessEnv,
  connection: Connection,
): NodeJS.ProcessEnv {
  const result: NodeJS.ProcessEnv = {};
  for (const name of passedVariables) if (env[name] !== undefined) result[name] = env[name];
  return Object.assign(result, connection.environment);
}

/**
 * Returns the connection to the local workspace of a project, from the file that its server wrote.
 * @throws LakeformError WORKSPACE_NOT_RUNNING
 */
export function localConnection(project: Pick<Project, "privateFolder">): Connection {
  const file = path.join(project.privateFolder, "workspace", "server.json");
  const fix = "lakeform workspace start --detach";
  if (!fs.existsSync(file))
    throw new LakeformError("WORKSPACE_NOT_RUNNING", "the local workspace is not running", { fix });
  const {
    host,
    token,
    pid,
    started,
    ca_file: ca,
  } = readSavedJson<{ host: string; token: string; pid: number; started: string; ca_file: string }>(
    file,
  ) ?? {};
  if (host === undefined || token === undefined || pid === undefined) {
    throw new LakeformError(
      "WORKSPACE_NOT_RUNNING",
      "the file of the local workspace cannot be read: it was truncated or edited",
      {
        value: file,
        fix: `lakeform workspace stop, then ${fix}`,
      },
    );
  }
  if (!isRunning({ pid, started })) {
    throw new LakeformError("WORKSPACE_NOT_RUNNING", "the local workspace has ended", {
      value: `${host}, process ${pid}`,
      fix,
    });
  }
  return {
    environment: {
      DATABRICKS_HOST: host,
      DATABRICKS_TOKEN: token,
      ...defined({ NODE_EXTRA_CA_CERTS: ca, SSL_CERT_FILE: ca }),
    },
    from: "the local workspace",
  };
}

function fromVariables(env: NodeJS.ProcessEnv, prefix: string): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const name of ["HOST", "CONFIG_PROFILE", ...credentialNames]) {
    const value = env[`${prefix}${name}`];
    if (value !== undefined && value !== "") variables[`DATABRICKS_${name}`] = value;
  }
  // The Azure variables have no prefix.
  for (const name of azureNames) {
    const value = env[name];
    if (value !== undefined && value !== "") variables[name] = value;
  }
  return variables;
}

function onlyProfile(env: NodeJS.ProcessEnv, profile: string): Record<string, string> {
  const file = env.DATABRICKS_CONFIG_FILE;
  return { DATABRICKS_CONFIG_PROFILE: profile, ...defined({ DATABRICKS_CONFIG_FILE: file }) };
}

function without(from: Readonly<Record<string, string>>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(from).filter(([key]) => key !== `DATABRICKS_${name}`));
}

function normalHost(host: string): string {
  const withScheme = host.includes("://") ? host : `https://${host}`;
  try {
    return new URL(withScheme).origin;
  } catch {
    return host;
  }
}
