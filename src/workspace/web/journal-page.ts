import type { Journal, JournalEntry } from "../journal";
import { html } from "./html";
import type { Page } from "./layout";
import { code, duration, facts, table, time } from "./parts";
import type { Visit } from "./visit";

const MAX_SHOWN = 200;
/** Max number of recent calls that the page reads from the journal. */
const MAX_SEARCHED = 2000;

/**
 * Renders `/journal`: the last calls of `/api/…`, newest first. For admins only, because it shows
 * the calls of all users.
 */
export function journalPage({ app, caller, call }: Visit, journal: Journal): Page {
  app.permissions.requireAdmin(caller, "read the request journal");
  const filter = call.input.optionalString("path") ?? "";
  // Reads from the end in steps, because redacting all entries would be slow.
  const entries: JournalEntry[] = [];
  for (
    let end = journal.nextSequence;
    end > Math.max(0, journal.nextSequence - MAX_SEARCHED) && entries.length < MAX_SHOWN;
    end -= MAX_SHOWN
  ) {
    const start = Math.max(0, end - MAX_SHOWN);
    const slice = journal.entries({ after: start - 1, limit: end - start });
    entries.push(
      ...slice
        .filter((entry) => entry.path.startsWith("/api/") && entry.path.includes(filter))
        .reverse(),
    );
  }
  entries.splice(MAX_SHOWN);
  return {
    title: "Requests",
    live: true,
    body: html`<form class="filter" method="get" action="/journal">
        <input
          type="search"
          name="path"
          value="${filter}"
          placeholder="Part of a path"
          aria-label="Part of a path"
        /><button class="button quiet">Find</button>
      </form>
      ${table(
        ["#", "Time", "Method", "Path", "Status", "Took", "Caller"],
        entries.map((entry) => [
          html`<a href="/journal/${entry.sequence}">${entry.sequence}</a>`,
          time(entry.time),
          html`<code>${entry.method}</code>`,
          html`<code
              >${entry.path}${Object.keys(entry.query).length > 0 && `?${new URLSearchParams(entry.query).toString()}`}</code
            >${entry.unknown_fields.length > 0 && html` <span class="chip wait">unknown fields</span>`}`,
          html`<span class="chip ${entry.status >= 400 || entry.status === 0 ? "bad" : "ok"}"
            >${entry.status}</span
          >`,
          html`<span class="nowrap">${duration(entry.duration_ms)}</span>`,
          entry.caller ?? "",
        ]),
        "No calls yet.",
      )}`,
  };
}

/** Renders `/journal/<n>`: one call, redacted. */
export function journalEntryPage({ app, caller, call }: Visit, journal: Journal): Page {
  app.permissions.requireAdmin(caller, "read the request journal");
  const sequence = Number(call.params.sequence);
  const [entry] = journal.entries({ after: sequence - 1, limit: 1 });
  if (entry?.sequence !== sequence)
    return {
      title: "Requests",
      status: 404,
      body: html`<div class="card empty">This call is no longer in the journal.</div>`,
    };
  return {
    title: `${entry.method} ${entry.path}`,
    crumbs: html`<a href="/journal">Requests</a> / ${entry.sequence}`,
    body: html`${facts([
        ["Status", entry.status],
        ["Time", time(entry.time)],
        ["Took", duration(entry.duration_ms)],
        ["Caller", entry.caller ?? ""],
        ["Route", entry.route],
      ])}
      ${entry.unknown_fields.length > 0 && html`<div class="note">Unknown to the API, ignored: ${entry.unknown_fields.join(", ")}</div>`}
      <h2>Query</h2>
      <div class="card">${code(entry.query)}</div>
      <h2>Request</h2>
      <div class="card">${code(entry.body)}</div>
      <h2>Response</h2>
      <div class="card">${code(entry.response)}</div>
      <h2>Headers</h2>
      <div class="card">${code(entry.headers)}</div>`,
  };
}
