import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { defined } from "../../defined";
import { denied, WorkspaceError } from "../errors";
import type { Principal } from "../principal-records";
import { Raw, type Call, type WorkspaceApp } from "../routes";

const MAX_SESSIONS = 1000;

/**
 * The sessions of the pages. A token, given once in a form or as `?token=`, opens a session with a
 * random id, which is stored in an HttpOnly cookie. The token stays in the server's memory and is
 * checked for every page, so that revoking it ends the session.
 */
export class Sessions {
  private readonly tokens = new Map<string, string>();
  private readonly secret = randomBytes(32);

  constructor(private readonly app: WorkspaceApp) {}

  /**
   * The name of this server's cookie. Browsers send a cookie to all ports of a host, so each server
   * needs its own name.
   */
  private get cookieName(): string {
    return `lakeform_${this.app.workspaceId}_${new URL(this.app.host()).port}`;
  }

  /** Returns the caller; undefined without a session, or if its token is no longer valid. */
  caller(call: Call): Principal | undefined {
    const token = this.tokens.get(this.sessionIdOf(call) ?? "");
    if (token === undefined) return undefined;
    return this.callerOf(token);
  }

  /** Opens a session. @returns the cookie to set, or undefined if the token is invalid */
  open(token: string): string | undefined {
    if (this.callerOf(token) === undefined) return undefined;
    const id = randomBytes(24).toString("base64url");
    const oldest = this.tokens.keys().next();
    if (this.tokens.size >= MAX_SESSIONS && oldest.done !== true) this.tokens.delete(oldest.value);
    this.tokens.set(id, token);
    return this.setCookieHeader(id);
  }

  /**
   * Returns the cookie of a visitor who has not signed in; the CSRF token of the form is bound to
   * it.
   */
  visitor(call: Call): { readonly cookie: string; readonly csrf: string } {
    // All open sign-in forms of a browser share one CSRF token.
    const id = this.sessionIdOf(call) ?? randomBytes(24).toString("base64url");
    return { cookie: this.setCookieHeader(id), csrf: this.csrfOf(id) };
  }

  /** Returns the CSRF token for the forms of a session's pages. */
  csrf(call: Call): string {
    return this.csrfOf(this.sessionIdOf(call) ?? "");
  }

  /**
   * Checks that a request that changes something comes from a page of this server, by its CSRF
   * token and the browser's origin headers.
   * @throws 403
   */
  requireOwnForm(call: Call): void {
    this.requireSameSite(call);
    const actual = Buffer.from(call.input.optionalString("csrf") ?? "");
    const expected = Buffer.from(this.csrf(call));
    if (
      this.sessionIdOf(call) === undefined ||
      actual.length !== expected.length ||
      !timingSafeEqual(actual, expected)
    )
      throw denied("This form belongs to a different session: reload the page and try again.");
  }

  /** @throws 403 for a request from another site's page, which includes other ports of this host */
  requireSameSite({ headers }: Call): void {
    const { host, origin, "sec-fetch-site": site } = headers;
    // The host was already checked. Both schemes are accepted, because a proxy may terminate TLS.
    const isOwnOrigin =
      origin === undefined ||
      origin === `http://${String(host)}` ||
      origin === `https://${String(host)}`;
    if (!isOwnOrigin || (site !== undefined && site !== "same-origin" && site !== "none"))
      throw denied("This request comes from another site and was rejected.");
  }

  private csrfOf(id: string): string {
    return createHmac("sha256", this.secret).update(`${this.app.host()} ${id}`).digest("base64url");
  }

  /**
   * Returns the Set-Cookie value. SameSite=Lax: the cookie is sent when a link is followed, but not
   * with forms of other sites.
   */
  private setCookieHeader(id: string): string {
    const secure = this.app.host().startsWith("https:") ? "; Secure" : "";
    return `${this.cookieName}=${id}; Path=/; HttpOnly; SameSite=Lax${secure}`;
  }

  /** Ends the session. @returns the cookie that clears it */
  end(call: Call): string {
    this.tokens.delete(this.sessionIdOf(call) ?? "");
    return `${this.cookieName}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`;
  }

  private callerOf(token: string): Principal | undefined {
    try {
      return this.app.principals.authenticate(`Bearer ${token}`);
    } catch (error) {
      if (error instanceof WorkspaceError) return undefined;
      throw error;
    }
  }

  private sessionIdOf(call: Call): string | undefined {
    const header = call.headers.cookie;
    for (const part of String(header ?? "").split(";")) {
      const [name, value] = part.trim().split("=");
      if (name === this.cookieName) return value;
    }
    return undefined;
  }
}

/** Returns the path if it is on this server, else `/`. */
export function localPath(path: string | undefined): string {
  return path !== undefined && /^\/(?![/\\])[^\r\n]*$/.test(path) ? path : "/";
}

export const redirect = (location: string, cookie?: string): Raw =>
  new Raw(303, { location, "cache-control": "no-store", ...defined({ "set-cookie": cookie }) }, "");
