import { invalid } from "./errors";
import type { WorkspaceApp } from "./routes";

/**
 * The duration of operations that take minutes on the platform, in milliseconds of the workspace's
 * clock.
 */
export interface Timing {
  /** The time from PENDING to RUNNING of a cluster; also that of a resize or restart. */
  readonly cluster_start_ms: number;
  /** The time from TERMINATING to TERMINATED of a cluster; also that of stopping a warehouse. */
  readonly cluster_stop_ms: number;
  readonly library_install_ms: number;
  readonly warehouse_start_ms: number;
  /** Lifetime of an access token from the OAuth endpoint, in seconds. */
  readonly oauth_token_seconds: number;
}

const defaults: Timing = {
  cluster_start_ms: 250,
  cluster_stop_ms: 100,
  library_install_ms: 100,
  warehouse_start_ms: 250,
  oauth_token_seconds: 3600,
};

/**
 * Registers `/_lakeform/timing`, which lets tests slow down the workspace.
 * @returns a function for the current values
 */
export function timingOf(app: WorkspaceApp): () => Timing {
  const existing = app.services.get("timing") as (() => Timing) | undefined;
  if (existing !== undefined) return existing;
  let current = defaults;
  const get = (): Timing => current;
  app.services.set("timing", get);
  app.control("GET", "/timing", () => current);
  app.control("PUT", "/timing", ({ input }) => {
    const names = Object.keys(input.values);
    const unknown = names.find((name) => !Object.hasOwn(defaults, name));
    if (unknown !== undefined)
      throw invalid(
        `unknown field '${unknown.slice(0, 100)}'; expected one of ${Object.keys(defaults).join(", ")}`,
      );
    const changes = Object.fromEntries(names.map((name) => [name, input.integer(name)]));
    for (const [name, value] of Object.entries(changes))
      if (value < 0) throw invalid(`${name} must be at least 0, got ${value}`);
    current = { ...current, ...changes };
    return current;
  });
  return get;
}
