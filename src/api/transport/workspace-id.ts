/** The ids of workspaces, by the header of their answers. */
const ids = new Map<string, string>();

export function noteWorkspaceId(host: string, header: string | undefined): void {
  if (header !== undefined && /^\d+$/.test(header)) ids.set(host, header);
}

/** Undefined before the first answer. */
export const workspaceIdOf = (host: string): string | undefined => ids.get(host);
