import { channel } from "node:diagnostics_channel";

/**
 * One attempt of a call, published on the diagnostics channel `lakeform:api:attempt` and given to
 * `onAttempt`. The names in brackets are the OpenTelemetry attributes that the field answers.
 */
export interface AttemptReport {
  /** [http.request.method] */
  readonly method: string;
  /** [server.address] */
  readonly host: string;
  /** [url.path], with the query. */
  readonly path: string;
  /** [http.request.resend_count]: 0 for the first. */
  readonly attempt: number;
  /** Milliseconds, the body of the answer included. */
  readonly durationMs: number;
  /** [http.response.status_code]; absent when no answer came. */
  readonly status?: number;
  /** [error.type]: the workspace's error code, or the code of the connection's error. */
  readonly error?: string;
  readonly requestId?: string;
  /** Milliseconds until the next attempt; absent when this was the last. */
  readonly retryInMs?: number;
  /**
   * The bodies with secrets shown as `***`; computed when called. `hide` is applied to each text in
   * them.
   */
  readonly requestBody: (hide?: (text: string) => string) => string;
  readonly responseBody: (hide?: (text: string) => string) => string;
}

export const attemptChannelName = "lakeform:api:attempt";
export const attemptChannel = channel(attemptChannelName);
