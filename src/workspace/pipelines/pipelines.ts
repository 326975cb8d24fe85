/** `/api/2.0/pipelines`: definitions of pipelines. Pipelines cannot be run (no pipeline updates). */
import { exists, invalid, type JsonObject } from "../errors";
import { pickFields, restRoutes, type StoredObject } from "../rest-objects";
import type { WorkspaceApp } from "../routes";

const fields = [
  "name",
  "storage",
  "configuration",
  "clusters",
  "libraries",
  "catalog",
  "schema",
  "target",
  "continuous",
  "development",
  "photon",
  "edition",
  "channel",
  "serverless",
  "notifications",
  "budget_policy_id",
  "deployment",
  "environment",
  "event_log",
  "filters",
  "gateway_definition",
  "ingestion_definition",
  "restart_window",
  "root_path",
  "run_as",
  "tags",
  "trigger",
  "usage_policy_id",
];

export function pipelineRoutes(app: WorkspaceApp): void {
  const pipelines = app.store.collection<StoredObject>("pipelines");
  restRoutes(
    app,
    {
      title: "Pipeline",
      path: "/pipelines",
      collection: "pipelines",
      items: "statuses",
      parseSettings: (input, previous) => {
        const name = input.string("name");
        // Read only to check the type.
        input.optionalBoolean("continuous");
        if (input.has("catalog") && input.has("storage"))
          throw invalid("A pipeline cannot have both catalog and storage.");
        const isTaken = pipelines
          .values()
          .some(({ settings }) => settings.name === name && previous?.name !== name);
        if (isTaken && !input.boolean("allow_duplicate_names", false))
          throw exists(
            `The pipeline name '${name.slice(0, 200)}' is already used by another pipeline. Use allow_duplicate_names to allow it.`,
          );
        return pickFields(input.values, fields);
      },
      render: ({ id, settings, creator, updated }) => ({
        pipeline_id: id,
        name: settings.name,
        spec: {
          id,
          edition: "ADVANCED",
          channel: "CURRENT",
          ...(settings.catalog === undefined && { storage: `dbfs:/pipelines/${id}` }),
          ...settings,
        },
        state: settings.continuous === true ? "RUNNING" : "IDLE",
        health: "HEALTHY",
        cause: "",
        creator_user_name: creator,
        run_as_user_name: creator,
        last_modified: updated,
      }),
      renderCreated: ({ pipeline_id }) => ({ pipeline_id }),
      renderListItem: ({
        pipeline_id,
        name,
        state,
        creator_user_name,
        run_as_user_name,
      }): JsonObject => ({
        pipeline_id,
        name,
        state,
        creator_user_name,
        run_as_user_name,
      }),
      permissions: { type: "pipelines", read: "CAN_VIEW", change: "CAN_MANAGE" },
    },
    ["PUT"],
  );
}
