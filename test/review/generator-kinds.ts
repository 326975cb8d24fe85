/**
 * Random resources of every kind, generated from the schema, and random edits of them. The oracle
 * is the list of edits by schema path, which is independent of the review's comparison.
 */
import { kinds } from "../../src/resources/index";
import { schemaOf, type Attribute, type Block } from "../../src/resources/shape/schema";
import type { Random } from "./generator";

export type Json = string | number | boolean | null | Json[] | Values;
export interface Values {
  [field: string]: Json;
}

export const allTypes: readonly string[] = kinds.map(({ type }) => type);
const pick = <T>(random: Random, values: readonly T[]): T =>
  values[Math.floor(random() * values.length)] as T;
const chance = (random: Random, probability: number): boolean => random() < probability;

/**
 * Returns a random string that no rule of a kind considers equal to another one, and no scan
 * considers a secret.
 */
const randomString = (random: Random): string =>
  pick(random, ["amber", "birch", "cedar", "delta", "ember"]) +
  Math.floor(random() * 1e6).toString(36);

function scalar(random: Random, { type }: Attribute): Json {
  if (type === "number") return 1 + Math.floor(random() * 1e6);
  if (type === "bool") return chance(random, 0.5);
  return randomString(random);
}
const isScalar = ({ type }: Attribute): boolean =>
  type === "string" || type === "number" || type === "bool";

/**
 * Fields that a provider fills in, that only control Terraform, or that represent a file's bytes
 * are not edited; nor is the location of a volume, for which providers plan no change if the code
 * does not set it.
 */
const skippedFields = new Set([
  "storage_location",
  "id",
  "timeouts",
  "source",
  "md5",
  "etag",
  "content_base64",
  "provider_config",
  "remote_file_modified",
]);
const isUsed = (name: string, attribute: Attribute): boolean =>
  !skippedFields.has(name) && (attribute.optional === true || attribute.required === true);

/** Max nesting depth of generated blocks: enough for a task within the for_each of a task. */
const maxDepth = 3;

function blockOf(random: Random, block: Block, depth: number): Values {
  const values: Values = {};
  for (const [name, attribute] of Object.entries(block.attributes)) {
    if (!isUsed(name, attribute)) continue;
    const value = chance(random, attribute.required === true ? 1 : 0.5)
      ? attributeOf(random, attribute)
      : null;
    values[name] = value;
  }
  for (const [name, nested] of Object.entries(block.blocks)) {
    if (skippedFields.has(name) || nested.nesting === "single") continue;
    const maxElements = nested.maxItems === 1 ? 1 : 3;
    const count =
      depth >= maxDepth || chance(random, 0.6) ? 0 : 1 + Math.floor(random() * maxElements);
    values[name] = Array.from({ length: count }, () => blockOf(random, nested.block, depth + 1));
  }
  return values;
}

function attributeOf(random: Random, attribute: Attribute): Json {
  const { type } = attribute;
  if (isScalar(attribute)) return scalar(random, attribute);
  if (typeof type === "string") return null;
  if (type[0] === "map")
    return Object.fromEntries(
      Array.from({ length: 1 + Math.floor(random() * 3) }, () => [
        randomString(random),
        randomString(random),
      ]),
    );
  return Array.from({ length: 1 + Math.floor(random() * 3) }, () => randomString(random));
}

export function makeValues(random: Random, type: string): Values {
  return {
    id: randomString(random),
    ...blockOf(random, schemaOf(type)?.block ?? { attributes: {}, blocks: {} }, 0),
  };
}

/** One attribute in the values of a resource. */
interface EditableField {
  readonly holder: Values;
  readonly name: string;
  readonly attribute: Attribute;
  /** The path in the schema, without indices. */
  readonly path: string;
  /** Whether the attribute is inside a list, where other elements may have the same path. */
  readonly inList: boolean;
}

function editableFieldsOf(
  values: Values,
  block: Block,
  path = "",
  inList = false,
): EditableField[] {
  const pathTo = (name: string): string => (path === "" ? name : `${path}.${name}`);
  const direct = Object.entries(block.attributes)
    .filter(([name, attribute]) => isUsed(name, attribute))
    .map(([name, attribute]) => ({ holder: values, name, attribute, path: pathTo(name), inList }));
  const inner = Object.entries(block.blocks).flatMap(([name, nested]) => {
    const list = values[name];
    return Array.isArray(list) && !skippedFields.has(name)
      ? list.flatMap((element) =>
          editableFieldsOf(
            element as Values,
            nested.block,
            pathTo(name),
            inList || nested.maxItems !== 1,
          ),
        )
      : [];
  });
  return [...direct, ...inner];
}

