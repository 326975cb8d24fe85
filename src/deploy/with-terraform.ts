/**
 * `verify --with-terraform`: checks resource types that lakeform does not support with Terraform's
 * own refresh.
 */
import { LakeformError } from "../errors";
import { refreshPlan, type RefreshPlan, type ResourceDrift } from "../terraform/refresh-plan";
import { hideValues, type TerraformContext } from "../terraform/run";
import { cannotRead, noKindReason } from "../verify/compare/without-reading";
import {
  countByStatus,
  exitCodeOf,
  type Finding,
  type ResourceResult,
  type Shown,
  type VerifyReport,
} from "../verify/model";

/** A stack of the report, and how to run Terraform in it. */
export interface Refreshable {
  readonly name: string;
  readonly terraform: TerraformContext;
  /** Called before Terraform runs, for `init`. */
  readonly prepare?: () => Promise<void>;
}

export const checked = "checked by Terraform's refresh";
const refreshLimits = `${checked}, which does not detect changes to settings that the code omits, to content that the provider does not read, or to access lists, nor unmanaged objects or code that is not deployed yet; ignore rules do not apply`;

/**
 * Adds the results of Terraform's refresh to the report, for resources that lakeform cannot read.
 */
export async function withTerraform(
  report: VerifyReport,
  stacks: readonly Refreshable[],
  options: { readonly allowPending?: boolean } = {},
): Promise<VerifyReport> {
  const unread = report.resources.filter(
    ({ status, kind, reason }) => status === "unverifiable" && reason === cannotRead(kind),
  );
  if (unread.length === 0) return report;
  const refreshedResults = new Map<ResourceResult, ResourceResult>();
  for (const stack of stacks) {
    const ownResults = unread.filter((result) => result.stack === stack.name);
    if (ownResults.length === 0) continue;
    const found = await refreshed(stack, ownResults);
    for (const result of ownResults) refreshedResults.set(result, found(result));
  }
  const resources = report.resources.map((result) => refreshedResults.get(result) ?? result);
  const counts = countByStatus([...resources, ...report.unmanaged]);
  const notChecked = report.notChecked.map((entry) =>
    entry.reason === noKindReason ? { ...entry, reason: refreshLimits } : entry,
  );
  return {
    ...report,
    resources,
    counts,
    notChecked,
    exitCode: exitCodeOf(counts, report.failures, options),
  };
}

async function refreshed(
  stack: Refreshable,
  ownResults: readonly ResourceResult[],
): Promise<(result: ResourceResult) => ResourceResult> {
  let plan: RefreshPlan;
  try {
    await stack.prepare?.();
    plan = await refreshPlan(stack.terraform, ownResults.map(({ address }) => address)); // prettier-ignore
  } catch (error) {
    if (!(error instanceof LakeformError) || error.code !== "TERRAFORM_FAILED") throw error;
    const reason = `Terraform's refresh failed: ${hideValues(error.message, stack.terraform).trim()}`;
    return (result) => ({ ...result, status: "error", reason });
  }
  const drift = new Map(plan.drift.map((resourceDrift) => [resourceDrift.address, resourceDrift]));
  return (result) => {
    const changed = drift.get(result.address);
    if (changed?.change.actions.includes("delete") === true)
      return { ...result, status: "missing", reason: checked };
    if (changed !== undefined)
      return {
        ...result,
        status: "drift",
        reason: checked,
        findings: findingsOf(changed, stack.terraform),
      };
    return plan.existing.has(result.address)
      ? { ...result, status: "match", reason: checked }
      : { ...result, status: "error", reason: "Terraform's refresh did not read it" };
  };
}

/** One finding for each top-level field that differs. */
function findingsOf({ change }: ResourceDrift, context: TerraformContext): readonly Finding[] {
  const [before, after] = [change.before ?? {}, change.after ?? {}];
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return fields.flatMap((field): Finding[] => {
    if (JSON.stringify(before[field] ?? null) === JSON.stringify(after[field] ?? null)) return [];
    const at = {
      status: "drift",
      path: field,
      field,
      reason: "changed in the workspace, according to Terraform's refresh",
    } as const;
    if (hasSecret(change.before_sensitive, field) || hasSecret(change.after_sensitive, field))
      return [{ ...at, sensitive: true }];
    const shown = (value: unknown): Shown =>
      JSON.parse(hideValues(JSON.stringify(value ?? null), context)) as Shown;
    return [{ ...at, deployed: shown(before[field]), remote: shown(after[field]) }];
  });
}

/** Whether Terraform marks a field, or a value inside it, as sensitive. */
function hasSecret(marks: unknown, field: string): boolean {
  const isMarked = (mark: unknown): boolean =>
    mark === true ||
    (typeof mark === "object" &&
      mark !== null &&
      Object.values(mark).some((inner) => isMarked(inner)));
  return isMarked(
    typeof marks === "object" && marks !== null
      ? (marks as Readonly<Record<string, unknown>>)[field]
      : marks,
  );
}
