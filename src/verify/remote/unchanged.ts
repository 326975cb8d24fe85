/**
 * Recognizes objects that have not changed since the verification after the deploy, because their
 * list returns the recorded version. They need not be read.
 */
import type { Remote } from "../../resources/kind";
import type { Expected } from "../desired/expected";
import { plain } from "../expressions/values";
import type { ResourceResult } from "../model";

/** Returns the version with which the object last matched the code, if one was recorded. */
export const recordedVersion = ({ record, address }: Expected): string | undefined =>
  record?.verified?.[address];

/**
 * Returns an object with the recorded version without reading it: the fields come from the list and
 * the state, and the content from the record.
 * @returns undefined if the object has another version
 */
export function unchangedObject(resource: Expected, listed: Remote): Remote | undefined {
  const { record, address, state, reader } = resource;
  if (state === undefined || listed.version === undefined) return undefined;
  if (listed.version !== recordedVersion(resource)) return undefined;
  const content = record?.content[address];
  if (reader?.desiredContent !== undefined && content === undefined) return undefined;
  const returnedFields = Object.entries(listed.attributes).filter(
    ([field]) => listed.omitted?.includes(field) !== true,
  );
  return {
    id: listed.id,
    attributes: { ...plain(state), ...Object.fromEntries(returnedFields) },
    version: listed.version,
    ...(content !== undefined && { content }),
  };
}

/** True if all fields that can be compared match. */
export function isFullMatch({ reader }: Expected, { status, findings }: ResourceResult): boolean {
  return (
    status === "match" ||
    (status === "unverifiable" &&
      findings.length > 0 &&
      findings.every(({ field }) => reader?.rules.unverifiable[field] !== undefined))
  );
}
