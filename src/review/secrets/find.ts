import { anyShape, entropy, looksRandom, reference, shapes, telling } from "./shapes";

export interface Hit {
  /** Id of the shape, `entropy` or `named`. */
  readonly shape: string;
  readonly title: string;
  /** 1-based, within the text. */
  readonly line: number;
  /** What must not be shown anywhere. Never part of a finding. */
  readonly value: string;
}

/** Secrets in one value of a configuration. @param name the field's name: a literal in `password` needs less to look like one */
export function findInValue(name: string, value: string): Hit[] {
  const known = findShapes(value, 1);
  if (known.length > 0) return known;
  if (telling.test(name) && value.length >= 8 && !reference.test(value) && !/\s/.test(value) && entropy(value) >= 2.5 && !isPath(value)) {
    return [{ shape: "named", title: `a literal value in a field named "${name}"`, line: 1, value }];
  }
  if (value.length < 24 || value.length > 4096 || reference.test(value)) return [];
  const word = value.split(/[\s"'`,;:()[\]{}<>=@]+/).find(looksRandom);
  return word === undefined ? [] : [{ shape: "entropy", title: "a random-looking value", line: 1, value: word }];
}

/** Secrets in a source text, line by line: known shapes anywhere, random words only inside quotes, literals given to telling names. */
export function findInText(text: string): Hit[] {
  return text.split("\n").flatMap((line, index) => (line.length > 20_000 ? [] : findInLine(line, index + 1)));
}

function findInLine(line: string, number: number): Hit[] {
  const known = findShapes(line, number);
  if (known.length > 0) return known;
  const [, name = "", literal = ""] = /([A-Za-z_][A-Za-z0-9_.-]*)["']?\]?\s*(?:=|:|,)\s*["']([^"'\s]{8,})["']/.exec(line) ?? [];
  if (telling.test(name) && !reference.test(line) && entropy(literal) >= 2.5 && !isPath(literal)) {
    return [{ shape: "named", title: `a literal value given to "${name}"`, line: number, value: literal }];
  }
  const word = [...line.matchAll(/["']([^"'\s]{24,})["']/g)].map((match) => match[1] ?? "").find(looksRandom);
  return word === undefined ? [] : [{ shape: "entropy", title: "a random-looking text", line: number, value: word }];
}

function findShapes(text: string, line: number): Hit[] {
  if (text.length < 12 || !anyShape.test(text)) return [];
  return shapes.flatMap(({ id, title, pattern }) => {
    const found = pattern.exec(text);
    if (found === null) return [];
    // A key's header is its shape, and what follows the secret.
    return [{ shape: id, title, line, value: id === "private-key" ? text.slice(found.index) : found[0] }];
  });
}

const isPath = (value: string): boolean => /^[./~]|^[a-z0-9]+:\/|\.[a-z]{2,4}$/i.test(value);
