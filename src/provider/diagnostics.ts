/** Errors and warnings for the user, as Terraform diagnostics. */
import { isApiError } from "../api/transport/errors";
import { defined } from "../defined";
import { LakeformError } from "../errors";
import type { Problem } from "../resources/kind";
import type { Path } from "./plan";

export interface Diagnostic {
  /** 1 for an error, 2 for a warning. */
  readonly severity: 1 | 2;
  readonly summary: string;
  readonly detail?: string;
  /** The path of the attribute in the format of the plugin protocol. */
  readonly attribute?: { readonly steps: readonly object[] };
}

/** Converts a path to the format of the plugin protocol. */
export function attributePath(path: Path): { steps: object[] } {
  return {
    steps: path.map((step) =>
      typeof step === "number" ? { element_key_int: step } : { attribute_name: step },
    ),
  };
}

/** Parses a path such as `git_source.0.branch`. */
function parsePath(text: string): Path {
  return text.split(".").map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

/**
 * Makes a diagnostic.
 * @param path of the attribute; empty if it does not concern one attribute
 * @param severity 1 for an error, 2 for a warning
 */
export function problem(
  path: string,
  summary: string,
  detail?: string,
  severity: 1 | 2 = 1,
): Diagnostic {
  const result = { severity, summary, ...defined({ detail }) };
  return path === "" ? result : { ...result, attribute: attributePath(parsePath(path)) };
}

/** Converts the problems that a kind reports. */
export function problems(list: readonly Problem[]): Diagnostic[] {
  return list.map(({ path, message }) => problem(path, message));
}

/**
 * Converts an error to a diagnostic: `cannot create job: …` with the API's message. The detail adds
 * what the official provider omits: the workspace's error code, the call, and the fix.
 * @param action `cannot create job`
 * @param otherFix replaces the fix of an error of the API
 */
export function failure(action: string, error: unknown, otherFix?: string): Diagnostic {
  if (isApiError(error)) {
    const fix = otherFix ?? error.details.fix;
    const lines = [`${error.method} ${error.path} returned ${error.status} ${error.errorCode}`];
    if (error.requestId !== undefined) lines.push(`request id: ${error.requestId}`);
    if (fix !== undefined) lines.push(`what to do: ${fix}`);
    return {
      severity: 1,
      summary: `${action}: ${error.workspaceMessage}`,
      detail: lines.join("\n"),
    };
  }
  if (error instanceof LakeformError) {
    const { path, value, allowed, fix } = error.details;
    const lines = [
      value === undefined ? [] : [`given: ${value}`],
      allowed === undefined ? [] : [`allowed: ${allowed}`],
      fix === undefined ? [] : [`what to do: ${fix}`],
      [`code: ${error.code}`],
    ].flat();
    return problem(
      // In other errors the path is that of a file or construct.
      path !== undefined && /^[a-z_0-9.]+$/.test(path) ? path : "",
      `${action}: ${error.message}`,
      lines.join("\n"),
    );
  }
  const text = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  return {
    severity: 1,
    summary: `${action}: ${text}`,
    detail: `this is a bug of the embedded provider${stack === undefined ? "" : `\n${stack}`}`,
  };
}

/** Whether the workspace rejected a call because the object does not exist. Some APIs return 400. */
export const reportsMissing = (error: unknown): boolean =>
  isApiError(error) &&
  error.status < 500 &&
  (error.status === 404 || /\bdoes not exist\b/i.test(error.workspaceMessage));
