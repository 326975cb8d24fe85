import type {
  ChangeGroup,
  BlockChange,
  FieldChange,
  Finding,
  Json,
  ResourceChange,
  Review,
  StackReview,
} from "../model";
import { marker } from "../model";
import { expandJson } from "../../text-diff";
import { valuesOf } from "../changes/fold";
import { shortenFrom, shortenPair } from "./shorten";
import { isList, isObject } from "../plan/json";

/** Renders a value on one line. Markers become words; long values are shortened visibly. */
export function inline(value: Json | undefined, width = 120): string {
  const text = fullText(value);
  return text.length <= width || isHidden(value) ? text : shortenFrom(text, 0, width);
}

/**
 * Renders both values of a change. Long ones are shortened so that their first difference is
 * visible.
 */
export function inlinePair(
  before: Json | undefined,
  after: Json | undefined,
  width = 120,
): [string, string] {
  const [a, b] = [fullText(before), fullText(after)];
  return isHidden(before) || isHidden(after)
    ? [inline(before, width), inline(after, width)]
    : shortenPair(a, b, width);
}

/** Renders `path: before -> after`. */
export const fieldLine = ({ path, before, after }: FieldChange): string =>
  `${path}: ${inlinePair(before, after).join(" -> ")}`;

const isHidden = (value: Json | undefined): boolean => marker(value) !== undefined;

function fullText(value: Json | undefined): string {
  if (value === undefined || value === null) return "(none)";
  const mark = marker(value);
  if (mark !== undefined) {
    const from = mark.from === undefined ? "" : `: ${mark.from}`;
    return mark.$lakeform === "unknown"
      ? `(known after ${mark.after ?? "apply"}${from})`
      : `(sensitive${from})`;
  }
  return typeof value === "string" ? JSON.stringify(value) : compact(value);
}

/** Renders `terraform_data.x.provisioner[0] (etl/x), new, runs when the object is created`. */
export const blockHead = ({ name, path, state, effect }: BlockChange): string =>
  [
    path === name ? name : `${name} (${path})`,
    ...(state === "same" ? [] : [state]),
    ...(effect === undefined ? [] : [effect]),
  ].join(", ");

/** The maximum number of shown lines of a multi-line string. */
const maxLines = 40;

/** Renders `name = value`. The lines of a multi-line string (SQL, JSON) follow below the name. */
export function assignment(name: string, value: Json | undefined, width?: number): string[] {
  const text = typeof value === "string" ? expandJson(value).trimEnd() : "";
  if (!text.includes("\n")) return [`${name} = ${inline(value, width)}`];
  const lines = text.split("\n").map((line) => `    ${line}`.trimEnd());
  const more = lines.length - maxLines;
  return [
    `${name} =`,
    ...lines.slice(0, maxLines),
    ...(more > 0 ? [`    … ${more} more lines`] : []),
  ];
}

/** Renders an object as `{ key: value, … }`. Markers become words. */
function compact(value: Json): string {
  if (marker(value) !== undefined) return fullText(value);
  if (isList(value)) return `[${value.map((inner) => compact(inner)).join(", ")}]`;
  if (isObject(value))
    return `{ ${Object.entries(value)
      .map(([key, inner]) => `${key}: ${compact(inner)}`)
      .join(", ")} }`;
  return JSON.stringify(value);
}

/** Describes in which fields the members of a group differ. */
export const sameness = ({ differing = [] }: ChangeGroup): string =>
  differing.length === 0
    ? "the same change on each"
    : `the same change on each except for ${differing.join(", ")}`;

/**
 * Returns a line for each field in which the members of a group differ: `name differs: "a", "b"`.
 */
