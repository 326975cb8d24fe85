import type { Io } from "./io";

const pending = new WeakMap<Io, (() => Promise<void>)[]>();

/** Registers work to do after the command has ended, with or without an error. */
export function atEnd(io: Io, work: () => Promise<void>): void {
  pending.set(io, [...(pending.get(io) ?? []), work]);
}

export async function runAtEnd(io: Io): Promise<void> {
  for (const work of pending.get(io) ?? []) await work();
  pending.delete(io);
}
