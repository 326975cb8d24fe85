import { defined } from "../defined";
import { LakeformError } from "../errors";
import { stopIfInterrupted } from "../interrupt";
import { forgetSaved } from "../resources/families/pending-notes";
import { exitCodeOf, hasChanges, type Review } from "../review";
import type { InheritedValue } from "../review/model";
import { applyPlan, discardPlan, isTooNarrow, makePlan } from "../terraform/plan";
import type { VerifyReport } from "../verify/model";
import type { DeploymentRecord } from "../verify/deployed/record";
import { failOnActiveRuns, type HealedObject } from "./active-runs";
import { applyChanges } from "./apply";
import { requireApproval } from "./approval";
import { attempt, recordOf } from "./attempt";
import { checkStacks, verificationOf } from "./check";
import {
  listHealings,
  listNotHealed,
  toShownHealing,
  toShownNotHealed,
  type Healing,
  type LeftOutOf,
  type ShownHealing,
  type ShownNotHealed,
} from "../review/changes/healing";
import { needsRecord } from "./needs-record";
import { heal, findSilentDrift } from "./heal";
import { explainLostRenames } from "./lost-renames";
import { notedStack, notDeployedReason } from "./known-state";
import { describeRemoval, withLock } from "./lock";
import type { DeployOptions, PrepareOptions } from "./options";
import { inheritedWith } from "./fill-record";
import { reversed, runInOrder, orderOf, type StackOrder } from "./order";
import type { Prepared } from "./plan-stack";
import { discard, planAgain, prepare, type Preparation } from "./prepare";
import { RecordStore } from "./record";
import type { DeployEvents, DeployTarget } from "./target";
import { resultsStillValid } from "./untouched";
import { refuseUsed } from "./used-stacks";
import { recordVersions } from "./verified-versions";
import { withWarnings, type Warn } from "./warnings";

export interface DeployResult {
  readonly review: Review;
  /** Whether neither Terraform nor healing changed anything. */
  readonly unchanged: boolean;
  /** Set if there was nothing to do and Terraform was not started. */
  readonly withoutTerraform?: true;
  /**
   * Stacks of the completely deployed environments that are no longer in the code. The deploy does
   * not change them.
   */
  readonly removed: readonly string[];
  /** The report of the verification after the deploy; absent with `verify: false`. */
  readonly report?: VerifyReport;
}

/**
 * Plans, reviews, applies, heals, records and verifies one or several stacks in order, under each
 * stack's lock. Requires approval.
 * @throws LakeformError among others NOT_APPROVED, PLAN_NOT_APPROVED, POLICY_VIOLATED (all exit 2),
 * LOCKED, HEALING_FAILED, TERRAFORM_FAILED (completed changes are in the state)
 */
export async function deploy(
  targets: readonly DeployTarget[],
  options: DeployOptions,
): Promise<DeployResult> {
  return withWarnings(options.events, (warn) => deployLocked(targets, options, warn));
}

async function deployLocked(
  targets: readonly DeployTarget[],
  options: DeployOptions,
  warn: Warn,
): Promise<DeployResult> {
  return withLocks(targets, options, warn, async () => {
    const preparation = await prepare(targets, prepareOptions(options));
    try {
      return await carryOut(targets, preparation, options, warn);
    } finally {
      discard(preparation);
    }
  });
}

const prepareOptions = ({
  events,
  heal: healing,
  verify,
  full,
  environments,
}: DeployOptions): PrepareOptions => ({
  events,
  ...defined({ environments }),
  ...(full === true && { full: true }),
  ...(healing === true && { heal: true }),
  ...(verify === false && { verify: false }),
});

/** Processes the stacks in order. Throws the first failure and reports the others. */
async function processInOrder(
  { stacks }: Preparation,
  order: StackOrder,
  work: (prepared: Prepared) => Promise<void>,
  { note }: Pick<DeployEvents, "note">,
): Promise<void> {
  const byName = new Map(stacks.map((prepared) => [prepared.target.stack.name, prepared]));
  const workOn = async (name: string): Promise<void> => {
    const prepared = byName.get(name);
    if (prepared === undefined) throw new Error(`no plan of ${name}`);
    await work(prepared);
  };
  await runInOrder(order, workOn, (name, error) =>
    note(`${name} failed as well: ${error instanceof Error ? error.message : String(error)}`),
  );
}

