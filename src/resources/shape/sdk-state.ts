/**
 * Decides which values of a remote object go into the state, as in the official provider's SDK:
 * after a create or an import, all returned values except empty ones of optional fields; later, only
 * values that the state already has or that are computed. So fields that the configuration omits are
 * mostly not read.
 */
import type { Attributes, Remote, Value } from "../kind";
import type { Attribute, Block } from "./schema";
import { isAttributes, isZeroValue } from "./shape";

/** @param fresh whether the object was just created or imported */
export function stateOf(
  block: Block,
  before: Attributes,
  remote: Remote,
  fresh: boolean,
): Attributes {
  const state: Attributes = { ...before, id: remote.id };
  for (const [name, attribute] of Object.entries(block.attributes)) {
    if (name === "id" || !(name in remote.attributes)) continue;
    // Numbers and booleans missing in the response are zero; other missing values are not changed.
    const value = remote.attributes[name] ?? zeroOf(attribute);
    if (
      isZeroValue(value) &&
      !isNumeric(attribute) &&
      (attribute.optional === true || value === null)
    )
      continue;
    if (!fresh && !attribute.computed && isZeroValue(before[name])) continue;
    state[name] = value;
  }
  for (const [name, nested] of Object.entries(block.blocks)) {
    const value = remote.attributes[name];
    if (!Array.isArray(value) || value.length === 0) continue;
    if (!fresh && !nested.computed && isZeroValue(before[name])) continue;
    state[name] = value.map((item) => (isAttributes(item) ? filled(nested.block, item) : item));
  }
  return state;
}

/**
 * Keeps the previous values of fields that REST never returns. Otherwise every plan after a refresh
 * would show a difference.
 * @param fields paths without indices
 * @param keyed the lists whose items are matched by key (as in `Rules`); other items are matched by
 * position
 */
export function keepUnreturned(
  state: Attributes,
  before: Attributes,
  fields: readonly string[],
  keyed: Readonly<Record<string, string>>,
): Attributes {
  let result = state;
  for (const field of fields) result = keepField(result, before, field.split("."), "", keyed);
  return result;
}

function keepField(
  state: Attributes,
  before: Attributes,
  [name = "", ...rest]: readonly string[],
  parentPath: string,
  keyed: Readonly<Record<string, string>>,
): Attributes {
  const [current, previous] = [state[name], before[name]];
  if (rest.length === 0)
    return isZeroValue(current) && !isZeroValue(previous)
      ? { ...state, [name]: previous ?? null }
      : state;
  if (!Array.isArray(current) || !Array.isArray(previous)) return state;
  const path = parentPath === "" ? name : `${parentPath}.${name}`;
  const key = keyed[path];
  const items = current.map((item, index) => {
    if (!isAttributes(item)) return item;
    const previousItem =
      key === undefined || key === "*"
        ? previous[index]
        : previous.find((value) => isAttributes(value) && value[key] === item[key]);
    return isAttributes(previousItem) ? keepField(item, previousItem, rest, path, keyed) : item;
  });
  return { ...state, [name]: items };
}

/**
 * Returns a block with all its fields.
 * @param absent returns the value of an absent attribute; by default zero for numbers and booleans,
 * as in the SDK's structs
 */
export function filled(
  block: Block,
  value: Attributes,
  absent: (attribute: Attribute) => Value = zeroOf,
): Attributes {
  const result: Attributes = {};
  for (const [name, attribute] of Object.entries(block.attributes))
    result[name] = value[name] ?? absent(attribute);
  for (const [name, nested] of Object.entries(block.blocks)) {
    const fieldValue = value[name];
    result[name] = Array.isArray(fieldValue)
      ? fieldValue.map((item) => (isAttributes(item) ? filled(nested.block, item, absent) : item))
      : [];
  }
  return result;
}

function isNumeric(attribute: Attribute): boolean {
  return attribute.type === "number" || attribute.type === "bool";
}

function zeroOf(attribute: Attribute): Value {
  return attribute.type === "number" ? 0 : attribute.type === "bool" ? false : null;
}

/**
 * Returns the state that Terraform's newer framework writes: all returned values, even if the
 * configuration does not set them. Null and zero differ there, so a zero that the workspace omits
 * keeps its configured form.
 * @param unreturned fields that the workspace does not return
 */
export function wholeState(
  block: Block,
  before: Attributes,
  { id, attributes: remoteAttributes }: Remote,
  unreturned: readonly string[],
): Attributes {
  const state: Attributes = { ...before, id };
  for (const name of [...Object.keys(block.attributes), ...Object.keys(block.blocks)]) {
    if (name === "id" || unreturned.includes(name)) continue;
    const [current, previous] = [remoteAttributes[name], before[name] ?? null];
    state[name] = isZeroValue(current) && isZeroValue(previous) ? previous : (current ?? null);
  }
  return state;
}
