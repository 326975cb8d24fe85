/**
 * Creates names for adopted objects. They are valid identifiers, unique, and stable between runs.
 */

const reservedWords = new Set(
  (
    "abstract any arguments as async await boolean break case catch class const constructor continue debugger declare default delete do else enum eval " +
    "export extends false finally for from function get if implements import in instanceof interface let module new null number object of package private " +
    "protected public require return set static string super switch symbol this throw true try type typeof undefined unknown var void while with yield"
  ).split(" "),
);

/**
 * Splits a name into words of letters and digits, without diacritics: `Größe (v2)` gives `Grosse`
 * and `v2`.
 */
function wordsOf(name: string): string[] {
  const ascii = name.replaceAll("ß", "ss").normalize("NFKD").replaceAll(/\p{M}/gu, "");
  return ascii
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "");
}

/**
 * Converts `Daily ETL (v2)` to `daily-etl-v2`, of at most 60 characters, and a name without letters
 * and digits to `fallback`.
 */
export function slugOf(name: string, fallback: string): string {
  const slug = wordsOf(name).join("-").toLowerCase().slice(0, 60).replace(/-+$/, "");
  return slug === "" ? fallback : slug;
}

/**
 * Converts a name to an identifier: `daily-etl-v2` → `dailyEtlV2`.
 * @param kind a noun that is put before a digit, or after a reserved word
 */
export function identifierOf(name: string, kind: string): string {
  const words = wordsOf(name).map((word) => word.toLowerCase());
  const camel = words
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join("");
  if (camel === "") return kind;
  if (/^\d/.test(camel)) return `${kind}${camel}`;
  return reservedWords.has(camel)
    ? `${camel}${kind.charAt(0).toUpperCase()}${kind.slice(1)}`
    : camel;
}

/** Names that are unique in a scope, regardless of case. A duplicate gets a number. */
export class UniqueNames {
  readonly #names: Set<string>;

  constructor(names: Iterable<string> = []) {
    this.#names = new Set([...names].map((name) => name.toLowerCase()));
  }

  /**
   * Returns the name, or the name with a number if it is already used.
   * @param separator goes before the number
   */
  take(name: string, separator = ""): string {
    let unusedName = name;
    for (let number = 2; this.#names.has(unusedName.toLowerCase()); number += 1)
      unusedName = `${name}${separator}${number}`;
    this.#names.add(unusedName.toLowerCase());
    return unusedName;
  }

  has(name: string): boolean {
    return this.#names.has(name.toLowerCase());
  }
}
