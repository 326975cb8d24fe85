/**
 * Clock differences in milliseconds by host, from the `Date` header of responses. Creation times
 * come from the workspace's clock, which can differ from the local clock by an hour.
 */
const differences = new Map<string, number>();

/**
 * Remembers the clock difference that a response shows.
 * @param header the `Date` header; if absent or invalid, the last difference is kept
 * @param now time of the local clock
 */
export function noteDate(host: string, header: string | undefined, now: number): void {
  const date = header === undefined ? NaN : Date.parse(header);
  if (!Number.isNaN(date)) differences.set(host, date - now);
}

/**
 * Returns how far the workspace's clock is ahead of the local clock, in milliseconds; undefined
 * before the first response.
 */
export function clockDifference(host: string): number | undefined {
  return differences.get(host);
}

/**
 * Tolerance in milliseconds for comparing creation times: the `Date` header has whole seconds, and
 * the response took some time.
 */
const grace = 60_000;

/**
 * Whether an object was created after a moment of the local clock, with a tolerance of a minute.
 * @param createdAt creation time in milliseconds, by the workspace's clock
 * @param started the moment, in milliseconds
 * @param difference of the clocks at that moment. @default the last known difference
 */
export function wasCreatedSince(
  host: string,
  createdAt: number,
  started: number,
  difference = clockDifference(host) ?? 0,
): boolean {
  return createdAt >= started + difference - grace;
}

/**
 * Converts a time of the local clock to the workspace's clock. A difference below the tolerance is
 * not corrected, because it may only be the time of a response.
 */
export function workspaceTime(host: string, localTime: number): number {
  const difference = clockDifference(host) ?? 0;
  return Math.abs(difference) < grace ? localTime : localTime + difference;
}

/** Returns the current time by the workspace's clock, to compare with times of the workspace. */
export const workspaceNow = (host: string): number => workspaceTime(host, Date.now());
