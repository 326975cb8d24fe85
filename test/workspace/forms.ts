export interface PageResponse {
  readonly status: number;
  readonly location: string | null;
  readonly text: string;
}

export interface FormBrowser {
  /** Requests a page like a browser after the user typed the address. */
  get(path: string, headers?: Record<string, string>): Promise<PageResponse>;
  /** Submits a form of the last page, with the page's hidden token unless `fields` contains one. */
  send(
    path: string,
    fields?: Record<string, string>,
    headers?: Record<string, string>,
  ): Promise<PageResponse>;
  /** The session cookie as `name=value`; empty before the first page. */
  cookie: string;
}

/** A minimal browser that keeps the cookie and submits the forms of the last page. */
export function openFormBrowser(host: string): FormBrowser {
  let csrf = "";
  const request = async (
    path: string,
    init: RequestInit & { headers: Record<string, string> },
  ): Promise<PageResponse> => {
    const response = await fetch(`${host}${path}`, { redirect: "manual", ...init });
    const cookieHeader = response.headers.get("set-cookie");
    if (cookieHeader !== null) browser.cookie = cookieHeader.split(";")[0] ?? "";
    const text = await response.text();
    csrf = /name="csrf" value="([^"]*)"/.exec(text)?.[1] ?? csrf;
    return { status: response.status, location: response.headers.get("location"), text };
  };
  const browser: FormBrowser = {
    cookie: "",
    get: (path, headers = {}) => request(path, { headers: { cookie: browser.cookie, ...headers } }),
    send: (path, fields = {}, headers = {}) =>
      request(path, {
        method: "POST",
        headers: {
          cookie: browser.cookie,
          "content-type": "application/x-www-form-urlencoded",
          ...headers,
        },
        body: new URLSearchParams({ csrf, ...fields }).toString(),
      }),
  };
  return browser;
}
