import { defined } from "../../defined";
import { parseExact } from "../../exact-json";
import type { Dispatcher } from "undici";
import { AnswerError, ApiError, type CallFacts } from "./errors";
import {
  clip,
  isTransientMessage,
  isTimeout,
  kindOf,
  readErrorBody,
  type ErrorBody,
} from "./error-body";
import type { WholeAnswer } from "./http";
import { retryAfterMs } from "./retry";
import { Mask } from "../../mask";

/** A successful response. */
export interface Answer {
  readonly status: number;
  /** The response headers, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; `{}` for an empty body; a stream if bytes were requested. */
  readonly body: unknown;
}

export interface Failure {
  readonly kind: "failure";
  readonly code: string;
  readonly status?: number;
  readonly requestId?: string;
  /** Whether a further attempt is allowed: always, only if the call is safe to repeat, or never. */
  readonly retry: "always" | "if-safe" | "never";
  readonly retryAfterMs?: number;
  /** Whether such a failure is rarely transient: the call gets `attemptsWhenRefused` attempts. */
  readonly refused: boolean;
  /** Whether the call may have taken effect although the response does not show it. */
  readonly maybeDone: boolean;
  /** Whether the workspace responded that the object does not exist. */
  readonly gone: boolean;
  /** Whether the workspace limits the rate of calls. */
  readonly rateLimited: boolean;
  /** Makes the error to throw if no further attempt follows. */
  readonly error: () => Error;
  /** The message of the response, with secrets hidden; empty if it is not an error of the API. */
  readonly text: string;
}

export type Outcome = { readonly kind: "answer"; readonly answer: Answer } | Failure;

/** The parts of a request that decide how its response is read. */
interface AnsweredRequest {
  readonly method: string;
  readonly path: string;
  readonly as?: "json" | "stream";
  readonly parse?: (text: string) => unknown;
}

/** Parses a response, or classifies its failure. */
export function readAnswer(
  { status, headers, text }: WholeAnswer,
  request: AnsweredRequest,
  facts: () => CallFacts,
  sources: { readonly now: () => number; readonly mask: () => Mask },
): Outcome {
  if (status >= 200 && status < 300) {
    if (request.method === "HEAD") return { kind: "answer", answer: { status, headers, body: {} } };
    return parseBody(status, headers, text, request, facts, sources);
  }
  if (status >= 300 && status < 400) return redirectFailure(status, headers["location"], facts);
  // A web page comes from another server, so its 404 does not mean that the object is missing. Some
  // error pages of the platform itself contain the error in `<pre>`.
  if (
    status >= 400 &&
    status < 500 &&
    status !== 429 &&
    text.trimStart().startsWith("<") &&
    !/<pre>/i.test(text)
  )
    return notApiFailure(status, text, facts, sources);
  return apiFailure(status, headers, readErrorBody(text, status), request, facts, sources);
}

/**
 * Like {@link readAnswer}, for a response whose body is a stream: a successful response returns the
 * stream itself if the request asks for one. Rejects if the body breaks off while it is read.
 */
export async function readStream(
  response: Dispatcher.ResponseData,
  request: AnsweredRequest,
  facts: () => CallFacts,
  sources: { readonly now: () => number; readonly mask: () => Mask },
): Promise<Outcome> {
  const { statusCode: status } = response;
  const headers = response.headers as Readonly<Record<string, string>>;
  if (request.as !== "stream" || status < 200 || status >= 300)
    return readAnswer(
      { status, headers, text: await response.body.text() },
      request,
      facts,
      sources,
    );
  // A file may be a web page; any other route of the API never returns one.
  if (isWebPage(headers) && request.path.startsWith("/api/") && !request.path.includes("/files/"))
    return notApiFailure(status, await response.body.text(), facts, sources);
  return { kind: "answer", answer: { status, headers, body: response.body } };
}

const isWebPage = (headers: Readonly<Record<string, string>>): boolean =>
  headers["content-type"]?.startsWith("text/html") === true;

/** Parses the body of a successful response. Some routes return an error with status 200. */
function parseBody(
  status: number,
  headers: Readonly<Record<string, string>>,
  text: string,
  request: AnsweredRequest,
  facts: () => CallFacts,
  sources: { readonly now: () => number; readonly mask: () => Mask },
): Outcome {
  if (text === "") return { kind: "answer", answer: { status, headers, body: {} } };
  let body: unknown;
  try {
    body = (request.parse ?? parseExact)(text);
  } catch (cause) {
    const firstCharacter = text.trimStart()[0];
    if (firstCharacter === "{" || firstCharacter === "[")
      return truncatedFailure(status, facts, cause);
    return notApiFailure(status, text, facts, sources);
  }
  // Every API response is an object or an array: `"ok"` comes from another server.
  if (typeof body !== "object") return notApiFailure(status, text, facts, sources);
  if (
    body !== null &&
    "error_code" in body &&
    typeof body.error_code === "string" &&
    "message" in body
  ) {
    return apiFailure(status, headers, readErrorBody(text, status), request, facts, sources);
  }
  return { kind: "answer", answer: { status, headers, body } };
}

