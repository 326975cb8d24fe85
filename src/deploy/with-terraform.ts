/**
 * `verify --with-terraform`: checks resource types that lakeform does not support with Terraform's
 * own refresh.
 */
import { LakeformError } from "../errors";
import { refreshPlan, type RefreshPlan, type ResourceDrift } from "../terraform/refresh-plan";
import { hiddenValues, type TerraformContext } from "../terraform/run";
import { cannotReadReason, unsupportedTypesReason } from "../verify/compare/without-reading";
import { display } from "../verify/display";
import { fromJson, Sensitive } from "../verify/expressions/values";
import {
  countByStatus,
  exitCodeOf,
  type Finding,
  type RawReport,
  type ResourceResult,
  type Verification,
  type VerifyReport,
} from "../verify/model";
import { Quote } from "../verify/redactor";

/** A stack of the report, and how to run Terraform in it. */
export interface RefreshTarget {
  readonly name: string;
  readonly terraform: TerraformContext;
  /** Called before Terraform runs, for `init`. */
  readonly prepare?: () => Promise<void>;
}

const checkedByRefresh = "checked by Terraform's refresh";
const refreshLimits = `${checkedByRefresh}, which does not detect changes to settings that the code omits, to content that the provider does not read, or to access lists, nor unmanaged objects or code that is not deployed yet; ignore rules do not apply`;

/**
 * Adds the results of Terraform's refresh to the report, for resources that lakeform cannot read.
 */
export async function withTerraform(
  { raw: report, redactor, report: shownReport }: Pick<Verification, "raw" | "redactor" | "report">,
  stacks: readonly RefreshTarget[],
  options: { readonly allowPending?: boolean } = {},
): Promise<VerifyReport> {
  const unreadResults = report.resources.filter(
    ({ status, kind, reason }) => status === "unverifiable" && reason === cannotReadReason(kind),
  );
  if (unreadResults.length === 0) return shownReport;
  const refreshedResults = new Map<ResourceResult, ResourceResult>();
  for (const stack of stacks) {
    const ownResults = unreadResults.filter((result) => result.stack === stack.name);
    if (ownResults.length === 0) continue;
    const toRefreshed = await refreshStack(stack, ownResults);
    for (const result of ownResults) refreshedResults.set(result, toRefreshed(result));
  }
  const resources = report.resources.map((result) => refreshedResults.get(result) ?? result);
  const counts = countByStatus([...resources, ...report.unmanaged]);
  const notChecked = report.notChecked.map((entry) =>
    entry.reason === unsupportedTypesReason ? { ...entry, reason: refreshLimits } : entry,
  );
  for (const { terraform } of stacks)
    redactor.addSecretsIn(new Sensitive([...hiddenValues(terraform)]));
  const raw: RawReport = {
    ...report,
    resources,
    counts,
    notChecked,
    exitCode: exitCodeOf(counts, report.failures, options),
  };
  return display(raw, redactor);
}

/** Runs Terraform's refresh. @returns a function that adds its outcome to the result of a resource */
async function refreshStack(
  stack: RefreshTarget,
  ownResults: readonly ResourceResult[],
): Promise<(result: ResourceResult) => ResourceResult> {
  const addresses = ownResults.map(({ address }) => address);
  let plan: RefreshPlan;
  try {
    await stack.prepare?.();
    plan = await refreshPlan(stack.terraform, addresses);
  } catch (error) {
    if (!(error instanceof LakeformError) || error.code !== "TERRAFORM_FAILED") throw error;
    const reason = ["Terraform's refresh failed: ", new Quote(error.message.trim())];
    return (result) => ({ ...result, status: "error", reason });
  }
  const drift = new Map(plan.drift.map((resourceDrift) => [resourceDrift.address, resourceDrift]));
  return (result) => {
    const resourceDrift = drift.get(result.address);
    if (resourceDrift?.change.actions.includes("delete") === true)
      return { ...result, status: "missing", reason: checkedByRefresh };
    if (resourceDrift !== undefined)
      return {
        ...result,
        status: "drift",
        reason: checkedByRefresh,
        findings: findingsOf(resourceDrift),
      };
    return plan.existing.has(result.address)
      ? { ...result, status: "match", reason: checkedByRefresh }
      : { ...result, status: "error", reason: "Terraform's refresh did not read it" };
  };
}

/** One finding for each top-level field that differs. */
function findingsOf({ change }: ResourceDrift): readonly Finding[] {
  const [before, after] = [change.before ?? {}, change.after ?? {}];
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return fields.flatMap((field): Finding[] => {
    if (JSON.stringify(before[field] ?? null) === JSON.stringify(after[field] ?? null)) return [];
    const finding = {
      status: "drift",
      path: field,
      field,
      reason: "changed in the workspace, according to Terraform's refresh",
    } as const;
    if (hasSecret(change.before_sensitive, field) || hasSecret(change.after_sensitive, field))
      return [{ ...finding, sensitive: true }];
    return [{ ...finding, deployed: fromJson(before[field]), remote: fromJson(after[field]) }];
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
