/**
 * The part of the long tests that is run: 1 is all of them (the default); CI runs a twentieth
 * (LAKEFORM_LONG_SCALE=0.05).
 */
export const longScale = Math.min(
  1,
  Math.max(0.001, Number(process.env.LAKEFORM_LONG_SCALE ?? "1")),
);

/** @param minimum the least count at any scale */
export function scaled(fullCount: number, minimum: number): number {
  return Math.max(minimum, Math.ceil(fullCount * longScale));
}
