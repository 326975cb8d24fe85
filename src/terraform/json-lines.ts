/**
 * Parses Terraform's `-json` output: progress and diagnostics, with the construct path of the
 * resource.
 */
import { defined } from "../defined";
import { hideValues, type TerraformContext } from "./run";
import type { SynthesizedStack } from "./stack";

/** A progress message of a running plan, apply or destroy. */
export interface Progress {
  /** `databricks_job.x`. Absent for events without a resource. */
  readonly address?: string;
  /** Construct path of the resource, if known. */
  readonly path?: string;
  /** `still` is repeated while the operation is running; `refreshed` is for a read. */
  readonly event: "start" | "still" | "done" | "failed" | "refreshed";
  /** The operation: `create`, `update`, `delete`, `read`, … */
  readonly action: string;
  /** Seconds since the operation on the resource started. */
  readonly elapsed?: number;
}

export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** The first line of the message. */
  readonly summary: string;
  readonly detail: string;
  readonly address?: string;
  readonly path?: string;
  /** Where the code declares the resource: `stacks/daily-etl.ts:31`. */
  readonly source?: string;
  /** The part of cdk.tf.json around the error, for an error in the configuration. */
  readonly excerpt?: string;
}

export interface JsonLine {
  readonly type?: string;
  readonly diagnostic?: {
    severity: "error" | "warning";
    summary: string;
    detail?: string;
    address?: string;
    /** The line of the configuration; its context is `resource.databricks_job.x`. */
    snippet?: { context?: string | null; code?: string; highlight_start_offset?: number };
  };
  readonly hook?: { resource?: { addr?: string }; action?: string; elapsed_seconds?: number };
}

/** Parses a line of Terraform's output; undefined if it is not JSON. */
export function parseLine(text: string): JsonLine | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as JsonLine;
  } catch {
    return undefined;
  }
}

const maxExcerptLength = 120;

export function toDiagnostic(
  raw: NonNullable<JsonLine["diagnostic"]>,
  stack: SynthesizedStack,
  context: TerraformContext,
): Diagnostic {
  // For an error in the configuration itself, Terraform returns the line in place of the address.
  const configuredAddress = /^resource\.(.+)$/.exec(raw.snippet?.context ?? "")?.[1];
  const address = raw.address ?? configuredAddress;
  const origin = address === undefined ? undefined : stack.metadata.resources[address];
  return {
    severity: raw.severity,
    summary: hideValues(raw.summary, context),
    detail: hideValues(raw.detail ?? "", context),
    ...defined({
      address,
      path: origin?.path,
      source: origin?.source,
      excerpt: raw.address === undefined ? excerptOf(raw.snippet, context) : undefined,
    }),
  };
}

/** Returns the part of the configuration line around the error, without secrets. */
function excerptOf(
  snippet: NonNullable<JsonLine["diagnostic"]>["snippet"],
  context: TerraformContext,
): string | undefined {
  const code = snippet?.code?.split("\n")[0];
  if (code === undefined) return undefined;
  const shownCode = hideValues(code, context);
  if (shownCode.length <= maxExcerptLength) return shownCode.trim();
  // Hidden values before the error move its position.
  const codeBefore = hideValues(code.slice(0, snippet?.highlight_start_offset ?? 0), context);
  const start = Math.max(0, codeBefore.length - maxExcerptLength / 2);
  const end = start + maxExcerptLength;
  const excerpt = shownCode.slice(start, end).trim();
  return `${start > 0 ? "…" : ""}${excerpt}${end < shownCode.length ? "…" : ""}`;
}

export function formatDiagnostic(diagnostic: Diagnostic): string {
  const location = [
    diagnostic.path,
    diagnostic.address && `(${diagnostic.address})`,
    diagnostic.source && `at ${diagnostic.source}`,
  ].filter(Boolean);
  return [location.join(" "), diagnostic.summary, diagnostic.excerpt ?? "", diagnostic.detail]
    .filter((text) => text !== "")
    .map((text) => `  ${text.replaceAll("\n", "\n  ")}`)
    .join("\n");
}

const events: Readonly<Record<string, Progress["event"]>> = {
  apply_start: "start",
  apply_progress: "still",
  apply_complete: "done",
  apply_errored: "failed",
  refresh_complete: "refreshed",
};

export function toProgress(line: JsonLine, stack: SynthesizedStack): Progress | undefined {
  const event = events[line.type ?? ""];
  if (event === undefined) return undefined;
  const address = line.hook?.resource?.addr;
  const origin = address === undefined ? undefined : stack.metadata.resources[address];
  return {
    event,
    action: line.hook?.action ?? "read",
    ...defined({ address, path: origin?.path, elapsed: line.hook?.elapsed_seconds }),
  };
}

export const warningNote = ({ summary, path }: Diagnostic): string =>
  `Terraform warns: ${summary}${path === undefined ? "" : ` (${path})`}`;
