/**
 * Hides secrets in text, in every form they can take: JSON, URL, HTML and base64 encoding, one line
 * of a multi-line secret, or a truncated prefix.
 */

interface Form {
  readonly text: string;
  readonly shown: string;
  /**
   * Whether the value is an ordinary word. If so, the complete word around a match is hidden,
   * because the remaining letters would reveal the value.
   */
  readonly word: boolean;
}

/** Values shorter than this also occur in unrelated text, so the complete text is withheld. */
const shortest = 6;
/** Longer values are also recognised by their first characters. */
const long = 32;
const head = 24;
/** In longer texts, searching for each form is faster. */
const longestTextToScan = 2000;

export class Mask {
  readonly #forms: readonly Form[];
  readonly #distinct: readonly Form[];
  /** The first characters of all forms. */
  readonly #heads: ReadonlySet<string>;
  readonly #short: readonly {
    readonly text: string;
    readonly shown: string;
    readonly pattern: RegExp;
  }[];

  /** @param secrets values, optionally with their own replacements */
  constructor(
    secrets: Iterable<string | { readonly value: string; readonly shown: string }>,
    shown = "***",
  ) {
    const forms = new Map<string, Form>();
    const short = new Map<string, { text: string; shown: string; pattern: RegExp }>();
    for (const secret of secrets) {
      const { value, shown: instead } =
        typeof secret === "string" ? { value: secret, shown } : secret;
      for (const part of partsOf(value)) {
        if (part.length < shortest) {
          short.set(part, { text: part, shown: instead, pattern: occurring(part) });
        } else
          for (const text of formsOf(part))
            forms.set(text, { text, shown: instead, word: isOrdinary(part) });
      }
    }
    this.#forms = [...forms.values()].sort((a, b) => b.text.length - a.text.length);
    this.#distinct = this.#forms.filter(({ word }) => !word);
    this.#heads = new Set(this.#forms.map(({ text }) => text.slice(0, shortest)));
    this.#short = [...short.values()];
  }

  /** Most short texts contain the first characters of no form, and there may be thousands. */
  #hidden(text: string, forms: readonly Form[]): string {
    if (text.length > longestTextToScan) return hidden(text, forms);
    for (let at = 0; at + shortest <= text.length; at += 1)
      if (this.#heads.has(text.slice(at, at + shortest))) return hidden(text, forms);
    return text;
  }

  /**
   * Masks a value. If it contains a short secret as a separate word, the complete value is hidden.
   */
  value(text: string): string {
    const short = this.#short.find(
      (secret) => text === secret.text || (secret.text.length >= 3 && isWordIn(text, secret.text)),
    );
    return short === undefined ? this.#hidden(text, this.#forms) : short.shown;
  }

  /**
   * Masks text from outside (an error body, tool output). The complete text is withheld if it
   * contains a secret too short to mask in place.
   */
  message(text: string): string {
    const clean = this.#hidden(text, this.#forms);
    return this.#short.some(({ pattern }) => pattern.test(clean))
      ? `(${clean.length} characters withheld: a secret of fewer than ${shortest} characters occurs in them)`
      : clean;
  }

  /**
   * Masks paths, keys, headings and lakeform's own sentences. Hiding an ordinary word in them would
   * reveal it, so only values that are unmistakably secrets are hidden.
   */
  structure(text: string): string {
    return this.#hidden(text, this.#distinct);
  }

  /** Masks every value in a structure; keys are masked as {@link structure} does. */
  deep<T>(value: T): T {
    return this.#deep(value) as T;
  }

  #deep(value: unknown): unknown {
    if (typeof value === "string") return this.value(value);
    if (Array.isArray(value)) return value.map((inner) => this.#deep(inner));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [this.structure(key), this.#deep(inner)]),
    );
  }
}

/** Matches a short secret. One of one or two characters counts only as a separate word. */
function occurring(part: string): RegExp {
  if (part.length < 3)
    return new RegExp(`(?<![\\p{L}\\p{N}])${escaped(part)}(?![\\p{L}\\p{N}])`, "u");
  const base64 = Buffer.from(part).toString("base64").replace(/=+$/, "");
  return new RegExp([...textForms(part), base64].map(escaped).join("|"), "u");
}

