/** Plans one stack: the part that differs from the last deploy, or the complete stack. */
import { planWithoutResources } from "../resources/cut/saved-plan";
import type { StackInput } from "../review";
import type { PlanFacts } from "../review/plan/plan";
import { openPlanFile } from "../review/plan/plan-file";
import { initialize } from "../terraform/initialize";
import { warningNote } from "../terraform/json-lines";
import {
  discardPlan,
  makePlan,
  writePlanJson,
  type NoPlan,
  type SavedPlan,
} from "../terraform/plan";
import type { StackJson } from "../terraform/stack";
import type { Verification } from "../verify/model";
import { verificationOf } from "./check";
import { findEmptyPlan, type LastDeploy } from "./empty-plan";
import { hasLocalState, refuseSecondCopies, requireDeployedState } from "./known-state";
import { lastDeployOf, storeOf } from "./last-deploys";
import { refuseOverLimits } from "./limits";
import { planPart, selectStackPart, wholeFacts } from "./narrow-plan";
import type { PrepareOptions } from "./options";
import { refuseRecordedCopies } from "./partial-state";
import type { RecordStore } from "./record";
import { alreadyRead, destroyRefreshReason, refreshReason } from "./refresh";
import { reviewInputOf } from "./review-input";
import { planWithCut } from "./schema-cut";
import type { DeployTarget } from "./target";
import { explainUnknownCount, remainingOutputs, type Upstream } from "./used-stacks";

/** A planned stack, before anything is changed. */
export interface Prepared extends LastDeploy {
  readonly target: DeployTarget;
  readonly store: RecordStore;
  readonly plan: SavedPlan | NoPlan;
  /** Whether the plan needs values from stacks that are not applied yet. */
  readonly provisional: boolean;
}

export interface Planned {
  readonly prepared: Prepared;
  readonly facts: PlanFacts;
  readonly input: StackInput;
  /** Path of the file that contains the plan as JSON. */
  readonly planJsonFile: string | undefined;
}

/**
 * Plans one stack and collects the input of its review. Terraform is not needed if the plan is
 * known to be empty.
 * @param upstream undefined for a destroy
 * @param deployed the last deploy; read from the workspace if omitted
 */
