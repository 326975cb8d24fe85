import { readOnly } from "../api/auth/connect";
import { defined } from "../defined";
import { LakeformError } from "../errors";
import { reviewFully, type FullReview, type Review, type StackInput } from "../review";
import { findAllowances } from "../review/approval/allowances";
import { readArtifacts } from "../review/changes/artifacts";
import { listUnreviewedChanges } from "../review/approval/beyond-review";
import type { HealingInput } from "../review/changes/healing";
import { readOtherFiles } from "../review/plan/other-files";
import type { PlanFacts } from "../review/plan/plan";
import { openPlanFile } from "../review/plan/plan-file";
import { planWithoutResources } from "../resources/cut/saved-plan";
import { initialize } from "../terraform/initialize";
import { warningNote } from "../terraform/json-lines";
import {
  discardPlan,
  makePlan,
  writePlanJson,
  type NoPlan,
  type SavedPlan,
} from "../terraform/plan";
import { providerEnvironment } from "../terraform/run";
import { isReferenceOutput } from "../terraform/references";
import type { StackJson } from "../terraform/stack";
import type { Verification } from "../verify/model";
import { checkWorkspaces, verificationOf } from "./check";
import { findEmptyPlan, planReason, type LastDeploy } from "./empty-plan";
import {
  hasLocalState,
  holdsSecrets,
  refuseSecondCopies,
  requireDeployedState,
} from "./known-state";
import { lastDeployOf, lastDeploys, recordsOf, storeOf } from "./last-deploys";
import { refuseOverLimits } from "./limits";
import { selectStackPart, planPart, wholeFacts } from "./narrow-plan";
import { runInOrder, orderOf } from "./order";
import { RecordFolders } from "./record-folders";
import { removedStackNotes, findRemovedStacks } from "./removed-stacks";
import { withPreviousContent } from "./previous-content";
import { refuseRecordedCopies } from "./partial-state";
import { makeStateReady, refuseIfDeployRuns } from "./ready-state";
import type { Attempt, RecordStore } from "./record";
import { alreadyRead, refreshReason, destroyRefreshReason } from "./refresh";
import { planWithCut } from "./schema-cut";
import type { DeployEvents, DeployTarget } from "./target";
import {
  explainUnknownCount,
  plannedOutputs,
  remainingOutputs,
  upstreamOf,
  usersByAddress,
  type PlannedOutputs,
  type Upstream,
} from "./used-stacks";

export interface PrepareOptions {
  readonly destroy?: boolean;
  /** The deploy will also heal: changes that the plan omits are part of the digest. */
  readonly heal?: boolean;
  /**
   * Verify first: the review then shows drift that would be overwritten, and changes that the plan
   * omits. Before a destroy it only replaces Terraform's refresh.
   * @default true
   */
  readonly verify?: boolean;
  /** Run Terraform even if the plan is known to be empty. */
  readonly full?: boolean;
  /** Environments whose stacks are all planned: the review names their removed stacks. */
  readonly environments?: readonly string[];
  /** Set if the stack is planned a second time, with the values of the stacks that it uses. */
  readonly again?: boolean;
  readonly events: DeployEvents;
}

/** A planned stack, before anything is changed. */
export interface Prepared extends LastDeploy {
  readonly target: DeployTarget;
  readonly store: RecordStore;
  readonly plan: SavedPlan | NoPlan;
  /** Whether the plan needs values from stacks that are not applied yet. */
  readonly provisional: boolean;
}

export interface Preparation {
  readonly stacks: readonly Prepared[];
  readonly review: Review;
  /** The data that healing uses from the review, in clear text, by stack. */
  readonly healing: ReadonlyMap<string, HealingInput>;
  /** The verification before the deploy, one per workspace; empty if it was skipped. */
  readonly verified: readonly Verification[];
  /** Deployed stacks of the planned environments that the code does not have. */
  readonly removed: readonly string[];
  /**
   * True if there is nothing to deploy, as determined without Terraform; `verified` then covers
   * everything that verify checks.
   */
  readonly unchanged?: true;
}

/**
 * Plans each stack and reviews all of them together. `lakeform review` shows this review;
 * `lakeform deploy` shows it again and compares it with the approval. A stack is planned after the
 * stacks that it uses. The saved plans contain secrets: {@link discard} them.
 * @throws LakeformError TERRAFORM_FAILED, UPSTREAM_NOT_DEPLOYED, and all errors of the workspace
 */