function apiFailure(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: ErrorBody,
  request: AnsweredRequest,
  facts: () => CallFacts,
  sources: { readonly now: () => number; readonly mask: () => Mask },
): Failure {
  const kind = kindOf(request, status, body);
  const rateLimited = kind === "rate-limited";
  const isTransient = isTransientMessage(body.message);
  // A gateway can return any of these although the call took effect.
  const mayBeLost = (status >= 500 && status !== 501) || status === 408 || isTimeout(body.message);
  const isRetryable = mayBeLost || (body.errorCode === "TEMPORARILY_UNAVAILABLE" && !rateLimited);
  const retryAfter =
    retryAfterMs(headers["retry-after"], sources.now(), headers["date"]) ?? body.retryAfterMs;
  const errorCode = body.errorCode ?? `HTTP_${status}`;
  const requestId = headers["x-request-id"] ?? headers["x-databricks-request-id"];
  const message = clip(sources.mask().message(body.message));
  // A rate-limited call is rejected before it takes effect: there is nothing to look up, and a
  // lookup would be one more call.
  const maybeDone = isRetryable || isTransient;
  return {
    kind: "failure",
    code: errorCode,
    status,
    ...defined({ requestId }),
    retry: isRetryable ? "if-safe" : rateLimited || isTransient ? "always" : "never",
    ...defined({ retryAfterMs: retryAfter }),
    refused: status === 500 && !isTransient && !rateLimited,
    maybeDone,
    gone: kind === "not-found",
    rateLimited,
    text: message,
    error: () =>
      new ApiError(
        { ...facts(), ...defined({ requestId }) },
        {
          status,
          errorCode,
          workspaceMessage: message,
          kind,
          maybeDone,
          etag: body.etag,
          ...adviceFor(kind, facts(), retryAfter),
        },
      ),
  };
}

function adviceFor(
  kind: string,
  facts: CallFacts,
  retryAfter: number | undefined,
): { readonly fix?: string } {
  // A call is not repeated after a wait that is longer than the retry policy allows.
  if (retryAfter !== undefined && retryAfter >= minReportedWaitMs)
    return { fix: `wait ${Math.ceil(retryAfter / 1000)} s (Retry-After) and try again` };
  if (kind === "unauthenticated") {
    return {
      fix: `the token is not valid for ${facts.host} or has expired: create a new one there (Settings, Developer, Access tokens), then set it where this one is set (DATABRICKS_TOKEN, LAKEFORM_<ENVIRONMENT>_TOKEN, or the profile)`,
    };
  }
  if (kind === "forbidden")
    return { fix: "ask a workspace administrator for the permission, or use another profile" };
  if (kind === "rate-limited")
    return { fix: "wait and try again, or lower DATABRICKS_RATE_LIMIT (calls per second)" };
  if (kind === "not-implemented") return { fix: "this workspace does not serve that route" };
  if (kind === "not-found")
    return { fix: `check the id, name or path, and that ${facts.host} is the right workspace` };
  if (kind === "conflict") return { fix: "choose another name, or change the existing object" };
  if (kind === "invalid") return { fix: "correct the input that the message names" };
  if (kind === "cancelled") return { fix: "call again" };
  return {
    fix: "try again later; if it persists, check the status page of the workspace and give its support the request id",
  };
}

/** A `Retry-After` of at least this long is part of the error's fix. */
const minReportedWaitMs = 60_000;

const checkHost =
  "check the host: it must be the address of a workspace, without a login page or proxy in front";

/** Makes the failure of a response that is not a complete response of the API. */
function answerFailure(
  status: number,
  code: string,
  retry: Failure["retry"],
  maybeDone: boolean,
  error: () => AnswerError,
): Failure {
  return {
    kind: "failure",
    code,
    status,
    retry,
    refused: true,
    maybeDone,
    gone: false,
    rateLimited: false,
    error,
    text: "",
  };
}

function redirectFailure(
  status: number,
  location: string | undefined,
  facts: () => CallFacts,
): Failure {
  const target = location === undefined ? "elsewhere" : `to ${location.split("?")[0] ?? ""}`;
  const isLoginPage =
    location !== undefined && /login|signin|oauth2?\/authorize|sso/i.test(location);
  const what = isLoginPage
    ? `sent ${target}, a login page, instead of a response`
    : `sent ${target} instead of a response`;
  return answerFailure(
    status,
    "ANSWER_REDIRECTED",
    "never",
    false,
    () =>
      new AnswerError(facts(), {
        code: "ANSWER_REDIRECTED",
        status,
        what,
        fix: checkHost,
        maybeDone: false,
      }),
  );
}

function notApiFailure(
  status: number,
  text: string,
  facts: () => CallFacts,
  sources: { readonly mask: () => Mask },
): Failure {
  const titleText = /<title>([\s\S]*?)<\/title>/i.exec(text)?.[1]?.trim();
  const title = titleText === undefined ? undefined : sources.mask().message(titleText);
  const isMarkup = text.trimStart().startsWith("<");
  const what = isMarkup
    ? `a web page${title === undefined ? "" : ` ("${title.slice(0, 80)}")`} instead of JSON`
    : "a response that is not JSON";
  const code = isMarkup ? "ANSWER_IS_WEB_PAGE" : "ANSWER_NOT_JSON";
  return answerFailure(
    status,
    code,
    "never",
    true,
    () => new AnswerError(facts(), { code, status, what, fix: checkHost, maybeDone: true }),
  );
}

function truncatedFailure(status: number, facts: () => CallFacts, cause: unknown): Failure {
  const fix = "try again; a proxy may truncate long responses";
  return answerFailure(
    status,
    "ANSWER_TRUNCATED",
    "if-safe",
    true,
    () =>
      new AnswerError(facts(), {
        code: "ANSWER_TRUNCATED",
        status,
        what: "the JSON response is truncated",
        fix,
        cause,
        maybeDone: true,
      }),
  );
}
