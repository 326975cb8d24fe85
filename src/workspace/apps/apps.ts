/** `/api/2.0/apps`: the definitions of apps. Their code is not deployed or run. */
import { createHash } from "node:crypto";
import { defined } from "../../defined";
import { invalid } from "../errors";
import { pickFields, restRoutes, updaterOf } from "../rest-objects";
import type { WorkspaceApp } from "../routes";

const fields = ["description", "resources", "user_api_scopes", "budget_policy_id", "compute_size"];

export function appRoutes(app: WorkspaceApp): void {
  restRoutes(app, {
    title: "App",
    path: "/apps",
    collection: "apps",
    items: "apps",
    parseSettings: (input, previous) => {
      const name = previous === undefined ? input.string("name") : (previous.name as string);
      if (!/^[a-z0-9-]{2,30}$/.test(name))
        throw invalid(
          `App name ${name.slice(0, 100)} is not valid: 2 to 30 lower-case letters, digits and hyphens are allowed.`,
        );
      for (const resource of input.list("resources")) resource.string("name");
      const isStopped = previous?.stopped ?? input.boolean("no_compute", false);
      return {
        compute_size: "MEDIUM",
        ...previous,
        ...pickFields(input.values, fields),
        name,
        stopped: isStopped,
      };
    },
    newId: ({ name }) => name as string,
    render: (object) => {
      const { id, settings: storedSettings, creator, created, updated } = object;
      const { stopped, ...settings } = storedSettings;
      const digest = (kind: string): string =>
        createHash("sha256").update(`${kind} ${id} ${created}`).digest("hex");
      const uuid = (kind: string): string =>
        digest(kind).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, "$1-$2-$3-$4-$5");
      const state = stopped === true ? "STOPPED" : "ACTIVE";
      return {
        ...settings,
        id: uuid("app"),
        url: `${app.host()}/apps/${id}`,
        app_status: { state: "UNAVAILABLE", message: "App status is unavailable." },
        compute_status: { state, message: `App compute is ${state.toLowerCase()}.` },
        ...defined({
          effective_budget_policy_id: settings.budget_policy_id,
          effective_user_api_scopes: settings.user_api_scopes,
        }),
        service_principal_client_id: uuid("principal"),
        service_principal_id: Number.parseInt(digest("principal").slice(0, 12), 16),
        service_principal_name: `app-${id}`,
        oauth2_app_client_id: uuid("oauth"),
        creator,
        updater: updaterOf(object),
        create_time: new Date(created).toISOString(),
        update_time: new Date(updated).toISOString(),
      };
    },
    permissions: { type: "apps", read: "CAN_USE", change: "CAN_MANAGE" },
  });
}
