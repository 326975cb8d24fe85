import type { WorkspaceApp } from "./routes";

/**
 * Events of one API family that others subscribe to: a new file (its path or URL), or a table that
 * was created or written (its full name).
 */
export class Events {
  private readonly callbacks: {
    readonly kind: "file" | "table";
    readonly callback: (name: string) => void;
  }[] = [];

  /** Registers a callback, which runs inside the write that causes the event. */
  on(kind: "file" | "table", callback: (name: string) => void): void {
    this.callbacks.push({ kind, callback });
  }

  /** Emits an event. Call only inside `store.write`. */
  emit(kind: "file" | "table", name: string): void {
    for (const subscription of this.callbacks)
      if (subscription.kind === kind) subscription.callback(name);
  }
}

/** Returns the instance that all API families share; the first call creates it. */
export function eventsOf(app: WorkspaceApp): Events {
  const existing = app.services.get("events") as Events | undefined;
  if (existing !== undefined) return existing;
  const events = new Events();
  app.services.set("events", events);
  return events;
}
