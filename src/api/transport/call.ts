/**
 * This folder sends REST calls and returns each response or failure, with retries, a rate limit,
 * paging and redaction. `scripts/import-order.cjs` lists what it may import.
 */
import { Readable } from "node:stream";
import { defined } from "../../defined";
import { readAnswer, readStream, type Answer, type Failure, type Outcome } from "./answer";
import type { CallOptions } from "../client";
import { noteDate } from "./clock";
import { noteWorkspaceId } from "./workspace-id";
import { attemptChannel, type AttemptReport } from "./diagnostics";
import { ConnectionError, isCallError, type CallFacts, type FailedAttempt } from "./errors";
import { classifyConnection, connectionError, type Route } from "./connection-errors";
import { readWhole, type Http } from "./http";
import type { RateLimiter } from "./rate-limiter";
import { redactJson } from "./redact";
import { noteAnswer, noteFailure, isDown, refuseWhileDown } from "./outage";
import { attemptsWhenRefused, backoffMs, type RetryBudget, type RetryPolicy } from "./retry";
import { Mask } from "../../mask";
import { secretsIn, wireJson } from "./secret";

/** Provides and renews the authorization headers of calls; implemented in `auth/`. */
export interface Authenticator {
  /**
   * Returns the headers of a call, as a plain value if cached, so that a call needs no extra turn
   * of the event loop.
   */
  headers(): Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /**
   * Discards headers that the workspace rejected. The next call of `headers` then renews them.
   * @returns false if the headers cannot be renewed
   */
  discard(headers: Readonly<Record<string, string>>): boolean;
  /** Returns the tokens in clear text, to hide them in messages. */
  secrets(): readonly string[];
}

/** A call of the REST API. */
export interface Request extends CallOptions {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  /** Serialized to JSON, unless it is bytes, which already contain JSON. */
  readonly body?: unknown;
  /** Raw bytes instead of JSON. */
  readonly raw?: () => Readable | Uint8Array;
  /** How to return a successful response: parsed, or as a stream of bytes. */
  readonly as?: "json" | "stream";
}

/** What calls depend on: the network, the clock, random numbers and the settings of the client. */
export interface Wiring extends Route {
  readonly http: Http;
  readonly auth: Authenticator;
  readonly limiter: RateLimiter | undefined;
  readonly retry: RetryPolicy;
  readonly budget: RetryBudget;
  readonly attemptTimeoutMs: number;
  /** The workspace counts as down if all calls have failed for more than this many milliseconds. */
  readonly outageMs: number;
  readonly userAgent: string;
  readonly onAttempt: ((report: AttemptReport) => void) | undefined;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal | undefined;
  /** Returns values to hide in every error message. */
  readonly secrets: (() => Iterable<string>) | undefined;
}

/** Methods of calls that are safe to repeat. */
const safeMethods = new Set(["GET", "HEAD", "PUT", "DELETE"]);

/**
 * Makes a call with authorization, rate limit, retries and waits.
 * @throws ApiError, ConnectionError, AnswerError
 */