export interface Edit {
  readonly path: string;
  /** Absent inside a list, where more than one element may have the same path. */
  readonly values?: { readonly before: Json; readonly after: Json };
}

/**
 * Whether an attribute is edited: only scalars, and none whose name suggests a secret, since
 * reviews hide those values.
 */
const isEdited = (name: string, attribute: Attribute): boolean =>
  isScalar(attribute) && !/password|secret$|token$/.test(name);

/** Returns a copy with at least one field set, cleared or changed, and the list of these edits. */
export function editOf(
  random: Random,
  type: string,
  before: Values,
): { readonly after: Values; readonly edits: readonly Edit[] } {
  const after = structuredClone(before);
  const fields = editableFieldsOf(after, schemaOf(type)?.block ?? { attributes: {}, blocks: {} });
  const edits = new Map<string, Edit>();
  // A kind may have only a map (workspace_conf): it gets another entry.
  const maps = fields.some(({ name, attribute }) => isEdited(name, attribute))
    ? []
    : fields.filter(({ attribute }) => !isScalar(attribute));
  for (const { holder, name, path } of maps) {
    holder[name] = { ...(holder[name] as Values), [randomString(random)]: randomString(random) };
    edits.set(path, { path });
  }
  if (maps.length > 0) return { after, edits: [...edits.values()] };
  const editCount = 1 + Math.floor(random() * 3);
  for (let tries = 0; edits.size < editCount && (tries < 50 || edits.size === 0); tries++) {
    const { holder, name, attribute, path, inList } = pick(random, fields);
    if (edits.has(path) || !isEdited(name, attribute)) continue;
    const valueBefore = holder[name] ?? null;
    const valueAfter =
      attribute.required !== true && valueBefore !== null && chance(random, 0.3)
        ? null
        : scalar(random, attribute);
    // Providers write false, 0 and "" for unset values.
    if (
      JSON.stringify(valueBefore) === JSON.stringify(valueAfter) ||
      (valueBefore === null && valueAfter === false) ||
      (valueBefore === false && valueAfter === null)
    )
      continue;
    holder[name] = valueAfter;
    edits.set(path, {
      path,
      ...(inList ? {} : { values: { before: valueBefore, after: valueAfter } }),
    });
  }
  return { after, edits: [...edits.values()] };
}

/** One resource of a generated plan: its action, values and edits. */
export interface Entry {
  readonly type: string;
  readonly name: string;
  readonly action: "create" | "update" | "replace" | "delete" | "no-op" | "sensitive" | "unknown";
  readonly before?: Values;
  readonly after?: Values;
  readonly edits: readonly Edit[];
  readonly unknown?: Values;
  readonly sensitive?: Values;
  readonly replacePaths?: readonly (readonly string[])[];
}

export function makeEntry(random: Random, type: string, name: string): Entry {
  const action = pick(random, [
    "create",
    "update",
    "update",
    "update",
    "replace",
    "delete",
    "no-op",
    "sensitive",
    "unknown",
  ] as const);
  const before = makeValues(random, type);
  if (action === "create") return { type, name, action, after: { ...before, id: null }, edits: [] };
  if (action === "delete") return { type, name, action, before, edits: [] };
  if (action === "no-op")
    return { type, name, action, before, after: structuredClone(before), edits: [] };
  const { after, edits } = editOf(random, type, before);
  const top = edits.find(
    ({ values }) => values !== undefined && values.after !== null && values.before !== null,
  );
  const field = top !== undefined && !top.path.includes(".") ? top.path : undefined;
  if (field === undefined || action === "update")
    return { type, name, action: "update", before, after, edits };
  if (action === "replace")
    return { type, name, action, before, after, edits, replacePaths: [[field]] };
  if (action === "sensitive")
    return { type, name, action, before, after, edits, sensitive: { [field]: true } };
  const { [field]: _unknown, ...known } = after;
  return { type, name, action, before, after: known, edits, unknown: { [field]: true } };
}
