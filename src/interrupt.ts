/**
 * Handles Ctrl-C and SIGTERM for all commands. The first signal ends the command in an orderly way:
 * the registered handlers finish the running work; if there are none, only the clean-ups run. The
 * second signal ends the process at once, after a short time for the clean-ups.
 */
import { formatError, LakeformError } from "./errors";

export type Signal = "SIGINT" | "SIGTERM";
type Handler = (signal: Signal, again: boolean) => void;

const signals: readonly Signal[] = ["SIGINT", "SIGTERM"];
const cleanups = new Set<() => void | Promise<void>>();
const inCharge = new Set<Handler>();
const advices: string[] = [];
let first: Signal | undefined;
let finishing = 0;
let isEnding = false;

/**
 * Max milliseconds for the clean-ups, which may call a workspace that does not respond (to release
 * a lock).
 */
const longestCleanup = { first: 60_000, again: 5000 };

/**
 * Registers a clean-up that runs when a signal ends the process.
 * @returns a function that unregisters it
 */
export function atInterrupt(cleanup: () => void | Promise<void>): () => void {
  return added(cleanups, cleanup);
}

/**
 * Handles signals until the handler is removed; the process continues until the caller ends it.
 * @returns a function that removes the handler
 */
export function onInterrupt(handler: Handler): () => void {
  return added(inCharge, handler);
}

/**
 * Completes `work` even if a signal arrives before or during it; {@link stopIfInterrupted} then
 * ends the command.
 */
export async function uninterrupted<T>(work: () => Promise<T>): Promise<T> {
  const callOff = onInterrupt(() => undefined);
  finishing += 1;
  try {
    return await work();
  } finally {
    finishing -= 1;
    callOff();
  }
}

/**
 * Handles signals for the duration of a command.
 * @param advice what an interrupt of the command may leave behind, and how to fix it
 * @returns a function that ends the handling
 */
export function listen(advice: string): () => void {
  advices.push(advice);
  const callOff = added(cleanups, () => undefined);
  return () => {
    advices.pop();
    callOff();
  };
}

/** Returns the received signal, if any. */
export const interruptedBy = (): Signal | undefined => first;

export const exitCodeOf = (signal: Signal): 130 | 143 => (signal === "SIGTERM" ? 143 : 130);

/**
 * Resets the received signal, for example after it cancelled a prompt and the command continues.
 */
export function forgetInterrupt(): void {
  first = undefined;
}

/** Waits for a signal. A server command ends normally this way, so it is not an interrupt. */
export async function untilStopped(): Promise<void> {
  await new Promise<void>((resolve) => {
    const callOff = onInterrupt(() => {
      forgetInterrupt();
      callOff();
      resolve();
    });
  });
}

export function interruption(
  message: string,
  signal: Signal,
  fix: string,
  cause?: unknown,
): LakeformError {
  return new LakeformError("INTERRUPTED", message, {
    value: signal,
    fix,
    exitCode: exitCodeOf(signal),
    cause,
  });
}

/** Ends a command between two steps. @throws LakeformError INTERRUPTED if a signal was received */
export function stopIfInterrupted(message: string, fix: string): void {
  if (first !== undefined && finishing === 0) throw interruption(message, first, fix);
}

function added<T>(to: Set<T>, item: T): () => void {
  if (cleanups.size + inCharge.size === 0)
    for (const signal of signals) process.on(signal, onSignal);
  to.add(item);
  return () => {
    to.delete(item);
    if (cleanups.size + inCharge.size > 0) return;
    for (const signal of signals) process.off(signal, onSignal);
    first = undefined;
  };
}

function onSignal(received: NodeJS.Signals): void {
  const signal = received as Signal;
  const again = first !== undefined;
  first ??= signal;
  const handlers = [...inCharge];
  for (const handler of handlers) handler(signal, again);
  if (again || handlers.length === 0) return end(signal, again);
  // (a handler may have treated the signal as the end of a prompt or a server)
  if (interruptedBy() !== undefined)
    process.stderr.write(
      "\ninterrupted: finishing the calls in flight; a second signal ends the command immediately\n",
    );
}

function end(signal: Signal, again: boolean): void {
  if (isEnding && again) process.exit(exitCodeOf(signal));
  isEnding = true;
  const what = again ? "interrupted twice: ended at once" : "interrupted: nothing more is started";
  process.stderr.write(
    `\n${formatError(interruption(what, signal, advices.at(-1) ?? "run the command again"))}\n`,
  );
  const time = new Promise((resolve) =>
    setTimeout(resolve, again ? longestCleanup.again : longestCleanup.first),
  );
  const all = Promise.allSettled([...cleanups].map(async (cleanup) => cleanup()));
  void Promise.race([all, time]).then(() => process.exit(exitCodeOf(signal)));
}
