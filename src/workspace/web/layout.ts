import { createHash, randomBytes } from "node:crypto";
import { Raw } from "../routes";
import { html, Html } from "./html";
import { buttonForm } from "./parts";
import { css, script } from "./theme";
import type { Visit } from "./visit";

/** A page as returned by the file that renders it. */
export interface Page {
  readonly title: string;
  /** The links above the title. */
  readonly crumbs?: Html;
  readonly body: Html;
  /** The content next to the title. */
  readonly aside?: Html;
  /** Whether the browser polls the page every second, until `done`. */
  readonly live?: boolean;
  /** Whether the content no longer changes. */
  readonly done?: boolean;
  /** The HTTP status. @default 200 */
  readonly status?: number;
}

const sections = [
  ["/", "Overview"],
  ["/jobs", "Jobs"],
  ["/runs", "Runs"],
  ["/clusters", "Clusters"],
  ["/warehouses", "SQL warehouses"],
  ["/policies", "Policies"],
  ["/catalog", "Catalog"],
  ["/secrets", "Secrets"],
  ["/dbfs", "DBFS"],
  ["/workspace", "Workspace"],
  ["/journal", "Requests"],
] as const;

const logo = new Html(
  `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" aria-hidden="true"><path d="M12 3 3 8l9 5 9-5-9-5Z"/><path d="m3 12 9 5 9-5"/><path d="m3 16 9 5 9-5"/></svg>`,
);

/** Renders the part of a page that is updated live. */
const renderContent = (page: Page): Html =>
  html`${page.crumbs === undefined ? "" : html`<div class="crumbs">${page.crumbs}</div>`}
    <h1>${page.title}${page.aside}</h1>
    ${page.body}`;

const versionOf = (part: Html): string =>
  createHash("sha256").update(part.text).digest("base64url").slice(0, 16);

/** Renders a complete page. */
export function renderPage(
  page: Page,
  path: string,
  { caller, csrf }: Pick<Visit, "caller" | "csrf">,
  clock: Html,
): Raw {
  const main = renderContent(page);
  const nav = sections.map(([href, label]) => {
    const isCurrent = href === "/" ? path === "/" : path === href || path.startsWith(`${href}/`);
    return html`<a class="item" href="${href}" ${isCurrent ? html` aria-current="page"` : ""}
      >${label}</a
    >`;
  });
  const body = html`<div class="frame">
    <nav>
      <a class="brand" href="/">${logo}lakeform</a>
      ${nav}
      <div class="foot">
        ${clock}
        <div>${caller.name}</div>
        ${buttonForm("/logout", "Sign out", csrf)}
      </div>
    </nav>
    <main${page.live === true && page.done !== true ? html` data-live="${versionOf(main)}"` : ""}>${main}</main>
  </div>`;
  return document(page.title, body, page.status ?? 200);
}

/** Renders the JSON for a live page. */
export function renderLive(page: Page): Raw {
  const main = renderContent(page);
  const response = {
    version: versionOf(main),
    title: `${page.title} · lakeform`,
    html: main.text,
    done: page.done === true,
  };
  return new Raw(
    200,
    { "content-type": "application/json", "cache-control": "no-store" },
    JSON.stringify(response),
  );
}

/** Renders the sign-in form. Its CSRF token is bound to the cookie. */
export function loginPage(
  next: string,
  isRejected: boolean,
  { cookie, csrf }: { readonly cookie: string; readonly csrf: string },
): Raw {
  const body = html`<main class="login">
    <div class="card">
      <h1>Local workspace</h1>
      <p class="dim">Sign in with a personal access token of this workspace.</p>
      ${isRejected && html`<div class="note" role="alert">This token is invalid or has expired.</div>`}
      <form method="post" action="/login">
        <input type="hidden" name="next" value="${next}" />
        <input type="hidden" name="csrf" value="${csrf}" />
        <label for="token">Token</label>
        <input
          id="token"
          name="token"
          type="password"
          autocomplete="off"
          required
          autofocus
          placeholder="dapi…"
        />
        <button class="button">Sign in</button>
      </form>
    </div>
  </main>`;
  return document("Sign in", body, isRejected ? 401 : 200, { "set-cookie": cookie });
}

/**
 * Renders the frame of a page. The content security policy allows only our own style and script, as
 * a second defence against values that are not escaped.
 */
function document(
  title: string,
  body: Html,
  status: number,
  extraHeaders: Readonly<Record<string, string>> = {},
): Raw {
  const nonce = randomBytes(16).toString("base64");
  const text = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <title>${title} · lakeform</title>
        <link rel="icon" href="data:," />
        <style nonce="${nonce}">
          ${new Html(css)}
        </style>
      </head>
      <body>
        ${body}
        <script nonce="${nonce}">
          ${new Html(script)};
        </script>
      </body>
    </html>`;
  return new Raw(
    status,
    {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
      ...extraHeaders,
    },
    text.text,
  );
}

/** Renders the page for a request that was rejected because of its origin or CSRF token. */
export const rejectionPage = (message: string): Raw =>
  document(
    "Refused",
    html`<main class="login">
      <div class="card">
        <h1>Request rejected</h1>
        <p>${message}</p>
        <p><a href="/">Back to the workspace</a></p>
      </div>
    </main>`,
    403,
  );
