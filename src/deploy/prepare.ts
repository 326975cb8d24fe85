import { LakeformError } from "../errors";
import { review, type Review, type StackInput } from "../review";
import { findAllowances } from "../review/approval/allowances";
import { readArtifacts } from "../review/changes/artifacts";
import { beyondReview } from "../review/approval/beyond-review";
import { readOtherFiles } from "../review/plan/other-files";
import type { PlanFacts } from "../review/plan/plan";
import { openPlanFile } from "../review/plan/plan-file";
import { initialize } from "../terraform/initialize";
import { discardPlan, makePlan, writePlanJson, type SavedPlan } from "../terraform/plan";
import { providerEnvironment } from "../terraform/run";
import type { VerifyReport } from "../verify/model";
import type { DeploymentRecord } from "../verify/deployed/record";
import { checkWorkspaces } from "./check";
import { hasLocalState, refuseSecondCopies, requireDeployedState } from "./known-state";
import { inOrder, orderOf } from "./order";
import { withPreviousContent } from "./previous-content";
import { makeStateReady } from "./ready-state";
import { RecordStore, type Attempt } from "./record";
import { whyRefresh } from "./refresh";
import { planWithCut } from "./schema-cut";
import type { DeployEvents, DeployTarget } from "./target";
import { plannedOutputs, remainingOutputs, upstreamOf, type PlannedOutputs, type Upstream } from "./used-stacks";

export interface PrepareOptions {
  readonly destroy?: boolean;
  /** The deploy will also heal: what the plan leaves out belongs to the digest. */
  readonly heal?: boolean;
  /** Ask the workspace first what is different: the review then shows drift that would be overwritten, and what the plan leaves out. @default true */
  readonly verify?: boolean;
  readonly events: DeployEvents;
}

/** All that is known before anything is changed. */
export interface Prepared {
  readonly target: DeployTarget;
  readonly store: RecordStore;
  readonly record?: DeploymentRecord;
  /** The last try. */
  readonly last?: Attempt;
  /** It did not succeed. */
  readonly unfinished?: Attempt;
  readonly plan: SavedPlan;
  /** The plan cannot be applied: values are missing, or not yet there, that used stacks have after their apply. */
  readonly provisional: boolean;
}

export interface Preparation {
  readonly stacks: readonly Prepared[];
  readonly review: Review;
  /** What verify found before, one report a workspace; none when it was not asked. */
  readonly reports: readonly VerifyReport[];
}

/**
 * Plans each stack and reviews all of them together: what `lakeform review` shows, and what `lakeform deploy` shows again and compares with the approval.
 * A stack is planned when the plans of the stacks that it uses are known. The saved plans hold secrets: {@link discard} them.
 * @throws LakeformError TERRAFORM_FAILED, UPSTREAM_NOT_DEPLOYED, and all that the workspace can answer
 */
export async function prepare(targets: readonly DeployTarget[], options: PrepareOptions): Promise<Preparation> {
  const { events } = options;
  const stacks = new Map<string, Planned>();
  const planned = new Map<string, PlannedOutputs>();
  try {
    const order = orderOf(targets.map(({ stack }) => stack));
    for (const target of targets) await makeStateReady(target, storeOf(target), events);
    const asked = options.verify !== false && options.destroy !== true;
    // As deep as a refresh would: it then is not needed where nothing has drifted.
    const reports = asked ? await checkWorkspaces(targets, { events, deep: true, compareState: true, unmanaged: "none" }) : [];
    const byName = new Map(targets.map((target) => [target.stack.name, target]));
    await inOrder(order, async (name) => {
      const target = byName.get(name);
      if (target === undefined) throw new Error(`no target ${name}`);
      const upstream = options.destroy === true ? undefined : await upstreamOf(target, planned);
      const one = await planStack(target, reports, options, upstream);
      stacks.set(name, one);
      planned.set(name, plannedOutputs(one.facts.outputs));
    });
    const all = targets.flatMap(({ stack }) => stacks.get(stack.name) ?? []);
    return { stacks: all.map(({ prepared }) => prepared), review: reviewOf(all), reports };
  } catch (error) {
    for (const { prepared } of stacks.values()) discardPlan(prepared.plan);
    throw error;
  } finally {
    // Read while the review is made, and gone with it, whatever comes of it: secrets are in them in clear.
    for (const { shown } of stacks.values()) discardPlan({ file: shown });
  }
}

/**
 * Plans a stack anew when those that it uses are applied. The first plan is discarded.
 * @throws LakeformError PLAN_CHANGED (exit 2) when it does more or other than the reviewed one, and all that {@link prepare} throws
 */
