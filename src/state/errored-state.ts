/**
 * Takes over `errored.tfstate`, in which Terraform saves a state that it could not write: the
 * workspace was unreachable, the disk was full, or lakeform was killed while it served the state.
 */
import fs from "node:fs";
import path from "node:path";
import type { TerraformContext } from "../terraform/run";
import type { SynthesizedStack } from "../terraform/stack";
import type { StateHead } from "../terraform/state-file";
import { readUnwritten, unwrittenStates, type UnwrittenState } from "../terraform/unwritten-state";

type StackFolder = Pick<SynthesizedStack, "name" | "directory">;
type Environment = Pick<TerraformContext, "env">;

/** The location to which the state is written. */
export interface Destination {
  /** Used in the message. */
  readonly description: string;
  /** The current state there; undefined if there is none. */
  readonly current: StateHead | undefined;
  readonly write: (state: Buffer) => Promise<unknown>;
}

export const hasErroredState = (
  { directory }: Pick<StackFolder, "directory">,
  { env }: Environment,
): boolean => unwrittenStates(directory, env).length > 0;

/**
 * Returns lineage and serial of the state that Terraform could not write; undefined if no complete
 * one was saved.
 */
export function erroredStateHead(
  { directory }: Pick<StackFolder, "directory">,
  { env }: Environment,
): StateHead | undefined {
  return unwrittenStates(directory, env)
    .map(readUnwritten)
    .find((saved) => saved !== undefined)?.head;
}

/**
 * Writes the state to its destination, or sets it aside if it is not newer or has another lineage.
 * Sets aside files that Terraform could not write completely.
 * @returns a message for the user
 */
export async function takeOverErroredState(
  { name, directory }: StackFolder,
  context: Environment,
  { description, current, write }: Destination,
): Promise<string> {
  const completeStates: (UnwrittenState & { readonly file: string })[] = [];
  const asideFiles: string[] = [];
  for (const file of unwrittenStates(directory, context.env)) {
    const saved = readUnwritten(file);
    if (saved !== undefined) {
      completeStates.push({ file, ...saved });
      continue;
    }
    fs.renameSync(file, `${file}.torn`);
    asideFiles.push(`${file}.torn`);
  }
  const [complete] = completeStates;
  if (complete === undefined)
    return `Terraform could not save the state of ${name} completely (kept in ${asideFiles.join(", ")}): objects that it created may be missing in the state`;
  const {
    file,
    bytes,
    head: { serial, lineage },
  } = complete;
  if (current !== undefined && (current.lineage !== lineage || current.serial >= serial)) {
    const asideFile = path.join(directory, `errored-${serial}.tfstate`);
    // Not renamed: the file may be on another disk.
    fs.copyFileSync(file, asideFile);
    fs.rmSync(file);
    const reason =
      current.lineage === lineage
        ? `is not newer than ${description} (serial ${current.serial})`
        : `has another lineage than ${description}`;
    return `the state of ${name} that Terraform could not write ${reason}: kept in ${asideFile}`;
  }
  await write(bytes);
  fs.rmSync(file);
  return `the state of ${name} that Terraform could not write has now been written (serial ${serial})`;
}
