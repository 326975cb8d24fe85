import { Token } from "./bindings";
import { ConstructError } from "./errors";
import { callerPosition } from "./caller-position";

/** A rule for names. Values that are known only when Terraform runs are not checked. */
export interface NameRule {
  /** The pattern that a name must match. */
  readonly pattern: RegExp;
  /** The maximum number of characters. */
  readonly maxLength: number;
  /** The rule in words, for messages. */
  readonly allowed: string;
}

export const nameRules = {
  taskKey: {
    pattern: /^[A-Za-z0-9_-]+$/,
    maxLength: 100,
    allowed: "1 to 100 letters, digits, - and _",
  },
  stack: {
    pattern: /^[a-z0-9][a-z0-9-]*$/,
    maxLength: 100,
    allowed: "1 to 100 lower-case letters, digits and -, not starting with -",
  },
  environmentVariable: {
    pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
    maxLength: 200,
    allowed: "1 to 200 letters, digits and _, not starting with a digit",
  },
  secretScope: {
    pattern: /^[\w.@/-]+$/,
    maxLength: 128,
    allowed: "1 to 128 letters, digits, -, _, @, / and .",
  },
  secretKey: {
    pattern: /^[\w.@-]+$/,
    maxLength: 128,
    allowed: "1 to 128 letters, digits, -, _, @ and .",
  },
  catalogObject: {
    pattern: /^[^\s./\p{Cc}]+$/u,
    maxLength: 255,
    allowed: "1 to 255 characters without dots, spaces, slashes and control characters",
  },
  jobName: { pattern: /\S/, maxLength: 4096, allowed: "1 to 4096 characters, not only spaces" },
  parameter: {
    pattern: /^[A-Za-z0-9_.-]+$/,
    maxLength: 100,
    allowed: "1 to 100 letters, digits, -, _ and .",
  },
} as const satisfies Record<string, NameRule>;

/**
 * Returns the given id of an object that is managed elsewhere: as shown by the workspace, or a
 * reference to it.
 * @throws ConstructError BAD_ID unless it is a reference, or consists of letters, digits, _, . and
 * -
 */
export function existingId(
  noun: string,
  id: string,
  { example }: { readonly example: string },
): string {
  if (/^[\w.-]+$/.test(id) || isReference(id)) return id;
  const article = /^[aeiou]/.test(noun) ? "an" : "a";
  throw new ConstructError("BAD_ID", `not a valid id of ${article} ${noun}`, {
    path: callerPosition(),
    value: id,
    allowed: `letters, digits, _, . and -, such as ${example}`,
    fix: "copy the id from the workspace",
  });
}

/** Whether a string contains a value that is known only when Terraform runs. */
export function isReference(text: string): boolean {
  return text.startsWith("${") || Token.isUnresolved(text);
}

/** Returns the problem with a name under a rule, or undefined. */
export function nameProblem(rule: NameRule, name: string): string | undefined {
  // Tests the rule first, because nearly every name is valid and the check for tokens is slower.
  if (name.length <= rule.maxLength && rule.pattern.test(name)) return undefined;
  if (Token.isUnresolved(name)) return undefined;
  if (name === "") return "is empty";
  return name.length > rule.maxLength
    ? `is ${name.length} characters long`
    : "contains an invalid character";
}
