/** Reads a plan's changes, and everything that the review of a stack derives from them. */
import { traitsOf } from "../../resources";
import type { ResourceChange, TaskGraph } from "../model";
import { readResourceChange, type TypeRules } from "./change";
import { simplifyImport } from "./imports";
import { withContent } from "./content";
import { taskGraph } from "./task-graph";
import type { Origin } from "./unknown-and-sensitive";
import { isObject, object } from "../plan/json";
import { inheritedOf, type Inherited } from "./inherited";
import type { CodeOf } from "./resolved-code";
import { asConfigured, plannedValues } from "./planned-values";
import type { PlanChange, PlanFacts } from "../plan/plan";
import { toRenameCandidate, type Candidate } from "./rename";
import {
  scanOldValue,
  scanPlanned,
  type Artifact,
  type FoundSecret as Leak,
} from "../secrets/scan";
import { resourceAt, type StackFacts, type StackResource } from "../plan/stack";

export interface PlanDetails {
  readonly changes: ResourceChange[];
  readonly graphs: TaskGraph[];
  /** The plan's entries of jobs without a queue in the code. Their state shows a removed queue. */
  readonly jobsWithoutQueue: Map<string, PlanChange>;
  /** The creates and deletes that may be renames. */
  readonly renameCandidates: Candidate[];
  /** The planned values of fields with an expression, by address and field, for the policies. */
  readonly values: Map<string, unknown>;
  readonly leaks: Leak[];
  /** Values that list elements take from the previous element at their position, by address. */
  readonly inherited: Map<string, readonly Inherited[]>;
  /**
   * Objects that are not in the stack's JSON, because a module or another file declares them. Their
   * planned values are checked.
   */
  readonly unlisted: StackResource[];
  /** Secrets in changed or destroyed values. They are hidden, but are not findings. */
  readonly oldSecrets: { readonly value: string }[];
  unchanged: number;
}

/**
 * Reads the plan in one pass, so that each entry of a plan file can be freed afterwards.
 */
export function readChanges(
  facts: PlanFacts,
  {
    stack,
    previous,
    readable,
    codeOf,
  }: {
    readonly stack: StackFacts;
    readonly previous: StackFacts | undefined;
    readonly readable: (value: unknown) => Origin;
    readonly codeOf: CodeOf;
  },
  rules: (type: string) => TypeRules,
  artifacts: ReadonlyMap<string, Artifact> | undefined,
): PlanDetails {
  const details: PlanDetails = {
    changes: [],
    graphs: [],
    jobsWithoutQueue: new Map(),
    renameCandidates: [],
    values: new Map(),
    leaks: [],
    inherited: new Map(),
    unlisted: [],
    oldSecrets: [],
    unchanged: 0,
  };
  for (const entry of facts.changes) {
    if (entry.mode === "data") continue;
    const resource = resourceAt(stack, entry.address);
    const plannedChange = readResourceChange(
      entry,
      resource,
      rules(entry.type),
      resourceAt(previous, entry.address)?.path,
      readable,
    );
    const change =
      plannedChange === undefined
        ? undefined
        : simplifyImport(withContent(plannedChange, artifacts?.get(entry.address)), entry.after);
    if (change === undefined) details.unchanged++;
    else {
      details.changes.push(change);
      details.oldSecrets.push(...scanOldValue(entry.before, "", entry.beforeSensitive));
      const graph = taskGraph(entry, change);
      if (graph !== undefined) details.graphs.push(graph);
      const inherited = change.action === "update" ? inheritedOf(entry, resource, codeOf) : [];
      if (inherited.length > 0) details.inherited.set(entry.address, inherited);
      if (change.action === "create" || change.action === "delete")
        details.renameCandidates.push(toRenameCandidate(entry, change));
    }
    if (
      traitsOf(entry.type).hasRuns === true &&
      resource !== undefined &&
      resource.config.queue === undefined
    )
      details.jobsWithoutQueue.set(entry.address, {
        ...entry,
        before: { queue: object(entry.before).queue },
        after: undefined,
      });
    if (resource !== undefined)
      details.values.set(resource.address, plannedValues(resource, entry.after));
    else if (isObject(entry.after))
      details.unlisted.push({
        address: entry.address,
        type: entry.type,
        path: entry.address,
        config: asConfigured(entry),
        controlArguments: {},
      });
    // The file's content is scanned as an artifact.
    const after =
      artifacts?.has(entry.address) === true
        ? { ...object(entry.after), content_base64: undefined }
        : entry.after;
    details.leaks.push(
      ...scanPlanned(
        { address: entry.address, after, sensitive: entry.afterSensitive },
        stack,
        facts.secrets,
      ),
    );
  }
  return details;
}
