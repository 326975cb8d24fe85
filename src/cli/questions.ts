import readline from "node:readline/promises";
import type { Io } from "./io";

/** Asks on the terminal. @returns undefined without a terminal, or after Ctrl-C or Ctrl-D */
export async function ask(io: Io, question: string): Promise<string | undefined> {
  if (!io.stdin.isTTY) return undefined;
  const lines = readline.createInterface({ input: io.stdin, output: io.stderr, terminal: true });
  try {
    return (await lines.question(question)).trim();
  } catch (error) {
    if (!(error instanceof Error && error.name === "AbortError")) throw error;
    io.stderr.write("\n");
    return undefined;
  } finally {
    lines.close();
  }
}

/** Asks without echo. @returns undefined without a terminal, or after Ctrl-C or Ctrl-D */
export async function askHidden(io: Io, question: string): Promise<string | undefined> {
  if (!io.stdin.isTTY) return undefined;
  // Disable the echo before the prompt, so that the terminal never shows the input.
  io.stdin.setRawMode(true);
  io.stderr.write(question);
  io.stdin.resume();
  return new Promise((resolve) => {
    let input = "";
    const finish = (value: string | undefined): void => {
      io.stdin.off("data", onInput);
      io.stdin.setRawMode(false);
      io.stdin.pause();
      io.stderr.write("\n");
      resolve(value);
    };
    const onInput = (bytes: Buffer): void => {
      for (const letter of bytes.toString("utf8")) {
        if (letter === "\r" || letter === "\n") return finish(input);
        if (letter === "\u0003" || letter === "\u0004") return finish(undefined);
        input = letter === "\u007F" || letter === "\b" ? input.slice(0, -1) : input + letter;
      }
    };
    io.stdin.on("data", onInput);
  });
}

/** Reads stdin to its end. */
export async function readStdin(io: Io): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of io.stdin)
    parts.push(typeof part === "string" ? Buffer.from(part) : (part as Buffer));
  return Buffer.concat(parts).toString("utf8");
}
