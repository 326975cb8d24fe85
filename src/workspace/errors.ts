/** A parsed JSON value. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue | undefined;
}

/** The HTTP status that the platform uses for each error code. */
const statuses = {
  ABORTED: 409,
  ALREADY_EXISTS: 409,
  BAD_REQUEST: 400,
  CATALOG_ALREADY_EXISTS: 400,
  CATALOG_DOES_NOT_EXIST: 404,
  CONNECTION_ALREADY_EXISTS: 400,
  CONNECTION_DOES_NOT_EXIST: 404,
  DIRECTORY_NOT_EMPTY: 400,
  ENDPOINT_NOT_FOUND: 404,
  EXTERNAL_LOCATION_ALREADY_EXISTS: 400,
  EXTERNAL_LOCATION_DOES_NOT_EXIST: 404,
  FEATURE_DISABLED: 404,
  FILE_NOT_FOUND: 404,
  INTERNAL_ERROR: 500,
  INVALID_PARAMETER_VALUE: 400,
  INVALID_STATE: 400,
  IO_ERROR: 500,
  MALFORMED_REQUEST: 400,
  MAX_BLOCK_SIZE_EXCEEDED: 400,
  MAX_NOTEBOOK_SIZE_EXCEEDED: 400,
  MAX_READ_SIZE_EXCEEDED: 400,
  NOT_FOUND: 404,
  NOT_IMPLEMENTED: 501,
  PERMISSION_DENIED: 403,
  QUOTA_EXCEEDED: 400,
  REQUEST_LIMIT_EXCEEDED: 429,
  REQUEST_SIZE_EXCEEDED: 413,
  RESOURCE_ALREADY_EXISTS: 400,
  RESOURCE_CONFLICT: 409,
  RESOURCE_DOES_NOT_EXIST: 404,
  RESOURCE_EXHAUSTED: 429,
  RESOURCE_LIMIT_EXCEEDED: 400,
  SCHEMA_ALREADY_EXISTS: 400,
  SCHEMA_DOES_NOT_EXIST: 404,
  STORAGE_CREDENTIAL_ALREADY_EXISTS: 400,
  STORAGE_CREDENTIAL_DOES_NOT_EXIST: 404,
  TABLE_DOES_NOT_EXIST: 404,
  TEMPORARILY_UNAVAILABLE: 503,
  UNAUTHENTICATED: 401,
  VOLUME_ALREADY_EXISTS: 400,
  VOLUME_DOES_NOT_EXIST: 404,
} as const;

export type ErrorCode = keyof typeof statuses;

/**
 * An error response in the platform's format: `{error_code, message, details}`. Any other error of
 * a handler is reported as a bug or as a failure of the disk.
 */
export class WorkspaceError extends Error {
  override readonly name = "WorkspaceError";
  readonly status: number;
  /** @param options.status the status if the platform does not use the usual one of the code */
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly options: {
      readonly status?: number;
      readonly reason?: string;
      readonly metadata?: Record<string, string>;
      readonly headers?: Record<string, string>;
    } = {},
  ) {
    super(message);
    this.status = options.status ?? statuses[code];
  }

  /** Returns the body in the platform's format. */
  body(): JsonObject {
    const details: JsonValue[] =
      this.options.reason === undefined
        ? []
        : [
            {
              "@type": "type.googleapis.com/google.rpc.ErrorInfo",
              reason: this.options.reason,
              domain: "databricks.com",
              metadata: { ...this.options.metadata },
            },
          ];
    return { error_code: this.code, message: this.message, details };
  }
}

/** Creates 400 INVALID_PARAMETER_VALUE. */
export const invalid = (message: string): WorkspaceError =>
  new WorkspaceError("INVALID_PARAMETER_VALUE", message);
/** Creates 404 RESOURCE_DOES_NOT_EXIST. */
export const missing = (message: string): WorkspaceError =>
  new WorkspaceError("RESOURCE_DOES_NOT_EXIST", message);
/** Creates 400 RESOURCE_ALREADY_EXISTS. */
export const exists = (message: string): WorkspaceError =>
  new WorkspaceError("RESOURCE_ALREADY_EXISTS", message);
/** Creates 501 NOT_IMPLEMENTED with the name of the route. */
export const notImplemented = ({
  method,
  path,
}: {
  readonly method: string;
  readonly path: string;
}): WorkspaceError =>
  new WorkspaceError("NOT_IMPLEMENTED", `the local workspace does not have ${method} ${path}`);
/** Creates 403 PERMISSION_DENIED. */
export const denied = (message: string): WorkspaceError =>
  new WorkspaceError("PERMISSION_DENIED", message);
