import { LakeformError } from "../../errors";

/** A failed attempt of a call: its result, and the wait after it. */
export interface FailedAttempt {
  readonly status?: number;
  readonly code: string;
  /** The wait before the next attempt, in milliseconds. */
  readonly waitedMs: number;
  /** Whether the call may have taken effect although the response does not show it. */
  readonly maybeDone: boolean;
}

/** Identifies the call of an error, without headers and bodies. */
export interface CallFacts {
  readonly method: string;
  /** The path without the query. */
  readonly path: string;
  readonly host: string;
  /** The id of the request in the logs of the platform. */
  readonly requestId?: string;
  /** The failed attempts before the last one, whose failure is this error. */
  readonly history: readonly FailedAttempt[];
}

export type ApiErrorKind =
  | "invalid"
  | "unauthenticated"
  | "forbidden"
  | "not-found"
  | "conflict"
  | "rate-limited"
  | "cancelled"
  | "internal"
  | "not-implemented"
  | "unavailable"
  | "timed-out";

/** A failed call. */
abstract class CallError extends LakeformError implements CallFacts {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly history: readonly FailedAttempt[];

  constructor(code: string, facts: CallFacts, problem: string, details: LakeformError["details"]) {
    super(code, `${facts.method} ${facts.path}: ${problem}`, details);
    this.method = facts.method;
    this.path = facts.path;
    this.host = facts.host;
    this.history = facts.history;
  }
}

/** The workspace returned an error. */
export class ApiError extends CallError {
  readonly requestId?: string;
  readonly status: number;
  /**
   * The workspace's error code (`RESOURCE_DOES_NOT_EXIST`), or `HTTP_<status>` if there is none.
   */
  readonly errorCode: string;
  readonly kind: ApiErrorKind;
  /** The workspace's message, with secrets removed. */
  readonly workspaceMessage: string;
  /** Whether the last attempt may have taken effect. */
  readonly maybeDone: boolean;
  /** The object version that the call should have sent, if the workspace returned it. */
  readonly etag?: string;

  constructor(
    facts: CallFacts,
    details: {
      readonly status: number;
      readonly errorCode: string;
      readonly workspaceMessage: string;
      readonly kind: ApiErrorKind;
      readonly maybeDone: boolean;
      readonly etag?: string | undefined;
      readonly fix?: string;
    },
  ) {
    const notes = [
      `${details.status} ${details.errorCode}`,
      facts.requestId === undefined ? [] : [`request ${facts.requestId}`],
      retryNotes(facts),
    ].flat();
    super(
      `API_${details.kind.toUpperCase().replace("-", "_")}`,
      facts,
      `${details.workspaceMessage.replaceAll(/\r?\n/g, "\n  ")} (${notes.join(", ")})`,
      { fix: details.fix },
    );
    if (facts.requestId !== undefined) this.requestId = facts.requestId;
    this.status = details.status;
    this.errorCode = details.errorCode;
    this.kind = details.kind;
    this.workspaceMessage = details.workspaceMessage;
    this.maybeDone = details.maybeDone;
    if (details.etag !== undefined) this.etag = details.etag;
  }
}

/** There was no response, or only part of one. */
export class ConnectionError extends CallError {
  /** Whether the request certainly did not reach the workspace. */
  readonly notSent: boolean;
  /** Whether the call may have taken effect although there is no response. */
  readonly maybeDone: boolean;

  constructor(
    facts: CallFacts,
    details: {
      readonly code: string;
      readonly what: string;
      readonly fix: string;
      readonly notSent: boolean;
      readonly cause?: unknown;
    },
  ) {
    const notes = retryNotes(facts);
    super(
      details.code,
      facts,
      `${details.what}${notes.length > 0 ? ` (${notes.join(", ")})` : ""}`,
      {
        value: facts.host,
        fix: details.fix,
        cause: details.cause,
      },
    );
    this.notSent = details.notSent;
    this.maybeDone = !details.notSent;
  }
}

/**
 * The response did not come from the REST API of a workspace (a proxy, a login page), or was
 * truncated.
 */
export class AnswerError extends CallError {
  readonly status: number;
  /** Whether the call may have taken effect although the response does not show it. */
  readonly maybeDone: boolean;

  constructor(
    facts: CallFacts,
    details: {
      readonly code: string;
      readonly status: number;
      readonly what: string;
      readonly fix: string;
      readonly maybeDone: boolean;
      readonly cause?: unknown;
    },
  ) {
    super(details.code, facts, `${details.what} (status ${details.status})`, {
      value: facts.host,
      fix: details.fix,
      cause: details.cause,
    });
    this.status = details.status;
    this.maybeDone = details.maybeDone;
  }
}

function retryNotes(facts: CallFacts): string[] {
  if (facts.history.length === 0) return [];
  const codes = facts.history.map((attempt) =>
    attempt.status === undefined ? attempt.code : String(attempt.status),
  );
  return [`after ${facts.history.length + 1} attempts: ${codes.join(", ")} before`];
}

export const isApiError = (error: unknown): error is ApiError => error instanceof ApiError;
export const isConnectionError = (error: unknown): error is ConnectionError =>
  error instanceof ConnectionError;
export const isAnswerError = (error: unknown): error is AnswerError => error instanceof AnswerError;
export const isCallError = (error: unknown): error is ApiError | ConnectionError | AnswerError =>
  isApiError(error) || isConnectionError(error) || isAnswerError(error);
/**
 * Whether the object does not exist: by the 400 responses of `gone.ts`, then by error code, then by
 * status.
 */
export const isNotFound = (error: unknown): error is ApiError => isKind(error, "not-found");
export const isConflict = (error: unknown): error is ApiError => isKind(error, "conflict");
export const isInvalid = (error: unknown): error is ApiError => isKind(error, "invalid");
export const isUnauthenticated = (error: unknown): error is ApiError =>
  isKind(error, "unauthenticated");
export const isForbidden = (error: unknown): error is ApiError => isKind(error, "forbidden");
export const isRateLimited = (error: unknown): error is ApiError => isKind(error, "rate-limited");

function isKind(error: unknown, kind: ApiErrorKind): error is ApiError {
  return error instanceof ApiError && error.kind === kind;
}

/**
 * Whether an attempt of this call may have taken effect: its response was lost or truncated, did not
 * come from the REST API, was a 5xx other than 501, or reports a timeout or another transient error.
 */
export function mayHaveTakenEffect(error: unknown): boolean {
  return (
    isCallError(error) && (error.maybeDone || error.history.some((attempt) => attempt.maybeDone))
  );
}

/**
 * Returns the converted response, or undefined if the workspace reports that the object does not
 * exist. Every other error is rethrown.
 */
export async function orMissing<T>(
  call: Promise<unknown>,
  convert: (response: unknown) => T,
): Promise<T | undefined> {
  try {
    return convert(await call);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
