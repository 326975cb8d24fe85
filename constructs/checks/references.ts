import { blocks, text, type Block, type Finding } from "./rendered";

const REFERENCE = /\{\{((?:`[^`]*`|[^{}`])*)\}\}/g;
/** One name: in backquotes, in brackets (which may contain backquotes), or bare. */
const NAME = /\s*(?:\[\s*(?:`([^`]*)`|([^\]]*?))\s*\]|`([^`]*)`|([^.[\]`]+))\s*(\.|(?=\[)|$)/gy;

/**
 * Returns the names in a dynamic value reference, in any spelling that the platform accepts;
 * undefined if the string is not a reference.
 */
export function namesIn(reference: string): string[] | undefined {
  const path = reference.trim();
  const names: string[] = [];
  let end = 0;
  for (const [match, bracketedQuoted, bracketed, quoted, bare] of path.matchAll(NAME)) {
    names.push(bracketedQuoted ?? bracketed ?? quoted ?? (bare ?? "").trim());
    end += match.length;
  }
  return names.length > 0 && end === path.length && !path.endsWith(".") ? names : undefined;
}

/** Yields the names in each reference, from all strings of a block. */
function* referencesIn(value: unknown): Generator<string[]> {
  if (typeof value === "string") {
    for (const [, inner = ""] of value.includes("{{") ? value.matchAll(REFERENCE) : []) {
      const names = namesIn(inner);
      if (names !== undefined) yield names;
    }
  } else if (typeof value === "object" && value !== null)
    for (const item of Object.values(value)) yield* referencesIn(item);
}

/**
 * Checks references to tasks and parameters. At run time, an undeclared parameter is empty, and so
 * is a value of a task that does not run before this task.
 */
export function checkReferences(
  task: Block,
  upstream: ReadonlySet<string>,
  parameters: ReadonlySet<string>,
): Finding[] {
  const taskKey = text(task, "task_key") ?? "";
  const findings = new Map<string, Finding>();
  for (const [root, key = "", ...fields] of referencesIn(task)) {
    if (root === "tasks" && !upstream.has(key))
      findings.set(key, {
        code: "NOT_UPSTREAM",
        message: "the task refers to a task that is not upstream of it",
        position: taskKey,
        value: key,
        allowed: [...upstream].sort().join(", ") || "none, because no task runs before this one",
        fix: `after: [${key}]`,
      });
    const name = fields.join(".");
    if (root === "job" && key === "parameters" && (fields.length !== 1 || !parameters.has(name)))
      findings.set(`parameter ${name}`, {
        code: "UNKNOWN_PARAMETER",
        message: "the job has no such parameter",
        position: taskKey,
        value: name,
        allowed: [...parameters].join(", ") || "none",
        fix: parameters.has(name)
          ? `write a name with dots in backquotes: {{job.parameters.\`${name}\`}}`
          : `addParameter("${name}", …)`,
      });
  }
  return [...findings.values()];
}

/** Returns the names of a job's parameters. */
export const parametersOf = (job: Block): ReadonlySet<string> =>
  new Set(blocks(job, "parameter").map((parameter) => text(parameter, "name") ?? ""));
