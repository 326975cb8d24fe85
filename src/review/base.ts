import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { LakeformError } from "../errors";
import { atInterrupt } from "../terraform/interrupt";
import { findProject, type Project } from "../terraform/project";
import { readStack, stackNames, type SynthesizedStack } from "../terraform/stack";
import { synthesize } from "../terraform/synth";
import { findAllowances } from "./allowances";
import { readArtifacts } from "./artifacts";
import { planBetween } from "./between";
import type { Review } from "./model";
import { review } from "./review";
import type { Artifact } from "./secrets/scan";
import type { StackInput } from "./stack-review";

const run = promisify(execFile);

export interface BaseOptions {
  /** A branch, tag or commit of the project's repository. */
  readonly ref: string;
  /** Stacks or environments; none: all. */
  readonly wanted: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly onStep?: (text: string) => void;
}

/**
 * Compares the project's synth output (which must be fresh) with that of another revision, synthesized in a temporary worktree with this checkout's
 * node_modules. Needs no workspace, no state and no credentials: for pull requests of people who have none.
 * @throws LakeformError NOT_A_REPOSITORY, UNKNOWN_REVISION, UNKNOWN_STACK, SYNTH_FAILED (of the base)
 */
export async function reviewAgainst(project: Project, options: BaseOptions): Promise<Review> {
  const commit = await resolve(project.root, options.ref);
  return inWorktree(project, commit, async (base) => {
    options.onStep?.(`building ${options.ref}`);
    await synthesize(base, { ...options.env, LAKEFORM_REVIEW_BASE: commit });
    const before = new Map(stackNames(base).map((name) => [name, readStack(base, name)]));
    const after = new Map(stackNames(project).map((name) => [name, readStack(project, name)]));
    const names = select(before, after, options.wanted);
    return review({
      stacks: names.map((name) => inputOf(name, before.get(name), after.get(name))),
      base: options.ref,
      allowances: findAllowances(project.root),
    });
  });
}

function inputOf(name: string, before: SynthesizedStack | undefined, after: SynthesizedStack | undefined): StackInput {
  const contents = { before: contentOf(before), after: contentOf(after) };
  const artifacts = new Map(
    [...contents.after].map(([address, artifact]): [string, Artifact] => {
      const previous = contents.before.get(address)?.text;
      return [address, { ...artifact, ...(previous === undefined ? {} : { previous }) }];
    }),
  );
  const gone =
    after === undefined
      ? ["this revision does not have the stack any more: a deploy does not destroy it, `lakeform destroy` of the old revision does"]
      : [];
  return {
    name,
    stack: after?.json ?? {},
    plan: planBetween(before?.json, after?.json, contents),
    artifacts,
    notes: [
      ...gone,
      "only the code was compared: what is deployed may differ from the base, and a replacement that follows from another one is not told",
    ],
  };
}

const contentOf = (stack: SynthesizedStack | undefined): Map<string, Artifact> =>
  stack === undefined ? new Map<string, Artifact>() : readArtifacts(stack.json, stack.directory);

function select(
  before: ReadonlyMap<string, SynthesizedStack>,
  after: ReadonlyMap<string, SynthesizedStack>,
  wanted: readonly string[],
): string[] {
  const all = new Map([...before, ...after]);
  if (wanted.length === 0) return [...all.keys()].sort();
  const matches = (word: string): string[] =>
    [...all.values()].filter(({ name, metadata }) => name === word || metadata.environment === word).map(({ name }) => name);
  const unknown = wanted.filter((word) => matches(word).length === 0);
  if (unknown.length > 0) {
    throw new LakeformError("UNKNOWN_STACK", "no such stack or environment in either revision", {
      value: unknown.join(", "),
      allowed: [...all.keys()].join(", "),
      fix: "check the name",
    });
  }
  return [...new Set(wanted.flatMap(matches))].sort();
}

async function resolve(folder: string, ref: string): Promise<string> {
  try {
    await run("git", ["rev-parse", "--show-toplevel"], { cwd: folder });
  } catch (error) {
    throw new LakeformError("NOT_A_REPOSITORY", "--base needs a Git repository", {
      value: folder,
      fix: "run it in a clone of the repository",
      cause: error,
    });
  }
  try {
    // `--end-of-options`: a name that begins with a dash is no option.
    const { stdout } = await run("git", ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`], { cwd: folder });
    return stdout.trim();
  } catch (error) {
    throw new LakeformError("UNKNOWN_REVISION", "Git does not know this revision", {
      value: ref,
      fix: "fetch it (in CI: check out with the full history, or git fetch origin <branch>)",
      cause: error,
    });
  }
}

async function inWorktree<T>(project: Project, commit: string, work: (base: Project) => Promise<T>): Promise<T> {
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-base-"));
  const tree = path.join(temporary, "tree");
  const top = fs.realpathSync((await run("git", ["rev-parse", "--show-toplevel"], { cwd: project.root })).stdout.trim());
  const remove = async (): Promise<void> => {
    await run("git", ["worktree", "remove", "--force", tree], { cwd: top }).catch(() => undefined);
    fs.rmSync(temporary, { recursive: true, force: true });
    await run("git", ["worktree", "prune"], { cwd: top });
  };
  const callOff = atInterrupt(remove);
  try {
    await run("git", ["worktree", "add", "--detach", "--force", tree, commit], { cwd: top });
    const root = path.join(tree, path.relative(top, fs.realpathSync(project.root)));
    if (!fs.existsSync(path.join(root, "cdktf.json"))) {
      throw new LakeformError("NO_PROJECT", "the base revision has no cdktf.json here", {
        value: commit,
        fix: "compare with a revision that has the project",
      });
    }
    linkModules(project.root, top, root, tree);
    return await work(findProject(root));
  } finally {
    callOff();
    await remove();
  }
}

/** The packages of this checkout, wherever between the project and the top of the repository they are: the base is built with the same versions. */
function linkModules(from: string, top: string, to: string, tree: string): void {
  for (let [here, there] = [fs.realpathSync(from), to]; ; [here, there] = [path.dirname(here), path.dirname(there)]) {
    const modules = path.join(here, "node_modules");
    const link = path.join(there, "node_modules");
    if (fs.existsSync(modules) && !fs.existsSync(link)) fs.symlinkSync(modules, link, "junction");
    if (here === top || there === tree) return;
  }
}
