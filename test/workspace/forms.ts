export interface Sent {
  readonly status: number;
  readonly location: string | null;
  readonly text: string;
}

export interface Forms {
  /** Requests a page like a browser after the user typed the address. */
  get(path: string, headers?: Record<string, string>): Promise<Sent>;
  /** Submits a form of the last page, with its hidden token unless `fields` has another one. */
  send(
    path: string,
    fields?: Record<string, string>,
    headers?: Record<string, string>,
  ): Promise<Sent>;
  cookie: string;
}

/** A minimal browser that keeps the cookie and submits the forms of the last page. */
export function formsOf(host: string): Forms {
  let csrf = "";
  const ask = async (
    path: string,
    init: RequestInit & { headers: Record<string, string> },
  ): Promise<Sent> => {
    const answer = await fetch(`${host}${path}`, { redirect: "manual", ...init });
    const set = answer.headers.get("set-cookie");
    if (set !== null) forms.cookie = set.split(";")[0] ?? "";
    const text = await answer.text();
    csrf = /name="csrf" value="([^"]*)"/.exec(text)?.[1] ?? csrf;
    return { status: answer.status, location: answer.headers.get("location"), text };
  };
  const forms: Forms = {
    cookie: "",
    get: (path, headers = {}) => ask(path, { headers: { cookie: forms.cookie, ...headers } }),
    send: (path, fields = {}, headers = {}) =>
      ask(path, {
        method: "POST",
        headers: {
          cookie: forms.cookie,
          "content-type": "application/x-www-form-urlencoded",
          ...headers,
        },
        body: new URLSearchParams({ csrf, ...fields }).toString(),
      }),
  };
  return forms;
}
