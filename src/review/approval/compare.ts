import type { BlockChange, FieldChange, Overwritten, ResourceChange, Review } from "../model";
import { changeMeaning, isUnseen, overwrittenMeaning } from "./digest";
import { canonical } from "../plan/json";
import { describeFields } from "../changes/blocks";
import { blockHead, fieldLine } from "../render/values";

export interface ReviewComparison {
  readonly same: boolean;
  /** Readable lines that describe the differences; empty if both reviews have the same digest. */
  readonly lines: readonly string[];
}

/**
 * Compares the current review with the approved one. An approved digest shows only whether they
 * differ; a complete approved review also shows where.
 * @param approved the digest or the review (`review --format json`); undefined if there is none
 */
export function compareReviews(
  approved: Review | string | undefined,
  now: Review,
): ReviewComparison {
  if (approved === undefined)
    return { same: false, lines: [`no approval; the current plan has the digest ${now.digest}`] };
  if (typeof approved === "string") {
    if (approved.trim() === now.digest) return { same: true, lines: [] };
    return {
      same: false,
      lines: [`approved: ${approved.trim()}`, `now:      ${now.digest}`, ...summary(now)],
    };
  }
  if (approved.digest === now.digest) return { same: true, lines: [] };
  const lines = [`approved: ${approved.digest}`, `now:      ${now.digest}`];
  const names = [...new Set([...approved.stacks, ...now.stacks].map(({ stack }) => stack))].sort();
  for (const name of names) {
    const approvedStack = approved.stacks.find(({ stack }) => stack === name);
    const current = now.stacks.find(({ stack }) => stack === name);
    if (approvedStack?.digest === current?.digest) continue;
    if (approvedStack === undefined || current === undefined)
      lines.push(
        `${name}: ${approvedStack === undefined ? "was not part of the approved review" : "is not part of this deploy"}`,
      );
    lines.push(
      ...changeDifferences(approvedStack?.changes ?? [], current?.changes ?? []).map(
        (line) => `${name}: ${line}`,
      ),
    );
    // A review stored by an earlier lakeform has no blocks.
    lines.push(
      ...blockDifferences(approvedStack?.blocks ?? [], current?.blocks ?? []).map(
        (line) => `${name}: ${line}`,
      ),
    );
    lines.push(
      ...overwriteDifferences(approvedStack?.overwritten ?? [], current?.overwritten ?? []).map(
        (line) => `${name}: ${line}`,
      ),
    );
  }
  // Only the two digests.
  if (lines.length === 2)
    lines.push(
      "the difference is in outputs, in changes by --heal, in a file that a command reads, or in code without a planned change",
    );
  return { same: false, lines };
}

/** Lists the differences of provisioners, providers, backends and other blocks. */
function blockDifferences(approved: readonly BlockChange[], now: readonly BlockChange[]): string[] {
  const byName = (blocks: readonly BlockChange[]): Map<string, string> =>
    new Map(
      blocks.map((block) => [block.name, `${blockHead(block)}: ${describeFields(block.fields)}`]),
    );
  const [approvedBlocks, current] = [byName(approved), byName(now)];
  return [
    ...[...current]
      .filter(([name, text]) => approvedBlocks.get(name) !== text)
      .map(([, text]) => `not approved: ${text}`),
    ...[...approvedBlocks]
      .filter(([name, text]) => current.get(name) !== text)
      .map(([, text]) => `was approved: ${text}`),
  ];
}

/** Lists the differences of overwritten workspace changes that the planned changes do not show. */
function overwriteDifferences(
  approved: readonly Overwritten[],
  now: readonly Overwritten[],
): string[] {
  const byMeaning = (entries: readonly Overwritten[]): Map<string, Overwritten> =>
    new Map(entries.filter(isUnseen).map((entry) => [overwrittenMeaning(entry), entry]));
  const [approvedEntries, current] = [byMeaning(approved), byMeaning(now)];
  return [
    ...[...current]
      .filter(([key]) => !approvedEntries.has(key))
      .map(
        ([, entry]) =>
          `not approved: overwrites ${entry.field} of ${entry.path}, which was changed in the workspace`,
      ),
    ...[...approvedEntries]
      .filter(([key]) => !current.has(key))
      .map(
        ([, entry]) => `no longer present: the workspace change to ${entry.field} of ${entry.path}`,
      ),
  ];
}

function changeDifferences(
  approved: readonly ResourceChange[],
  now: readonly ResourceChange[],
): string[] {
  const approvedChanges = new Map(
    approved.filter(({ action }) => action !== "read").map((change) => [change.address, change]),
  );
  const current = new Map(
    now.filter(({ action }) => action !== "read").map((change) => [change.address, change]),
  );
  const lines: string[] = [];
  for (const address of [...new Set([...approvedChanges.keys(), ...current.keys()])].sort()) {
    const [approvedChange, plannedChange] = [approvedChanges.get(address), current.get(address)];
    if (approvedChange === undefined && plannedChange !== undefined)
      lines.push(
        `not approved: ${plannedChange.action} ${plannedChange.path} (${address})`,
        ...firstLines(
          plannedChange.fields.map((field) => `  ${fieldLine(field)}`),
          "  ",
        ),
      );
    else if (plannedChange === undefined && approvedChange !== undefined)
      lines.push(`no longer planned: ${approvedChange.action} ${approvedChange.path} (${address})`);
    else if (
      approvedChange !== undefined &&
      plannedChange !== undefined &&
      canonical(changeMeaning(approvedChange)) !== canonical(changeMeaning(plannedChange))
    ) {
      lines.push(`different: ${plannedChange.path} (${address})`);
      if (approvedChange.action !== plannedChange.action)
        lines.push(
          `  ${approvedChange.action} was approved, but ${plannedChange.action} is planned`,
        );
      const approvedFields = new Set(approvedChange.fields.map(fieldSignature));
      const plannedFields = new Set(plannedChange.fields.map(fieldSignature));
      lines.push(
        ...approvedChange.fields
          .filter((field) => !plannedFields.has(fieldSignature(field)))
          .map((field) => `  approved: ${fieldLine(field)}`),
        ...plannedChange.fields
          .filter((field) => !approvedFields.has(fieldSignature(field)))
          .map((field) => `  now:      ${fieldLine(field)}`),
      );
    }
  }
  return lines;
}

const fieldSignature = ({ path, kind, before, after }: FieldChange): string =>
  canonical([path, kind, before, after]);

function summary(now: Review): string[] {
  return now.stacks.flatMap(({ stack, changes }) =>
    firstLines(
      changes
        .filter(({ action }) => action !== "read")
        .map((change) => `${stack}: would ${change.action} ${change.path}`),
      `${stack}: `,
    ),
  );
}

/** Returns at most 20 of the lines, and the number of the others. */
const firstLines = (lines: readonly string[], prefix: string): string[] => [
  ...lines.slice(0, 20),
  ...(lines.length > 20 ? [`${prefix}and ${lines.length - 20} more`] : []),
];
