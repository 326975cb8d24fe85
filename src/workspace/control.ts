import { defined } from "../defined";
import type { Faults } from "./faults";
import type { Journal } from "./journal";
import type { UserRecord } from "./principal-records";
import { Raw, type WorkspaceApp } from "./routes";

/**
 * Registers the control routes for the journal, faults, tokens and the status, under `/_lakeform/`.
 * Other families register their own.
 */
export function controlRoutes(
  app: WorkspaceApp,
  { journal, faults }: { readonly journal: Journal; readonly faults: Faults },
): void {
  app.control("GET", "/journal", ({ input }) => {
    const after = input.optionalInteger("after");
    const limit = input.optionalInteger("limit");
    const method = input.optionalString("method")?.toUpperCase();
    const path = input.optionalString("path");
    const entries = journal.entries({ after, limit, method, path });
    if (input.optionalString("format") === "jsonl")
      return new Raw(
        200,
        { "content-type": "application/x-ndjson" },
        entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""),
      );
    return { entries, oldest: journal.oldest, next: journal.nextSequence };
  });
  app.control("DELETE", "/journal", () => {
    journal.clear();
    return undefined;
  });
  app.control("GET", "/faults", () => ({ faults: faults.list() }));
  app.control("POST", "/faults", ({ input }) => faults.add(input.values));
  app.control("DELETE", "/faults", () => {
    faults.clear();
    return undefined;
  });
  app.control("DELETE", "/faults/:id", ({ params }) => ({
    removed: faults.remove(params.id ?? ""),
  }));
  app.control("POST", "/tokens", ({ caller, input }) => {
    const name = input.optionalString("user") ?? caller.name;
    const lifetime = input.optionalInteger("lifetime_seconds");
    return app.store.write(() => {
      const owner =
        app.principals.findUser(name) ?? createUser(app, name, input.boolean("admin", false));
      const comment = input.optionalString("comment") ?? "";
      const { value, record } = app.principals.issue(owner.id, {
        comment,
        ...defined({ lifetimeSeconds: lifetime }),
      });
      return { token_value: value, token_id: record.token_id, user: owner.name };
    });
  });
  app.control("GET", "/status", () => ({
    workspace_id: app.workspaceId,
    host: app.host(),
    pid: process.pid,
    calls: journal.nextSequence,
  }));
}

function createUser(app: WorkspaceApp, name: string, admin: boolean): UserRecord {
  const record = app.principals.addUser({ name, kind: "user", entitlements: ["workspace-access"] });
  for (const group of admin ? ["users", "admins"] : ["users"])
    app.principals.addToGroup(group, record.id);
  return record;
}
