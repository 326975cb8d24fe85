import type { Io } from "./io";

const pendingWork = new WeakMap<Io, (() => Promise<void>)[]>();

/** Registers work to do after the command has ended, with or without an error. */
export function atEnd(io: Io, work: () => Promise<void>): void {
  pendingWork.set(io, [...(pendingWork.get(io) ?? []), work]);
}

/** Does the registered work, in the order of registration. */
export async function runAtEnd(io: Io): Promise<void> {
  for (const work of pendingWork.get(io) ?? []) await work();
  pendingWork.delete(io);
}
