import { setMaxListeners } from "node:events";

/**
 * Calls `action` once when the signal aborts. Any number of API calls can share a signal, so Node's
 * warning about more than ten listeners is disabled for the signal.
 * @returns a function that removes the listener
 */
export function onAbort(signal: AbortSignal, action: () => void): () => void {
  setMaxListeners(0, signal);
  signal.addEventListener("abort", action, { once: true });
  return () => signal.removeEventListener("abort", action);
}