export function differences(
  { changes }: StackReview,
  { members, differing = [] }: ChangeGroup,
  maxValues: number,
): string[] {
  return differing.map((path) => {
    const values = [...valuesOf(changes, members, path)].map((value) => shortenFrom(value, 0, 120));
    const more = values.length - maxValues;
    return `${path} differs: ${values.slice(0, maxValues).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  });
}

/** Returns the fields in which all members of a group are equal. */
export const sharedFields = (
  first: ResourceChange,
  { differing = [] }: ChangeGroup,
): readonly FieldChange[] => first.fields.filter(({ path }) => !differing.includes(path));

/**
 * Returns the fields of a block, without the key in its path, and without the "" that providers
 * write into set elements for unset values.
 */
export function outlineOf({ path }: FieldChange, block: Json): { path: string; value: Json }[] {
  const key = /\[([^\]]*)\]$/.exec(path)?.[1];
  const isNameField = (name: string): boolean =>
    /(^|_)key$|^((user|group|service_principal)_)?name$|^principal$/.test(name);
  return outline(block).filter(
    ({ path: name, value }) =>
      value !== "" && (key === undefined || value !== key || !isNameField(name)),
  );
}

/** Returns the fields of an added or removed block, one per line. */
export function outline(value: Json, path = ""): { path: string; value: Json }[] {
  if (marker(value) !== undefined || !(isObject(value) || isList(value))) return [{ path, value }];
  if (isList(value)) {
    const isScalarList = value.every((inner) => !isObject(inner) || marker(inner) !== undefined);
    if (isScalarList) return [{ path, value }];
    return value.flatMap((inner, index) =>
      outline(inner, value.length === 1 ? path : `${path}[${elementKey(inner) ?? index + 1}]`),
    );
  }
  return Object.entries(value).flatMap(([key, inner]) =>
    outline(inner, path === "" ? key : `${path}.${key}`),
  );
}

function elementKey(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const keyEntry = Object.entries(value).find(
    ([key, inner]) => (key.endsWith("_key") || key === "name") && typeof inner === "string",
  );
  return keyEntry === undefined ? undefined : String(keyEntry[1]);
}

/** Whether a value needs more than one line: it has several fields, or nested blocks. */
export const isBlock = (value: Json | undefined): boolean =>
  value !== undefined &&
  marker(value) === undefined &&
  isObject(value) &&
  (Object.keys(value).length > 1 ||
    Object.values(value).some(
      (inner) => isObject(inner) || (isList(inner) && inner.some(isObject)),
    ));

/**
 * Whether a list element is a plain value, which the path already contains:
 * `on_failure[ann@example.com]`.
 */
export const namesItself = ({ path, before, after }: FieldChange): boolean =>
  path.endsWith(`[${plainText(after ?? before)}]`);

export const sign: Readonly<Record<FieldChange["kind"], string>> = {
  added: "+",
  removed: "-",
  changed: "~",
  reordered: "~",
};

/** Converts `databricks_sql_endpoint` to readable words. */
export const typeName = (type: string): string =>
  type.replace(/^databricks_/, "").replaceAll("_", " ");

export const actionName: Readonly<Record<ResourceChange["action"], string>> = {
  create: "create",
  update: "update",
  replace: "replace",
  delete: "destroy",
  forget: "forget",
  import: "import",
  move: "move",
  read: "read",
};

/** Renders the counts: create, update, replace and destroy always, the others if they are not 0. */
export function countsLine({ counts }: StackReview): string {
  const { create, update, replace, import: imported, other, unchanged } = counts;
  return `${create} create, ${update} update, ${replace} replace, ${counts.delete} destroy${imported === 0 ? "" : `, ${imported} import`}${other === 0 ? "" : `, ${other} other`}${unchanged === 0 ? "" : ` (${unchanged} unchanged)`}`;
}

export const unsuppressed = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ suppressed }) => suppressed === undefined);
export const suppressed = (findings: readonly Finding[]): Finding[] =>
  findings.filter((finding) => finding.suppressed !== undefined);

export function findingsLine(stack: StackReview): string | undefined {
  const policies = unsuppressed(stack.policies);
  const parts = (["error", "warning", "info"] as const).flatMap((severity) => {
    const count = policies.filter((finding) => finding.severity === severity).length;
    return count === 0
      ? []
      : [`${count} ${severity}${count === 1 || severity === "info" ? "" : "s"}`];
  });
  const secrets = unsuppressed(stack.secrets).length;
  const summaries = [
    ...(parts.length === 0 ? [] : [`policies: ${parts.join(", ")}`]),
    ...(secrets === 0 ? [] : [`secret scan: ${secrets}`]),
  ];
  return summaries.length === 0 ? undefined : summaries.join("; ");
}

/** Notes that all stacks share, which are shown once. Empty for a single stack. */
export function commonNotes({ stacks }: Review): string[] {
  const [first, ...rest] = stacks;
  return first === undefined || rest.length === 0
    ? []
    : first.notes.filter((note) => rest.every(({ notes }) => notes.includes(note)));
}

/** Groups policy findings by rule and severity. */
export function byRule(
  findings: readonly Finding[],
): { readonly first: Finding; readonly all: readonly Finding[] }[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = `${finding.rule} ${finding.severity}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.values()].map((all) => ({ first: all[0] as Finding, all }));
}

const plainText = (value: Json | undefined): string =>
  typeof value === "object" ? JSON.stringify(value) : String(value);
