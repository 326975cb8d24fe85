import type { Io } from "./io";

/** Whether to use colour: only on a terminal, and never with NO_COLOR. */
export function usesColor(io: Pick<Io, "env">, stream: NodeJS.WritableStream): boolean {
  return (stream as Partial<NodeJS.WriteStream>).isTTY === true && (io.env.NO_COLOR ?? "") === "";
}

/**
 * Returns the output format of stdout: coloured and wrapped on a terminal, plain and unwrapped in a
 * file or pipe.
 */
export function outputStyle(io: Pick<Io, "env" | "stdout">): {
  readonly color: boolean;
  readonly width?: number;
} {
  const { isTTY, columns } = io.stdout as Partial<NodeJS.WriteStream>;
  return {
    color: usesColor(io, io.stdout),
    ...(isTTY === true && columns !== undefined && columns >= 40 && { width: columns }),
  };
}
