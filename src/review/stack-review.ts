import { defined } from "../defined";
import type { Counts, Json, ResourceChange, StackReview } from "./model";
import {
  isReferenceBlock,
  referencesOf,
  replaceReferences,
  type StackReference,
} from "../terraform/references";
import { originOf, type TypeRules } from "./changes/change";
import { isListedImport } from "./changes/imports";
import { outputChanges } from "./changes/outputs";
import { stackDigest } from "./approval/digest";
import { findFlags } from "./flags/flags";
import { groupChanges, sortChanges } from "./changes/fold";
import { resourceGraph } from "./changes/resource-graph";
import type { Origin } from "./changes/unknown-and-sensitive";
import { withHealingOutcome, type HealingInput, type VerifyInput } from "./changes/healing";
import { readBlocks, readModuleBlocks, type StackBlock } from "./plan/blocks";
import { findBlockChanges } from "./changes/blocks";
import { meaningOf } from "./changes/meaning";
import { canonical, object } from "./plan/json";
import { inheritedAt } from "./changes/inherited";
import { codeOfStack } from "./changes/resolved-code";
import { findLeftOut, findOverwritten, withoutSecrets } from "./changes/outside-terraform";
import { readPlan, type PlanFacts } from "./plan/plan";
import { checkPolicies } from "./policies/check";
import { redactor } from "./secrets/redactor";
import { findRenames } from "./changes/rename";
import { rulesOf } from "./changes/rules";
import {
  scanArtifacts,
  scanOldValue,
  scanSynth,
  applyAllowances,
  type Artifact,
  type SecretAllowance,
} from "./secrets/scan";
import { readStack } from "./plan/stack";
import { findInText } from "../secret-search";
import { applySuppressions } from "./approval/suppressions";
import { digestNotes, notesOf, providerNote } from "./stack-notes";
import { readChanges } from "./changes/plan-details";

export interface StackInput {
  /** Name of the stack: `daily-etl-dev`. */
  readonly name: string;
  /** The parsed cdk.tf.json. */
  readonly stack: unknown;
  /** The parsed output of `terraform show -json`, or the result of `openPlanFile`. */
  readonly plan: unknown;
  readonly verify?: VerifyInput;
  /**
   * The stack as last deployed (`DeploymentRecord.synthesized`), or in the base revision. Needed to
   * show changes that the plan omits, and the construct path of a destroyed object.
   */
  readonly previous?: unknown;
  /** The uploaded content (see `readArtifacts`), by address. */
  readonly artifacts?: ReadonlyMap<string, Artifact>;
  /** Other files that Terraform reads (see `readOtherFiles`). */
  readonly files?: readonly StackBlock[];
  /**
   * Principals other than the deployer and admins that can read the secrets in the stack's state;
   * absent if unknown.
   */
  readonly stateReaders?: readonly string[];
  /** True if the deploy also heals. The digest then covers the healed changes. */
  readonly heal?: boolean;
  /** True if the stack is destroyed. Differences outside the plan then do not matter. */
  readonly destroy?: boolean;
  /** Other deployed stacks that use objects of this stack, by the object's deployed address. */
  readonly usedBy?: ReadonlyMap<string, readonly string[]>;
  /** Further secrets of the project, which are hidden everywhere. */
  readonly hidden?: readonly string[];
  readonly references?: {
    /** A reference to another stack in readable form (`platform-dev/policy.id`). */
    readonly meaning: (reference: StackReference) => string;
    /** True if a value is known only after the apply of the other stack. */
    readonly isPending: (reference: StackReference) => boolean;
  };
  /** Further notes to show: what was not checked, and why. */
  readonly notes?: readonly string[];
}

export interface StackOptions {
  /** ISO date on which the expiry of suppressions and allowances is checked. */
  readonly today: string;
  readonly allowances: readonly SecretAllowance[];
  readonly rules?: (type: string) => TypeRules;
  /** Set if two revisions are compared, without a workspace. */
  readonly base?: boolean;
}

