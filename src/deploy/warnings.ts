import { LakeformError } from "../errors";
import type { DeployEvents } from "./target";

/**
 * Reports a problem that does not change the result of a deploy, such as a lock that could not be
 * removed.
 */
export type Warn = (text: string) => void;

/** Warnings are shown last, so that the error of a resource comes first. */
export async function withWarnings<T>(
  events: Pick<DeployEvents, "note">,
  work: (warn: Warn) => Promise<T>,
): Promise<T> {
  const warnings: string[] = [];
  try {
    const result = await work((text) => warnings.push(text));
    for (const text of warnings) events.note(`warning: ${text}`);
    return result;
  } catch (error) {
    if (error instanceof LakeformError) error.also.push(...warnings);
    else for (const text of warnings) events.note(`warning: ${text}`);
    throw error;
  }
}
