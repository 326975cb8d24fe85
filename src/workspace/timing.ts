import type { WorkspaceApp } from "./routes";

/**
 * The duration of operations that take minutes on the platform, in milliseconds of the workspace's
 * clock.
 */
export interface Timing {
  /** Clusters: PENDING to RUNNING; also resize and restart. */
  readonly cluster_start_ms: number;
  /** TERMINATING to TERMINATED. */
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
export function timing(app: WorkspaceApp): () => Timing {
  const existing = app.services.get("timing") as (() => Timing) | undefined;
  if (existing !== undefined) return existing;
  let current = defaults;
  const get = (): Timing => current;
  app.services.set("timing", get);
  app.control("GET", "/timing", () => current);
  app.control("PUT", "/timing", ({ input }) => {
    const values = Object.keys(defaults).map((name): [string, number | undefined] => [
      name,
      input.optionalInteger(name),
    ]);
    current = {
      ...current,
      ...Object.fromEntries(values.filter(([, value]) => value !== undefined && value >= 0)),
    };
    return current;
  });
  return get;
}
