/** Notes about the limits of a review: what was not checked, and what the digest does not cover. */
import { marker, type ResourceChange } from "./model";
import type { VerifyInput } from "./changes/healing";
import { listExamples } from "../list-examples";
import { object, text } from "./plan/json";
import type { PlanFacts } from "./plan/plan";
import type { StackFacts } from "./plan/stack";
import { policies as allPolicies } from "./policies/all";
import { secretRule, type Artifact } from "./secrets/scan";

interface NotesInput {
  readonly notes?: readonly string[];
  readonly artifacts?: ReadonlyMap<string, Artifact>;
  readonly verify?: VerifyInput;
  readonly previous?: unknown;
  readonly destroy?: boolean;
}

/** Returns a note if there are sensitive values, because the digest does not cover them. */
export function digestNotes(changes: readonly ResourceChange[]): string[] {
  const expressions = new Set<string>();
  const collect = (value: unknown): void => {
    const mark = marker(value);
    if (mark?.$lakeform === "sensitive") expressions.add(mark.from ?? "a sensitive value");
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(collect);
  };
  for (const { fields } of changes) for (const { after } of fields) collect(after);
  return expressions.size === 0
    ? []
    : [
        `the digest does not cover the values of secrets: ${listExamples([...expressions].sort())} can differ at deploy`,
      ];
}

/** Returns a note if the provider version changes, which may apply the same plan differently. */
export function providerNote(stack: unknown, previous: unknown): string[] {
  const version = (json: unknown): string | undefined =>
    text(object(object(object(object(json).terraform).required_providers).databricks).version);
  const [before, after] = [version(previous), version(stack)];
  return before === undefined || after === undefined || before === after
    ? []
    : [`the provider version changes from ${before} to ${after}`];
}

export function notesOf(
  input: NotesInput,
  plan: PlanFacts,
  stack: StackFacts,
  options: { readonly base?: boolean },
): string[] {
  const notes = [...(input.notes ?? [])];
  if (plan.errored) notes.push("Terraform ended this plan with an error: it is incomplete");
  if (!plan.complete)
    notes.push(
      "Terraform deferred some changes until after the next apply: they are not in this plan",
    );
  if (stack.metadata === undefined)
    notes.push(
      "the stack has no lakeform metadata: no construct paths, source lines or suppressions",
    );
  const unscanned = [...(input.artifacts?.values() ?? [])].flatMap(({ text: content, file }) =>
    content === undefined ? [file] : [],
  );
  if (unscanned.length > 0)
    notes.push(
      `the secret scan skips binary files and files over 2 MB: ${listExamples([...new Set(unscanned)].sort())}`,
    );
  const unknownRules = (stack.metadata?.suppressions ?? [])
    .map(({ rule }) => rule)
    .filter((rule) => !isRule(rule));
  if (unknownRules.length > 0)
    notes.push(
      `a suppression names an unknown policy: ${listExamples([...new Set(unknownRules)].sort())}`,
    );
  if (options.base || input.destroy) return notes;
  if (input.verify === undefined && input.previous === undefined) {
    notes.push(
      "no verify report and no deployment record: differences outside the plan were searched only in the state",
    );
  } else if (input.verify === undefined)
    notes.push("no verify report: workspace changes that the plan does not detect are not shown");
  return notes;
}

const isRule = (rule: string): boolean =>
  rule === secretRule || allPolicies.some(({ id }) => id === rule);
