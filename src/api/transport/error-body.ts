import { defined } from "../../defined";
import type { ApiErrorKind } from "./errors";
import { isGoneMessage } from "./gone";

/** The content of an error response, independent of its format. */
export interface ErrorBody {
  readonly errorCode?: string;
  readonly message: string;
  /** Delay from a google.rpc.RetryInfo detail. */
  readonly retryAfterMs?: number;
  /** From a google.rpc.ErrorInfo detail: the object version that the call should have sent. */
  readonly etag?: string;
}

/**
 * Reads an error response in any format of the platform: JSON, API 1.2, SCIM, `CODE: message`, or
 * HTML with `<pre>`. For any other text, the message is the text or describes it.
 */
export function readErrorBody(text: string, status: number): ErrorBody {
  const body = text.trim();
  if (body === "") return { message: "the response has no body" };
  if (body.startsWith("{")) {
    try {
      return fromJson(JSON.parse(body) as Record<string, unknown>, status);
    } catch {
      return { message: `the response is invalid JSON: ${body}` };
    }
  }
  const pre = /<pre>([\s\S]*?)<\/pre>/i.exec(body);
  if (pre?.[1] !== undefined) return fromText(unescapeHtml(pre[1].trim()));
  if (body.startsWith("<")) {
    const title = /<title>([\s\S]*?)<\/title>/i.exec(body)?.[1]?.trim();
    return {
      message: `the response is a web page${title === undefined ? "" : ` ("${title}")`}, not the REST API`,
    };
  }
  return fromText(body);
}

function fromJson(body: Record<string, unknown>, status: number): ErrorBody {
  const { error_code: code, message, error, detail, scimType, details } = body;
  const retryAfterMs = retryDelayIn(details);
  const etag = etagIn(details);
  if (typeof detail === "string" || body["schemas"] !== undefined) {
    const scimStatus =
      typeof body["status"] === "string" || typeof body["status"] === "number"
        ? String(body["status"])
        : String(status);
    const typePrefix = typeof scimType === "string" ? `${scimType} ` : "";
    return {
      errorCode: `SCIM_${scimStatus}`,
      message:
        `${typePrefix}${typeof detail === "string" && detail !== "null" ? detail : "SCIM API internal error"}`.trim(),
    };
  }
  const messageText = typeof message === "string" && message !== "" ? message : undefined;
  const errorCode = typeof code === "string" || typeof code === "number" ? String(code) : undefined;
  if (messageText !== undefined || errorCode !== undefined) {
    return {
      message: messageText ?? "no message",
      ...defined({ errorCode, retryAfterMs, etag }),
    };
  }
  if (typeof error === "string")
    return {
      message:
        typeof body["error_description"] === "string"
          ? `${error}: ${body["error_description"]}`
          : error,
    };
  return { message: `an error without a message: ${JSON.stringify(body)}` };
}

function fromText(text: string): ErrorBody {
  const match = /^([A-Z][A-Z0-9_]{2,}): ([\s\S]*)$/.exec(text);
  return match?.[1] !== undefined && match[2] !== undefined
    ? { errorCode: match[1], message: match[2].trim() }
    : { message: text };
}

function etagIn(details: unknown): string | undefined {
  if (!Array.isArray(details)) return undefined;
  const etags = (
    details as ({ readonly metadata?: { readonly etag?: unknown } | null } | null)[]
  ).map((detail) => detail?.metadata?.etag);
  return etags.find((etag): etag is string => typeof etag === "string" && etag !== "");
}

/** Returns the delay of a google.rpc.RetryInfo detail, in milliseconds. */
function retryDelayIn(details: unknown): number | undefined {
  if (!Array.isArray(details)) return undefined;
  for (const detail of details as unknown[]) {
    if (typeof detail !== "object" || detail === null) continue;
    const { "@type": type, retry_delay: delay } = detail as Record<string, unknown>;
    if (
      typeof type !== "string" ||
      !type.endsWith("google.rpc.RetryInfo") ||
      typeof delay !== "string"
    )
      continue;
    const seconds = /^([\d.]+)s$/.exec(delay)?.[1];
    if (seconds !== undefined) return Number(seconds) * 1000;
  }
  return undefined;
}

const byCode: Readonly<Record<string, ApiErrorKind>> = {
  INVALID_STATE: "invalid",
  INVALID_PARAMETER_VALUE: "invalid",
  RESOURCE_DOES_NOT_EXIST: "not-found",
  ABORTED: "conflict",
  ALREADY_EXISTS: "conflict",
  RESOURCE_ALREADY_EXISTS: "conflict",
  RESOURCE_EXHAUSTED: "rate-limited",
  REQUEST_LIMIT_EXCEEDED: "rate-limited",
  UNKNOWN: "internal",
  DATA_LOSS: "internal",
};
const byStatus: Readonly<Record<number, ApiErrorKind>> = {
  400: "invalid",
  401: "unauthenticated",
  403: "forbidden",
  404: "not-found",
  409: "conflict",
  429: "rate-limited",
  499: "cancelled",
  500: "internal",
  501: "not-implemented",
  503: "unavailable",
  504: "timed-out",
};
/**
 * Returns the kind of an error. Two messages come first: a missing object with status 400, and an
 * invalid token with 403. Then the workspace's error code takes precedence over the status, as in
 * the official SDKs.
 */
export function kindOf(
  call: { readonly method: string; readonly path: string },
  status: number,
  body: ErrorBody,
): ApiErrorKind {
  if (status === 400 && isGoneMessage(call, body)) return "not-found";
  if (status === 403 && isTokenMessage(body.message)) return "unauthenticated";
  const kindByCode = body.errorCode === undefined ? undefined : byCode[body.errorCode];
  return kindByCode ?? byStatus[status] ?? (status >= 500 ? "internal" : "invalid");
}

/**
 * Whether the message means that the token itself was refused. For an invalid or expired personal
 * access token the platform returns 403, as it does for a missing permission.
 */
const isTokenMessage = (message: string): boolean =>
  /^invalid access token|\btoken (is |has |was )?(expired|revoked)|\bjwt expired/i.test(message);

/** Messages of transient errors with any status: the list of the official SDK. */
const transientMessage =
  /UnknownWorkerEnvironmentException|does not have any associated worker environments|There is no worker environment with id|Unknown worker environment|ClusterNotReadyException|worker env .* not found|Timed out after |deadline exceeded|REQUEST_LIMIT_EXCEEDED/;

export const isTransientMessage = (message: string): boolean => transientMessage.test(message);

/** Whether the message reports a timeout, after which the call may still have taken effect. */
export const isTimeout = (message: string): boolean =>
  /Timed out after |deadline exceeded/.test(message);

/** Shortens a message. Secrets must be hidden before, because part of a secret is not recognised. */
export const clip = (text: string): string =>
  text.length > 4_000 ? `${text.slice(0, 4_000)}…` : text;

function unescapeHtml(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}