export async function prepare(
  targets: readonly DeployTarget[],
  options: PrepareOptions,
): Promise<Preparation> {
  const { events } = options;
  const stacks = new Map<string, Planned>();
  const planned = new Map<string, PlannedOutputs>();
  try {
    const order = orderOf(targets.map(({ stack }) => stack));
    for (const target of targets) await makeStateReady(target, storeOf(target), events);
    const folders = new Map(
      targets.map(({ client }) => [client.host, new RecordFolders(readOnly(client))]),
    );
    const deployed = await lastDeploys(targets, folders);
    const removed = await findRemovedStacks(targets, options.environments ?? [], folders);
    const isVerified = options.verify !== false;
    const mayBeEmpty =
      isVerified &&
      options.destroy !== true &&
      options.full !== true &&
      targets.every(
        (target) => planReason(target, deployed.get(target.stack.name) ?? {}) === undefined,
      );
    // Read everything that a refresh would read. Without drift, the refresh is then unnecessary.
    const checkOptions = {
      deep: true,
      compareState: true,
      unmanaged: mayBeEmpty ? "ours" : "none",
    } as const;
    const verified = isVerified
      ? await checkWorkspaces(targets, { events, ...checkOptions, records: recordsOf(deployed) })
      : [];
    const byName = new Map(targets.map((target) => [target.stack.name, target]));
    await runInOrder(order, async (name) => {
      const target = byName.get(name);
      if (target === undefined) throw new Error(`no target ${name}`);
      const upstream = options.destroy === true ? undefined : await upstreamOf(target, planned);
      const stackPlan = await planStack(target, verified, options, upstream, deployed.get(name));
      stacks.set(name, stackPlan);
      planned.set(name, plannedOutputs(stackPlan.facts.outputs));
    });
    const plannedStacks = targets.flatMap(({ stack }) => stacks.get(stack.name) ?? []);
    const notes = await removedStackNotes(removed);
    const noted = plannedStacks.map((item) => ({
      ...item,
      input: { ...item.input, notes: [...(item.input.notes ?? []), ...notes] },
    }));
    const unchanged =
      mayBeEmpty && plannedStacks.every(({ prepared }) => prepared.plan.file === undefined);
    return {
      stacks: plannedStacks.map(({ prepared }) => prepared),
      ...reviewOf(noted),
      verified,
      removed: removed.stacks.map(({ target }) => target.stack.name),
      ...(unchanged && { unchanged }),
    };
  } catch (error) {
    for (const { prepared } of stacks.values()) discardPlan(prepared.plan);
    for (const target of targets) await refuseIfDeployRuns(error, target, storeOf(target));
    throw error;
  } finally {
    // Always delete the file after the review: it contains secrets in clear text.
    for (const { planJsonFile } of stacks.values())
      if (planJsonFile !== undefined) discardPlan({ file: planJsonFile });
  }
}

/**
 * Plans a stack again after the stacks that it uses were applied. The first plan is discarded.
 * @throws LakeformError PLAN_CHANGED (exit 2) if it differs from the reviewed one, and all errors
 * of {@link prepare}
 */
