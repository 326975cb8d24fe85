/**
 * The part of the cases that long tests run, from LAKEFORM_LONG_SCALE. The default 1 runs all cases;
 * CI sets 0.05, a twentieth.
 */
export const longScale = Math.min(
  1,
  Math.max(0.001, Number(process.env.LAKEFORM_LONG_SCALE ?? "1")),
);

/** Returns the part of `fullCount` to run. @param minimum the smallest count at any scale */
export function scaled(fullCount: number, minimum: number): number {
  return Math.max(minimum, Math.ceil(fullCount * longScale));
}