export async function call(wiring: Wiring, request: Request): Promise<Answer> {
  const path = withQuery(request);
  const body =
    request.raw !== undefined || request.body === undefined
      ? undefined
      : request.body instanceof Uint8Array
        ? request.body
        : wireJson(request.body);
  // If the call must complete, an interrupt ends only its waits.
  const interrupt = request.finish === true ? request.signal : undefined;
  const signal = signalOfCall(
    wiring,
    interrupt === undefined ? request : { ...request, signal: undefined },
  );
  const isSafe =
    request.idempotent ?? (request.removes === true || safeMethods.has(request.method));
  const started = wiring.now();
  const history: FailedAttempt[] = [];
  let isRenewed = false;

  for (let attempt = 0; ; attempt += 1) {
    if (isAborted(signal)) throw abortError(wiring, request, history, signal?.reason, true);
    if (wiring.limiter !== undefined && !wiring.limiter.tryTake()) {
      await wiring.limiter.wait(signal);
      if (isAborted(signal)) throw abortError(wiring, request, history, signal?.reason, true);
    }
    refuseWhileDown(
      { method: request.method, path: request.path, host: wiring.host, history },
      wiring.now(),
      wiring.outageMs,
    );
    const authResult = wiring.auth.headers();
    const auth = authResult instanceof Promise ? await authResult : authResult;
    const attemptStarted = wiring.now();
    const outcome = await exchange(wiring, request, path, body, auth, signal, history);
    if (isAborted(signal) && outcome.kind !== "answer")
      throw abortError(wiring, request, history, signal?.reason);

    if (outcome.kind === "answer") {
      wiring.budget.succeed();
      noteAnswer(wiring.host);
      noteDate(wiring.host, outcome.answer.headers["date"], wiring.now());
      noteWorkspaceId(wiring.host, outcome.answer.headers["x-databricks-org-id"]);
      report(wiring, request, path, attempt, attemptStarted, outcome);
      return outcome.answer;
    }
    if (
      outcome.gone &&
      (request.method === "DELETE" || request.removes === true) &&
      history.some((failedAttempt) => failedAttempt.maybeDone)
    ) {
      report(wiring, request, path, attempt, attemptStarted, outcome);
      return { status: 200, headers: {}, body: {} };
    }
    if (!outcome.rateLimited && (outcome.maybeDone || outcome.status === undefined))
      noteFailure(wiring.host, wiring.now());
    else noteAnswer(wiring.host);
    if (outcome.rateLimited) wiring.limiter?.slowDown();
    if (outcome.status === 401 && !isRenewed && wiring.auth.discard(auth)) {
      isRenewed = true;
      report(wiring, request, path, attempt, attemptStarted, outcome, 0);
      history.push({ code: outcome.code, status: 401, waitedMs: 0, maybeDone: false });
      continue;
    }
    const isRetryable =
      outcome.retry === "always" ||
      (outcome.retry === "if-safe" && (isSafe || request.recover !== undefined));
    const limit = outcome.refused
      ? Math.min(attemptsWhenRefused, wiring.retry.attempts)
      : wiring.retry.attempts;
    const jitter = backoffMs(wiring.retry, attempt, wiring.random);
    // The jitter spreads calls that got the same Retry-After.
    const waitMs =
      outcome.retryAfterMs === undefined
        ? jitter
        : outcome.retryAfterMs + Math.min(jitter, wiring.retry.baseMs);
    const isWithinBudget =
      wiring.now() - started + waitMs <=
      Math.min(wiring.retry.budgetMs, request.timeoutMs ?? Infinity);
    const isWorkspaceDown = isDown(wiring.host, wiring.now(), wiring.outageMs);
    if (
      !isRetryable ||
      isWorkspaceDown ||
      attempt + 1 >= limit ||
      !isWithinBudget ||
      isAborted(interrupt) ||
      !wiring.budget.take()
    ) {
      report(wiring, request, path, attempt, attemptStarted, outcome);
      const recovered = outcome.maybeDone ? await recover(request, outcome) : undefined;
      if (recovered !== undefined) return { status: 200, headers: {}, body: recovered };
      throw outcome.error();
    }
    report(wiring, request, path, attempt, attemptStarted, outcome, waitMs);
    history.push({
      code: outcome.code,
      ...defined({ status: outcome.status }),
      waitedMs: waitMs,
      maybeDone: outcome.maybeDone,
    });
    if (waitMs > 0) await wiring.sleep(waitMs, anyOf([interrupt, signal]));
    if (isAborted(interrupt)) throw outcome.error();
    const recovered = outcome.maybeDone ? await recover(request, outcome) : undefined;
    if (recovered !== undefined) return { status: 200, headers: {}, body: recovered };
  }
}

/**
 * Returns the result of `request.recover`.
 * @throws the error of the call if a call inside `recover` fails: it stays unknown whether the call
 * took effect, so it must not be repeated
 */
async function recover(request: Request, outcome: Failure): Promise<unknown> {
  try {
    return await request.recover?.(outcome.status);
  } catch (error) {
    if (!isCallError(error)) throw error;
    throw outcome.error();
  }
}

