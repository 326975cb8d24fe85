/**
 * This folder reviews the difference between two Git revisions, without a workspace (`--base`).
 * `scripts/import-order.cjs` lists what it may import.
 */
import { defined } from "../../defined";
import { LakeformError } from "../../errors";
import type { Project } from "../../terraform/project";
import { readStacks, type SynthesizedStack } from "../../terraform/stack";
import { synthesize } from "../../terraform/synth";
import { findAllowances } from "../approval/allowances";
import { readArtifacts } from "../changes/artifacts";
import { planBetween } from "./stack-diff";
import type { Review } from "../model";
import { review } from "../review";
import type { Artifact } from "../secrets/scan";
import type { StackInput } from "../stack-review";
import { inWorktree, resolveRevision, uncommittedNotes } from "./worktree";

export interface BaseOptions {
  /** A branch, tag or commit of the project's repository. */
  readonly ref: string;
  /** Stacks or environments to compare; all if empty. */
  readonly selection: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly onStep?: (text: string) => void;
}

/**
 * Compares the project's synth output (which must be fresh) with that of another revision,
 * synthesized in a temporary worktree with this checkout's node_modules. Needs no workspace, state
 * or credentials, so it also works for pull requests from authors without access.
 * @throws LakeformError NOT_A_REPOSITORY, UNKNOWN_REVISION, NO_PROJECT (in the base), UNKNOWN_STACK,
 * SYNTH_FAILED (for the base), BAD_ALLOW_LIST
 */
export async function reviewAgainst(project: Project, options: BaseOptions): Promise<Review> {
  const commit = await resolveRevision(project.root, options.ref);
  return inWorktree(project, commit, async (base, packageNotes) => {
    options.onStep?.(`building ${options.ref}`);
    await synthesize(base, { ...options.env, LAKEFORM_REVIEW_BASE: commit });
    const before = stacksByName(base);
    const after = stacksByName(project);
    const names = selectStacks(before, after, options.selection);
    const notes = [
      "only the code was compared: the deployed version may differ from the base, and replacements caused by other replacements are not shown",
      ...(await uncommittedNotes(project)),
      ...packageNotes,
    ];
    return review({
      stacks: names.map((name) => inputOf(name, before.get(name), after.get(name), notes)),
      base: options.ref,
      allowances: findAllowances(project.root),
    });
  });
}

const stacksByName = (project: Project): ReadonlyMap<string, SynthesizedStack> =>
  new Map(readStacks(project).map((stack) => [stack.name, stack]));

function inputOf(
  name: string,
  before: SynthesizedStack | undefined,
  after: SynthesizedStack | undefined,
  notes: readonly string[],
): StackInput {
  const contents = { before: contentOf(before), after: contentOf(after) };
  const artifacts = new Map(
    [...contents.after].map(([address, artifact]): [string, Artifact] => {
      const previous = contents.before.get(address)?.text;
      return [address, { ...artifact, ...defined({ previous }) }];
    }),
  );
  const removedNote =
    after === undefined
      ? [
          "this revision no longer has the stack: a deploy does not destroy it; use `lakeform destroy` in the old revision",
        ]
      : [];
  return {
    name,
    // A removed stack is still shown with its environment and construct paths.
    stack: after?.json ?? {
      "//": { lakeform: { ...before?.metadata, suppressions: [] } },
      terraform: before?.json.terraform,
    },
    previous: before?.json,
    plan: planBetween(before?.json, after?.json, contents),
    artifacts,
    notes: [...removedNote, ...notes],
  };
}

const contentOf = (stack: SynthesizedStack | undefined): Map<string, Artifact> =>
  stack === undefined ? new Map<string, Artifact>() : readArtifacts(stack.json, stack.directory);

function selectStacks(
  before: ReadonlyMap<string, SynthesizedStack>,
  after: ReadonlyMap<string, SynthesizedStack>,
  selection: readonly string[],
): string[] {
  const all = new Map([...before, ...after]);
  if (selection.length === 0) return [...all.keys()].sort();
  const matches = (word: string): string[] =>
    [...all.values()]
      .filter(({ name, metadata }) => name === word || metadata.environment === word)
      .map(({ name }) => name);
  const unknown = selection.filter((word) => matches(word).length === 0);
  if (unknown.length > 0) {
    throw new LakeformError("UNKNOWN_STACK", "no such stack or environment in either revision", {
      value: unknown.join(", "),
      allowed: [...all.keys()].join(", "),
      fix: "check the name",
    });
  }
  return [...new Set(selection.flatMap(matches))].sort();
}
