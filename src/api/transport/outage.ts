import { ConnectionError, type CallFacts } from "./errors";

/** After only failures for this long, the workspace counts as down. Milliseconds. */
const defaultLimit = 5 * 60_000;
/** While it is down one call is made this often, to see whether it is back. Milliseconds. */
const probing = 10_000;
/**
 * Failures further apart than this, in milliseconds, are separate outages: no call was made in
 * between.
 */
const pause = 120_000;

interface Outage {
  readonly since: number;
  /** The last failure. */
  last: number;
  probed: number;
}

const outages = new Map<string, Outage>();

/** LAKEFORM_OUTAGE_SECONDS, else five minutes. */
export function outageLimit(env: NodeJS.ProcessEnv): number {
  const seconds = Number(env["LAKEFORM_OUTAGE_SECONDS"] ?? "");
  return seconds > 0 ? seconds * 1000 : defaultLimit;
}

/** A successful answer ends an outage. */
export function noteAnswer(host: string): void {
  outages.delete(host);
}

export function noteFailure(host: string, now: number): void {
  const outage = outages.get(host);
  if (outage === undefined || now - outage.last > pause)
    outages.set(host, { since: now, last: now, probed: now });
  else outage.last = now;
}

/**
 * True if all answers have been failures for longer than the limit: another attempt is not worth
 * the wait.
 */
export function isDown(host: string, now: number, limit: number): boolean {
  const outage = outages.get(host);
  return outage !== undefined && now - outage.since > limit;
}

/**
 * Calls to a workspace that is down end at once, but for one now and then: hundreds of them must
 * not each wait out their own retries.
 * @throws ConnectionError WORKSPACE_DOWN
 */
export function refuseWhileDown(facts: CallFacts, now: number, limit: number): void {
  const outage = outages.get(facts.host);
  if (outage === undefined || now - outage.since <= limit) return;
  if (now - outage.probed >= probing) {
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
