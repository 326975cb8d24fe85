/**
 * Takes over `errored.tfstate`, in which Terraform saves a state that it could not write: the
 * workspace was unreachable, the disk was full, or lakeform was killed while it served the state.
 */
import fs from "node:fs";
import path from "node:path";
import type { SynthesizedStack } from "../terraform/stack";
import { headOfState, type StateHead } from "../terraform/state";

type StackFolder = Pick<SynthesizedStack, "name" | "directory">;

/** The location to which the state is written. */
export interface Destination {
  /** Used in the message. */
  readonly description: string;
  /** The current state there; undefined if there is none. */
  readonly current: StateHead | undefined;
  readonly write: (state: Buffer) => Promise<unknown>;
}

const fileOf = ({ directory }: Pick<StackFolder, "directory">): string =>
  path.join(directory, "errored.tfstate");

export const hasErroredState = (stack: Pick<StackFolder, "directory">): boolean =>
  fs.existsSync(fileOf(stack));

/**
 * Writes the state to its destination, or sets it aside if it is not newer.
 * @returns a message for the user
 */
export async function takeOverErroredState(
  { name, directory }: StackFolder,
  { description, current, write }: Destination,
): Promise<string> {
  const file = fileOf({ directory });
  const state = fs.readFileSync(file);
  const { serial, lineage } = headOfState(state, file);
  if (current !== undefined && (current.lineage !== lineage || current.serial >= serial)) {
    const asideFile = path.join(directory, `errored-${serial}.tfstate`);
    fs.renameSync(file, asideFile);
    return `the state of ${name} that Terraform could not write is not newer than ${description} (serial ${current.serial}): left in ${asideFile}`;
  }
  await write(state);
  fs.rmSync(file);
  return `the state of ${name} that Terraform could not write has now been written (serial ${serial})`;
}
