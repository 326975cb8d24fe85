const cleanups = new Set<() => void | Promise<void>>();
const signals = ["SIGINT", "SIGTERM"] as const;

/** Has this done when Ctrl-C or SIGTERM ends the process, unless it is called off before. @returns calls it off */
export function atInterrupt(cleanup: () => void | Promise<void>): () => void {
  if (cleanups.size === 0) for (const signal of signals) process.on(signal, end);
  cleanups.add(cleanup);
  return () => {
    cleanups.delete(cleanup);
    if (cleanups.size === 0) stopListening();
  };
}

function end(signal: NodeJS.Signals): void {
  // Somebody else listens: a running Terraform, which ends in good order, and so does all that waits for it.
  if (process.listenerCount(signal) > 1) return;
  // A second Ctrl-C does not wait.
  stopListening();
  process.stderr.write("interrupted: nothing more is started\n");
  void Promise.allSettled([...cleanups].map(async (cleanup) => cleanup())).then(() => process.exit(signal === "SIGINT" ? 130 : 143));
}

function stopListening(): void {
  for (const signal of signals) process.off(signal, end);
}
