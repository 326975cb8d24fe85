/** Returns the plural of a resource type's title: `cluster policies`. */
export function plural(title: string): string {
  if (title.endsWith("s")) return title;
  if (/(x|ch|sh)$/.test(title)) return `${title}es`;
  return title.endsWith("y") ? `${title.slice(0, -1)}ies` : `${title}s`;
}