/** Reviews one stack. Also returns the input of healing, in clear text. */
export function reviewStack(
  input: StackInput,
  options: StackOptions,
): { readonly review: StackReview; readonly healing: HealingInput } {
  const stack = readStack(input.stack);
  const plan: PlanFacts = isFacts(input.plan) ? input.plan : readPlan(input.plan);
  const rules = options.rules ?? rulesOf;

  const previous = input.previous === undefined ? undefined : readStack(input.previous);
  const details = readChanges(
    plan,
    {
      stack,
      previous,
      readable: readableOrigin(input),
      codeOf: codeOfStack(input.stack, plan.variables),
    },
    rules,
    input.artifacts,
  );
  const scan = applyAllowances(
    [
      ...scanSynth(input.stack, stack, new Set(input.artifacts?.keys())),
      ...details.leaks,
      ...scanArtifacts(input.artifacts ?? new Map(), stack),
    ],
    options.allowances,
    options.today,
  );
  const sources = {
    stack,
    stackName: input.name,
    plans: details.jobsWithoutQueue,
    changes: new Map(details.changes.map((change) => [change.address, change])),
    rules,
    ...defined({ previous, verify: input.verify }),
  };
  // Between two revisions the plan omits nothing: every difference is a change.
  const omittedChanges =
    options.base === true
      ? []
      : withHealingOutcome(
          findLeftOut(sources),
          input.verify,
          input.name,
          (address) => stack.resources.get(address)?.type ?? "",
        );
  const revertedChanges = findOverwritten(sources, plan.drift);
  // Remove all secrets from the review: values of sensitive variables, and values that the scan
  // found in clear text, old or new.
  const otherSecrets = [
    ...details.oldSecrets,
    ...secretsInOldFiles(input.artifacts),
    ...secretsInEntries([...omittedChanges, ...revertedChanges]),
    ...scanOldValue(plan.outputs.map(({ before, after }) => [before, after])),
  ];
  const redact = redactor([
    ...plan.secrets,
    ...(input.hidden ?? []).map((value) => ({ value })),
    ...scan.hide.map((value) => ({ value })),
    ...otherSecrets.filter(({ value }) => !scan.allowed.has(value)),
  ]);
  const changes = sortChanges(redact(details.changes));
  const [leftOut, overwritten] = [
    redact(withoutSecrets(omittedChanges, input.verify)),
    redact(withoutSecrets(revertedChanges, input.verify)),
  ];
  const inheritedValues = inheritedAt(
    details.inherited,
    sortChanges(details.changes.filter(({ address }) => details.inherited.has(address))),
  );
  const inherited = redact(inheritedValues);
  const renames = redact(findRenames(details.renameCandidates));
  const outputs = redact(outputChanges(plan));
  const currentBlocks = readBlocks(input.stack, stack);
  const otherBlocks = blocksOutsideStack(input, plan);
  const blocks = redact(
    findBlockChanges({
      current: currentBlocks.filter(
        (block) => !isReferenceBlock(block.name) && !isListedImport(block, changes),
      ),
      outsideBlocks: otherBlocks,
      changes: details.changes,
      checks: plan.checks,
      ...(previous && {
        // Ignore removed import blocks: they are no longer needed after the apply.
        previous: readBlocks(input.previous, previous).filter(
          ({ name, kind }) =>
            !isReferenceBlock(name) &&
            (kind !== "import" || currentBlocks.some((block) => block.name === name)),
        ),
      }),
    }),
  );
  // For two revisions, the digest covers their differences.
  const statements =
    options.base === true
      ? blocks.map((block) => canonical(block))
      : meaningOf(stack, [...currentBlocks, ...otherBlocks], rules, input.artifacts);
  const policies = redact(
    checkPolicies(stack, [...stack.resources.values(), ...details.unlisted], details.values, {
      artifacts: input.artifacts,
      inherited: details.inherited,
      stateReaders: input.stateReaders,
    }),
  );
  const settledFindings = applySuppressions(
    stack.metadata?.suppressions ?? [],
    policies,
    redact(scan.findings),
    options.today,
  );
  const { metadata } = stack;
  const review: StackReview = {
    stack: input.name,
    ...defined({ project: metadata?.project, environment: metadata?.environment }),
    digest: stackDigest(
      input.name,
      statements,
      changes,
      outputs,
      input.heal === true ? leftOut.filter(({ heals }) => heals) : [],
      overwritten,
    ),
    counts: countChanges(changes, details.unchanged),
    flags: findFlags({
      changes,
      blocks,
      outputs: plan.outputs,
      leftOut,
      overwritten,
      renames,
      inherited,
      usedBy: input.usedBy,
    }),
    changes,
    groups: groupChanges(changes),
    outputs,
    blocks,
    graphs: redact(details.graphs).sort((a, b) => (a.path < b.path ? -1 : 1)),
    resourceGraph: redact(resourceGraph({ stack, previous, changes, unlisted: details.unlisted })),
    inherited,
    leftOut,
    overwritten,
    renames,
    policies: settledFindings.policies,
    secrets: settledFindings.secrets,
    suppressions: [...settledFindings.stale, ...scan.expired],
    notes: [
      ...notesOf(input, plan, stack, options),
      ...digestNotes(changes),
      ...providerNote(input.stack, input.previous),
    ],
  };
  return { review, healing: { leftOut: omittedChanges, inherited: inheritedValues } };
}

