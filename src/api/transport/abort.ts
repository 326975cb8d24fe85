import { setMaxListeners } from "node:events";

/**
 * Calls `act` once when the signal aborts. One signal may end any number of calls, so Node's
 * warning about ten listeners is off for it.
 * @returns calls it off
 */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  setMaxListeners(0, signal);
  signal.addEventListener("abort", act, { once: true });
  return () => signal.removeEventListener("abort", act);
}
