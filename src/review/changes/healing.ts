/**
 * Computes what `deploy --heal` will write. The review shows this list, and the deploy writes it.
 */
import { defined } from "../../defined";
import { findKind } from "../../resources";
import { fromJson } from "../../verify/expressions/values";
import type { Finding, ResourceResult, ShownFinding } from "../../verify/model";
import type { ReportRedactor, Shown } from "../../verify/redactor";
import type { InheritedValue, LeftOut } from "../model";
import { indexOf, PathIndex } from "./paths";

/** The fields of a verified resource that healing needs, in clear text. */
export type VerifiedResource = Pick<
  ResourceResult,
  | "status"
  | "reason"
  | "stack"
  | "address"
  | "path"
  | "title"
  | "kind"
  | "id"
  | "restorable"
  | "notRestorable"
> & {
  readonly findings: readonly Difference[];
};
type Difference = Omit<Finding, "reason">;

/** The part of a verification that a review needs. */
export interface VerifyInput {
  readonly resources: readonly VerifiedResource[];
  readonly redactor: ReportRedactor;
}

/** An object that healing will write, with its changes in clear text, which must not be shown. */
export interface Healing {
  readonly stack: string;
  readonly address: string;
  readonly path: string;
  readonly title: string;
  readonly id: string;
  readonly fields: readonly Pick<
    Finding,
    "path" | "label" | "field" | "desired" | "deployed" | "remote" | "sensitive"
  >[];
}

/** The resource type of a healed object, from its address in the root module. */
export const typeOf = ({ address }: Pick<Healing, "address">): string =>
  address.slice(0, address.indexOf("."));

/** A {@link Healing} without secrets. */
export interface ShownHealing {
  readonly path: Shown;
  readonly fields: readonly Pick<ShownFinding, "path" | "desired" | "remote" | "sensitive">[];
}

export function toShownHealing(
  { path, fields }: Pick<Healing, "path" | "fields">,
  redactor: ReportRedactor,
): ShownHealing {
  return {
    path: redactor.heading(path),
    fields: fields.map((field) => ({
      path: redactor.path(field),
      ...defined({
        desired: redactor.value(field.desired),
        remote: redactor.value(field.remote),
        sensitive: field.sensitive,
      }),
    })),
  };
}

/**
 * Returns the changes that the plan of a stack omits. Takes the stack, because two stacks of one
 * app can have the same addresses.
 */
export type LeftOutOf = (stack: string) => readonly Pick<LeftOut, "address" | "field">[];

/** The part of a stack's review that healing needs, in clear text. */
export interface HealingInput {
  readonly leftOut: readonly Pick<LeftOut, "address" | "field">[];
  /** In the order of {@link StackReview.inherited}. */
  readonly inherited: readonly InheritedValue[];
}

type Report = Pick<VerifyInput, "resources">;

/**
 * Returns the values that a stack's plan passes to list elements from their neighbours. Healing
 * removes them after the apply.
 */
export type InheritedOf = (
  stack: string,
) => readonly Pick<InheritedValue, "address" | "field" | "value">[];

/**
 * Returns what healing writes to each object that can be updated without a replacement: drift, code
 * changes that the plan omits, and inherited values.
 */
export function listHealings(
  report: Report,
  leftOut: LeftOutOf = () => [],
  inherited: InheritedOf = () => [],
): Healing[] {
  return report.resources.flatMap((resource) =>
    toHealing(resource, leftOut(resource.stack), inherited(resource.stack)),
  );
}

/** A difference that healing does not resolve. */
export interface NotHealed extends Omit<Healing, "id"> {
  readonly reason: string;
}

/** A {@link NotHealed} without secrets. */
export interface ShownNotHealed extends ShownHealing {
  readonly reason: Shown;
}

export const toShownNotHealed = (
  notHealed: NotHealed,
  redactor: ReportRedactor,
): ShownNotHealed => ({
  ...toShownHealing(notHealed, redactor),
  reason: redactor.heading(notHealed.reason),
});

/**
 * Returns the drift that healing does not resolve, and the fields removed from the code that the
 * platform does not clear: one entry for each object and reason.
 */
export function listNotHealed(report: Report): NotHealed[] {
  return report.resources.flatMap((resource) => {
    const { stack, address, path, title, kind, findings } = resource;
    const unresolved = findings.flatMap((finding) => {
      const reason =
        finding.status === "drift" || isKept(kind, finding)
          ? notHealedReason(resource, finding)
          : undefined;
      return reason === undefined ? [] : [{ finding, reason }];
    });
    const reasons = [...new Set(unresolved.map(({ reason }) => reason))];
    return reasons.map((reason) => ({
      stack,
      address,
      path,
      title,
      fields: unresolved.filter((entry) => entry.reason === reason).map(({ finding }) => finding),
      reason,
    }));
  });
}

