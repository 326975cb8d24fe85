import { ConnectionError, type CallFacts } from "./errors";

/** Default for the milliseconds of failures only, after which the workspace counts as down. */
const defaultLimitMs = 5 * 60_000;
/** Interval in milliseconds of single calls to a workspace that is down, to detect its recovery. */
const probeIntervalMs = 10_000;
/**
 * Failures further apart than this many milliseconds are separate outages, because no call was made
 * in between.
 */
const maxPauseMs = 120_000;

interface Outage {
  readonly since: number;
  /** Time of the last failure. */
  last: number;
  probed: number;
}

const outages = new Map<string, Outage>();

/** Returns LAKEFORM_OUTAGE_SECONDS in milliseconds, or five minutes. */
export function outageLimit(env: NodeJS.ProcessEnv): number {
  const seconds = Number(env["LAKEFORM_OUTAGE_SECONDS"] ?? "");
  return seconds > 0 ? seconds * 1000 : defaultLimitMs;
}

/** Ends an outage after any response that shows that the workspace is available. */
export function noteAnswer(host: string): void {
  outages.delete(host);
}

export function noteFailure(host: string, now: number): void {
  const outage = outages.get(host);
  if (outage === undefined || now - outage.last > maxPauseMs)
    outages.set(host, { since: now, last: now, probed: now });
  else outage.last = now;
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
  if (now - outage.probed >= probeIntervalMs) {
    outage.probed = now;
    return;
  }
  throw new ConnectionError(facts, {
    code: "WORKSPACE_DOWN",
    what: `the workspace has returned only failures for ${Math.round((now - outage.since) / 1000)} s`,
    fix: "try again when it is back; LAKEFORM_OUTAGE_SECONDS sets how long to wait for it (default 300)",
    notSent: true,
  });
}
