/**
 * The clocks of workspaces, by the `Date` header of their answers. When an object was made is told by the workspace's clock, and this machine's may be an
 * hour off.
 */
const differences = new Map<string, number>();

/** @param now this machine's time */
export function hearDate(host: string, header: string | undefined, now: number): void {
  const date = header === undefined ? NaN : Date.parse(header);
  if (!Number.isNaN(date)) differences.set(host, date - now);
}

/** How far the workspace's clock is ahead of this machine's, in milliseconds; undefined before its first answer. */
export function clockDifference(host: string): number | undefined {
  return differences.get(host);
}
