const cleanups = new Set<() => void | Promise<void>>();
const signals = ["SIGINT", "SIGTERM"] as const;

/** Runs a cleanup when Ctrl-C or SIGTERM ends the process. @returns cancels the cleanup */
export function atInterrupt(cleanup: () => void | Promise<void>): () => void {
  if (cleanups.size === 0) for (const signal of signals) process.on(signal, end);
  cleanups.add(cleanup);
  return () => {
    cleanups.delete(cleanup);
    if (cleanups.size === 0) stopListening();
  };
}

function end(signal: NodeJS.Signals): void {
  // Another listener exists: a running Terraform that ends gracefully, with everything that waits for it.
  if (process.listenerCount(signal) > 1) return;
  // A second Ctrl-C does not wait.
  stopListening();
  process.stderr.write("interrupted: no further steps are started\n");
  void Promise.allSettled([...cleanups].map(async (cleanup) => cleanup())).then(() => process.exit(signal === "SIGINT" ? 130 : 143));
}

function stopListening(): void {
  for (const signal of signals) process.off(signal, end);
}