async function carryOut(
  targets: readonly DeployTarget[],
  preparation: Preparation,
  options: DeployOptions,
  warn: Warn,
): Promise<DeployResult> {
  const { review, removed, verified: verificationsBefore } = preparation;
  const { plannedHealing, healedObjects, notHealed } =
    options.heal === true
      ? healingOf(preparation)
      : { plannedHealing: [], healedObjects: [], notHealed: [] };
  const hasPlannedChanges = preparation.stacks.some(({ plan }) => plan.changes);
  options.onReview(review, plannedHealing, notHealed);
  if (options.waiveFindings !== true) refuseFindings(review);
  if (hasChanges(review) || plannedHealing.length > 0) {
    if (options.failOnActiveRuns === true) await failOnActiveRuns(targets, review, healedObjects);
    await requireApproval(review, options.approval);
  } else if (!hasPlannedChanges) {
    return {
      review,
      removed,
      unchanged: true,
      ...(preparation.unchanged === true && { withoutTerraform: true as const }),
      ...(await settle(targets, preparation, options, warn)),
    };
  }

  const records = new Map<string, DeploymentRecord>();
  const apply = async (reviewed: Prepared): Promise<void> => {
    const prepared = reviewed.provisional
      ? await planAgain(reviewed, preparation, prepareOptions(options))
      : reviewed;
    const { target, plan } = prepared;
    const work = async (): Promise<readonly Healing[]> => {
      if (plan.changes) {
        options.events.step(`deploying ${target.stack.name}`);
        const warnings = await applyChanges(target, plan, review, options.events);
        forgetSaved(notedStack(target), target.terraform.env);
        // The objects were written, but the state lacks values that the platform has set.
        if (warnings.some(isTooNarrow)) await refreshState(target, options);
      }
      return options.heal === true
        ? healStack(prepared, preparation, hasPlannedChanges, options)
        : [];
    };
    try {
      await attempt({ prepared, review, command: "deploy", options, warn }, work, (healed, fence) =>
        writeRecord(prepared, preparation, options, { healed, fence }, records),
      );
    } finally {
      discardPlan(plan);
    }
  };
  await processInOrder(
    preparation,
    orderOf(targets.map(({ stack }) => stack)),
    apply,
    options.events,
  );
  stopIfInterrupted(
    "interrupted: everything is deployed and recorded, but not verified",
    `lakeform verify ${targets.map(({ stack }) => stack.name).join(" ")}`,
  );
  const [first] = targets;
  const validResults =
    options.heal === true || first === undefined
      ? undefined
      : resultsStillValid(first.stack.json, verificationsBefore[0]?.raw, review);
  const checkOptions = {
    events: options.events,
    deep: options.heal === true,
    recordVersions: true,
    records,
    ...defined({ known: validResults }),
  };
  if (options.verify === false) return { review, removed, unchanged: false };
  const verification = await checkStacks(targets, checkOptions);
  await recordVersions(targets, preparation, verification, records, {
    validResults,
    warn,
  });
  explainLostRenames(review, verification.report).forEach(warn);
  return { review, removed, unchanged: false, report: verification.report };
}

/** Returns the changes that healing will make, and the drift that it leaves, for the review. */
function healingOf({ verified, healing }: Preparation): {
  readonly plannedHealing: readonly ShownHealing[];
  readonly healedObjects: readonly HealedObject[];
  readonly notHealed: readonly ShownNotHealed[];
} {
  const healings = verified.flatMap(({ raw, redactor }) =>
    listHealings(raw, leftOutByStack(healing), inheritedOf(healing)).map((entry) => ({
      entry,
      shown: toShownHealing(entry, redactor),
    })),
  );
  return {
    plannedHealing: healings.map(({ shown }) => shown),
    healedObjects: healings.map(({ entry, shown: { path } }) => ({ ...entry, path })),
    notHealed: verified.flatMap(({ raw, redactor }) =>
      listNotHealed(raw).map((entry) => toShownNotHealed(entry, redactor)),
    ),
  };
}

