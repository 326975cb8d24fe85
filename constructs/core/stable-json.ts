/**
 * Returns the JSON of a value with sorted keys, exactly as the library json-stable-stringify with
 * the option `space`, the only one that cdktf uses. The library loads 40 modules.
 */
export function stableJson(
  value: unknown,
  { space = 0 }: { readonly space?: number } = {},
): string | undefined {
  const ancestors = new Set<object>();
  return write(value, space === 0 ? "" : "\n");

  function write(item: unknown, lineStart: string): string | undefined {
    const node = hasToJson(item) ? item.toJSON() : item;
    if (typeof node !== "object" || node === null) return JSON.stringify(node);
    if (ancestors.has(node)) throw new TypeError("Converting circular structure to JSON");
    ancestors.add(node);
    const innerStart = lineStart + " ".repeat(space);
    const parts = Array.isArray(node)
      ? Array.from(node, (part) => write(part, innerStart) ?? "null")
      : Object.entries(node)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .flatMap(([key, field]) => {
            const part = write(field, innerStart);
            return part === undefined
              ? []
              : [`${JSON.stringify(key)}:${space === 0 ? "" : " "}${part}`];
          });
    ancestors.delete(node);
    const [open, close] = Array.isArray(node) ? ["[", "]"] : ["{", "}"];
    return `${open}${parts.map((part) => innerStart + part).join(",")}${lineStart}${close}`;
  }
}

function hasToJson(value: unknown): value is { toJSON(): unknown } {
  return (
    typeof value === "object" &&
    value !== null &&
    "toJSON" in value &&
    typeof value.toJSON === "function"
  );
}