/** Returns why healing does not write a field; undefined if it does. */
function notHealedReason(
  { kind, restorable, notRestorable }: VerifiedResource,
  finding: Difference,
): string | undefined {
  const immutableReason = findKind(kind)?.rules.immutable?.[finding.field];
  if (immutableReason !== undefined)
    return `the field can only be set when the object is created: ${immutableReason}`;
  if (isKept(kind, finding)) return keptReasonOf(kind, finding.field);
  return restorable ? undefined : (notRestorable ?? "it cannot be restored in place");
}

const keptReasonOf = (type: string, field: string): string | undefined =>
  findKind(type)?.rules.cannotClear?.[field];
const isKept = (type: string, { field, desired }: Pick<Finding, "field" | "desired">): boolean =>
  desired === undefined && keptReasonOf(type, field) !== undefined;

function toHealing(
  resource: VerifiedResource,
  leftOut: readonly Pick<LeftOut, "address" | "field">[],
  inherited: ReturnType<InheritedOf>,
): Healing[] {
  if (!resource.restorable || resource.id === undefined) return [];
  const leftOutPaths = new PathIndex(
    leftOut.flatMap(({ address, field }) => (address === resource.address ? [field] : [])),
  );
  const isLeftOut = ({ status, path }: Difference): boolean =>
    status === "pending" && leftOutPaths.contains(path);
  const healedFindings = resource.findings
    .filter((finding) => finding.status === "drift" || isLeftOut(finding))
    .filter((finding) => notHealedReason(resource, finding) === undefined);
  const inheritedFields = inherited
    .filter(
      ({ address, field }) =>
        address === resource.address && !indexOf(healedFindings).overlaps(field),
    )
    .map(({ field: path, value }) => ({
      path,
      field: path.replaceAll(/\[[^\]]*\]/g, ""),
      remote: fromJson(value),
    }));
  const fields = [...healedFindings, ...inheritedFields];
  if (fields.length === 0) return [];
  const { stack, address, path, title, id } = resource;
  return [{ stack, address, path, title, id, fields }];
}

/**
 * Determines for each difference whether healing resolves it, and what to do if it does not. Drops
 * code changes that the workspace already has.
 */
export function withHealingOutcome<Entry extends Omit<LeftOut, "heals">>(
  leftOut: readonly Entry[],
  report: VerifyInput | undefined,
  stack: string,
  typeOf: (address: string) => string,
): (Entry & Pick<LeftOut, "heals" | "manual">)[] {
  const resources = report?.resources.filter((resource) => resource.stack === stack) ?? [];
  const healed = listHealings({ resources }, () => leftOut);
  const refusedFindings = listNotHealed({ resources });
  const indexIn = (
    list: readonly Pick<Healing, "address" | "fields">[],
    { address, field }: Omit<LeftOut, "heals">,
  ): number =>
    list.findIndex(
      (healing) => healing.address === address && indexOf(healing.fields).overlaps(field),
    );
  return leftOut.flatMap((entry): (Entry & Pick<LeftOut, "heals" | "manual">)[] => {
    if (indexIn(healed, entry) >= 0) return [{ ...entry, heals: true }];
    const field = entry.field.replaceAll(/\[[^\]]*\]/g, "");
    const rules = findKind(typeOf(entry.address))?.rules;
    const keptReason = entry.after === undefined ? rules?.cannotClear?.[field] : undefined;
    const unverifiableReason =
      rules?.unverifiable[field] === undefined
        ? undefined
        : `the workspace does not show it: ${rules.unverifiable[field]}`;
    const manual =
      refusedFindings[indexIn(refusedFindings, entry)]?.reason ?? keptReason ?? unverifiableReason;
    if (manual !== undefined) return [{ ...entry, heals: false, manual }];
    // Without a report, the deploy itself determines what to heal.
    const verified = resources.find(({ address }) => address === entry.address);
    if (report === undefined || verified === undefined) return [{ ...entry, heals: true }];
    const isComplete = verified.status === "match" || verified.findings.length > 0;
    return isComplete && !indexOf(verified.findings).overlaps(entry.field)
      ? []
      : [
          {
            ...entry,
            heals: false,
            manual:
              verified.reason === undefined
                ? "it could not be compared: see lakeform verify --deep"
                : report.redactor.sentence(verified.reason),
          },
        ];
  });
}
