/**
 * The clocks of workspaces, by the `Date` header of their answers. Creation times come from the
 * workspace's clock, which can differ from this machine's by an hour.
 */
const differences = new Map<string, number>();

/** @param now this machine's time */
export function noteDate(host: string, header: string | undefined, now: number): void {
  const date = header === undefined ? NaN : Date.parse(header);
  if (!Number.isNaN(date)) differences.set(host, date - now);
}

/**
 * How far the workspace's clock is ahead of this machine's, in milliseconds; undefined before its
 * first answer.
 */
export function clockDifference(host: string): number | undefined {
  return differences.get(host);
}

/**
 * The `Date` header of an answer has whole seconds, and the answer took some time: so much grace
 * when a time of creation is compared. Milliseconds.
 */
const grace = 60_000;

/**
 * Whether something was made since a moment of this machine's clock.
 * @param made milliseconds of the workspace's clock
 * @param difference of the clocks at that moment. @default as last heard
 */
export function wasMadeSince(
  host: string,
  made: number,
  started: number,
  difference = clockDifference(host) ?? 0,
): boolean {
  return made >= started + difference - grace;
}
