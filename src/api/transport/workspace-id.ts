/** Workspace ids by host, from a header of responses. */
const ids = new Map<string, string>();

export function noteWorkspaceId(host: string, header: string | undefined): void {
  if (header !== undefined && /^\d+$/.test(header)) ids.set(host, header);
}

/** Returns the id; undefined before the first response. */
export const workspaceIdOf = (host: string): string | undefined => ids.get(host);
