/** Plans several stacks and reviews them together. */
import { readOnly } from "../api/auth/connect";
import { LakeformError } from "../errors";
import { reviewFully, type FullReview, type Review } from "../review";
import { findAllowances } from "../review/approval/allowances";
import { listUnreviewedChanges } from "../review/approval/beyond-review";
import type { HealingInput } from "../review/changes/healing";
import { discardPlan } from "../terraform/plan";
import { usesOf } from "../terraform/references";
import type { Verification } from "../verify/model";
import { checkWorkspaces } from "./check";
import { planReason } from "./empty-plan";
import { lastDeploys, recordsOf, storeOf } from "./last-deploys";
import type { PrepareOptions } from "./options";
import { runInOrder, orderOf } from "./order";
import { planStack, type Planned, type Prepared } from "./plan-stack";
import { makeStateReady, refuseIfDeployRuns } from "./ready-state";
import { RecordFolders } from "./record-folders";
import { removedEnvironmentNotes } from "./removed-environments";
import { findRemovedStacks, removedStackNotes } from "./removed-stacks";
import type { DeployTarget } from "./target";
import { plannedOutputs, upstreamOf, type PlannedOutputs } from "./used-stacks";

export interface Preparation {
  readonly stacks: readonly Prepared[];
  readonly review: Review;
  /** The data that healing uses from the review, in clear text, by stack. */
  readonly healing: ReadonlyMap<string, HealingInput>;
  /** The verification before the deploy, one per workspace; empty if it was skipped. */
  readonly verified: readonly Verification[];
  /** Stacks that are deployed in the completely planned environments, but not in the code. */
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
  const plannedByName = new Map<string, Planned>();
  const outputsByName = new Map<string, PlannedOutputs>();
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
      const upstream =
        options.destroy === true ? undefined : await upstreamOf(target, outputsByName);
      const stackPlan = await planStack(target, verified, options, upstream, deployed.get(name));
      plannedByName.set(name, stackPlan);
      outputsByName.set(name, plannedOutputs(stackPlan.facts.outputs));
    });
    const plannedStacks = targets.flatMap(({ stack }) => plannedByName.get(stack.name) ?? []);
    const notes = [
      ...(await removedStackNotes(removed)),
      ...(options.destroy === true ? [] : removedEnvironmentNotes(targets, deployed)),
    ];
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
    for (const { prepared } of plannedByName.values()) discardPlan(prepared.plan);
    for (const target of targets) await refuseIfDeployRuns(error, target, storeOf(target));
    throw error;
  } finally {
    // Always delete the file after the review: it contains secrets in clear text.
    for (const { planJsonFile } of plannedByName.values())
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
      const uses = new Set(usesOf(first.target.stack));
      const applied = reviewed.stacks.flatMap(({ stack }) => (uses.has(stack) ? [stack] : []));
      throw new LakeformError(
        "PLAN_CHANGED",
        `after its upstream stacks were applied, the plan of ${name} differs from the reviewed one\n\n${differences.map((line) => `  ${line}`).join("\n")}\n`,
        {
          path: name,
          value: `${differences.length} difference${differences.length === 1 ? "" : "s"}; ${name} was not changed, its applied upstream stacks are recorded (${applied.join(", ")})`,
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

function reviewOf(stacks: readonly Planned[]): FullReview {
  const allowances = findAllowances(stacks[0]?.prepared.target.stack.directory ?? ".");
  return reviewFully({ stacks: stacks.map(({ input }) => input), allowances });
}

export function discard(preparation: Pick<Preparation, "stacks">): void {
  for (const { plan } of preparation.stacks) discardPlan(plan);
}
