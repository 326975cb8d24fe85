export interface Sent {
  readonly status: number;
  readonly location: string | null;
  readonly text: string;
}

export interface Forms {
  /** A page as requested by a browser after typing the address. */
  get(path: string, headers?: Record<string, string>): Promise<Sent>;
  /** A form of the page that was got last, with its hidden token unless `fields` has another. */
  send(path: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<Sent>;
  cookie: string;
}

/** A browser without a window: keeps the cookie, and sends the forms of the page that it got. */
export function formsOf(host: string): Forms {
  let csrf = "";
  const ask = async (path: string, init: RequestInit & { headers: Record<string, string> }): Promise<Sent> => {
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
        headers: { cookie: forms.cookie, "content-type": "application/x-www-form-urlencoded", ...headers },
        body: new URLSearchParams({ csrf, ...fields }).toString(),
      }),
  };
  return forms;
}
