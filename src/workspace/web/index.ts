import { WorkspaceClock } from "../clock";
import { WorkspaceError } from "../errors";
import { repairFailed } from "../jobs/routes-runs";
import type { JobsService } from "../jobs/service";
import type { Journal } from "../journal";
import { Raw, type Answer, type Call, type WorkspaceApp } from "../routes";
import { clusters, dbfs, secrets, workspace } from "./browse-pages";
import { catalog, permissions, policies, warehouses } from "./catalog-pages";
import { html, link, type Html } from "./html";
import { jobList, jobPage, overview, runLink, runList } from "./jobs-pages";
import { journalEntry, journalPage } from "./journal-page";
import { live, login, refusal, whole, type Page } from "./layout";
import { reader } from "./reader";
import {
  catalogAddresses,
  catalogPlace,
  objectPage,
  objectPages,
  placeOfHash,
  registeredModel,
} from "./object-pages";
import { runPage } from "./runs-pages";
import { localPath, redirect, Sessions } from "./session";
import type { Visit } from "./visit";

/** The web pages at `/`, which show the workspace in the browser. They require a token. */
export function webRoutes(
  app: WorkspaceApp,
  { journal, service }: { readonly journal: Journal; readonly service: JobsService },
): void {
  const sessions = new Sessions(app);

  const visitOf = (call: Call): Visit | undefined => {
    const caller = sessions.caller(call);
    return caller === undefined
      ? undefined
      : { app, service, call, caller, read: reader(app, caller), csrf: sessions.csrf(call) };
  };

  const page = (path: string, make: (visit: Visit) => Page | Promise<Page>): void =>
    app.get([], path, async (call): Promise<Answer> => enter(call, make), { open: true });

  const enter = async (call: Call, make: (visit: Visit) => Page | Promise<Page>): Promise<Raw> => {
    const given = call.input.optionalString("token");
    // Redirects immediately, so that the token is neither in the address bar nor in the history.
    if (given !== undefined) {
      // Without this check, a link on another site could sign users in as someone else.
      const refused = unlessOwn(() => sessions.mustNotBeForeign(call));
      if (refused !== undefined) return refused;
      const cookie = sessions.open(given);
      return cookie === undefined
        ? login(call.path, true, sessions.visitor(call))
        : redirect(localPath(call.path), cookie);
    }
    const polled = call.input.optionalString("live") === "1";
    const visit = visitOf(call);
    if (visit === undefined)
      return polled
        ? new Raw(401, { "content-type": "application/json" }, "{}")
        : login(localPath(call.path), false, sessions.visitor(call));
    const result = await orError(() => make(visit));
    return polled ? live(result) : whole(result, call.path, visit, clockNote(app));
  };

  /** Registers a form of these pages. Requests from other sites' pages are rejected. */
  const form = (path: string, act: (call: Call) => Answer | Promise<Answer>): void =>
    app.post([], path, (call) => unlessOwn(() => sessions.mustBeOwn(call)) ?? act(call), {
      open: true,
    });

  const action = (path: string, act: (visit: Visit) => Promise<string>): void =>
    form(path, async (call) => {
      const visit = visitOf(call);
      if (visit === undefined) return login("/", false, sessions.visitor(call));
      try {
        return redirect(await act(visit));
      } catch (error) {
        if (!(error instanceof WorkspaceError)) throw error;
        return whole(problem(error), call.path, visit, clockNote(app));
      }
    });

  page("/", overview);
  page("/jobs", jobList);
  page("/jobs/:job", jobPage);
  page("/jobs/:job/runs/:run", runPage);
  page("/runs", runList);
  page("/clusters", clusters);
  page("/warehouses", warehouses);
  page("/policies", policies);
  page("/catalog", catalog);
  page("/permissions/:type/:id", permissions);
  page("/secrets", secrets);
  page("/dbfs", dbfs);
  page("/workspace", workspace);
  for (const each of objectPages) page(each.address, objectPage(each));
  page("/explore/data/models/:catalog/:schema/:model", registeredModel);
  for (const address of catalogAddresses)
    app.get([], address, ({ params }) => redirect(catalogPlace(params)), { open: true });
  app.get(
    [],
    "/hash",
    ({ input }) => redirect(placeOfHash(input.optionalString("address") ?? "")),
    { open: true },
  );
  page("/journal", (visit) => journalPage(visit, journal));
  page("/journal/:sequence", (visit) => journalEntry(visit, journal));

  action("/jobs/:job/run-now", async ({ caller, call }) => {
    const job = service.job(caller, Number(call.params.job), "CAN_MANAGE_RUN");
    const run = service.make(job, {
      trigger: "ONE_TIME",
      run_type: "JOB_RUN",
      creator: caller.name,
    });
    await service.begin("run", "", () => run);
    return runLink(run);
  });
  action("/runs/:run/cancel", async ({ caller, call }) => {
    const id = Number(call.params.run);
    const { run } = service.runs.locate(id);
    service.allowRun(caller, run, "CAN_MANAGE_RUN");
    service.cancel(id, caller.name);
    await service.runs.flush();
    return link("jobs", run.job_id, "runs", id);
  });
  action("/runs/:run/repair", async ({ caller, call }) => {
    const run = service.runs.get(Number(call.params.run));
    service.allowRun(caller, run, "CAN_MANAGE_RUN");
    await repairFailed(service, run);
    return runLink(run);
  });

  form("/login", (call) => {
    const { input } = call;
    const next = localPath(input.optionalString("next"));
    const cookie = sessions.open((input.optionalString("token") ?? "").trim());
    return cookie === undefined
      ? login(next, true, sessions.visitor(call))
      : redirect(next, cookie);
  });
  form("/logout", (call) => redirect("/", sessions.end(call)));
}

/** Returns a page with the reason if the request is rejected, else undefined. */
function unlessOwn(check: () => void): Raw | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof WorkspaceError) return refusal(error.message);
    throw error;
  }
}

async function orError(make: () => Page | Promise<Page>): Promise<Page> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof WorkspaceError) return problem(error);
    throw error;
  }
}

const problem = (error: WorkspaceError): Page => ({
  title: error.status === 403 ? "Not allowed" : "Not found",
  status: error.status === 400 ? 404 : error.status,
  done: true,
  body: html`<div class="note">${error.message}</div>`,
});

/**
 * Shows the clock's state if it was moved or stopped, because the pages show the workspace's time.
 */
function clockNote({ clock }: WorkspaceApp): Html {
  if (!(clock instanceof WorkspaceClock)) return html``;
  const { mode, offset_ms } = clock.state;
  const now = new Date(clock.now()).toISOString().slice(0, 19).replace("T", " ");
  if (mode === "manual") return html`<div>Clock stopped at ${now} UTC</div>`;
  return html`<div>${now} UTC${Math.abs(offset_ms) > 1000 && " (moved)"}</div>`;
}
