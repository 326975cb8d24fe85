import { channel } from "node:diagnostics_channel";

/**
 * One attempt of a call, published on the diagnostics channel `lakeform:api:attempt` and passed to
 * `onAttempt`. The names in brackets are the corresponding OpenTelemetry attributes.
 */
export interface AttemptReport {
  /** [http.request.method] */
  readonly method: string;
  /** [server.address] */
  readonly host: string;
  /** [url.path], with the query. */
  readonly path: string;
  /** [http.request.resend_count]: 0 for the first attempt. */
  readonly attempt: number;
  /** Milliseconds, including the body of the response. */
  readonly durationMs: number;
  /** [http.response.status_code]; absent without a response. */
  readonly status?: number;
  /** [error.type]: the workspace's error code, or the code of the connection error. */
  readonly error?: string;
  readonly requestId?: string;
  /** The wait before the next attempt, in milliseconds; absent if this was the last one. */
  readonly retryInMs?: number;
  /**
   * Returns the request body with secrets shown as `***`; computed when called. `hide` is applied
   * to each string in the body.
   */
  readonly requestBody: (hide?: (text: string) => string) => string;
  /** Returns the response body, as `requestBody` does. */
  readonly responseBody: (hide?: (text: string) => string) => string;
}

export const attemptChannelName = "lakeform:api:attempt";
export const attemptChannel = channel(attemptChannelName);
