import { setMaxListeners } from "node:events";

/**
 * Calls `act` once when the signal aborts. Any number of calls can share a signal, so Node's
 * warning about more than ten listeners is disabled for it.
 * @returns a function that removes the listener
 */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  setMaxListeners(0, signal);
  signal.addEventListener("abort", act, { once: true });
  return () => signal.removeEventListener("abort", act);
}
