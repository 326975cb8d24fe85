/**
 * This folder computes the digest of a review and compares reviews with approved ones.
 * `scripts/import-order.cjs` lists what it may import.
 */
import { defined } from "../../defined";
import {
  marker,
  type FieldChange,
  type Json,
  type LeftOut,
  type Overwritten,
  type ResourceChange,
} from "../model";
import { canonical, sha256 } from "../plan/json";

/**
 * The digest of one stack. It covers the changes to each object and everything in the stack (see
 * `meaningOf`), because a plan does not show every effect. It excludes source positions, order,
 * time, Terraform's version, and values that the provider computes.
 *
 * For a sensitive value, it covers only its expression and whether it changes. A hash of the value
 * would need a salt that is known wherever a review is created, so a weak password could be guessed
 * from the digest in a pull request.
 */
export function stackDigest(
  stack: string,
  statements: readonly string[],
  changes: readonly ResourceChange[],
  outputs: readonly FieldChange[],
  healed: readonly LeftOut[],
  overwritten: readonly Overwritten[] = [],
): string {
  const unseenOverwrites = overwritten.filter(isUnseen);
  // The names of these fields are part of the digest.
  const meaning = {
    stack,
    said: statements,
    changes: changes
      .filter((change) => change.action !== "read")
      .map((change) => canonical(changeMeaning(change)))
      .sort(),
    outputs: outputs.map((output) => canonical(fieldMeaning(output))).sort(),
    healed: healed
      .map(({ address, field, before, after }) => canonical({ address, field, before, after }))
      .sort(),
    ...(unseenOverwrites.length === 0
      ? {}
      : { overwritten: unseenOverwrites.map(overwrittenMeaning).sort() }),
  };
  return `sha256:${sha256(canonical(meaning))}`;
}

/**
 * True for workspace changes that the planned changes in the digest do not show, because file
 * contents and secret values have no `before` there. The digest covers them separately: a change
 * made after the approval must not be overwritten unnoticed.
 */
export const isUnseen = ({ field, remote, after }: Overwritten): boolean =>
  field === "content" || marker(remote) !== undefined || marker(after) !== undefined;

/** Returns the part of a workspace change that the digest covers. */
export const overwrittenMeaning = ({ address, field, remote }: Overwritten): string =>
  canonical({ address, field, remote });

/**
 * Returns the digest of several stacks, independent of their order. For a single stack, it is the
 * stack's own digest.
 */
export function totalDigest(
  stacks: readonly { readonly stack: string; readonly digest: string }[],
): string {
  const [onlyStack] = stacks;
  if (stacks.length === 1 && onlyStack !== undefined) return onlyStack.digest;
  return `sha256:${sha256(canonical(stacks.map(({ stack, digest }) => `${stack} ${digest}`).sort()))}`;
}

/** Returns the part of a change that the digest covers. */
export function changeMeaning(change: ResourceChange): unknown {
  const { address, type, action, id, movedFrom, imported, forcedBy, fields } = change;
  return {
    address,
    type,
    action,
    id,
    movedFrom,
    imported,
    forcedBy: [...forcedBy].sort(),
    fields: fields.map((field) => canonical(fieldMeaning(field))).sort(),
  };
}

function fieldMeaning({ path, kind, before, after }: FieldChange): {
  path: string;
  kind: string;
  before?: Json;
  after?: Json;
} {
  // Only the new content is approved. The old content is known only if the workspace could be read.
  if (path === "content") return { path, kind, ...defined({ after }) };
  return { path, kind, ...defined({ before, after }) };
}
