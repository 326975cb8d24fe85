/** Reports the result of an adoption, and any changes in its first plan apart from imports. */
import path from "node:path";
import { listExamples } from "../list-examples";
import { printable } from "../printable";
import { findKind } from "../resources";
import type { Adopted } from "./adopt";

/** The fields of a planned change that the report needs. */
export interface PlannedChange {
  readonly path: string;
  readonly type: string;
  readonly address: string;
  readonly action: string;
  /** Set if an import block imports the object. */
  readonly imported?: true;
  readonly fields: readonly {
    readonly path: string;
    readonly field: string;
    readonly kind: string;
  }[];
}

/** The changes in the first plan after an adoption. */
export interface FirstPlan {
  readonly counts: {
    readonly create: number;
    readonly update: number;
    readonly replace: number;
    readonly delete: number;
    readonly import: number;
  };
  readonly changes: readonly PlannedChange[];
}

export function renderAdoption({
  written,
  added,
  owned,
  objects,
  imports,
  notes,
}: Adopted): string {
  const lines = written.length > 30 ? countByFolder(written) : [...written];
  const byStack = new Map<string, string[]>();
  for (const { job, stack } of owned)
    byStack.set(stack, [...(byStack.get(stack) ?? []), printable(job.name)]);
  for (const [stack, names] of byStack)
    lines.push(`${countOf(names.length, "job")} of ${stack} already: ${listExamples(names, 5)}`);
  if (added.length + objects === 0)
    lines.push(
      "nothing to adopt: the project already has all of these jobs",
      ...(byStack.size === 0
        ? []
        : [`to plan them: lakeform review ${[...byStack.keys()].join(" ")}`]),
    );
  else {
    const otherObjects = objects === 0 ? "" : ` and ${countOf(objects, "other object")}`;
    lines.push(
      `${countOf(added.length, "job")}${otherObjects} adopted, ${countOf(imports, "import block")}`,
    );
  }
  for (const { object, text } of notes) lines.push(printable(`  ${object}: ${text}`));
  return `${lines.join("\n")}\n`;
}

/**
 * Renders the changes in the first plan other than imports.
 * @param stack the stack's name with the environment
 * @returns the report, and whether the plan has only imports
 */
export function renderFirstPlan(
  plan: FirstPlan,
  stack: string,
): { readonly text: string; readonly isImportOnly: boolean } {
  const { counts, changes } = plan;
  const otherChanges = changes.filter(({ action }) =>
    ["create", "update", "replace", "delete"].includes(action),
  );
  const lines = [
    "",
    `first plan: ${counts.create} create, ${counts.update} update, ${counts.replace} replace, ${counts.delete} destroy, ${counts.import} import`,
  ];
  for (const change of otherChanges) {
    lines.push(
      printable(
        `  ${change.imported === true ? `import and ${change.action}` : change.action} ${change.path}`,
      ),
    );
    for (const field of change.fields)
      lines.push(printable(`    ${field.path} ${field.kind}: ${reasonFor(change, field)}`));
  }
  const nextStep =
    otherChanges.length === 0
      ? "only imports: the deploy changes nothing in the workspace"
      : "see what would change, field by field";
  lines.push(
    `next: lakeform ${otherChanges.length === 0 ? "deploy" : "review"} ${stack} (${nextStep})`,
  );
  return { text: `${lines.join("\n")}\n`, isImportOnly: otherChanges.length === 0 };
}

function reasonFor(
  change: PlannedChange,
  { field, kind }: PlannedChange["fields"][number],
): string {
  if (change.imported !== true)
    return "the workspace has no such object with an id that can be imported";
  const rules = findKind(change.type)?.rules;
  const reason =
    rules?.unverifiable[field] ?? rules?.configOnly[field] ?? rules?.backendDefaults[field]?.reason;
  if (reason !== undefined) return reason;
  if (field === "content") return "the local file differs from the one in the workspace";
  return kind === "removed"
    ? "the workspace has a value, but the code does not"
    : kind === "added"
      ? "the code has a value that the import does not read from the workspace"
      : "the code and the workspace have different values";
}

/** Counts the files in each folder: `stacks/adopted: 68 files`. */
function countByFolder(files: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const file of files)
    counts.set(path.posix.dirname(file), (counts.get(path.posix.dirname(file)) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([folder, count]) => `${folder}: ${countOf(count, "file")}`);
}

const countOf = (number: number, noun: string): string =>
  `${number} ${noun}${number === 1 ? "" : "s"}`;
