/** Workspace ids by host, from a header of responses. */
const ids = new Map<string, string>();

/**
 * Remembers the workspace id that a response shows.
 * @param header `x-databricks-org-id`; if absent or not a number, the last id is kept
 */
export function noteWorkspaceId(host: string, header: string | undefined): void {
  if (header !== undefined && /^\d+$/.test(header)) ids.set(host, header);
}

/** Returns the workspace id of a host; undefined before the first response that shows it. */
export const workspaceIdOf = (host: string): string | undefined => ids.get(host);
