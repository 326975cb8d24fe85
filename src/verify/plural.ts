export function plural(title: string): string {
  if (title.endsWith("s")) return title;
  return title.endsWith("y") ? `${title.slice(0, -1)}ies` : `${title}s`;
}
