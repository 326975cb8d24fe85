import { WorkspaceClock } from "../clock";
import { WorkspaceError } from "../errors";
import { repairFailed } from "../jobs/routes-runs";
import type { JobsService } from "../jobs/service";
import type { Journal } from "../journal";
import { Raw, type HandlerResult, type Call, type WorkspaceApp } from "../routes";
import { clustersPage, dbfsPage, secretsPage, workspacePage } from "./browse-pages";
import { catalogPage, permissionsPage, policiesPage, warehousesPage } from "./catalog-pages";
import { html, link, type Html } from "./html";
import { jobListPage, jobPage, overviewPage, runLink, runListPage } from "./jobs-pages";
import { journalEntryPage, journalPage } from "./journal-page";
import { renderLive, loginPage, rejectionPage, renderPage, type Page } from "./layout";
import { createReader } from "./reader";
import {
  platformCatalogPaths,
  toCatalogPage,
  objectPageHandler,
  objectPages,
  addressOfHash,
  registeredModelPage,
} from "./object-pages";
import { runPage } from "./runs-pages";
import { localPath, redirect, Sessions } from "./session";
import type { Visit } from "./visit";

/** Routes of the web pages at `/`, which show the workspace in the browser. They require a token. */
export function webRoutes(
  app: WorkspaceApp,
  { journal, service }: { readonly journal: Journal; readonly service: JobsService },
): void {
  const sessions = new Sessions(app);

  const visitOf = (call: Call): Visit | undefined => {
    const caller = sessions.caller(call);
    return caller === undefined
      ? undefined
      : { app, service, call, caller, read: createReader(app, caller), csrf: sessions.csrf(call) };
  };

  const registerPage = (path: string, render: (visit: Visit) => Page | Promise<Page>): void =>
    app.get([], path, async (call): Promise<HandlerResult> => handlePage(call, render), {
      open: true,
    });

  const handlePage = async (
    call: Call,
    render: (visit: Visit) => Page | Promise<Page>,
  ): Promise<Raw> => {
    const token = call.input.optionalString("token");
    // Redirects immediately, so that the token is neither in the address bar nor in the history.
    if (token !== undefined) {
      // Without this check, a link on another site could sign users in as someone else.
      const rejection = rejectionOf(() => sessions.requireSameSite(call));
      if (rejection !== undefined) return rejection;
      const cookie = sessions.open(token);
      return cookie === undefined
        ? loginPage(call.path, true, sessions.visitor(call))
        : redirect(localPath(call.path), cookie);
    }
    const isPoll = call.input.optionalString("live") === "1";
    const visit = visitOf(call);
    if (visit === undefined)
      return isPoll
        ? new Raw(401, { "content-type": "application/json" }, "{}")
        : loginPage(localPath(call.path), false, sessions.visitor(call));
    const result = await pageOrError(() => render(visit));
    return isPoll ? renderLive(result) : renderPage(result, call.path, visit, clockNote(app));
  };

  /** Registers a form of these pages. Requests from other sites' pages are rejected. */
  const registerForm = (
    path: string,
    handle: (call: Call) => HandlerResult | Promise<HandlerResult>,
  ): void =>
    app.post([], path, (call) => rejectionOf(() => sessions.requireOwnForm(call)) ?? handle(call), {
      open: true,
    });

  /** Registers a form that changes something. The handler returns the path of the next page. */
  const registerAction = (path: string, handle: (visit: Visit) => Promise<string>): void =>
    registerForm(path, async (call) => {
      const visit = visitOf(call);
      if (visit === undefined) return loginPage("/", false, sessions.visitor(call));
      try {
        return redirect(await handle(visit));
      } catch (error) {
        if (!(error instanceof WorkspaceError)) throw error;
        return renderPage(actionErrorPage(error), call.path, visit, clockNote(app));
      }
    });

  registerPage("/", overviewPage);
  registerPage("/jobs", jobListPage);
  registerPage("/jobs/:job", jobPage);
  registerPage("/jobs/:job/runs/:run", runPage);
  registerPage("/runs", runListPage);
  registerPage("/clusters", clustersPage);
  registerPage("/warehouses", warehousesPage);
  registerPage("/policies", policiesPage);
  registerPage("/catalog", catalogPage);
  registerPage("/permissions/:type/:id", permissionsPage);
  registerPage("/secrets", secretsPage);
  registerPage("/dbfs", dbfsPage);
  registerPage("/workspace", workspacePage);
  for (const definition of objectPages)
    registerPage(definition.address, objectPageHandler(definition));
  registerPage("/explore/data/models/:catalog/:schema/:model", registeredModelPage);
  for (const path of platformCatalogPaths)
    app.get([], path, ({ params }) => redirect(toCatalogPage(params)), { open: true });
  app.get(
    [],
    "/hash",
    ({ input }) => redirect(addressOfHash(input.optionalString("address") ?? "")),
    { open: true },
  );
  registerPage("/journal", (visit) => journalPage(visit, journal));
  registerPage("/journal/:sequence", (visit) => journalEntryPage(visit, journal));

  registerAction("/jobs/:job/run-now", async ({ caller, call }) => {
    const job = service.requireJob(caller, Number(call.params.job), "CAN_MANAGE_RUN");
    const run = service.createRun(job, {
      trigger: "ONE_TIME",
      run_type: "JOB_RUN",
      creator: caller.name,
    });
    await service.startOnce("run", "", () => run);
    return runLink(run);
  });
  registerAction("/runs/:run/cancel", async ({ caller, call }) => {
    const id = Number(call.params.run);
    const { run } = service.runs.locate(id);
    service.requireRunAccess(caller, run, "CAN_MANAGE_RUN");
    service.cancel(id, caller.name);
    await service.runs.flush();
    return link("jobs", run.job_id, "runs", id);
  });
  registerAction("/runs/:run/repair", async ({ caller, call }) => {
    const run = service.runs.mustFind(Number(call.params.run));
    service.requireRunAccess(caller, run, "CAN_MANAGE_RUN");
    await repairFailed(service, run);
    return runLink(run);
  });

  registerForm("/login", (call) => {
    const { input } = call;
    const next = localPath(input.optionalString("next"));
    const cookie = sessions.open((input.optionalString("token") ?? "").trim());
    return cookie === undefined
      ? loginPage(next, true, sessions.visitor(call))
      : redirect(next, cookie);
  });
  registerForm("/logout", (call) => redirect("/", sessions.end(call)));
}

