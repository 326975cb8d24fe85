import { isList, isObject, canonical } from "../plan/json";
import { inlinePair } from "../render/values";
import {
  marker,
  type FieldChange,
  type Json,
  type ResourceChange,
  type StackReview,
} from "../model";
import { isUnseen, overwrittenMeaning } from "./digest";

/**
 * Compares a stack's second plan with the reviewed one, after the stacks that it uses were applied
 * and unknown values became known. Fewer changes are not a difference: a value may turn out to be
 * unchanged.
 * @returns one readable line per change that was not reviewed
 */
export function beyondReview(reviewed: StackReview, now: StackReview): string[] {
  const reviewedChanges = new Map(reviewed.changes.map((change) => [change.address, change]));
  const lines = now.changes
    .filter(({ action }) => action !== "read")
    .flatMap((change) => unreviewedLines(reviewedChanges.get(change.address), change));
  for (const field of now.outputs)
    if (!isCovered(field, reviewed.outputs)) lines.push(`output ${line(field)}`);
  const reviewedOverwrites = new Set(reviewed.overwritten.map(overwrittenMeaning));
  for (const entry of now.overwritten.filter(isUnseen)) {
    if (!reviewedOverwrites.has(overwrittenMeaning(entry)))
      lines.push(
        `${entry.path}: overwrites ${entry.field}, changed in the workspace since the review`,
      );
  }
  return lines;
}

function unreviewedLines(reviewed: ResourceChange | undefined, now: ResourceChange): string[] {
  if (reviewed === undefined)
    return [
      `${now.path}: ${now.action} was not reviewed`,
      ...now.fields.map((field) => `  ${line(field)}`),
    ];
  const lessThanReplaced = reviewed.action === "replace" && now.action === "update";
  if (now.id !== reviewed.id || (now.action !== reviewed.action && !lessThanReplaced))
    return [`${now.path}: ${describe(reviewed)} was reviewed, the plan now is ${describe(now)}`];
  return now.fields
    .filter((field) => !isCovered(field, reviewed.fields))
    .map((field) => `${now.path}: ${line(field)}`);
}

const describe = ({ action, id }: ResourceChange): string =>
  id === undefined ? action : `${action} ${id}`;

function isCovered(now: FieldChange, reviewed: readonly FieldChange[]): boolean {
  return reviewed.some((reviewedField) => {
    // A completely unknown list or block covers all its elements.
    if (isUnknown(reviewedField.after) && now.field.startsWith(`${reviewedField.field}.`))
      return true;
    // The path of a set element changes once its unknown value is known.
    if (
      reviewedField.path !== now.path &&
      !(reviewedField.field === now.field && hasUnknown(reviewedField.after))
    )
      return false;
    return (
      canonical(reviewedField.before ?? null) === canonical(now.before ?? null) &&
      matches(reviewedField.after ?? null, now.after ?? null)
    );
  });
}

/** Equal except for unknown values. */
function matches(reviewed: Json, now: Json): boolean {
  if (isUnknown(reviewed)) return true;
  if (isList(reviewed) && isList(now)) {
    const unmatched = [...reviewed];
    const used = now.every((element) => {
      const index = unmatched.findIndex((json) => matches(json, element));
      if (index >= 0) unmatched.splice(index, 1);
      return index >= 0;
    });
    return used && unmatched.every(hasUnknown);
  }
  if (isObject(reviewed) && isObject(now) && marker(reviewed) === undefined) {
    const [a, b] = [
      reviewed as Readonly<Record<string, Json>>,
      now as Readonly<Record<string, Json>>,
    ];
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) =>
      matches(a[key] ?? null, b[key] ?? null),
    );
  }
  return canonical(reviewed) === canonical(now);
}

const isUnknown = (value: Json | undefined): boolean => marker(value)?.$lakeform === "unknown";
const hasUnknown = (value: Json | undefined): boolean =>
  isUnknown(value) ||
  (typeof value === "object" &&
    value !== null &&
    Object.values(value as object).some((inner: Json) => hasUnknown(inner)));
const line = ({ path, before, after }: FieldChange): string =>
  `${path}: ${inlinePair(before, after).join(" -> ")}`;
