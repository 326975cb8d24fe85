export type { Answer } from "./transport/answer";
export type { AccessToken, TokenProvider } from "./auth/auth";
export type { Request } from "./transport/call";
export type { CallOptions, Client, Query, ReadClient } from "./client";
export {
  connect,
  isLoopback,
  readOnly,
  type ConnectOptions,
  type Connection,
} from "./auth/connect";
export {
  parseHost,
  resolveCredentials,
  type AuthType,
  type CredentialOptions,
  type Credentials,
} from "./auth/credentials";
export { attemptChannelName, type AttemptReport } from "./transport/diagnostics";
export * from "./transport/errors";
export { defaultRetry, RetryBudget, type RetryPolicy } from "./transport/retry";
export { Secret } from "./transport/secret";
export { families, type Families } from "./families/index";
export * from "./families/clusters";
export * from "./families/dbfs";
export * from "./families/files";
export * from "./families/jobs";
export type { Id } from "./transport/ids";
export * from "./families/libraries";
export * from "./families/me";
export { all, take, type PageOptions } from "./transport/paging";
export * from "./families/permissions";
export * from "./families/policies";
export * from "./families/pools";
export * from "./families/repos";
export * from "./families/runs";
export * from "./families/secrets";
export * from "./families/tokens";
export * from "./families/unity-catalog";
export * from "./families/warehouses";
export * from "./families/workspace";
