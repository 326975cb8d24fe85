import { fieldTree, leaves } from "./fields";
import { reasonOrdered, reasonOnlyChanged, reasonOutside, type MatrixKind } from "./kind";
import type { Outcome } from "./run";

const short = (type: string): string => type.replace("databricks_", "");

/**
 * The changes that REST accepted, those that were reported exactly, and reordered lists without a
 * finding.
 */
export function rowOf(type: string, outcomes: readonly Outcome[]): string {
  const changes = outcomes.filter(({ variant }) => variant !== "reordered");
  const applied = changes.filter(
    ({ outcome }) => outcome !== "refused" && outcome !== "unapplied",
  ).length;
  const detected = changes.filter(({ outcome }) => outcome === "detected").length;
  return `| ${short(type)} | ${applied} | ${detected} | ${outcomes.filter(({ outcome }) => outcome === "clean").length} |`;
}

/** Changes that healing reverted, and those that it leaves to Terraform. */
export function healedRowOf(kind: MatrixKind, outcomes: readonly Outcome[]): string {
  const count = (what: Outcome["outcome"]): number =>
    outcomes.filter(({ outcome }) => outcome === what).length;
  const reasons =
    kind.outcome === "missing"
      ? ["it is missing: Terraform creates it again"]
      : (kind.notHealed ?? []).map(([, reason]) => reason);
  return `| ${short(kind.type)} | ${count("healed")} | ${count("left")} | ${reasons.join("; ")} |`;
}

export function tableOf(rows: readonly string[]): string {
  return [
    "| kind | changes applied | detected | reordered, clean |",
    "|---|---|---|---|",
    ...rows,
  ].join("\n");
}

/** Each field outside the matrix with its reason, grouped by reason. */
export function outsideOf(kind: MatrixKind): readonly string[] {
  const byReason = new Map<string, string[]>();
  const add = (reason: string | undefined, field: string): void => {
    if (reason !== undefined) byReason.set(reason, [...(byReason.get(reason) ?? []), field]);
  };
  for (const leaf of leaves(fieldTree(kind.type))) {
    const reason = reasonOutside(kind, leaf);
    if (reason !== undefined) add(reason, leaf.path);
    else if (!leaf.required)
      add(
        prefixed("changed only, neither added nor removed: ", reasonOnlyChanged(kind, leaf)),
        leaf.path,
      );
    if (leaf.type?.startsWith("list") === true)
      add(prefixed("order counts: ", reasonOrdered(kind, leaf.path)), leaf.path);
  }
  return [...byReason].map(
    ([reason, fields]) =>
      `| ${short(kind.type)} | ${fields.map((field) => `\`${field}\``).join(", ")} | ${reason} |`,
  );
}

function prefixed(prefix: string, reason: string | undefined): string | undefined {
  return reason === undefined ? undefined : prefix + reason;
}
