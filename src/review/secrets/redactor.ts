import { Mask } from "../../mask";

/**
 * Fields with fixed words and names. Hiding a word in them would reveal that it equals a secret.
 */
const ownTextFields: ReadonlySet<string> = new Set([
  "address",
  "path",
  "field",
  "forcedBy",
  "computed",
  "movedFrom",
  "type",
  "source",
  "title",
  "action",
  "kind",
  "key",
  "from",
  "to",
  "state",
  "outcome",
  "rule",
  "severity",
  "where",
  "docs",
  "stack",
  "expires",
  "moved",
  "cause",
]);

/** Fields that contain values only. */
const valueFields: ReadonlySet<string> = new Set(["before", "after", "remote"]);

/**
 * Hides the values of sensitive variables in every string of a value, for example in a field that
 * the provider did not mark, or inside a longer string. This is the last safety net after
 * Terraform's marks.
 */
export function redactor(
  secrets: readonly { readonly variable?: string; readonly value: string }[],
): <T>(value: T) => T {
  if (secrets.length === 0) return (value) => value;
  const mask = new Mask(
    secrets.map(({ value, variable }) => ({
      value,
      replacement: variable === undefined ? "(secret, hidden)" : `(sensitive: var.${variable})`,
    })),
  );
  const redactDeep = (value: unknown, name: string): unknown => {
    if (typeof value === "string")
      return ownTextFields.has(name) ? mask.ownText(value) : mask.value(value);
    if (Array.isArray(value)) return value.map((inner) => redactDeep(inner, name));
    if (typeof value !== "object" || value === null) return value;
    const result = Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        valueFields.has(key) ? mask.deep<unknown>(inner) : redactDeep(inner, key),
      ]),
    );
    return "path" in result && typeof result.path === "string"
      ? { ...result, path: withoutLabel(result.path, value, mask) }
      : result;
  };
  return <T>(value: T): T => redactDeep(value, "") as T;
}

/**
 * Hides secrets in the label of a list element. In a list without keys, the label is the value:
 * `parameters[s3cr3t]`.
 */
function withoutLabel(path: string, change: object, mask: Mask): string {
  const index = path.lastIndexOf("[");
  if (index < 0 || !path.endsWith("]")) return path;
  const label = path.slice(index + 1, -1);
  const elementValues = [
    ...leaves("before" in change ? change.before : undefined),
    ...leaves("after" in change ? change.after : undefined),
  ];
  const shownLabel = elementValues.some(
    (leaf) => label.includes(leaf.slice(0, 40)) && mask.value(leaf) !== leaf,
  )
    ? mask.value(label)
    : label;
  return `${path.slice(0, index)}[${shownLabel}]`;
}

/** Returns the strings in an element, except its key. */
function leaves(value: unknown): string[] {
  if (typeof value === "string") return value === "" ? [] : [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    /(^|_)key$|^name$|^principal$/.test(name) ? [] : leaves(inner),
  );
}
