import { defined } from "../defined";
import { LakeformError } from "../errors";
import { uninterrupted } from "../interrupt";
import type { Review } from "../review";
import { warningNote } from "../terraform/json-lines";
import { streamState } from "../terraform/state";
import type { DeploymentRecord } from "../verify/deployed/record";
import { gitState } from "./commit";
import type { DeployOptions } from "./options";
import { makeRecord } from "./fill-record";
import type { InheritedValue } from "../review/model";
import type { Healing } from "../review/changes/healing";
import type { Prepared } from "./plan-stack";
import type { Attempt } from "./record";
import type { Warn } from "./warnings";

export interface AttemptContext {
  readonly prepared: Prepared;
  readonly review: Review;
  /** What the attempt does: the advice in its warnings differs. */
  readonly command: "deploy" | "destroy";
  readonly options: Pick<DeployOptions, "by">;
  readonly warn: Warn;
}

/**
 * Records the attempt in the workspace, whether it succeeds or fails.
 * @param work runs the attempt; if it fails, the deploy fails
 * @param finish records the result; if it fails, the user only gets a warning, because the work is
 * done
 */
export async function attempt<T>(
  { prepared, review, command, options, warn }: AttemptContext,
  work: () => Promise<T>,
  finish: (result: T, fence: number) => Promise<void>,
): Promise<void> {
  const { store, target } = prepared;
  const git = await gitState(target.stack.directory);
  const fence = (prepared.last?.fence ?? 0) + 1;
  const startedAttempt: Attempt = {
    version: 1,
    startedAt: new Date().toISOString(),
    by: options.by,
    digest: review.digest,
    ...defined({ commit: git?.commit }),
    fence,
    outcome: "started",
  };
  const recordEnd = (result: Pick<Attempt, "outcome" | "error">): Promise<void> =>
    store.writeAttempt({ ...startedAttempt, ...result, endedAt: new Date().toISOString() });
  await store.writeAttempt(startedAttempt);
  let result: T;
  try {
    result = await work();
  } catch (error) {
    const code = error instanceof LakeformError ? error.code : "UNEXPECTED";
    const recordFailure = (): Promise<void> => recordEnd({ outcome: "failed", error: code });
    await uninterrupted(() =>
      runOrWarn(
        warn,
        `the failed ${command} of ${target.stack.name} could not be recorded in the workspace`,
        `${command} again to write it`,
        recordFailure,
      ),
    );
    throw error;
  }
  const recordSuccess = async (): Promise<void> => {
    const current = await store.readAttempt();
    if (current?.startedAt !== startedAttempt.startedAt || current.fence !== fence) {
      throw new LakeformError(
        "LOCK_LOST",
        "another deploy of this stack started while this one was running",
        {
          value: `${current?.by ?? "unknown"}, ${current?.startedAt ?? "unknown"}`,
          fix: "wait for it, then deploy again",
        },
      );
    }
    await finish(result, fence);
    await recordEnd({ outcome: "succeeded" });
  };
  const { name } = target.stack;
  const [problem, advice] =
    command === "deploy"
      ? [
          `the deploy of ${name} succeeded, but could not be recorded in the workspace`,
          "deploy again to write it",
        ]
      : [
          `${name} was destroyed, but its deployment record could not be removed`,
          "destroy it again to remove the record",
        ];
  await uninterrupted(() => runOrWarn(warn, problem, advice, recordSuccess));
}

async function runOrWarn(
  warn: Warn,
  problem: string,
  advice: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof LakeformError)) throw error;
    warn(`${problem} (${error.message}): ${advice}`);
  }
}

export type RecordOptions = Pick<DeployOptions, "by" | "versions" | "events" | "promotion">;

/** Builds the deployment record of an apply. */
export async function recordOf(
  prepared: Prepared,
  review: Review,
  options: RecordOptions,
  {
    healed,
    fence,
    inherited,
  }: {
    readonly healed: readonly Healing[];
    readonly fence: number;
    /** The values in clear text, in the order of the review's `inherited`. */
    readonly inherited: readonly InheritedValue[];
  },
): Promise<DeploymentRecord> {
  const { target } = prepared;
  const { changes = [], inherited: shownValues = [] } =
    review.stacks.find(({ stack }) => stack === target.stack.name) ?? {};
  options.events.step(`recording ${target.stack.name}`);
  const state = await streamState(target.terraform, target.stack);
  const git = await gitState(target.stack.directory);
  return makeRecord(target, state, {
    by: options.by,
    digest: review.digest,
    fence,
    versions: options.versions,
    warnings:
      prepared.plan.file === undefined
        ? (prepared.record?.warnings ?? [])
        : prepared.plan.warnings.map(warningNote),
    written: new Set([
      ...changes.filter(({ action }) => action !== "read").map(({ address }) => address),
      ...healed.map(({ address }) => address),
    ]),
    inherited: inherited.flatMap((clear, index) => {
      const entry = shownValues[index];
      return entry === undefined ? [] : [{ clear, shown: entry }];
    }),
    healed,
    ...defined({ previous: prepared.record, commit: git?.commit, promotion: options.promotion }),
  });
}
