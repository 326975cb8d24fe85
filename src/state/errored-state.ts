/**
 * Takes over `errored.tfstate`, in which Terraform saves a state that it could not write: the
 * workspace was unreachable, the disk was full, or lakeform was killed while it served the state.
 */
import fs from "node:fs";
import path from "node:path";
import type { TerraformContext } from "../terraform/run";
import type { SynthesizedStack } from "../terraform/stack";
import { headOfState, type StateHead } from "../terraform/state";
import { unwrittenStates } from "../terraform/unwritten-state";

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

/** Returns the head of the complete state that Terraform could not write. */
export function erroredStateHead(
  { directory }: Pick<StackFolder, "directory">,
  { env }: Environment,
): StateHead | undefined {
  const saved = unwrittenStates(directory, env).find(({ isComplete }) => isComplete);
  return saved && headOfState(fs.readFileSync(saved.file), saved.file);
}

/**
 * Writes the state to its destination, or sets it aside if it is not newer. Sets aside files that
 * Terraform could not write completely.
 * @returns a message for the user
 */
export async function takeOverErroredState(
  { name, directory }: StackFolder,
  context: Environment,
  { description, current, write }: Destination,
): Promise<string> {
  const savedStates = unwrittenStates(directory, context.env);
  const [complete] = savedStates.filter(({ isComplete }) => isComplete);
  const asideFiles = savedStates.flatMap(({ file, isComplete }) => {
    if (isComplete) return [];
    fs.renameSync(file, `${file}.torn`);
    return [`${file}.torn`];
  });
  if (complete === undefined)
    return `Terraform could not save the state of ${name} completely (kept in ${asideFiles.join(", ")}): objects that it created may be missing in the state`;
  const { file } = complete;
  const state = fs.readFileSync(file);
  const { serial, lineage } = headOfState(state, file);
  if (current !== undefined && (current.lineage !== lineage || current.serial >= serial)) {
    const asideFile = path.join(directory, `errored-${serial}.tfstate`);
    fs.copyFileSync(file, asideFile);
    fs.rmSync(file);
    return `the state of ${name} that Terraform could not write is not newer than ${description} (serial ${current.serial}): left in ${asideFile}`;
  }
  await write(state);
  fs.rmSync(file);
  return `the state of ${name} that Terraform could not write has now been written (serial ${serial})`;
}
