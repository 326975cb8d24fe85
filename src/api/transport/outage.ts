import { ConnectionError, type CallFacts } from "./errors";

/** Default: a workspace counts as down if all calls have failed for more than this long. */
const defaultLimitMs = 5 * 60_000;
/** A workspace that is down gets one call per this many milliseconds, to detect its recovery. */
const probeIntervalMs = 10_000;
/**
 * Two failures further apart than this many milliseconds do not belong to the same outage: without
 * calls in between, it is unknown whether the workspace was available.
 */
const maxPauseMs = 120_000;

interface Outage {
  readonly since: number;
  lastFailure: number;
  /** Time of the last call that was allowed although the workspace counts as down. */
  lastProbe: number;
}

const outages = new Map<string, Outage>();

/** Returns LAKEFORM_OUTAGE_SECONDS in milliseconds; five minutes if it is not a positive number. */
export function outageLimit(env: NodeJS.ProcessEnv): number {
  const seconds = Number(env["LAKEFORM_OUTAGE_SECONDS"] ?? "");
  return seconds > 0 ? seconds * 1000 : defaultLimitMs;
}

/** Called after a response that shows that the workspace is available: ends an outage. */
export function noteAnswer(host: string): void {
  outages.delete(host);
}

/** Called after a failure that an unavailable workspace would cause: begins or extends an outage. */
export function noteFailure(host: string, now: number): void {
  const outage = outages.get(host);
  if (outage === undefined || now - outage.lastFailure > maxPauseMs)
    outages.set(host, { since: now, lastFailure: now, lastProbe: now });
  else outage.lastFailure = now;
}

/**
 * Whether there have been only failures for longer than the limit, so that another attempt is not
 * worth the wait.
 */
export function isDown(host: string, now: number, limit: number): boolean {
  const outage = outages.get(host);
  return outage !== undefined && now - outage.since > limit;
}

/**
 * Fails calls to a workspace that is down immediately, except for an occasional probe, so that
 * hundreds of calls do not each wait for their own retries.
 * @throws ConnectionError WORKSPACE_DOWN
 */
export function refuseWhileDown(facts: CallFacts, now: number, limit: number): void {
  const outage = outages.get(facts.host);
  if (outage === undefined || now - outage.since <= limit) return;
  if (now - outage.lastProbe >= probeIntervalMs) {
    outage.lastProbe = now;
    return;
  }
  throw new ConnectionError(facts, {
    code: "WORKSPACE_DOWN",
    what: `the workspace has returned only failures for ${Math.round((now - outage.since) / 1000)} s`,
    fix: "try again when it is back; LAKEFORM_OUTAGE_SECONDS sets how long to wait for it (default 300)",
    notSent: true,
  });
}
