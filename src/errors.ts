/**
 * An error that a user can act on: a literal code, what was wrong (lower case, no full stop), the
 * given value, what is allowed, and the fix. The command prints these fields and exits with
 * `exitCode`. Any other exception, except a system error about a file, is reported as a bug.
 */
export class LakeformError extends Error {
  override readonly name = "LakeformError";
  /** Further failures, shown after the error itself. */
  readonly also: string[] = [];
  /** @param code literal and stable, e.g. `UNKNOWN_STACK`; documented in `docs/errors.md` */
  constructor(
    readonly code: string,
    message: string,
    readonly details: LakeformErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
  }
}

export interface LakeformErrorDetails {
  /** Where the error is: a construct path, a Terraform address, a stack or a file. */
  readonly path?: string;
  /** The given value. Never a secret. */
  readonly value?: string;
  /** The accepted values. */
  readonly allowed?: string;
  /** What the user can do now: a command, an edit. */
  readonly fix?: string;
  readonly cause?: unknown;
  /**
   * The exit code of the command: 1 unless the answer to a question is "no" (2), or a signal ended
   * it (130 SIGINT, 143 SIGTERM).
   */
  readonly exitCode?: 1 | 2 | 130 | 143;
}

/** Returns the error in readable form: the message and each of the details on a line of its own. */
export function formatError(error: LakeformError): string {
  const { path, value, allowed, fix } = error.details;
  const lines = [`${error.code}: ${error.message}`];
  if (path !== undefined) lines.push(`  at:      ${path}`);
  if (value !== undefined) lines.push(`  given:   ${value}`);
  if (allowed !== undefined) lines.push(`  allowed: ${allowed}`);
  if (fix !== undefined) lines.push(`  fix:     ${fix}`);
  for (const text of error.also) lines.push(`  also:    ${text}`);
  return lines.join("\n");
}
