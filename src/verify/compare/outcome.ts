/** The result of the verification for one resource. */
import type { Remote } from "../../resources/kind";
import type { Owned } from "../deployed/ownership";
import type { Expected, FindReader } from "../desired/expected";
import type { DesiredObject } from "../expressions/values";
import type { NotChecked, ResourceResult, Status } from "../model";
import { withSeparatelyManagedLibraries } from "../remote/cluster-libraries";
import { messageOf } from "../remote/shared-reads";
import { Quote, type Sentence } from "../redactor";
import { withBindings, type DeclaredBindings } from "../remote/workspace-bindings";
import { check, resultWithStatus, type CheckContext } from "./check";
import { notReadReason } from "./comparison";
import { unreadKinds } from "./without-reading";

export interface Outcome {
  readonly resource: Expected;
  readonly result: ResourceResult;
  /** Fields that were not compared, with the reason. */
  readonly excludedFields: readonly (readonly [field: string, reason: string])[];
  /** The version of the object, if everything matches and the platform has versions. */
  readonly version?: string;
  /** The object, if it has secrets: they must not be shown in other objects either. */
  readonly remote?: DesiredObject;
  /** Set with `compareState`, for a resource that was compared with its object. */
  readonly state?: {
    /** Why the state may differ from the workspace; undefined if they are equal. */
    readonly stale: string | undefined;
  };
}

/** The common inputs of all comparisons. */
export interface ComparisonContext {
  readonly context: CheckContext;
  readonly bindings: DeclaredBindings;
  readonly owned: Owned;
  readonly findReader: FindReader;
}

/** Creates an outcome with a status that does not come from comparing fields. */
export const outcomeWithStatus = (
  resource: Expected,
  status: Status,
  reason: Sentence,
  context: CheckContext,
): Outcome => ({
  resource,
  result: resultWithStatus(resource, status, reason, context),
  excludedFields: [],
});

export const errorOutcome = (
  resource: Expected,
  failure: string,
  error: unknown,
  context: CheckContext,
): Outcome =>
  outcomeWithStatus(resource, "error", [`${failure}: `, new Quote(messageOf(error))], context);

/** Compares a resource with its object in the workspace. */
export async function compareWith(
  expected: Expected,
  remote: Remote,
  { context, bindings, owned, findReader }: ComparisonContext,
): Promise<Outcome> {
  try {
    const bound = await withBindings(expected, remote, bindings, owned);
    const resource = await withSeparatelyManagedLibraries(
      bound.expected,
      bound.remote,
      owned,
      findReader,
    );
    const {
      result,
      unreadFields,
      excludedFields,
      remoteWithSecrets: secrets,
      stale,
    } = await check(resource, bound.remote, context);
    const notRead = unreadFields.map((field) => [field, notReadReason] as const);
    return {
      resource,
      result,
      excludedFields: [...notRead, ...excludedFields, ...bound.excludedFields],
      ...(secrets && { remote: secrets }),
      ...(context.compareState === true && { state: { stale } }),
    };
  } catch (error) {
    return errorOutcome(expected, "could not be compared", error, context);
  }
}

/**
 * True if the object has to be read individually. A list may omit fields, so only a read proves a
 * difference.
 * @param partly true to accept that fields omitted by the list are not compared
 */
export const needsFullRead = (
  { result, excludedFields, state }: Outcome,
  partly = false,
): boolean =>
  result.status !== "error" &&
  (result.findings.some(({ status }) => status !== "unverifiable") ||
    (!partly && excludedFields.some(([, reason]) => reason === notReadReason)) ||
    state?.stale !== undefined);

/** Lists the fields and resource types that were not compared, grouped by reason. */
export function listNotCompared(outcomes: readonly Outcome[]): readonly NotChecked[] {
  const addressesByKey = new Map<string, string[]>();
  for (const { resource, excludedFields } of outcomes)
    for (const [field, reason] of excludedFields) {
      const key = `${resource.type}\0${field}\0${reason}`;
      const addresses = addressesByKey.get(key);
      if (addresses === undefined) addressesByKey.set(key, [resource.address]);
      else addresses.push(resource.address);
    }
  const sorted = [...addressesByKey].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...sorted.map(([key, addresses]) => {
      const [type = "", field = "", reason = ""] = key.split("\0");
      const examples = addresses.sort().slice(0, 3);
      return { what: `${field} of ${type}`, reason, count: addresses.length, examples };
    }),
    ...unreadKinds(outcomes.map(({ result }) => result)),
  ];
}
