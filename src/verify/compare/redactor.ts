import { Mask } from "../../mask";
import type { Shown } from "../model";
import type { Desired } from "../expressions/values";
import { Sensitive, Unresolved, isZero, redacted } from "../expressions/values";

/**
 * Values as shown in the report. Secrets are wrapped where they enter; in addition, a string that
 * contains one (pasted into a parameter) is blanked, because the report is published more widely
 * than secrets may be.
 */
export class ReportRedactor {
  readonly #secrets = new Set<string>();
  #mask: Mask | undefined;

  /** @param more secrets that occur in none of the values */
  constructor(more: readonly string[] = []) {
    for (const secret of more) this.#remember(secret);
  }

  /** Stores every string inside a wrapped value. */
  learn(value: Desired | undefined): void {
    if (value instanceof Sensitive) return this.#remember(value.reveal());
    if (
      value === undefined ||
      value === null ||
      typeof value !== "object" ||
      value instanceof Unresolved
    )
      return;
    if (Array.isArray(value)) for (const inner of value) this.learn(inner);
    else for (const name in value) if (typeof value[name] === "object") this.learn(value[name]);
  }

  #remember(value: Desired | undefined): void {
    if (typeof value === "string" && value !== "") {
      this.#secrets.add(value);
      this.#mask = undefined;
    } else if (
      value !== null &&
      typeof value === "object" &&
      !(value instanceof Unresolved) &&
      !(value instanceof Sensitive)
    ) {
      for (const inner of Array.isArray(value) ? value : Object.values(value))
        this.#remember(inner);
    }
  }

  get #hiding(): Mask {
    return (this.#mask ??= new Mask(this.#secrets, redacted));
  }

  /** A value, or an element of a list that is named by its value. */
  text(value: string): string {
    return this.#hiding.value(value);
  }

  /** Text from elsewhere: an error of the workspace. */
  message(text: string): string {
    return this.#hiding.message(text);
  }

  /** Paths, names, keys and lakeform's own sentences. */
  heading(text: string): string {
    return this.#hiding.structure(text);
  }

  /** Zero values inside objects are omitted. */
  value(value: Desired | undefined): Shown | undefined {
    if (value === undefined || value === null) return undefined;
    if (value instanceof Sensitive) return redacted;
    if (value instanceof Unresolved) return this.text(value.expression);
    if (typeof value === "string") return this.text(value);
    if (typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map((inner) => this.value(inner) ?? null);
    const object: Record<string, Shown> = {};
    for (const [key, inner] of Object.entries(value)) {
      const shown = isZero(inner) ? undefined : this.value(inner);
      if (shown !== undefined) object[this.heading(key)] = shown;
    }
    return object;
  }
}

/**
 * A readable line: quoted strings, blocks as `{a: 1, b: "x"}`, absent as "–", cut at `limit`
 * characters.
 */
export function oneLine(value: Shown | undefined, limit = 80): string {
  if (value === undefined) return "–";
  const text = inline(value);
  return text.length > limit ? `${text.slice(0, Math.max(1, limit - 1))}…` : text;
}

function inline(value: Shown): string {
  if (value === redacted) return redacted;
  if (typeof value === "string") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(inline).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  return `{${Object.entries(value).map(([key, inner]) => `${key}: ${inline(inner)}`).join(", ")}}`; // prettier-ignore
}

function isList(value: Shown): value is readonly Shown[] {
  return Array.isArray(value);
}

export function plural(title: string): string {
  if (title.endsWith("s")) return title;
  return title.endsWith("y") ? `${title.slice(0, -1)}ies` : `${title}s`;
}
