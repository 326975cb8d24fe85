/**
 * The part of the long tests that is run: 1 is all of them (the default); CI runs a twentieth
 * (LAKEFORM_LONG_SCALE=0.05).
 */
export const longScale = Math.min(
  1,
  Math.max(0.001, Number(process.env.LAKEFORM_LONG_SCALE ?? "1")),
);

/** @param least minimum at any scale */
export function scaled(full: number, least: number): number {
  return Math.max(least, Math.ceil(full * longScale));
}
