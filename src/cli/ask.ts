import { ask } from "./questions";
import type { Io } from "./io";

/** Returns a prompt on the terminal; undefined without a terminal (CI, pipes). */
export function makeAsk(io: Io): ((question: string) => Promise<boolean>) | undefined {
  if (!io.stdin.isTTY) return undefined;
  return async (question) => /^y(es)?$/i.test((await ask(io, question)) ?? "");
}
