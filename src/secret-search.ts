import {
  entropy,
  isName,
  looksRandom,
  secretReference,
  shapesIn,
  secretNames,
} from "./secret-shapes";

export interface Hit {
  /** Id of the shape, or `entropy` or `named`. */
  readonly shape: string;
  readonly title: string;
  /** 1-based line number in the searched text. */
  readonly line: number;
  /** The value to hide everywhere. It is never part of a finding. */
  readonly value: string;
}

/** Fields with random values or locations by design: searched only for published shapes. */
const randomByDesign = new Set([
  "id",
  "md5",
  "etag",
  "source",
  "job_id",
  "cluster_id",
  "policy_id",
  "instance_pool_id",
  "object_id",
  "url",
  "credential",
  "storage_credential",
]);
const namedHash = /\bsha(?:1|224|256|384|512)[-:=]\S+/gi;
/** Longer lines are data (images, minified code): searched only for published shapes. */
const maxLineLength = 20_000;

/**
 * Finds secrets in one value of a configuration.
 * @param name the field's name: in a field like `password`, a literal needs less evidence
 */
export function findInValue(name: string, value: string): Hit[] {
  if (value.includes("\n")) return findInText(value);
  const shapeHits = findShapes(value, 1);
  if (shapeHits.length > 0 || randomByDesign.has(name)) return shapeHits;
  if (isSecretAssignment(name, value))
    return [
      { shape: "named", title: `a literal value in a field named "${name}"`, line: 1, value },
    ];
  const argumentHits = value.includes("-") || value.includes("=") ? findArguments(value) : [];
  if (
    argumentHits.length > 0 ||
    value.length < 24 ||
    value.length > 4096 ||
    secretReference.test(value) ||
    value.startsWith("data:")
  )
    return argumentHits;
  return value
    .replace(namedHash, "")
    .split(/[\s"'`,;:()[\]{}<>=@]+/)
    .filter(looksRandom)
    .map((word) => ({ shape: "entropy", title: "a random-looking value", line: 1, value: word }));
}

/**
 * Finds secrets in source code: published shapes anywhere, random words only inside quotes, and
 * literals assigned to names such as `password`.
 */
export function findInText(text: string): Hit[] {
  const keys = findShapes(text, 1).filter(({ shape }) => shape === "private-key");
  return [
    ...keys.map((hit) => ({ ...hit, line: lineOf(text, hit.value) })),
    ...text.split("\n").flatMap((line, index) => findInLine(line, index + 1)),
  ];
}

const lineOf = (text: string, value: string): number =>
  text.slice(0, text.indexOf(value)).split("\n").length;

/** Matches `name = "literal"`, `"name": "literal"`. */
const assignment = /([A-Za-z_][A-Za-z0-9_.-]*)\\?["']?\]?\s*[=:]\s*\\?["']([^"'\s\\]{6,})\\?["']/g;
/** Matches `option("name", "literal")`. */
const optionCall = /\(\s*["']([A-Za-z_][A-Za-z0-9_.-]*)["']\s*,\s*["']([^"'\s\\]{6,})["']/g;
/** Matches `export name=literal`, and lines of an environment file. */
const exportedVariable =
  /(?:\bexport\s+(?=[A-Za-z_])|^(?:#\s*MAGIC\s+)?\s*(?=[A-Z][A-Z0-9_]*=))([A-Za-z0-9_]+)=["']?([^"'\s()[\]]{6,})/g;

function findInLine(line: string, number: number): Hit[] {
  const shapeHits = findShapes(line, number).filter(({ shape }) => shape !== "private-key");
  if (shapeHits.length > 0 || line.length > maxLineLength) return shapeHits;
  const namedHits = [assignment, optionCall, exportedVariable]
    .flatMap((pattern) => [...line.matchAll(pattern)])
    .flatMap(([, name = "", literal = ""]): Hit[] =>
      isSecretAssignment(name, literal) && !secretReference.test(line)
        ? [
            {
              shape: "named",
              title: `a literal value given to "${name}"`,
              line: number,
              value: literal,
            },
          ]
        : [],
    );
  if (namedHits.length > 0) return namedHits;
  return [...line.matchAll(/["']([^"'\s]{24,})["']/g)]
    .map(([, word = ""]) => word)
    .filter(looksRandom)
    .map((word) => ({
      shape: "entropy",
      title: "a random-looking text",
      line: number,
      value: word,
    }));
}

/**
 * Finds `--password literal`, `--api-key=literal`, `password=literal` in a command line or a
 * parameter.
 */
function findArguments(value: string): Hit[] {
  return [
    ...value.matchAll(/(?:^|[\s;?&])-{0,2}([A-Za-z][\w.-]*)(?:=|(?<=--[\w.-]+)\s+)([^\s;&]{6,})/g),
  ].flatMap(([, name = "", literal = ""]): Hit[] =>
    isSecretAssignment(name, literal)
      ? [{ shape: "named", title: `a literal value given to "${name}"`, line: 1, value: literal }]
      : [],
  );
}

/** Cache of the names of fields: whether a field of that name contains a secret. */
const secretFields = new Map<string, boolean>();

function namesSecret(name: string): boolean {
  let isSecret = secretFields.get(name);
  if (isSecret === undefined) {
    isSecret = secretNames.test(name);
    if (secretFields.size < 10_000) secretFields.set(name, isSecret);
  }
  return isSecret;
}

function isSecretAssignment(name: string, value: string): boolean {
  if (!namesSecret(name) || /\s/.test(value) || secretReference.test(value) || isPath(value))
    return false;
  // A password may be a weak one; the value of a "secret" or "token" may be just a name.
  return /passw|passphrase|pwd/i.test(name)
    ? value.length >= 6
    : value.length >= 8 && entropy(value) >= 2.5 && !isName(value);
}

/** Cache of keys without a secret: field names repeat in all resources. */
const harmlessKeys = new Set<string>();

/** Finds secrets in a map key: only published shapes, because a key is hardly ever a password. */
export function findInKey(key: string): Hit[] {
  if (harmlessKeys.has(key)) return [];
  const hits = findShapes(key, 1);
  if (hits.length === 0 && harmlessKeys.size < 10_000) harmlessKeys.add(key);
  return hits;
}

function findShapes(text: string, line: number): Hit[] {
  return (text.length < 12 ? [] : shapesIn(text)).flatMap(({ id, title, pattern }) =>
    [...text.matchAll(pattern)].map(([value]) => ({ shape: id, title, line, value })),
  );
}

const isPath = (value: string): boolean => /^[./~]|^[a-z0-9]+:\/|\.[a-z]{2,4}$/i.test(value);