function hidden(text: string, forms: readonly Form[]): string {
  let clean = text;
  for (const { text: form, shown, word } of forms) {
    if (word) clean = withoutWords(clean, form, shown);
    else if (clean.includes(form)) clean = clean.replaceAll(form, () => shown);
  }
  // Only after all full values are hidden: another encoding can start with the same characters.
  for (const { text: form, shown } of forms)
    if (form.length >= long) clean = withoutBeginnings(clean, form, shown);
  return clean;
}

/**
 * Hides each word that contains the value. A regular expression would take quadratic time on a long
 * word.
 */
function withoutWords(text: string, form: string, shown: string): string {
  let clean = "";
  let from = 0;
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, from)) {
    let [start, end] = [at, at + form.length];
    while (start > from && isWordSign(text, start - 1)) start -= 1;
    while (end < text.length && isWordSign(text, end)) end += 1;
    clean += text.slice(from, start) + shown;
    from = end;
  }
  return clean + text.slice(from);
}

/**
 * Whether the character is a letter or a digit; half of a surrogate pair counts as the complete
 * character.
 */
function isWordSign(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code < 0x80)
    return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
  const first = code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
  return /^[\p{L}\p{N}]$/u.test(String.fromCodePoint(text.codePointAt(Math.max(0, first)) ?? 0));
}

/** Hides truncated copies of a long value. */
function withoutBeginnings(text: string, form: string, shown: string): string {
  const beginning = form.slice(0, head);
  let clean = text;
  for (
    let at = clean.indexOf(beginning);
    at >= 0;
    at = clean.indexOf(beginning, at + shown.length)
  ) {
    let end = head;
    while (at + end < clean.length && end < form.length && clean[at + end] === form[end]) end += 1;
    clean = clean.slice(0, at) + shown + clean.slice(at + end);
  }
  return clean;
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
      ...(lines.length > 1 ? lines.filter((line) => line.length >= shortest) : []),
    ].filter((part) => part !== ""),
  );
}

function formsOf(part: string): ReadonlySet<string> {
  return new Set([
    ...textForms(part),
    ...base64Forms(part).filter((form) => form.length >= shortest),
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
  // (a lone surrogate cannot be encoded)
  const wellFormed = Buffer.from(part).toString();
  const component = encodeURIComponent(wellFormed);
  const strict = component.replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const all = [
    component,
    strict,
    encodeURI(wellFormed),
    component.replaceAll("%20", "+"),
    strict.replaceAll("%20", "+"),
    strict.replaceAll("~", "%7E"),
  ];
  all.push(component.replaceAll("%2F", "/"), strict.replaceAll("%2F", "/"));
  return all.flatMap((form) => [
    form,
    form.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  ]);
}

function htmlForms(part: string): string[] {
  const base = part.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const quotes = ['"', "&quot;", "&#34;", "&#x22;"].flatMap((quote) =>
    ["'", "&#39;", "&#x27;", "&apos;"].map((apostrophe) => [quote, apostrophe]),
  );
  return quotes.map(([quote = '"', apostrophe = "'"]) =>
    base.replaceAll('"', quote).replaceAll("'", apostrophe),
  );
}

/**
 * The base64 forms of a value, alone and inside a longer string: base64 encodes three bytes as four
 * characters, so there are three forms, one per offset.
 */
function base64Forms(part: string): string[] {
  const bytes = Buffer.from(part);
  const found: string[] = [];
  for (const before of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    // Characters that also encode neighbouring bytes are left out.
    const from = before === 0 ? 0 : before === 1 ? 2 : 3;
    const mixed = (before + bytes.length) % 3;
    const inner = text.replace(/=+$/, "").slice(from, mixed === 0 ? undefined : -1);
    found.push(inner);
  }
  const whole = bytes.toString("base64");
  found.unshift(whole, whole.replace(/=+$/, ""));
  return found.flatMap((form) => [form, form.replaceAll("+", "-").replaceAll("/", "_")]);
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
    new RegExp(`(?<![\\p{L}\\p{N}])${escaped(word)}(?![\\p{L}\\p{N}])`, "u").test(text)
  );
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
