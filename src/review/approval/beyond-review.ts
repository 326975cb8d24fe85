import { isList, isObject, canonical } from "../plan/json";
import { fieldLine } from "../render/values";
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
 * @returns readable lines on each change that was not reviewed; empty if all were reviewed
 */
export function listUnreviewedChanges(reviewed: StackReview, current: StackReview): string[] {
  const reviewedChanges = new Map(reviewed.changes.map((change) => [change.address, change]));
  const lines = current.changes
    .filter(({ action }) => action !== "read")
    .flatMap((change) => unreviewedLines(reviewedChanges.get(change.address), change));
  for (const field of current.outputs)
    if (!isCovered(field, reviewed.outputs)) lines.push(`output ${fieldLine(field)}`);
  const reviewedOverwrites = new Set(reviewed.overwritten.map(overwrittenMeaning));
  for (const entry of current.overwritten.filter(isUnseen)) {
    if (!reviewedOverwrites.has(overwrittenMeaning(entry)))
      lines.push(
        `${entry.path}: overwrites ${entry.field}, changed in the workspace since the review`,
      );
  }
  return lines;
}

function unreviewedLines(reviewed: ResourceChange | undefined, current: ResourceChange): string[] {
  if (reviewed === undefined)
    return [
      `${current.path}: ${current.action} was not reviewed`,
      ...current.fields.map((field) => `  ${fieldLine(field)}`),
    ];
  const isReducedToUpdate = reviewed.action === "replace" && current.action === "update";
  if (current.id !== reviewed.id || (current.action !== reviewed.action && !isReducedToUpdate))
    return [
      `${current.path}: ${describe(reviewed)} was reviewed, the plan now is ${describe(current)}`,
    ];
  return current.fields
    .filter((field) => !isCovered(field, reviewed.fields))
    .map((field) => `${current.path}: ${fieldLine(field)}`);
}

const describe = ({ action, id }: ResourceChange): string =>
  id === undefined ? action : `${action} ${id}`;

function isCovered(current: FieldChange, reviewed: readonly FieldChange[]): boolean {
  return reviewed.some((reviewedField) => {
    // A completely unknown list or block covers all its elements.
    if (isUnknown(reviewedField.after) && current.field.startsWith(`${reviewedField.field}.`))
      return true;
    // The path of a set element changes once its unknown value is known.
    if (
      reviewedField.path !== current.path &&
      !(reviewedField.field === current.field && hasUnknown(reviewedField.after))
    )
      return false;
    return (
      canonical(reviewedField.before ?? null) === canonical(current.before ?? null) &&
      matches(reviewedField.after ?? null, current.after ?? null)
    );
  });
}

/**
 * True if the current value is possible according to the review, where an unknown value may become
 * any value. The order of list elements does not matter.
 */
function matches(reviewed: Json, current: Json): boolean {
  if (isUnknown(reviewed)) return true;
  if (isList(reviewed) && isList(current)) {
    const unmatched = [...reviewed];
    const allMatch = current.every((element) => {
      const index = unmatched.findIndex((json) => matches(json, element));
      if (index >= 0) unmatched.splice(index, 1);
      return index >= 0;
    });
    return allMatch && unmatched.every(hasUnknown);
  }
  if (isObject(reviewed) && isObject(current) && marker(reviewed) === undefined) {
    const [reviewedFields, currentFields] = [
      reviewed as Readonly<Record<string, Json>>,
      current as Readonly<Record<string, Json>>,
    ];
    const names = new Set([...Object.keys(reviewedFields), ...Object.keys(currentFields)]);
    return [...names].every((name) =>
      matches(reviewedFields[name] ?? null, currentFields[name] ?? null),
    );
  }
  return canonical(reviewed) === canonical(current);
}

const isUnknown = (value: Json | undefined): boolean => marker(value)?.$lakeform === "unknown";
const hasUnknown = (value: Json | undefined): boolean =>
  isUnknown(value) ||
  (typeof value === "object" &&
    value !== null &&
    Object.values(value as object).some((inner: Json) => hasUnknown(inner)));
