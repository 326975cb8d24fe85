import { LakeformError } from "../errors";
import type { DeployEvents } from "./target";

/** Something failed that does not change what the deploy came to: the lock could not be removed, the record could not be written. */
export type Warn = (text: string) => void;

/** Warnings are shown after everything else, so that an error of a resource comes first. */
export async function withWarnings<T>(events: Pick<DeployEvents, "note">, work: (warn: Warn) => Promise<T>): Promise<T> {
  const warnings: string[] = [];
  try {
    const done = await work((text) => warnings.push(text));
    for (const text of warnings) events.note(`warning: ${text}`);
    return done;
  } catch (error) {
    if (error instanceof LakeformError) error.also.push(...warnings);
    else for (const text of warnings) events.note(`warning: ${text}`);
    throw error;
  }
}