/** Makes one attempt. */
async function exchange(
  wiring: Wiring,
  request: Request,
  path: string,
  body: string | Uint8Array | undefined,
  auth: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
  history: readonly FailedAttempt[],
): Promise<Outcome> {
  const facts = (): CallFacts => ({
    method: request.method,
    path: request.path,
    host: wiring.host,
    history,
  });
  const raw = request.raw?.();
  const headers: Record<string, string> = {
    accept: "application/json",
    "user-agent": wiring.userAgent,
  };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (raw !== undefined) headers["content-type"] = "application/octet-stream";
  Object.assign(headers, request.headers, auth);
  try {
    const options = {
      origin: wiring.host,
      path,
      method: request.method,
      headers,
      body: body ?? raw ?? null,
      headersTimeout: wiring.attemptTimeoutMs,
      bodyTimeout: wiring.attemptTimeoutMs,
    };
    const mask = (): Mask =>
      new Mask([
        ...secretsIn(request.body),
        ...wiring.auth.secrets(),
        ...(wiring.secrets?.() ?? []),
      ]);
    const sources = { now: wiring.now, mask };
    if (request.as === "stream" || raw instanceof Readable)
      return await readStream(
        await wiring.http.request({ ...options, ...defined({ signal }) }),
        request,
        facts,
        sources,
      );
    return readAnswer(await readWhole(wiring.http, options, signal), request, facts, sources);
  } catch (error) {
    const failure = classifyConnection(error, wiring);
    return {
      kind: "failure",
      code: failure.code,
      retry: !failure.isTransient ? "never" : failure.notSent ? "always" : "if-safe",
      refused: failure.refused === true,
      maybeDone: !failure.notSent,
      gone: false,
      rateLimited: false,
      error: () => connectionError(facts(), failure),
      text: "",
    };
  }
}

/** Reports an attempt. @param retryInMs the wait before the next one; undefined if it was the last */
function report(
  wiring: Wiring,
  request: Request,
  path: string,
  attempt: number,
  startedAt: number,
  outcome: Outcome,
  retryInMs?: number,
): void {
  if (!attemptChannel.hasSubscribers && wiring.onAttempt === undefined) return;
  const status = outcome.kind === "answer" ? outcome.answer.status : outcome.status;
  const requestId =
    outcome.kind === "answer" ? outcome.answer.headers["x-request-id"] : outcome.requestId;
  const message: AttemptReport = {
    method: request.method,
    host: wiring.host,
    path,
    attempt,
    durationMs: wiring.now() - startedAt,
    ...defined({ status }),
    ...(outcome.kind === "answer" ? {} : { error: outcome.code }),
    ...defined({ requestId, retryInMs }),
    requestBody: (hide) =>
      request.raw !== undefined
        ? "(bytes)"
        : request.body === undefined
          ? ""
          : redactJson(request.path, request.body, hide),
    responseBody: (hide) =>
      outcome.kind === "answer"
        ? redactJson(request.path, outcome.answer.body, hide)
        : outcome.text,
  };
  attemptChannel.publish(message);
  wiring.onAttempt?.(message);
}

function withQuery(request: Request): string {
  if (request.query === undefined) return request.path;
  let text = "";
  for (const [name, value] of Object.entries(request.query)) {
    if (value !== undefined)
      text += `${text === "" ? "" : "&"}${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  }
  if (text === "") return request.path;
  return `${request.path}${request.path.includes("?") ? "&" : "?"}${text}`;
}

const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

/** Returns the signal that aborts a call: of the call, of its client, or of its timeout. */
function signalOfCall(
  wiring: Wiring,
  request: Pick<Request, "timeoutMs"> & { readonly signal?: AbortSignal | undefined },
): AbortSignal | undefined {
  if (request.timeoutMs === undefined && wiring.signal === undefined) return request.signal;
  const timeout =
    request.timeoutMs === undefined ? undefined : AbortSignal.timeout(request.timeoutMs);
  return anyOf([request.signal, wiring.signal, timeout]);
}

/** Returns a signal that aborts with the first of these. */
function anyOf(signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const definedSignals = signals.filter((signal) => signal !== undefined);
  return definedSignals.length < 2 ? definedSignals[0] : AbortSignal.any(definedSignals);
}

/** @param isBetweenAttempts whether no attempt was in flight, so that the history is complete */
function abortError(
  wiring: Wiring,
  request: Request,
  history: readonly FailedAttempt[],
  reason: unknown,
  isBetweenAttempts = false,
): ConnectionError {
  const isTimeout = reason instanceof DOMException && reason.name === "TimeoutError";
  return new ConnectionError(
    { method: request.method, path: request.path, host: wiring.host, history },
    {
      code: isTimeout ? "DEADLINE_EXCEEDED" : "CALL_ABORTED",
      what: isTimeout ? "timed out" : "aborted",
      fix: isTimeout
        ? "increase --timeout, and check whether the workspace responds slowly"
        : "call again",
      notSent: isBetweenAttempts && !history.some((attempt) => attempt.maybeDone),
      cause: reason,
    },
  );
}
