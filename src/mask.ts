/**
 * Hides secrets in text, in every form they can take: JSON, URL, HTML and base64 encoding, one line
 * of a multi-line secret, or a truncated prefix.
 */

interface Form {
  readonly text: string;
  readonly replacement: string;
  /**
   * Whether the value is an ordinary word. If so, the complete word around a match is hidden,
   * because the remaining letters would reveal the value.
   */
  readonly isWord: boolean;
}

/** Values shorter than this also occur in unrelated text, so the complete text is withheld. */
const minLength = 6;
/** Values of at least this length are also recognised by their first `headLength` characters. */
const longForm = 32;
const headLength = 24;
/** In longer texts, searching for each form is faster. */
const maxTextToScan = 2000;

export class Mask {
  readonly #forms: readonly Form[];
  /** The forms of values that are not ordinary words. */
  readonly #distinct: readonly Form[];
  /** The first characters of all forms. */
  readonly #heads: ReadonlySet<string>;
  readonly #short: readonly {
    readonly text: string;
    readonly replacement: string;
    readonly pattern: RegExp;
  }[];

  /** @param secrets values, optionally with their own replacements */
  constructor(
    secrets: Iterable<string | { readonly value: string; readonly replacement: string }>,
    replacement = "***",
  ) {
    const forms = new Map<string, Form>();
    const short = new Map<string, { text: string; replacement: string; pattern: RegExp }>();
    for (const secret of secrets) {
      const { value, replacement: ownReplacement } =
        typeof secret === "string" ? { value: secret, replacement } : secret;
      for (const part of partsOf(value)) {
        if (part.length < minLength) {
          short.set(part, { text: part, replacement: ownReplacement, pattern: patternOf(part) });
        } else
          for (const text of formsOf(part))
            forms.set(text, { text, replacement: ownReplacement, isWord: isOrdinary(part) });
      }
    }
    this.#forms = [...forms.values()].sort((a, b) => b.text.length - a.text.length);
    this.#distinct = this.#forms.filter(({ isWord }) => !isWord);
    this.#heads = new Set(this.#forms.map(({ text }) => text.slice(0, minLength)));
    this.#short = [...short.values()];
  }

  /**
   * Masks all forms. Most short texts contain the first characters of no form, and there may be
   * thousands of forms, so the first characters are searched first.
   */
  #hide(text: string, forms: readonly Form[]): string {
    if (text.length > maxTextToScan) return mask(text, forms);
    for (let index = 0; index + minLength <= text.length; index += 1)
      if (this.#heads.has(text.slice(index, index + minLength))) return mask(text, forms);
    return text;
  }

  /**
   * Masks a value. If it contains a short secret as a separate word, the complete value is hidden.
   */
  value(text: string): string {
    const short = this.#short.find(
      (secret) => text === secret.text || (secret.text.length >= 3 && isWordIn(text, secret.text)),
    );
    return short === undefined ? this.#hide(text, this.#forms) : short.replacement;
  }

  /**
   * Masks text from outside (an error body, tool output). The complete text is withheld if it
   * contains a secret too short to mask in place.
   */
  message(text: string): string {
    const masked = this.#hide(text, this.#forms);
    return this.#short.some(({ pattern }) => pattern.test(masked))
      ? `(${masked.length} characters withheld: a secret of fewer than ${minLength} characters occurs in them)`
      : masked;
  }

  /**
   * Masks lakeform's own text: paths, keys, headings and sentences. Hiding an ordinary word in them
   * would reveal it, so only values that are unmistakably secrets are hidden.
   */
  ownText(text: string): string {
    return this.#hide(text, this.#distinct);
  }

  /** Masks every value in a structure; keys are masked as {@link ownText} does. */
  deep<T>(value: T): T {
    return this.#deep(value) as T;
  }

  #deep(value: unknown): unknown {
    if (typeof value === "string") return this.value(value);
    if (Array.isArray(value)) return value.map((inner) => this.#deep(inner));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [this.ownText(key), this.#deep(inner)]),
    );
  }
}

/** Matches a short secret. One of one or two characters counts only as a separate word. */
function patternOf(part: string): RegExp {
  if (part.length < 3)
    return new RegExp(`(?<![\\p{L}\\p{N}])${escapePattern(part)}(?![\\p{L}\\p{N}])`, "u");
  const base64 = Buffer.from(part).toString("base64").replace(/=+$/, "");
  return new RegExp([...textForms(part), base64].map(escapePattern).join("|"), "u");
}

function mask(text: string, forms: readonly Form[]): string {
  let masked = text;
  for (const { text: form, replacement, isWord } of forms) {
    if (isWord) masked = maskWords(masked, form, replacement);
    else if (masked.includes(form)) masked = masked.replaceAll(form, () => replacement);
  }
  // Only after all full values are hidden: another encoding can start with the same characters.
  for (const { text: form, replacement } of forms)
    if (form.length >= longForm) masked = maskBeginnings(masked, form, replacement);
  return masked;
}

/**
 * Hides each word that contains the value. A regular expression would take quadratic time on a long
 * word.
 */