export async function planAgain(
  first: Prepared,
  { review: reviewed, verified }: Preparation,
  options: PrepareOptions,
): Promise<Prepared> {
  const { name } = first.target.stack;
  discardPlan(first.plan);
  const upstream = await upstreamOf(first.target, new Map());
  const plannedStack = await planStack(
    first.target,
    verified,
    { ...options, full: true, again: true },
    upstream,
  );
  const { prepared, planJsonFile } = plannedStack;
  try {
    const newReview = reviewOf([plannedStack]);
    const [before, after] = [reviewed, newReview.review].map(({ stacks }) =>
      stacks.find(({ stack }) => stack === name),
    );
    const differences =
      before === undefined || after === undefined ? [] : listUnreviewedChanges(before, after);
    if (differences.length > 0) {
      const applied = reviewed.stacks.map(({ stack }) => stack).filter((stack) => stack !== name);
      throw new LakeformError(
        "PLAN_CHANGED",
        `after its upstream stacks were applied, the plan of ${name} differs from the reviewed one\n\n${differences.map((line) => `  ${line}`).join("\n")}\n`,
        {
          path: name,
          value: `${differences.length} difference${differences.length === 1 ? "" : "s"}; ${name} was not changed, the applied stacks are recorded (${applied.join(", ")})`,
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
    if (planJsonFile !== undefined) discardPlan({ file: planJsonFile });
  }
}

interface Planned {
  readonly prepared: Prepared;
  readonly facts: PlanFacts;
  readonly input: StackInput;
  /** Path of the file that contains the plan as JSON. */
  readonly planJsonFile: string | undefined;
}

/**
 * @param upstream undefined for a destroy
 * @param deployed the last deploy; read from the workspace if omitted
 */
async function planStack(
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
  const { record: _record, ...attempts } = lastDeploy;
  const common = { target, store, ...(options.destroy === true ? attempts : lastDeploy) };
  const terraformReason = await tryEmptyPlan(target, lastDeploy, verification, options, upstream);
  if (typeof terraformReason !== "string") {
    events.step(`${name}: no changes, Terraform is not needed`);
    const input = await inputOf(
      common,
      {
        warnings: lastDeploy.record?.warnings ?? [],
        facts: terraformReason.facts,
        verified,
        upstream,
      },
      options,
    );
    return {
      prepared: { ...common, plan: { changes: false }, provisional: false },
      facts: terraformReason.facts,
      input,
      planJsonFile: undefined,
    };
  }
  const refresh = (options.destroy === true ? destroyRefreshReason : refreshReason)(
    json,
    verification,
    name,
  );
  const narrowed =
    terraformReason === "" ||
    options.full === true ||
    refresh !== undefined ||
    (upstream?.outputs.size ?? 0) > 0
      ? undefined
      : await selectStackPart(target, lastDeploy, verification);
  const part = narrowed !== undefined && "targets" in narrowed ? narrowed : undefined;
  const extentNote =
    narrowed === undefined
      ? ""
      : "why" in narrowed
        ? narrowed.why === terraformReason
          ? ""
          : `; complete stack: ${narrowed.why}`
        : `; ${narrowed.targets.length} of ${narrowed.total} resources`;
  const refreshing =
    refresh === undefined
      ? "without a refresh: verify found no difference from the state"
      : `with a refresh: ${refresh}`;
  events.step(
    `planning ${name}${verification !== undefined ? ` (${refreshing}${terraformReason === "" || refresh !== undefined ? "" : `; with Terraform: ${terraformReason}${extentNote}`})` : ""}`,
  );
  await initialize(target.terraform, target.stack);
  const outputs = upstream?.outputs ?? (await remainingOutputs(target));
  const kind = {
    ...(options.destroy === true && !removesByItself(json) && { destroy: true }),
    ...(refresh === undefined ? { refresh: false } : alreadyRead(json, verification, name)),
  };
  const planOptions = { ...kind, upstream: outputs, onProgress: events.terraform };
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
    refuseOverLimits(target.stack, facts);
    await refuseSecondCopies(target, facts);
    await refuseRecordedCopies(target, facts, lastDeploy);
    const input = await inputOf(
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

interface PlannedFacts {
  /** Warnings from Terraform. */
  readonly warnings: readonly string[];
  readonly facts: PlanFacts;
  readonly verified: readonly Verification[];
  readonly upstream: Upstream | undefined;
}

/** The inputs of a review. */
async function inputOf(
  { target, record, unfinished }: Pick<Prepared, "target" | "record" | "unfinished">,
  { warnings, facts, verified, upstream }: PlannedFacts,
  options: PrepareOptions,
): Promise<StackInput> {
  const { name, directory, json } = target.stack;
  const verification = verificationOf(name, verified);
  const wasVerified = verification !== undefined;
  const notes = notesOf(unfinished, !wasVerified && options.destroy !== true, warnings);
  const stateReaders =
    options.destroy !== true && holdsSecrets(json)
      ? await target.terraform.states?.readers(target.stack)
      : undefined;
  const deployed = record?.synthesized as StackJson | undefined;
  const isUsed = [deployed, json].some((stack) =>
    Object.keys(stack?.output ?? {}).some(isReferenceOutput),
  );
  const hasRemovals =
    options.destroy !== true &&
    isUsed &&
    [...facts.changes].some(({ actions }) => actions.includes("delete"));
  return {
    name,
    stack: json,
    plan: facts,
    files: readOtherFiles(
      directory,
      providerEnvironment(target.terraform.mirror).TF_DATA_DIR ?? ".terraform",
    ),
    artifacts: await withPreviousContent(target.client, facts, readArtifacts(json, directory)),
    hidden: [...(target.terraform.secrets?.() ?? []), ...(upstream?.secrets ?? [])],
    notes: [...notes, ...(upstream?.notes ?? [])],
    ...defined({ stateReaders, references: upstream }),
    ...(wasVerified && {
      verify: { resources: verification.raw.resources, redactor: verification.redactor },
    }),
    ...defined({ previous: record?.synthesized }),
    ...(options.heal === true && { heal: true }),
    ...(hasRemovals && { usedBy: await usersByAddress(target, deployed) }),
    ...(options.destroy === true && { destroy: true }),
  };
}

function reviewOf(stacks: readonly Planned[]): FullReview {
  const allowances = findAllowances(stacks[0]?.prepared.target.stack.directory ?? ".");
  return reviewFully({ stacks: stacks.map(({ input }) => input), allowances });
}

export function discard(preparation: Pick<Preparation, "stacks">): void {
  for (const { plan } of preparation.stacks) discardPlan(plan);
}

function notesOf(
  unfinished: Attempt | undefined,
  isUnverified: boolean,
  warnings: readonly string[],
): string[] {
  const notes: string[] = [];
  if (unfinished !== undefined) {
    const end =
      unfinished.outcome === "failed"
        ? `failed (${unfinished.error ?? "no reason recorded"})`
        : "was interrupted";
    notes.push(
      `the last deploy, started ${unfinished.startedAt} by ${unfinished.by}, ${end}: this plan starts from its partial result`,
    );
  }
  if (isUnverified)
    notes.push(
      "the workspace was not verified first: drift that this deploy would overwrite is shown only if Terraform detects it",
    );
  return [...notes, ...warnings];
}
