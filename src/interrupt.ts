/**
 * Handles Ctrl-C and SIGTERM for all commands. The first signal ends the command in an orderly way:
 * the registered handlers finish the running work; if there are none, only the clean-ups run. The
 * second signal ends the process at once, after a short time for the clean-ups.
 */
import { formatError, LakeformError } from "./errors";

export type Signal = "SIGINT" | "SIGTERM";
type Handler = (signal: Signal, isRepeated: boolean) => void;

const signals: readonly Signal[] = ["SIGINT", "SIGTERM"];
const cleanups = new Set<() => void | Promise<void>>();
const handlers = new Set<Handler>();
/** The advice of each running command, the innermost command last. */
const advices: string[] = [];
let firstSignal: Signal | undefined;
let uninterruptedCount = 0;
let isEnding = false;
let isReported = false;

/**
 * Max milliseconds for the clean-ups, which may call a workspace that does not respond (to release
 * a lock).
 */
const maxCleanupTime = { first: 60_000, repeated: 5000 };

/**
 * Registers a clean-up that runs when a signal ends the process.
 * @returns a function that unregisters it
 */
export function atInterrupt(cleanup: () => void | Promise<void>): () => void {
  return register(cleanups, cleanup);
}

/**
 * Handles signals until the handler is removed; the process continues until the caller ends it.
 * @returns a function that removes the handler
 */
export function onInterrupt(handler: Handler): () => void {
  return register(handlers, handler);
}

/**
 * Completes `work` even if a signal arrives before or during it; {@link stopIfInterrupted} then
 * ends the command.
 */
export async function uninterrupted<T>(work: () => Promise<T>): Promise<T> {
  const unregister = onInterrupt(() => undefined);
  uninterruptedCount += 1;
  try {
    return await work();
  } finally {
    uninterruptedCount -= 1;
    unregister();
  }
}

/**
 * Handles signals for the duration of a command.
 * @param advice what an interrupt of the command may leave behind, and how to fix it
 * @returns a function that ends the handling
 */
export function handleSignals(advice: string): () => void {
  advices.push(advice);
  // Without any clean-up or handler, Node.js would handle signals itself.
  const unregister = register(cleanups, () => undefined);
  return () => {
    advices.pop();
    unregister();
  };
}

/** Returns the received signal, if any. */
export const interruptedBy = (): Signal | undefined => firstSignal;

/**
 * Whether the process ends after the clean-ups, while the command continues up to its next step.
 */
export const isProcessEnding = (): boolean => isEnding;

/**
 * Marks the interrupt as reported to the user. The command and the handling of a signal both report
 * it, and only the first report is printed.
 * @returns whether this is the first report
 */
export function claimInterruptReport(): boolean {
  const isFirst = !isReported;
  isReported = true;
  return isFirst;
}

export const exitCodeOf = (signal: Signal): 130 | 143 => (signal === "SIGTERM" ? 143 : 130);

/**
 * Resets the received signal, for example after it cancelled a prompt and the command continues.
 */
export function forgetInterrupt(): void {
  firstSignal = undefined;
  isReported = false;
}

/** Waits for a signal. A server command ends normally this way, so the signal is forgotten. */
export async function untilStopped(): Promise<void> {
  await new Promise<void>((resolve) => {
    const unregister = onInterrupt(() => {
      forgetInterrupt();
      unregister();
      resolve();
    });
  });
}

/** Creates the error of an interrupted command. */
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
  if (firstSignal !== undefined && uninterruptedCount === 0)
    throw interruption(message, firstSignal, fix);
}

function register<T>(set: Set<T>, item: T): () => void {
  if (cleanups.size + handlers.size === 0)
    for (const signal of signals) process.on(signal, onSignal);
  set.add(item);
  return () => {
    set.delete(item);
    if (cleanups.size + handlers.size > 0) return;
    for (const signal of signals) process.off(signal, onSignal);
    forgetInterrupt();
  };
}

function onSignal(received: NodeJS.Signals): void {
  const signal = received as Signal;
  const isRepeated = firstSignal !== undefined;
  firstSignal ??= signal;
  const currentHandlers = [...handlers];
  for (const handler of currentHandlers) handler(signal, isRepeated);
  if (isRepeated || currentHandlers.length === 0) return end(signal, isRepeated);
  // A handler may have treated the signal as the end of a prompt or a server.
  if (interruptedBy() !== undefined)
    process.stderr.write(
      "\ninterrupted: finishing the calls in flight; a second signal ends the command immediately\n",
    );
}

function end(signal: Signal, isRepeated: boolean): void {
  if (isEnding && isRepeated) process.exit(exitCodeOf(signal));
  isEnding = true;
  const message = isRepeated
    ? "stopped immediately by a second signal"
    : "stopped by a signal; no further calls are made";
  const error = interruption(message, signal, advices.at(-1) ?? "run the command again");
  process.stderr.write(`\n${claimInterruptReport() ? formatError(error) : message}\n`);
  const timeout = new Promise((resolve) =>
    setTimeout(resolve, isRepeated ? maxCleanupTime.repeated : maxCleanupTime.first),
  );
  void Promise.race([cleanUp(), timeout]).then(() => process.exit(exitCodeOf(signal)));
}

/**
 * Runs all clean-ups. Meanwhile the command continues up to its next step, and may register further
 * clean-ups.
 */
async function cleanUp(): Promise<void> {
  const started = new Set<() => void | Promise<void>>();
  const isNew = (cleanup: () => void | Promise<void>): boolean => !started.has(cleanup);
  for (let added = [...cleanups]; added.length > 0; added = [...cleanups].filter(isNew)) {
    for (const cleanup of added) started.add(cleanup);
    await Promise.allSettled(added.map(async (cleanup) => cleanup()));
  }
}
