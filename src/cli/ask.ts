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

/** How a text is written to stdout: in colour and within the columns of a terminal; plain and unbroken into a file or a pipe. */
export function look(io: Pick<Io, "env" | "stdout">): { readonly color: boolean; readonly width?: number } {
  const { isTTY, columns } = io.stdout as Partial<NodeJS.WriteStream>;
  return { color: wantsColor(io, io.stdout), ...(isTTY === true && columns !== undefined && columns >= 40 && { width: columns }) };
}
