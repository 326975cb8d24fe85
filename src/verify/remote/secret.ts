import type { Remote } from "../../resources/kind";
import type { Expected } from "../desired/expected";
import type { Finding } from "../model";

/**
 * A secret whose value the token cannot read is compared by its time of writing, if the deploy
 * recorded it. An equal time in a refreshed state proves nothing, but an unequal one does: the
 * secret was written after that refresh.
 */
export function compareTimestamp(expected: Expected, remote: Remote): Finding | undefined {
  const now = remote.attributes.last_updated_timestamp;
  const recorded = expected.record?.secrets[expected.address]?.lastUpdatedTimestamp;
  const inState = expected.state?.last_updated_timestamp;
  const shown = { path: "string_value", field: "string_value", sensitive: true as const };
  if (typeof now !== "number")
    return {
      ...shown,
      status: "unverifiable",
      reason: "the workspace returns neither the value nor its write time",
    };
  if (recorded === now) return undefined;
  const written = new Date(now).toISOString();
  if (recorded !== undefined) {
    return {
      ...shown,
      status: "drift",
      reason: `overwritten in the workspace at ${written}; the deploy wrote it at ${new Date(recorded).toISOString()}`,
    };
  }
  if (typeof inState === "number" && inState !== now) {
    return {
      ...shown,
      status: "drift",
      reason: `overwritten in the workspace at ${written}; the state has ${new Date(inState).toISOString()}`,
    };
  }
  return {
    ...shown,
    status: "unverifiable",
    reason: "the token may not read the value, and no deployment record has its write time",
  };
}
