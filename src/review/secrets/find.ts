import { entropy, looksRandom, reference, shapes, telling } from "./shapes";

export interface Hit {
  /** Id of the shape, `entropy` or `named`. */
  readonly shape: string;
  readonly title: string;
  /** 1-based, within the text. */
  readonly line: number;
}

/** Secrets in one value of a configuration. @param name the field's name: a literal in `password` needs less to look like one */
export function findInValue(name: string, value: string): Hit[] {
  const known = findShapes(value, 1);
  if (known.length > 0) return known;
  if (telling.test(name) && value.length >= 8 && !reference.test(value) && !/[\s]/.test(value) && entropy(value) >= 2.5 && !isPath(value)) {
    return [{ shape: "named", title: `a literal value in a field named "${name}"`, line: 1 }];
  }
  if (value.length > 4096 || reference.test(value)) return [];
  return value.split(/[\s"'`,;:()[\]{}<>=@]+/).some(looksRandom) ? [{ shape: "entropy", title: "a random-looking value", line: 1 }] : [];
}

/** Secrets in a source text, line by line: known shapes anywhere, random words only inside quotes, literals given to telling names. */
export function findInText(text: string): Hit[] {
  const hits: Hit[] = [];
  text.split("\n").forEach((line, index) => {
    if (line.length > 20_000) return;
    const known = findShapes(line, index + 1);
    hits.push(...known);
    if (known.length > 0) return;
    const given = /([A-Za-z_][A-Za-z0-9_.-]*)["']?\]?\s*(?:=|:|,)\s*["']([^"'\s]{8,})["']/.exec(line);
    if (
      given !== null &&
      telling.test(given[1] ?? "") &&
      !reference.test(line) &&
      entropy(given[2] ?? "") >= 2.5 &&
      !isPath(given[2] ?? "")
    ) {
      hits.push({ shape: "named", title: `a literal value given to "${given[1] ?? ""}"`, line: index + 1 });
    } else if ([...line.matchAll(/["']([^"'\s]{24,})["']/g)].some((match) => looksRandom(match[1] ?? ""))) {
      hits.push({ shape: "entropy", title: "a random-looking text", line: index + 1 });
    }
  });
  return hits;
}

function findShapes(text: string, line: number): Hit[] {
  return shapes
    .filter(({ pattern }) => pattern.test(text))
    .map(({ id, title }) => ({ shape: id, title, line: id === "private-key" ? lineOf(text, line) : line }));
}
const lineOf = (text: string, line: number): number => line + text.slice(0, Math.max(0, text.indexOf("-----BEGIN"))).split("\n").length - 1;

const isPath = (value: string): boolean => /^[./~]|^[a-z0-9]+:\/|\.[a-z]{2,4}$/i.test(value);
