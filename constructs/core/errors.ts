import type { IConstruct } from "./bindings";

export interface ConstructErrorDetails {
  /** The path of the construct with the error. */
  readonly path?: string;
  /** The rejected value. Never a secret. JavaScript can pass any type. */
  readonly value?: unknown;
  /** The allowed values. */
  readonly allowed?: string;
  /** The change in the code that fixes the problem. */
  readonly fix?: string;
}

/**
 * An error in the code that describes a stack, found while the stack is built. The code, such as
 * `BAD_CLUSTER_SIZE`, is stable. Errors of constructs include the construct path.
 */
export class ConstructError extends Error {
  override readonly name: string = "ConstructError";
  constructor(
    readonly code: string,
    message: string,
    readonly details: ConstructErrorDetails = {},
  ) {
    super(message);
  }

  /** Formats the error for reading: message, path, value, allowed and fix, each on its own line. */
  format(): string {
    const { path, value, allowed, fix } = this.details;
    const lines = [`${this.code}: ${this.message}`];
    if (path !== undefined) lines.push(`  at:      ${path}`);
    if (value !== undefined)
      lines.push(`  given:   ${typeof value === "string" ? value : JSON.stringify(value)}`);
    if (allowed !== undefined) lines.push(`  allowed: ${allowed}`);
    if (fix !== undefined) lines.push(`  fix:     ${fix}`);
    return lines.join("\n");
  }
}

/** All findings of the checks at synth, in one error. */
export class ConstructErrors extends ConstructError {
  override readonly name = "ConstructErrors";
  constructor(readonly problems: readonly ConstructError[]) {
    super(
      "SYNTH_PROBLEMS",
      problems.length === 1 ? "1 problem found" : `${problems.length} problems found`,
      { fix: "fix each of the listed problems" },
    );
    this.message = `${this.message}\n\n${problems.map((problem) => problem.format()).join("\n\n")}`;
  }

  override format(): string {
    return `${this.code}: ${this.message}`;
  }
}

/** Creates a {@link ConstructError} for a construct. */
export function errorAt(
  construct: IConstruct,
  code: string,
  message: string,
  details: Omit<ConstructErrorDetails, "path"> = {},
): ConstructError {
  return new ConstructError(code, message, { path: construct.node.path, ...details });
}

/** Formats a list of words for a message: `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  return words.length < 2
    ? words.join("")
    : `${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`;
}
