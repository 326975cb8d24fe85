/**
 * Objects that have not changed since the verification after the deploy: their list returns the
 * version that was recorded then, so they are as they were, and are not read.
 */
import type { Remote } from "../../resources/kind";
import type { Expected } from "../desired/expected";
import { plain } from "../expressions/values";
import type { ResourceResult } from "../model";

/** The version of the object when it last matched the code; undefined if none was recorded. */
export const recordedVersion = ({ record, address }: Expected): string | undefined =>
  record?.verified?.[address];

/**
 * The object as it was when its version was recorded: its fields are those of the state, which a
 * trusted record belongs to, and its content is that of the record. What the list returns is taken
 * from the list.
 * @returns undefined if the object has another version
 */
export function unchangedObject(resource: Expected, listed: Remote): Remote | undefined {
  const { record, address, state, reader } = resource;
  if (state === undefined || listed.version === undefined) return undefined;
  if (listed.version !== recordedVersion(resource)) return undefined;
  const content = record?.content[address];
  if (reader?.desiredContent !== undefined && content === undefined) return undefined;
  const shown = Object.entries(listed.attributes).filter(
    ([field]) => listed.omitted?.includes(field) !== true,
  );
  return {
    id: listed.id,
    attributes: { ...plain(state), ...Object.fromEntries(shown) },
    version: listed.version,
    ...(content !== undefined && { content }),
  };
}

/** Whether everything matches that can be compared. */
export function isFullMatch({ reader }: Expected, { status, findings }: ResourceResult): boolean {
  return (
    status === "match" ||
    (status === "unverifiable" &&
      findings.length > 0 &&
      findings.every(({ field }) => reader?.rules.unverifiable[field] !== undefined))
  );
}
