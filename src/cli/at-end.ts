import type { Io } from "./io";

const pending = new WeakMap<Io, (() => Promise<void>)[]>();

/** Has this done when the command has ended, however it did. */
export function atEnd(io: Io, work: () => Promise<void>): void {
  pending.set(io, [...(pending.get(io) ?? []), work]);
}

export async function end(io: Io): Promise<void> {
  for (const work of pending.get(io) ?? []) await work();
  pending.delete(io);
}
