/**
 * Checks rules of the schema that Terraform does not check: fields that exclude or require each
 * other, whole numbers, lengths of lists, deprecated fields.
 */
import type { Attribute, Block, NestedBlock } from "../resources/shape/schema";
import { problem, type Diagnostic } from "./diagnostics";
import { isObject, Unknown, type Dynamic, type DynamicObject } from "./unknown";

export function validateBlock(root: Block, config: DynamicObject): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const reportedKeys = new Set<string>();
  const add = (path: string, summary: string, detail: string, severity: 1 | 2 = 1): void => {
    // Report each group once, although each field of the group has the rule.
    const key = `${summary} ${detail}`;
    if (!reportedKeys.has(key)) diagnostics.push(problem(path, summary, detail, severity));
    reportedKeys.add(key);
  };
  const walk = (block: Block, value: DynamicObject, prefix: string): void => {
    for (const [name, attribute] of Object.entries(block.attributes)) {
      const path = prefix + name;
      const fieldValue = value[name] ?? null;
      if (fieldValue !== null) checkAttribute(attribute, fieldValue, path, add);
      checkGroups(attribute, isGiven(fieldValue), path, config, add);
    }
    for (const [name, nested] of Object.entries(block.blocks)) {
      const path = prefix + name;
      const fieldValue = value[name] ?? null;
      checkGroups(nested, isGiven(fieldValue), path, config, add);
      if (nested.nesting === "single" || !Array.isArray(fieldValue)) continue;
      if (nested.deprecated && fieldValue.length > 0)
        add(path, "Argument is deprecated", `${path} is deprecated by the official provider`, 2);
      fieldValue.forEach((item, i) => isObject(item) && walk(nested.block, item, `${path}.${i}.`));
    }
  };
  walk(root, config, "");
  return diagnostics;
}

type Add = (path: string, summary: string, detail: string, severity?: 1 | 2) => void;

function checkAttribute(attribute: Attribute, value: Dynamic, path: string, add: Add): void {
  if (attribute.deprecated)
    add(path, "Argument is deprecated", `${path} is deprecated by the official provider`, 2);
  if (attribute.int && typeof value === "number" && !Number.isInteger(value))
    add(path, "a whole number is required", `${path}: given ${value}`);
  if (!Array.isArray(value)) return;
  if (attribute.minItems !== undefined && value.length < attribute.minItems) {
    add(
      path,
      "Not enough list items",
      `${path}: at least ${attribute.minItems} required, given ${value.length}`,
    );
  }
  if (attribute.maxItems !== undefined && value.length > attribute.maxItems) {
    add(
      path,
      "Too many list items",
      `${path}: at most ${attribute.maxItems} allowed, given ${value.length}`,
    );
  }
}

/**
 * Checks the rules about groups of fields.
 * @param isSet whether the field that has the rules is set
 */
function checkGroups(
  field: Attribute | NestedBlock,
  isSet: boolean,
  path: string,
  root: DynamicObject,
  add: Add,
): void {
  const names = (list: readonly string[]) => list.map((name) => `\`${name}\``).join(", ");
  const setFields = (list: readonly string[]) =>
    list.filter((name) => isGiven(valueAt(root, name)));
  const hasUnknownField = (list: readonly string[]) =>
    list.some((name) => valueAt(root, name) instanceof Unknown);
  if (isSet && field.conflictsWith !== undefined) {
    const [conflicting] = setFields(field.conflictsWith); // One message per field, like the official SDK.
    if (conflicting !== undefined)
      add(path, "Conflicting configuration arguments", `"${path}": conflicts with ${conflicting}`);
  }
  if (isSet && field.requiredWith !== undefined) {
    const group = [...field.requiredWith];
    if (setFields(group).length < group.length && !hasUnknownField(group))
      add(path, "Missing required argument", `"${path}": all of ${names(group)} must be specified`);
  }
  if (!isInExistingBlock(root, field.exactlyOneOf ?? field.atLeastOneOf)) return;
  if (field.exactlyOneOf !== undefined) {
    const count = setFields(field.exactlyOneOf).length;
    if (count > 1 || (count === 0 && !hasUnknownField(field.exactlyOneOf))) {
      add(
        path,
        "Invalid combination of arguments",
        count > 1
          ? `"${path}": only one of ${names(field.exactlyOneOf)} can be specified, but ${count} are`
          : `"${path}": one of ${names(field.exactlyOneOf)} must be specified`,
      );
    }
  }
  if (
    field.atLeastOneOf !== undefined &&
    setFields(field.atLeastOneOf).length === 0 &&
    !hasUnknownField(field.atLeastOneOf)
  ) {
    add(
      path,
      "Missing required argument",
      `"${path}": one of ${names(field.atLeastOneOf)} must be specified`,
    );
  }
}

/** Whether a field has a known value: not null, and not an empty list. */
function isGiven(value: Dynamic | undefined): boolean {
  if (value === undefined || value === null || value instanceof Unknown) return false;
  return !Array.isArray(value) || value.length > 0;
}

function valueAt(root: DynamicObject, path: string): Dynamic | undefined {
  let value: Dynamic | undefined = root;
  for (const step of path.split(".")) {
    if (Array.isArray(value)) value = value[Number(step)];
    else if (isObject(value)) value = value[step];
    else return value instanceof Unknown ? value : undefined;
  }
  return value;
}

/** Whether a rule about this group applies: one in a block (`trigger.0.…`) needs the block. */
function isInExistingBlock(root: DynamicObject, group: readonly string[] | undefined): boolean {
  const first = group?.[0];
  if (first === undefined) return false;
  const parentPath = first.split(".").slice(0, -1).join(".");
  return parentPath === "" || isObject(valueAt(root, parentPath));
}