/** Returns a page with the reason if the request is rejected, else undefined. */
function rejectionOf(check: () => void): Raw | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof WorkspaceError) return rejectionPage(error.message);
    throw error;
  }
}

async function pageOrError(render: () => Page | Promise<Page>): Promise<Page> {
  try {
    return await render();
  } catch (error) {
    if (error instanceof WorkspaceError) return errorPage(error);
    throw error;
  }
}

/** Renders an API error of an action, such as a repair of a run that succeeded. */
const actionErrorPage = (error: WorkspaceError): Page => ({
  title: error.status === 403 ? "Not allowed" : "Action failed",
  status: error.status,
  done: true,
  body: html`<div class="note">${error.message}</div>`,
});

/** Renders an API error of a page. The API reports a missing job or run with status 400. */
const errorPage = (error: WorkspaceError): Page => ({
  title: error.status === 403 ? "Not allowed" : "Not found",
  status: error.status === 400 ? 404 : error.status,
  done: true,
  body: html`<div class="note">${error.message}</div>`,
});

/** Shows the workspace's time, and whether its clock was moved or stopped. */
function clockNote({ clock }: WorkspaceApp): Html {
  if (!(clock instanceof WorkspaceClock)) return html``;
  const { mode, offset_ms } = clock.state;
  const now = new Date(clock.now()).toISOString().slice(0, 19).replace("T", " ");
  if (mode === "manual") return html`<div>Clock stopped at ${now} UTC</div>`;
  return html`<div>${now} UTC${Math.abs(offset_ms) > 1000 && " (moved)"}</div>`;
}
