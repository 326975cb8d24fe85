import { fieldTree, leaves } from "./fields";
import { reasonOrdered, reasonOnlyChanged, reasonOutside, type MatrixKind } from "./kind";
import type { Outcome } from "./run";

const shortType = (type: string): string => type.replace("databricks_", "");

/**
 * Returns the row of a kind: the changes that REST applied, those that were reported exactly, and
 * reordered lists without a finding.
 */
export function rowOf(type: string, outcomes: readonly Outcome[]): string {
  const changes = outcomes.filter(({ variant }) => variant !== "reordered");
  const applied = changes.filter(
    ({ outcome }) => outcome !== "refused" && outcome !== "unapplied",
  ).length;
  const detected = changes.filter(({ outcome }) => outcome === "detected").length;
  return `| ${shortType(type)} | ${applied} | ${detected} | ${outcomes.filter(({ outcome }) => outcome === "clean").length} |`;
}

/** Returns the row of a kind: the changes that healing reverted, and those left to Terraform. */
export function healedRowOf(kind: MatrixKind, outcomes: readonly Outcome[]): string {
  const count = (expectedOutcome: Outcome["outcome"]): number =>
    outcomes.filter(({ outcome }) => outcome === expectedOutcome).length;
  const reasons =
    kind.outcome === "missing"
      ? ["it is missing: Terraform creates it again"]
      : (kind.notHealed ?? []).map(([, reason]) => reason);
  return `| ${shortType(kind.type)} | ${count("healed")} | ${count("left")} | ${reasons.join("; ")} |`;
}

export function tableOf(rows: readonly string[]): string {
  return [
    "| kind | changes applied | detected | reordered, clean |",
    "|---|---|---|---|",
    ...rows,
  ].join("\n");
}

/** Returns a row for each reason, with the fields outside of the matrix. */
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
        addPrefix("changed only, neither added nor removed: ", reasonOnlyChanged(kind, leaf)),
        leaf.path,
      );
    if (leaf.type?.startsWith("list") === true)
      add(addPrefix("order counts: ", reasonOrdered(kind, leaf.path)), leaf.path);
  }
  return [...byReason].map(
    ([reason, fields]) =>
      `| ${shortType(kind.type)} | ${fields.map((field) => `\`${field}\``).join(", ")} | ${reason} |`,
  );
}

function addPrefix(prefix: string, reason: string | undefined): string | undefined {
  return reason === undefined ? undefined : prefix + reason;
}
