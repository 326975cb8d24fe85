import type { FieldChange, Json, LeftOut, ResourceChange } from "./model";
import { canonical, sha256 } from "./json";

/**
 * The digest of one stack: over what will happen to which object, and nothing else. Not in it: the backend, file paths, source positions, order, time,
 * versions, what does not change, what the provider computes by itself. Sensitive values are in it only as "changes" with the expression that they come
 * from, so a digest tells nothing about them.
 */
export function stackDigest(
  stack: string,
  changes: readonly ResourceChange[],
  outputs: readonly FieldChange[],
  healed: readonly LeftOut[],
): string {
  const meaning = {
    stack,
    changes: changes
      .filter((change) => change.action !== "read")
      .map((change) => canonical(changeMeaning(change)))
      .sort(),
    outputs: outputs.map((output) => canonical(fieldMeaning(output))).sort(),
    healed: healed.map(({ address, field, before, after }) => canonical({ address, field, before, after })).sort(),
  };
  return `sha256:${sha256(canonical(meaning))}`;
}

/** Over several stacks, in any order. */
export function totalDigest(stacks: readonly { readonly stack: string; readonly digest: string }[]): string {
  const [only] = stacks;
  if (stacks.length === 1 && only !== undefined) return only.digest;
  return `sha256:${sha256(canonical(stacks.map(({ stack, digest }) => `${stack} ${digest}`).sort()))}`;
}

export function changeMeaning(change: ResourceChange): unknown {
  const { address, type, action, id, movedFrom, forcedBy, fields } = change;
  return {
    address,
    type,
    action,
    id,
    movedFrom,
    forcedBy: [...forcedBy].sort(),
    fields: fields.map((field) => canonical(fieldMeaning(field))).sort(),
  };
}

function fieldMeaning({ path, kind, before, after }: FieldChange): { path: string; kind: string; before?: Json; after?: Json } {
  // What a file was is known only where the workspace could be asked; what it becomes is what is approved.
  if (path === "content") return { path, kind, ...(after === undefined ? {} : { after }) };
  return { path, kind, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}
