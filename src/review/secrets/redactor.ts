/** Values shorter than this are not searched for: hiding every "a" helps nobody. */
const shortest = 6;

/**
 * Hides the values of sensitive variables in every string of a value, in whatever form they got there (a provider that forgot to mark a field, a value
 * inside a longer text). The last net below Terraform's own marks.
 */
export function redactor(secrets: readonly { readonly variable?: string; readonly value: string }[]): <T>(value: T) => T {
  // A secret of several lines (a private key) is shown line by line.
  const parts = secrets.flatMap((secret) => [secret, ...secret.value.split(/\r?\n/).map((value) => ({ ...secret, value }))]);
  const known = [...new Map(parts.filter(({ value }) => value.length >= shortest).map((secret) => [secret.value, secret])).values()].sort(
    (a, b) => b.value.length - a.value.length,
  );
  if (known.length === 0) return (value) => value;
  const one = (text: string): string =>
    known.reduce(
      (clean, { value, variable }) =>
        clean.includes(value)
          ? clean.replaceAll(value, variable === undefined ? "(secret, hidden)" : `(sensitive: var.${variable})`)
          : clean,
      text,
    );
  const deep = (value: unknown): unknown => {
    if (typeof value === "string") return one(value);
    if (Array.isArray(value)) return value.map(deep);
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [one(key), deep(inner)]));
    return value;
  };
  return <T>(value: T): T => deep(value) as T;
}