/**
 * Finishes a deploy that has nothing to apply. Writes a record for a promotion, or if one is needed
 * (see {@link needsRecord}). Then verifies, unless the verification before the deploy already covers
 * everything.
 */
async function settle(
  targets: readonly DeployTarget[],
  preparation: Preparation,
  options: DeployOptions,
  warn: Warn,
): Promise<{ report?: VerifyReport }> {
  const { review } = preparation;
  const records = new Map<string, DeploymentRecord>();
  const noWork = (): Promise<void> => Promise.resolve();
  for (const prepared of preparation.stacks) {
    if (preparation.unchanged === true && options.promotion === undefined) continue;
    if ((await needsRecord(prepared)) || options.promotion !== undefined) {
      await attempt(
        { prepared, review, command: "deploy", options, warn },
        noWork,
        (_done, fence) =>
          writeRecord(prepared, preparation, options, { healed: [], fence }, records),
      );
    }
  }
  if (options.verify === false) return {};
  const [verification, ...otherVerifications] = preparation.verified;
  if (
    preparation.unchanged === true &&
    records.size === 0 &&
    verification !== undefined &&
    otherVerifications.length === 0
  )
    return { report: verification.report };
  const after = await checkStacks(targets, {
    events: options.events,
    deep: options.heal === true,
    recordVersions: true,
    records,
  });
  await recordVersions(targets, preparation, after, records, { validResults: undefined, warn });
  return { report: after.report };
}

/**
 * Writes the record of a stack.
 * @param records gets the record even if writing fails, because the verification uses it
 */
async function writeRecord(
  prepared: Prepared,
  { review, healing }: Preparation,
  options: DeployOptions,
  facts: { readonly healed: readonly Healing[]; readonly fence: number },
  records: Map<string, DeploymentRecord>,
): Promise<void> {
  const inherited = inheritedOf(healing)(prepared.target.stack.name);
  const record = await recordOf(prepared, review, options, { ...facts, inherited });
  records.set(prepared.target.stack.name, record);
  await prepared.store.write(record);
}

const leftOutByStack =
  (healing: Preparation["healing"]): LeftOutOf =>
  (stack) =>
    healing.get(stack)?.leftOut ?? [];

const inheritedOf =
  (healing: Preparation["healing"]) =>
  (stack: string): readonly InheritedValue[] =>
    healing.get(stack)?.inherited ?? [];

/**
 * Repairs drift that Terraform cannot see. After an apply, it verifies again, because the apply may
 * have fixed part of the drift or changed references. If nothing is applied, it uses the
 * verification for the review: repeating that would need one call per object again.
 * @param isApplied whether Terraform applies changes to any stack of the deploy
 */
async function healStack(
  { target, plan, record }: Prepared,
  { verified: verificationsBefore, healing }: Preparation,
  isApplied: boolean,
  options: DeployOptions,
): Promise<readonly Healing[]> {
  const { name } = target.stack;
  const silentDrifts = plan.changes ? verificationsBefore.flatMap(findSilentDrift) : [];
  const keep = new Set(silentDrifts.map(({ address }) => address));
  const alreadyVerified = isApplied ? undefined : verificationOf(name, verificationsBefore);
  const verification =
    alreadyVerified ??
    (await checkStacks([target], {
      events: options.events,
      deep: true,
      keep,
      inherited: new Map([[name, inheritedWith(record, inheritedOf(healing)(name))]]),
    }));
  const existing = new Set(
    verification.raw.resources.flatMap(({ stack, address, id }) =>
      id === undefined ? [] : [`${stack}\0${address}\0${id}`],
    ),
  );
  const existingDrifts = silentDrifts.filter(({ stack, address, id }) =>
    existing.has(`${stack}\0${address}\0${id}`),
  );
  const healed = await heal(
    target,
    verification,
    options.events,
    leftOutByStack(healing),
    existingDrifts,
  );
  // The healed value differs from the state's, so the next verification would report it as drift.
  if (healed.length > 0) await refreshState(target, options);
  return healed;
}

