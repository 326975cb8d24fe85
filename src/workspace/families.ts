import { controlRoutes } from "./control";
import type { Faults } from "./faults";
import { dbfsRoutes } from "./files/dbfs";
import { meRoutes } from "./identity/me";
import { tokenRoutes } from "./identity/tokens";
import { jobsRoutes } from "./jobs";
import type { Journal } from "./journal";
import { workspaceRoutes } from "./objects/routes";
import type { WorkspaceApp } from "./routes";
import { secretsRoutes } from "./secrets/routes";

/** Registers every family's routes. */
export function families(app: WorkspaceApp, parts: { readonly journal: Journal; readonly faults: Faults }): void {
  controlRoutes(app, parts);
  meRoutes(app);
  jobsRoutes(app);
  tokenRoutes(app);
  workspaceRoutes(app);
  dbfsRoutes(app);
  secretsRoutes(app);
}
