/**
 * `/api/2.0/online-tables`: an online table is a copy of a table for fast reads. The local
 * workspace stores the definition and copies no data.
 */
import { createHash } from "node:crypto";
import type { JsonObject } from "../errors";
import { RestStore } from "../rest-objects";
import type { WorkspaceApp } from "../routes";

export function onlineTableRoutes(app: WorkspaceApp): void {
  const path = "/online-tables";
  const tables = new RestStore(app, {
    title: "Online table",
    collection: "online_tables",
    // Online tables cannot be listed.
    items: "",
    parseSettings: (input) => {
      const spec = input.fields("spec");
      spec.string("source_table_full_name");
      return { name: input.string("name"), spec: spec.values };
    },
    newId: ({ name }) => (name as string).toLowerCase(),
    render: ({ id, settings }) => ({
      ...settings,
      spec: {
        ...(settings.spec as JsonObject),
        pipeline_id: createHash("sha256").update(`pipeline ${id}`).digest("hex").slice(0, 32),
      },
      status: { detailed_state: "ONLINE_NO_PENDING_UPDATE", message: "The table is online." },
      table_serving_url: `${app.host()}/online-tables/${id}`,
      unity_catalog_provisioning_state: "ACTIVE",
    }),
  });
  app.post(["2.0"], path, (call) => tables.create(call));
  app.get(["2.0"], `${path}/:name`, ({ params, caller }) =>
    tables.read((params.name ?? "").toLowerCase(), caller),
  );
  app.delete(["2.0"], `${path}/:name`, (call) =>
    tables.remove((call.params.name ?? "").toLowerCase(), call),
  );
}
