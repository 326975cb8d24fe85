/** Updates the synth output: replaces the files of the app, and keeps all others. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { LakeformError } from "../errors";
import { readSavedJson } from "../exact-json";
import type { Project } from "./project";

/**
 * Files that synth writes into a stack's folder. All others belong to Terraform or the user:
 * states, lock files, `.terraform`.
 */
const synthFiles = ["cdk.tf.json", "cdk.tf", "assets"];

interface Manifest {
  readonly stacks?: Readonly<Record<string, unknown>>;
}

/** The synth output of a project while its app runs. */
export class OutputFolder {
  readonly #stampBefore: Stamp | undefined;
  readonly #started = Date.now();

  /** @param draft the folder the app should write to */
  constructor(
    private readonly project: Project,
    readonly draft: string,
  ) {
    this.#stampBefore = stampOf(project.outdir);
  }

  /** Returns the hashes of all files in an output folder by path, except Terraform's own files. */
  fileHashes(folder = this.project.outdir): ReadonlyMap<string, string> {
    const files = fs.existsSync(folder)
      ? fs.readdirSync(folder, { recursive: true, withFileTypes: true })
      : [];
    const ownFiles = files
      .filter((entry) => !entry.isDirectory())
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
      .filter((file) => !file.split(path.sep).some((name) => name.startsWith(".terraform")));
    return new Map(
      ownFiles.map((file) => [
        file,
        createHash("sha256")
          .update(fs.readFileSync(path.join(folder, file)))
          .digest("hex"),
      ]),
    );
  }

  /**
   * Returns a file that the app wrote and that is new or changed in the output, if any.
   * @param before the hashes of the output before the app ran
   */
  changedFile(before = this.fileHashes()): string | undefined {
    const current = this.fileHashes(
      stampOf(this.draft) === undefined ? this.project.outdir : this.draft,
    );
    return [...current].find(([file, hash]) => before.get(file) !== hash)?.[0];
  }

