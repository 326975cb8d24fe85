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
    for (const each of this.callbacks) if (each.kind === kind) each.callback(name);
  }
}

/** Creates the instance that all API families share. */
export function eventsOf(app: WorkspaceApp): Events {
  const found = app.services.get("events") as Events | undefined;
  if (found !== undefined) return found;
  const result = new Events();
  app.services.set("events", result);
  return result;
}