/** Writes the current values to the state with a refresh-only apply. */
async function refreshState(
  { terraform, stack }: DeployTarget,
  options: DeployOptions,
): Promise<void> {
  options.events.step(`refreshing the state of ${stack.name}`);
  // Use the full schema: the state may need fields that the stack does not use.
  const plan = await makePlan(terraform, stack, { refreshOnly: true });
  try {
    if (plan.changes)
      await applyPlan(terraform, stack, plan, { onProgress: options.events.terraform });
  } finally {
    discardPlan(plan);
  }
}

function refuseFindings(review: Review): void {
  if (exitCodeOf(review) === 0) return;
  throw new LakeformError(
    "POLICY_VIOLATED",
    "a policy of severity error or the secret scan has findings",
    {
      value: review.stacks
        .flatMap((stack) => [...stack.policies, ...stack.secrets])
        .filter((finding) => finding.severity === "error" && finding.suppressed === undefined)
        .map((finding) => `${finding.rule} at ${finding.path}`)
        .join(", "),
      fix: "fix them, or suppress them in code with a reason and an expiry (docs/review.md)",
      exitCode: 2,
    },
  );
}

async function withLocks<T>(
  targets: readonly DeployTarget[],
  options: Pick<DeployOptions, "by" | "breakLock" | "events">,
  warn: Warn,
  work: () => Promise<T>,
): Promise<T> {
  const [first, ...rest] = targets;
  if (first === undefined) return work();
  return withLock(
    new RecordStore(first.client, first.stack.metadata.recordFolder),
    options.by,
    {
      ...defined({ breakLock: options.breakLock }),
      onStale: (lock) => options.events.note(describeRemoval(lock, options.breakLock)),
      onLeft: warn,
    },
    () => withLocks(rest, options, warn, work),
  );
}

/**
 * Destroys all resources of the stacks. A stack is destroyed before the stacks that it uses.
 * @throws LakeformError the errors of {@link deploy}, and STACK_IN_USE (exit 2)
 */
export async function destroy(
  targets: readonly DeployTarget[],
  options: Omit<DeployOptions, "heal" | "verify" | "promotion">,
): Promise<Review> {
  return withWarnings(options.events, (warn) => destroyLocked(targets, options, warn));
}

/**
 * Removes the record of a stack if all its objects were deleted manually. The record would block
 * the next deploy.
 */
async function removeOrphanedRecord({ target, store }: Prepared): Promise<void> {
  const trusted = await store.readTrusted();
  if ("record" in trusted && (await notDeployedReason(target, trusted.record)) === undefined)
    await store.forget();
}

async function destroyLocked(
  targets: readonly DeployTarget[],
  options: Omit<DeployOptions, "heal" | "verify" | "promotion">,
  warn: Warn,
): Promise<Review> {
  return withLocks(targets, options, warn, async () => {
    if (options.force !== true) await refuseUsed(targets);
    const preparation = await prepare(targets, { events: options.events, destroy: true });
    try {
      options.onReview(preparation.review, []);
      if (!hasChanges(preparation.review)) {
        for (const prepared of preparation.stacks) await removeOrphanedRecord(prepared);
        return preparation.review;
      }
      await requireApproval(preparation.review, options.approval, "destroy");
      const remove = async (prepared: Prepared): Promise<void> => {
        const { target, plan, store } = prepared;
        const work = async (): Promise<void> => {
          options.events.step(`destroying ${target.stack.name}`);
          if (plan.changes) await applyChanges(target, plan, preparation.review, options.events);
        };
        await attempt(
          { prepared, review: preparation.review, command: "destroy", options, warn },
          work,
          () => store.forget(),
        );
      };
      await processInOrder(
        preparation,
        reversed(orderOf(targets.map(({ stack }) => stack))),
        remove,
        options.events,
      );
      return preparation.review;
    } finally {
      discard(preparation);
    }
  });
}