  /**
   * Replaces the output with the draft that the app wrote, if they differ. An app that ignores
   * CDKTF_OUTDIR has already replaced the output, or is rejected if it wrote to another folder.
   * @returns whether the output has changed
   * @throws LakeformError OUTPUT_ELSEWHERE, NO_OUTPUT, INCOMPLETE_OUTPUT; the previous output is
   * then unchanged
   */
  replaceIfChanged(): boolean {
    const { outdir } = this.project;
    if (stampOf(this.draft) === undefined) {
      const stamp = stampOf(outdir);
      // `new App({ outdir })` overrides CDKTF_OUTDIR: the app wrote directly to the output folder.
      if (stamp !== undefined && stamp !== this.#stampBefore) return true;
      throw this.#noOutputHere();
    }
    const stacks = readDraftStacks(this.draft);
    if (this.changedFile() === undefined) return false;
    const oldStacks = fs.existsSync(manifestOf(outdir))
      ? Object.keys(readManifest(outdir).stacks ?? {})
      : [];
    fs.mkdirSync(path.join(outdir, "stacks"), { recursive: true });
    for (const stack of stacks)
      replaceFiles(
        path.join(this.draft, "stacks", stack),
        path.join(outdir, "stacks", stack),
        this.draft,
      );
    move(manifestOf(this.draft), manifestOf(outdir));
    for (const removed of oldStacks.filter((name) => !stacks.includes(name)))
      removeSynthFiles(path.join(outdir, "stacks", removed));
    return true;
  }

  /** True if the output has not changed since the app started. */
  isUnchanged(before: ReadonlyMap<string, string>): boolean {
    const current = this.fileHashes();
    return (
      stampOf(this.project.outdir) === this.#stampBefore &&
      current.size === before.size &&
      [...current].every(([file, hash]) => before.get(file) === hash)
    );
  }

  #noOutputHere(): LakeformError {
    const { root, outdir, app } = this.project;
    const otherFolder = findWrittenOutput(root, this.#started, outdir);
    if (otherFolder === undefined) {
      return new LakeformError(
        "NO_OUTPUT",
        "the app succeeded but wrote no synth output into this project",
        {
          value: app,
          allowed: `an app that ends with app.synth() and writes to the folder in CDKTF_OUTDIR, or to ${path.relative(root, outdir)}`,
          fix: "call app.synth(), or use synthesize of lakeform/constructs; remove outdir from new App({ outdir }); the last good synth output was kept",
        },
      );
    }
    const folder = path.relative(root, otherFolder);
    const outputHint = folder === "" ? "" : `, or set "output": "${folder}" in cdktf.json`;
    return new LakeformError(
      "OUTPUT_ELSEWHERE",
      "the app writes its output to a different folder",
      {
        value: folder === "" ? "the project's folder itself" : folder,
        allowed: path.relative(root, outdir),
        fix: `remove outdir from new App({ outdir })${outputHint}; the last good synth output was kept`,
      },
    );
  }
}

type Stamp = string;

/** Returns a stamp that changes when the manifest is rewritten. */
function stampOf(folder: string): Stamp | undefined {
  const status = fs.statSync(manifestOf(folder), { throwIfNoEntry: false, bigint: true });
  return status === undefined ? undefined : `${status.ino} ${status.mtimeNs}`;
}

const manifestOf = (folder: string): string => path.join(folder, "manifest.json");

function readManifest(folder: string): Manifest {
  return readSavedJson<Manifest>(manifestOf(folder)) ?? {};
}

/** Returns the stacks of a draft. @throws LakeformError INCOMPLETE_OUTPUT if one is missing */
function readDraftStacks(draft: string): string[] {
  const stacks = Object.keys(readManifest(draft).stacks ?? {});
  const folder = (stack: string): string => path.join(draft, "stacks", stack);
  const missing = stacks.filter(
    (stack) =>
      !["cdk.tf.json", "cdk.tf"].some((file) => fs.existsSync(path.join(folder(stack), file))),
  );
  if (missing.length > 0) {
    throw new LakeformError(
      "INCOMPLETE_OUTPUT",
      "the app's manifest lists stacks that it did not write",
      {
        value: missing.join(", "),
        fix: "end the app with app.synth(); the last good synth output was kept",
      },
    );
  }
  return stacks;
}

/**
 * Renames each entry to its target. An entry of another type at the target is first moved into the
 * draft, which is removed at the end.
 */
function replaceFiles(from: string, to: string, draft: string): void {
  fs.mkdirSync(to, { recursive: true });
  const entries = fs.readdirSync(from);
  for (const entry of new Set([...entries, ...synthFiles])) {
    const [source, target] = [path.join(from, entry), path.join(to, entry)];
    const isInDraft = entries.includes(entry);
    const isFolder = (file: string): boolean =>
      fs.statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
    const moveAway = (): void => {
      if (isInDraft && !isFolder(source) && !isFolder(target)) return;
      renameIfThere(target, path.join(fs.mkdtempSync(path.join(draft, "old-")), entry));
    };
    moveAway();
    if (isInDraft) renameInto(source, target, moveAway);
  }
}

/** Renames and retries: another command may be writing the same output at the same time. */
function renameInto(source: string, target: string, moveAway: () => void, retries = 5): void {
  try {
    move(source, target);
  } catch (error) {
    if (
      retries === 0 ||
      !/^(ENOTEMPTY|EEXIST|EISDIR|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? "")
    )
      throw error;
    moveAway();
    renameInto(source, target, moveAway, retries - 1);
  }
}

/** Renames a file that another command may already have moved. */
export function renameIfThere(from: string, to: string): void {
  try {
    move(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/**
 * Renames, or copies if the output folder is on another file system than the project (a volume of a
 * container, a link).
 */
function move(from: string, to: string): void {
  try {
    fs.renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    const copy = path.join(path.dirname(to), `.${path.basename(to)}.${process.pid}`);
    try {
      fs.cpSync(from, copy, { recursive: true });
      fs.renameSync(copy, to);
    } finally {
      fs.rmSync(copy, { recursive: true, force: true });
    }
    fs.rmSync(from, { recursive: true, force: true });
  }
}

/**
 * Removes the synth files of a stack that is no longer in the code; its state and lock files stay.
 */
function removeSynthFiles(folder: string): void {
  for (const entry of synthFiles)
    fs.rmSync(path.join(folder, entry), { recursive: true, force: true });
  if (fs.existsSync(folder) && fs.readdirSync(folder).length === 0)
    fs.rmSync(folder, { recursive: true, force: true });
}

const skippedFolders = new Set(["node_modules", ".git", ".terraform", ".lakeform"]);

/**
 * Finds a folder with a manifest of cdktf that was written after a given time. The times of some file
 * systems are less precise than the clock.
 */
function findWrittenOutput(
  folder: string,
  time: number,
  except: string,
  depth = 6,
): string | undefined {
  if (folder === except) return undefined;
  const file = fs.statSync(manifestOf(folder), { throwIfNoEntry: false });
  if (
    file?.isFile() === true &&
    file.mtimeMs >= time - 100 &&
    typeof readManifest(folder).stacks === "object"
  )
    return folder;
  if (depth === 0) return undefined;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || skippedFolders.has(entry.name)) continue;
    const innerFolder = findWrittenOutput(path.join(folder, entry.name), time, except, depth - 1);
    if (innerFolder !== undefined) return innerFolder;
  }
  return undefined;
}