export async function planStack(
  target: DeployTarget,
  verified: readonly Verification[],
  options: PrepareOptions,
  upstream: Upstream | undefined,
  deployed?: LastDeploy,
): Promise<Planned> {
  const { events } = options;
  const { name, json } = target.stack;
  const store = storeOf(target);
  const lastDeploy = deployed ?? (await lastDeployOf(store));
  const isLocal = hasLocalState(target);
  if (isLocal) await requireDeployedState(target, store, lastDeploy.record);
  const verification = verificationOf(name, verified);
  // The review of a destroy is not compared with the record.
  const { record: _record, ...attempts } = lastDeploy;
  const common = { target, store, ...(options.destroy === true ? attempts : lastDeploy) };
  const terraformReason = await tryEmptyPlan(target, lastDeploy, verification, options, upstream);
  if (typeof terraformReason !== "string") {
    events.step(`${name}: no changes, Terraform is not needed`);
    const { facts } = terraformReason;
    const warnings = lastDeploy.record?.warnings ?? [];
    return {
      prepared: { ...common, plan: { changes: false }, provisional: false },
      facts,
      input: await reviewInputOf(common, { warnings, facts, verified, upstream }, options),
      planJsonFile: undefined,
    };
  }
  const refresh =
    options.destroy === true
      ? destroyRefreshReason(json, verification, name)
      : refreshReason(json, verification, name);
  const mustPlanAll =
    terraformReason === "" ||
    options.full === true ||
    refresh !== undefined ||
    (upstream?.outputs.size ?? 0) > 0;
  const narrowed = mustPlanAll
    ? undefined
    : await selectStackPart(target, lastDeploy, verification);
  const detail =
    verification === undefined ? "" : ` (${planDetail(terraformReason, refresh, narrowed)})`;
  events.step(`planning ${name}${detail}`);
  await initialize(target.terraform, target.stack);
  const outputs = upstream?.outputs ?? (await remainingOutputs(target));
  const planOptions = {
    ...(options.destroy === true && !removesByItself(json) && { destroy: true }),
    ...(refresh === undefined ? { refresh: false } : alreadyRead(json, verification, name)),
    upstream: outputs,
    onProgress: events.terraform,
  };
  const part = narrowed !== undefined && "targets" in narrowed ? narrowed : undefined;
  const partialPlan = part && (await planPart(target, part, planOptions, events, verification));
  // A schema cut applies only to the configuration in the stack's own folder.
  const planWholeStack = (): Promise<SavedPlan> =>
    outputs.size > 0
      ? makePlan(target.terraform, target.stack, planOptions)
      : planWithCut(target, planOptions, events, verification?.raw);
  const plan =
    partialPlan ??
    (await planWholeStack().catch((error: unknown) => {
      throw explainUnknownCount(error, target.stack, outputs);
    }));
  let planJsonFile: string | undefined;
  try {
    planJsonFile = await writePlanJson(target.terraform, plan, planWithoutResources(plan.file));
    const planFacts = openPlanFile(planJsonFile);
    const isPartial = part !== undefined && partialPlan !== undefined;
    const facts = isPartial ? wholeFacts(target, part, planFacts) : planFacts;
    if (!isLocal && plan.changes) await requireDeployedState(target, store, lastDeploy.record);
    // Only planned resources can be refused: the others of the complete stack do not change.
    refuseOverLimits(target.stack, planFacts);
    await refuseSecondCopies(target, planFacts);
    await refuseRecordedCopies(target, planFacts, lastDeploy);
    const input = await reviewInputOf(
      common,
      {
        warnings: plan.warnings.map(warningNote),
        facts,
        verified: options.destroy === true ? [] : verified,
        upstream,
      },
      options,
    );
    const provisional = options.destroy !== true && outputs.size > 0;
    return { prepared: { ...common, plan, provisional }, facts, input, planJsonFile };
  } catch (error) {
    discardPlan(plan);
    if (planJsonFile !== undefined) discardPlan({ file: planJsonFile });
    throw error;
  }
}

/** Describes how a stack is planned (with or without a refresh, completely or partly), and why. */
function planDetail(
  terraformReason: string,
  refresh: string | undefined,
  narrowed: Awaited<ReturnType<typeof selectStackPart>> | undefined,
): string {
  if (refresh !== undefined) return `with a refresh: ${refresh}`;
  const refreshing = "without a refresh: verify found no difference from the state";
  if (terraformReason === "") return refreshing;
  return `${refreshing}; with Terraform: ${terraformReason}${extentOf(narrowed, terraformReason)}`;
}

function extentOf(
  narrowed: Awaited<ReturnType<typeof selectStackPart>> | undefined,
  terraformReason: string,
): string {
  if (narrowed === undefined) return "";
  if ("targets" in narrowed) return `; ${narrowed.targets.length} of ${narrowed.total} resources`;
  return narrowed.why === terraformReason ? "" : `; complete stack: ${narrowed.why}`;
}

/**
 * Whether any plan of this configuration destroys everything, except what its `removed` blocks
 * keep: with `-destroy`, Terraform ignores these blocks.
 */
const removesByItself = ({ resource, module, removed }: StackJson): boolean =>
  resource === undefined && module === undefined && removed !== undefined;

/** Returns the empty plan, or the reason why Terraform has to plan. */
async function tryEmptyPlan(
  target: DeployTarget,
  lastDeploy: LastDeploy,
  verified: Verification | undefined,
  options: PrepareOptions,
  upstream: Upstream | undefined,
): Promise<{ readonly facts: PlanFacts } | string> {
  if (options.destroy === true) return ""; // a destroy needs no reason for a plan
  if (options.again === true) return "its upstream stacks have changed";
  if (options.full === true) return "--full";
  if (upstream !== undefined && upstream.outputs.size > 0) return "a stack that it uses changes";
  const empty = await findEmptyPlan(target, lastDeploy, verified);
  return "facts" in empty ? empty : empty.why;
}
