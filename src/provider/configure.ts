/**
 * Reads the provider block: address and credentials of the workspace. Connects only when a resource
 * makes its first call.
 */
import { finishing } from "../api/client";
import type { ConnectOptions } from "../api/auth/connect";
import { resolveCredentials, type AuthType, type Credentials } from "../api/auth/credentials";
import { defined } from "../defined";
import { LakeformError } from "../errors";
import type { DynamicObject } from "./unknown";
import { versionInUse } from "./version";
import { View } from "./view";

/** The reason why there is no workspace. A resource that needs one throws this error. */
type FailedConfiguration = { readonly error: unknown };

export class Configuration {
  #connection: Credentials | FailedConfiguration = {
    error: new LakeformError("NOT_CONFIGURED", "the provider has not been configured", {
      fix: "run it through terraform or lakeform",
    }),
  };
  #options: ConnectOptions = {};
  #view: View | undefined;

  /**
   * Sets the provider block. A missing or invalid configuration fails only the resources that need
   * the workspace, so that plans without them work.
   * @throws LakeformError `CONFLICTING_CREDENTIALS` if two methods are configured: as with the
   * official provider, this fails every plan
   */
  configure(config: DynamicObject, terraformVersion: string): void {
    const options = optionsOf(config, terraformVersion);
    this.#options = options;
    this.#view = undefined;
    try {
      this.#connection = resolveCredentials(options);
    } catch (error) {
      if (error instanceof LakeformError && error.code === "CONFLICTING_CREDENTIALS") throw error;
      this.#connection = { error };
    }
  }

  /** @throws LakeformError for a missing or invalid configuration */
  view(): View {
    const connection = this.#connection;
    if ("error" in connection) throw connection.error;
    this.#view ??= openView({ ...this.#options, credentials: connection });
    return this.#view;
  }

  /** The workspace's address, if one is configured. */
  get host(): string | undefined {
    return "error" in this.#connection ? undefined : this.#connection.host;
  }
}

/**
 * Opens the view of a workspace. The HTTP client is loaded only here: Terraform starts several
 * processes, and most of them only serve the schema.
 */
function openView(options: ConnectOptions): View {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { connect } = require("../api/auth/connect") as typeof import("../api/auth/connect");
  const reader = connect(options);
  return new View(reader, finishing(reader));
}

function optionsOf(config: DynamicObject, terraformVersion: string): ConnectOptions {
  const text = (field: string): string | undefined => {
    const value = config[field];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const positiveNumber = (field: string, variable: string): number | undefined => {
    const value =
      config[field] ??
      (process.env[variable] === undefined ? undefined : Number(process.env[variable]));
    return typeof value === "number" && value > 0 ? value : undefined;
  };
  const timeout = positiveNumber("http_timeout_seconds", "DATABRICKS_HTTP_TIMEOUT_SECONDS");
  const budget = positiveNumber("retry_timeout_seconds", "DATABRICKS_RETRY_TIMEOUT_SECONDS");
  const rateLimit = positiveNumber("rate_limit", "DATABRICKS_RATE_LIMIT");
  return {
    host: text("host"),
    token: text("token"),
    clientId: text("client_id"),
    clientSecret: text("client_secret"),
    azureClientId: text("azure_client_id"),
    azureClientSecret: text("azure_client_secret"),
    azureTenantId: text("azure_tenant_id"),
    azureWorkspaceResourceId: text("azure_workspace_resource_id"),
    username: text("username"),
    password: text("password"),
    authType: text("auth_type") as AuthType | undefined,
    profile: text("profile"),
    configFile: text("config_file"),
    userAgent: `lakeform-provider databricks-tf-provider/${versionInUse()} terraform/${terraformVersion}`,
    ...defined({ rateLimit }),
    ...(timeout === undefined ? {} : { attemptTimeoutMs: timeout * 1000 }),
    retry: { attempts: 30, ...(budget === undefined ? {} : { budgetMs: budget * 1000 }) },
  };
}
