import type { Remote } from "../../resources/kind";
import type { Expected } from "../desired/expected";
import type { Finding } from "../model";

/**
 * Compares a secret by its write time, if the token cannot read the value. The record has the time
 * of the deploy. The state has the time of the last refresh: an equal time proves nothing, a
 * different one shows that the secret was written after the refresh.
 */
export function compareTimestamp(expected: Expected, remote: Remote): Finding | undefined {
  const remoteTime = remote.attributes.last_updated_timestamp;
  const recordedTime = expected.record?.secrets[expected.address]?.lastUpdatedTimestamp;
  const stateTime = expected.state?.last_updated_timestamp;
  const commonFields = { path: "string_value", field: "string_value", sensitive: true as const };
  if (typeof remoteTime !== "number")
    return {
      ...commonFields,
      status: "unverifiable",
      reason: "the workspace returns neither the value nor its write time",
    };
  if (recordedTime === remoteTime) return undefined;
  const writtenAt = new Date(remoteTime).toISOString();
  if (recordedTime !== undefined) {
    return {
      ...commonFields,
      status: "drift",
      reason: `overwritten in the workspace at ${writtenAt}; the deploy wrote it at ${new Date(recordedTime).toISOString()}`,
    };
  }
  if (typeof stateTime === "number" && stateTime !== remoteTime) {
    return {
      ...commonFields,
      status: "drift",
      reason: `overwritten in the workspace at ${writtenAt}; the state has ${new Date(stateTime).toISOString()}`,
    };
  }
  return {
    ...commonFields,
    status: "unverifiable",
    reason: "the token may not read the value, and no deployment record has its write time",
  };
}
