import { ask } from "./interrupt";
import type { Io } from "./io";

/** Asks a person on the terminal; undefined where there is none (CI, pipes). */
export function makeAsk(io: Io): ((question: string) => Promise<boolean>) | undefined {
  if (!io.stdin.isTTY) return undefined;
  return async (question) => /^y(es)?$/i.test((await ask(io, question)) ?? "");
}

/** Colour only on a terminal, and never with NO_COLOR. */
export function wantsColor(io: Pick<Io, "env">, stream: NodeJS.WritableStream): boolean {
  return (stream as Partial<NodeJS.WriteStream>).isTTY === true && (io.env.NO_COLOR ?? "") === "";
}