export async function planAgain(first: Prepared, { review: reviewed, reports }: Preparation, options: PrepareOptions): Promise<Prepared> {
  const { name } = first.target.stack;
  discardPlan(first.plan);
  const { prepared, shown, ...rest } = await planStack(first.target, reports, options, await upstreamOf(first.target, new Map()));
  try {
    const now = reviewOf([{ prepared, shown, ...rest }]);
    const [before, after] = [reviewed, now].map(({ stacks }) => stacks.find(({ stack }) => stack === name));
    const differences = before === undefined || after === undefined ? [] : beyondReview(before, after);
    if (differences.length > 0) {
      const applied = reviewed.stacks.map(({ stack }) => stack).filter((stack) => stack !== name);
      throw new LakeformError(
        "PLAN_CHANGED",
        `with the stacks that it uses applied, the plan of ${name} is more or other than the reviewed one\n\n${differences.map((line) => `  ${line}`).join("\n")}\n`,
        {
          path: name,
          value: `${differences.length} difference${differences.length === 1 ? "" : "s"}; ${name} was not changed, what was applied is recorded (${applied.join(", ")})`,
          fix: `read the new plan and approve it: lakeform review ${name}, then lakeform deploy ${name}`,
          exitCode: 2,
        },
      );
    }
    return prepared;
  } catch (error) {
    discardPlan(prepared.plan);
    throw error;
  } finally {
    discardPlan({ file: shown });
  }
}

interface Planned {
  readonly prepared: Prepared;
  readonly facts: PlanFacts;
  readonly input: StackInput;
  /** The plan as JSON. */
  readonly shown: string;
}

/** @param upstream undefined for a destroy */
async function planStack(
  target: DeployTarget,
  reports: readonly VerifyReport[],
  options: PrepareOptions,
  upstream: Upstream | undefined,
): Promise<Planned> {
  const { events } = options;
  const { name, directory, json } = target.stack;
  const store = storeOf(target);
  const found = await store.readTrusted();
  const deployed = "record" in found ? found.record : undefined;
  const local = hasLocalState(target);
  if (local) await requireDeployedState(target, store, deployed);
  const record = options.destroy === true ? undefined : deployed;
  const attempt = await store.readAttempt();
  const unfinished = attempt !== undefined && attempt.outcome !== "succeeded" ? attempt : undefined;
  const asked = reports.length > 0;
  const report = reports.find(({ stacks: of }) => of.some((stack) => stack.name === name));
  const refresh = whyRefresh(json, report, name);
  events.step(
    `planning ${name}${asked ? ` (${refresh === undefined ? "without a refresh: verified as the state has it" : `with a refresh: ${refresh}`})` : ""}`,
  );
  await initialize(target.terraform, target.stack);
  const outputs = upstream?.outputs ?? (await remainingOutputs(target));
  const kind = { ...(options.destroy === true && { destroy: true }), ...(refresh === undefined && { refresh: false }) };
  const how = { ...kind, upstream: outputs, onProgress: events.terraform };
  // A cut belongs to the configuration of the stack's own folder.
  const plan = await (outputs.size > 0 ? makePlan(target.terraform, target.stack, how) : planWithCut(target, how, events, report));
  let shown: string | undefined;
  try {
    shown = await writePlanJson(target.terraform, plan);
    const facts = openPlanFile(shown);
    if (!local && plan.changes) await requireDeployedState(target, store, deployed);
    await refuseSecondCopies(target, facts);
    const notes = notesOf(unfinished, !asked && options.destroy !== true, plan);
    const input: StackInput = {
      name,
      stack: json,
      plan: facts,
      files: readOtherFiles(directory, providerEnvironment(target.terraform.mirror).TF_DATA_DIR ?? ".terraform"),
      artifacts: await withPreviousContent(target.client, facts, readArtifacts(json, directory)),
      hidden: [...(target.terraform.secrets?.() ?? []), ...(upstream?.secrets ?? [])],
      notes: [...notes, ...(upstream?.notes ?? [])],
      ...(upstream && { references: upstream }),
      ...(asked && { verify: { resources: reports.flatMap(({ resources }) => resources) } }),
      ...(record && { previous: record.synthesized }),
      ...(options.heal === true && { heal: true }),
    };
    const provisional = options.destroy !== true && outputs.size > 0;
    const tries = { ...(attempt && { last: attempt }), ...(unfinished && { unfinished }) };
    const prepared = { target, store, plan, provisional, ...(record && { record }), ...tries };
    return { prepared, facts, input, shown };
  } catch (error) {
    discardPlan(plan);
    if (shown !== undefined) discardPlan({ file: shown });
    throw error;
  }
}

function reviewOf(planned: readonly Planned[]): Review {
  const allowances = findAllowances(planned[0]?.prepared.target.stack.directory ?? ".");
  return review({ stacks: planned.map(({ input }) => input), allowances });
}

const storeOf = ({ client, stack }: DeployTarget): RecordStore => new RecordStore(client, stack.metadata.recordFolder);

export function discard(preparation: Pick<Preparation, "stacks">): void {
  for (const { plan } of preparation.stacks) discardPlan(plan);
}

function notesOf(unfinished: Attempt | undefined, unasked: boolean, plan: SavedPlan): string[] {
  const notes: string[] = [];
  if (unfinished !== undefined) {
    const end = unfinished.outcome === "failed" ? `failed (${unfinished.error ?? "no reason recorded"})` : "was interrupted";
    notes.push(`the last deploy, started ${unfinished.startedAt} by ${unfinished.by}, ${end}: this plan starts from what it left behind`);
  }
  if (unasked)
    notes.push("the workspace was not verified first: drift that this deploy would overwrite is shown only as far as Terraform sees it");
  for (const warning of plan.warnings)
    notes.push(`Terraform warns: ${warning.summary}${warning.path === undefined ? "" : ` (${warning.path})`}`);
  return notes;
}
