import { findKind } from "../../resources";
import type { Attributes, Value } from "../../resources/kind";
import type { FieldChange, ResourceChange } from "../model";
import { isObject, object, text } from "../plan/json";

/**
 * Treats an import followed by an ineffective update as an import, with a note that Terraform
 * writes the object. Such updates occur because providers add their own defaults
 * (`control_run_state = false`), sort lists whose order is not significant, and write content that
 * an import does not read. Constructs also set the platform's defaults explicitly
 * (`driver_node_type_id`).
 * @param after the planned values
 */
export function simplifyImport(change: ResourceChange, after: unknown): ResourceChange {
  if (change.imported !== true || change.action !== "update") return change;
  const fields = change.fields.filter((field) => !setsOnlyDefaults(field, change.type, after));
  return fields.length === 0 ? { ...change, action: "import", fields } : change;
}

/** True if a field is added with the platform's defaults only, in all blocks that have it. */
function setsOnlyDefaults({ field, kind }: FieldChange, type: string, after: unknown): boolean {
  const rule = findKind(type)?.rules.backendDefaults[field];
  if (kind !== "added" || rule === undefined || !isObject(after)) return false;
  const planned = after as Attributes;
  const settings = valuesAt(planned, field.split("."));
  return (
    settings.length > 0 &&
    settings.every(({ value, parentBlock }) => rule.when(value, parentBlock, planned))
  );
}

function valuesAt(
  parent: Attributes,
  [name = "", ...rest]: readonly string[],
): { readonly value: Value; readonly parentBlock: Attributes }[] {
  const value = parent[name] ?? null;
  if (rest.length === 0) return value === null ? [] : [{ value, parentBlock: parent }];
  const inner = Array.isArray(value) ? value : [value];
  return inner.flatMap((item) => (isObject(item) ? valuesAt(item, rest) : []));
}

/** True if an `import` block is already listed as a change of its object. */
export function isListedImport(
  block: { readonly kind: string; readonly value: unknown },
  changes: readonly ResourceChange[],
): boolean {
  const importTarget = text(object(block.value).to);
  return (
    block.kind === "import" &&
    changes.some(
      ({ address, action, imported }) =>
        address === importTarget && (action === "import" || imported === true),
    )
  );
}

/** Explains an import to the reader of a review. */
export const importNote = ({ action }: ResourceChange): string =>
  action === "import"
    ? "Terraform writes it again with its current values"
    : "imported: not in the state yet";