/** Returns the blocks that Terraform reads, but that are not in the stack's JSON. */
function blocksOutsideStack(input: StackInput, plan: PlanFacts): StackBlock[] {
  const declared = object(object(input.stack).variable);
  const nonDefault = Object.entries(plan.variables).filter(
    ([name, value]) => canonical(value) !== canonical(object(declared[name]).default),
  );
  const values = nonDefault.map(([name, value]): StackBlock => ({
    kind: "value",
    name: `value of variable.${name}`,
    path: `variable.${name}`,
    value,
  }));
  return [...readModuleBlocks(plan.modules), ...values, ...(input.files ?? [])];
}

/** Returns secrets in deployed files, which the review must hide in the removed lines. */
function secretsInOldFiles(
  artifacts: ReadonlyMap<string, Artifact> = new Map(),
): { value: string }[] {
  return [...artifacts.values()].flatMap(({ previous }) =>
    previous === undefined ? [] : findInText(previous).map(({ value }) => ({ value })),
  );
}

/** Returns secrets in values that were set in the workspace or in earlier code. */
const secretsInEntries = (
  entries: readonly {
    readonly field: string;
    readonly before?: Json;
    readonly remote?: Json;
    readonly after?: Json;
  }[],
): { value: string }[] =>
  entries.flatMap(({ field, before, remote, after }) =>
    scanOldValue([before, remote, after], field.slice(field.lastIndexOf(".") + 1)),
  );

/** Makes references to other stacks readable in expressions, and adds the stacks to apply first. */
function readableOrigin({ references }: StackInput): (value: unknown) => Origin {
  return (value) => {
    const { from } = originOf(value);
    if (from === undefined || references === undefined) return originOf(value);
    const pending = referencesOf(from).filter(references.isPending);
    const after = [...new Set(pending.map(({ stack }) => stack))].sort().join(", ");
    return {
      from: replaceReferences(from, references.meaning),
      ...(after !== "" && { after }),
    };
  };
}

function countChanges(changes: readonly ResourceChange[], unchanged: number): Counts {
  const count = (...actions: readonly string[]): number =>
    changes.filter(({ action }) => actions.includes(action)).length;
  return {
    create: count("create"),
    update: count("update"),
    replace: count("replace"),
    delete: count("delete"),
    import: count("import"),
    other: count("read", "move", "forget"),
    unchanged,
  };
}

const isFacts = (plan: unknown): plan is PlanFacts =>
  typeof plan === "object" &&
  plan !== null &&
  "changes" in plan &&
  "secrets" in plan &&
  "outputs" in plan;
