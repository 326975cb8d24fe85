import { Mask } from "../mask";
import { Sensitive, Unresolved, isZero, redacted, type Desired } from "./expressions/values";

declare const shown: unique symbol;

/**
 * Text without secrets. Only {@link ReportRedactor} creates it, and renderers accept nothing else.
 */
export type Shown = string & { readonly [shown]: true };

/** A value without secrets. */
export type ShownValue =
  | Shown
  | number
  | boolean
  | null
  | readonly ShownValue[]
  | { readonly [field: string]: ShownValue };

/** Text that lakeform quotes in a sentence, such as an error of the workspace. */
export class Quote {
  constructor(readonly text: string) {}
}

/** A sentence of lakeform in clear text; a list of parts if it quotes other text. */
export type Sentence = string | readonly (string | Quote)[];

/** Returns the sentence with its quotes in clear text. */
export const clearText = (sentence: Sentence): string => [sentence].flat().map(partText).join("");

const partText = (part: string | Quote): string => (typeof part === "string" ? part : part.text);

/** Returns the reason why an unreachable workspace was not read. */
export const unresponsiveReason = (message: string): readonly (string | Quote)[] => [
  "the workspace does not respond (",
  new Quote(message),
  ")",
];

/** A readable path in clear text: `task[transform].new_cluster.num_workers`. */
export interface LabelledPath {
  readonly path: string;
  /** The complete value of the last element, if the path names this element by its value. */
  readonly label?: string;
}

/** The lines that differ between two contents, as in a unified diff, in clear text. */
export interface LineDiff {
  readonly lines: readonly string[];
  /** Secrets found in the two contents, in addition to those of the project. */
  readonly secrets: readonly string[];
}

/** Longer lines of a diff are truncated. */
const maxLineLength = 500;

/** Truncates a label: `pypi: pandas==2.1 …`. */
export function shortLabel(label: string): string {
  return label.length > 60 ? `${label.slice(0, 59)}…` : label;
}

/** Returns the path without a last element that is named by its value. */
export function pathWithoutElementLabel({ path, label }: LabelledPath): string {
  return label === undefined ? path : path.slice(0, -shortLabel(label).length - 2);
}

/**
 * Turns raw values, paths and sentences into text without secrets. Values of secret fields are
 * wrapped in {@link Sensitive} when they are read. This class also masks their copies in other
 * strings, for example a secret that was pasted into a parameter.
 */
export class ReportRedactor {
  readonly #secrets = new Set<string>();
  #mask: Mask | undefined;
  readonly #extraCount: number;

  /** @param extraSecrets secrets in addition to those in the values */
  constructor(extraSecrets: readonly string[] = []) {
    for (const secret of extraSecrets) this.#addSecrets(secret);
    this.#extraCount = this.#secrets.size;
  }

  /** True if a value contained a secret that was not among the extra secrets. */
  get hasLearned(): boolean {
    return this.#secrets.size > this.#extraCount;
  }

  /** Adds every string inside the wrapped values in a value to the secrets. */
  addSecretsIn(value: Desired | undefined): void {
    if (value instanceof Sensitive) return this.#addSecrets(value.reveal());
    if (
      value === undefined ||
      value === null ||
      typeof value !== "object" ||
      value instanceof Unresolved
    )
      return;
    if (Array.isArray(value)) for (const inner of value) this.addSecretsIn(inner);
    else
      for (const name in value) if (typeof value[name] === "object") this.addSecretsIn(value[name]);
  }

  #addSecrets(value: Desired | undefined): void {
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
        this.#addSecrets(inner);
    }
  }

  get #currentMask(): Mask {
    return (this.#mask ??= new Mask(this.#secrets, redacted));
  }

  /** Redacts a value or a line of a file. */
  text(value: string): Shown {
    return this.#currentMask.value(value) as Shown;
  }

  /** Redacts quoted text, such as an error of the workspace. */
  message(text: string): Shown {
    return this.#currentMask.message(text) as Shown;
  }

  /** Redacts paths, names, keys and lakeform's own sentences. */
  heading(text: string): Shown {
    return this.#currentMask.ownText(text) as Shown;
  }

  sentence(sentence: Sentence): Shown {
    if (typeof sentence === "string") return this.heading(sentence);
    const parts = sentence.map((part) =>
      typeof part === "string" ? this.heading(part) : this.message(part.text),
    );
    return parts.join("") as Shown;
  }

  path(labelledPath: LabelledPath): Shown {
    if (labelledPath.label === undefined) return this.heading(labelledPath.path);
    const label = shortLabel(this.text(labelledPath.label));
    return `${this.heading(pathWithoutElementLabel(labelledPath))}[${label}]` as Shown;
  }

  lines({ lines, secrets }: LineDiff): readonly Shown[] {
    const secretMask = new Mask(secrets, redacted);
    return lines.map((line) => {
      if (line.startsWith("@@")) return line as Shown;
      const text = secretMask.value(this.text(line.slice(1)));
      const truncated = text.length > maxLineLength ? `${text.slice(0, maxLineLength)}…` : text;
      return `${line.slice(0, 1)}${truncated}` as Shown;
    });
  }

  /** Redacts a value, and omits zero values inside objects. */
  value(value: Desired | undefined): ShownValue | undefined {
    if (value === undefined || value === null) return undefined;
    if (value instanceof Sensitive) return redacted as Shown;
    if (value instanceof Unresolved) return this.text(value.expression);
    if (typeof value === "string") return this.text(value);
    if (typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map((inner) => this.value(inner) ?? null);
    const object: Record<string, ShownValue> = {};
    for (const [key, inner] of Object.entries(value)) {
      const visible = isZero(inner) ? undefined : this.value(inner);
      if (visible !== undefined) object[this.heading(key)] = visible;
    }
    return object;
  }
}