function maskWords(text: string, form: string, replacement: string): string {
  let masked = "";
  let from = 0;
  for (let index = text.indexOf(form); index >= 0; index = text.indexOf(form, from)) {
    let [start, end] = [index, index + form.length];
    while (start > from && isWordCharacter(text, start - 1)) start -= 1;
    while (end < text.length && isWordCharacter(text, end)) end += 1;
    masked += text.slice(from, start) + replacement;
    from = end;
  }
  return masked + text.slice(from);
}

/**
 * Whether the character is a letter or a digit; half of a surrogate pair counts as the complete
 * character.
 */
function isWordCharacter(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  if (code < 0x80)
    return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
  const first = code >= 0xdc00 && code <= 0xdfff ? index - 1 : index;
  return /^[\p{L}\p{N}]$/u.test(String.fromCodePoint(text.codePointAt(Math.max(0, first)) ?? 0));
}

/** Hides truncated copies of a long value. */
function maskBeginnings(text: string, form: string, replacement: string): string {
  const beginning = form.slice(0, headLength);
  let masked = text;
  for (
    let index = masked.indexOf(beginning);
    index >= 0;
    index = masked.indexOf(beginning, index + replacement.length)
  ) {
    let end = headLength;
    while (index + end < masked.length && end < form.length && masked[index + end] === form[end])
      end += 1;
    masked = masked.slice(0, index) + replacement + masked.slice(index + end);
  }
  return masked;
}

/** Returns the value, its trimmed form, and each of its lines that is long enough. */
function partsOf(value: string): ReadonlySet<string> {
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  // Many lines of a document are not secret ({, "key",): only lines that cannot be guessed are
  // included.
  return new Set(
    [
      value,
      value.trim(),
      ...(lines.length > 1 ? lines.filter((line) => line.length >= minLength) : []),
    ].filter((part) => part !== ""),
  );
}

function formsOf(part: string): ReadonlySet<string> {
  return new Set([
    ...textForms(part),
    ...base64Forms(part).filter((form) => form.length >= minLength),
  ]);
}

function textForms(part: string): ReadonlySet<string> {
  const json = JSON.stringify(part).slice(1, -1);
  const ascii = json.replaceAll(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const go = json.replaceAll(
    /[<>&]/g,
    (character) => `\\u00${character.charCodeAt(0).toString(16)}`,
  );
  const forms = new Set([
    part,
    json,
    ascii,
    go,
    ...[json, ascii, go].map((form) => JSON.stringify(form).slice(1, -1)),
    json.replaceAll("/", "\\/"),
  ]);
  for (const form of percentForms(part)) forms.add(form);
  for (const form of htmlForms(part)) forms.add(form);
  return forms;
}

function percentForms(part: string): string[] {
  // A lone surrogate cannot be encoded, so it is replaced first.
  const wellFormed = Buffer.from(part).toString();
  const component = encodeURIComponent(wellFormed);
  const strictComponent = component.replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const percentEncoded = [
    component,
    strictComponent,
    encodeURI(wellFormed),
    component.replaceAll("%20", "+"),
    strictComponent.replaceAll("%20", "+"),
    strictComponent.replaceAll("~", "%7E"),
  ];
  percentEncoded.push(component.replaceAll("%2F", "/"), strictComponent.replaceAll("%2F", "/"));
  return percentEncoded.flatMap((form) => [
    form,
    form.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  ]);
}

function htmlForms(part: string): string[] {
  const escapedHtml = part.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const quotes = ['"', "&quot;", "&#34;", "&#x22;"].flatMap((quote) =>
    ["'", "&#39;", "&#x27;", "&apos;"].map((apostrophe) => [quote, apostrophe]),
  );
  return quotes.map(([quote = '"', apostrophe = "'"]) =>
    escapedHtml.replaceAll('"', quote).replaceAll("'", apostrophe),
  );
}

/**
 * Returns the base64 forms of a value, alone and inside a longer string: base64 encodes three bytes
 * as four characters, so there are three forms, one per offset.
 */
function base64Forms(part: string): string[] {
  const bytes = Buffer.from(part);
  const forms: string[] = [];
  for (const offset of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
    // Characters that also encode neighbouring bytes are left out.
    const from = offset === 0 ? 0 : offset === 1 ? 2 : 3;
    const remainder = (offset + bytes.length) % 3;
    const inner = text.replace(/=+$/, "").slice(from, remainder === 0 ? undefined : -1);
    forms.push(inner);
  }
  const encoded = bytes.toString("base64");
  forms.unshift(encoded, encoded.replace(/=+$/, ""));
  return forms.flatMap((form) => [form, form.replaceAll("+", "-").replaceAll("/", "_")]);
}

/**
 * Whether the value consists of plain words with an optional number suffix, which also occur in
 * ordinary paths and sentences.
 */
function isOrdinary(value: string): boolean {
  return value.length < 40 && /^[\p{L}\p{M}]+([-_./ ]+[\p{L}\p{M}]+)*[-_.]?\d{0,4}$/u.test(value);
}

function isWordIn(text: string, word: string): boolean {
  return (
    text.includes(word) &&
    new RegExp(`(?<![\\p{L}\\p{N}])${escapePattern(word)}(?![\\p{L}\\p{N}])`, "u").test(text)
  );
}

const escapePattern = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
