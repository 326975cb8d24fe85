import { randomBytes } from "node:crypto";
import { WorkspaceError } from "../errors";
import type { Principal } from "../principals";
import { Raw, type Call, type WorkspaceApp } from "../routes";

const MOST_SESSIONS = 1000;

/**
 * Who looks at the pages: a token given once (in a form, or as `?token=`) opens a session, whose random id is kept in an HttpOnly cookie. The token stays
 * in the server's memory, and is checked again with every page, so a revoked one ends the session.
 */
export class Sessions {
  private readonly tokens = new Map<string, string>();
  private readonly cookie: string;

  constructor(private readonly app: WorkspaceApp) {
    // Cookies do not mind ports: two workspaces on one machine must not take each other's.
    this.cookie = `lakeform_${app.workspaceId}`;
  }

  /** The caller, or undefined when nobody has signed in. */
  caller(call: Call): Principal | undefined {
    const token = this.tokens.get(this.id(call) ?? "");
    if (token === undefined) return undefined;
    return this.check(token);
  }

  /** @returns the cookie to set, or undefined when the token is not good */
  open(token: string): string | undefined {
    if (this.check(token) === undefined) return undefined;
    const id = randomBytes(24).toString("base64url");
    const oldest = this.tokens.keys().next();
    if (this.tokens.size >= MOST_SESSIONS && oldest.done !== true) this.tokens.delete(oldest.value);
    this.tokens.set(id, token);
    const secure = this.app.host().startsWith("https:") ? "; Secure" : "";
    // Lax: sent when a link is followed, never with a form of another site.
    return `${this.cookie}=${id}; Path=/; HttpOnly; SameSite=Lax${secure}`;
  }

  /** @returns the cookie that takes the session away */
  end(call: Call): string {
    this.tokens.delete(this.id(call) ?? "");
    return `${this.cookie}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`;
  }

  private check(token: string): Principal | undefined {
    try {
      return this.app.principals.authenticate(`Bearer ${token}`);
    } catch (error) {
      if (error instanceof WorkspaceError) return undefined;
      throw error;
    }
  }

  private id(call: Call): string | undefined {
    const header = call.headers.cookie;
    for (const part of String(header ?? "").split(";")) {
      const [name, value] = part.trim().split("=");
      if (name === this.cookie) return value;
    }
    return undefined;
  }
}

/** Only a path of this server: never another site's. */
export function localPath(path: string | undefined): string {
  return path !== undefined && /^\/(?![/\\])[^\r\n]*$/.test(path) ? path : "/";
}

export const redirect = (to: string, cookie?: string): Raw =>
  new Raw(303, { location: to, "cache-control": "no-store", ...(cookie === undefined ? {} : { "set-cookie": cookie }) }, "");
