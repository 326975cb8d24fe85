import type { Faults } from "./faults";
import type { Journal } from "./journal";
import type { WorkspaceApp } from "./routes";
import { controlRoutes } from "./control";
import { meRoutes } from "./me";

/** Registers every family's routes. */
export function families(app: WorkspaceApp, parts: { readonly journal: Journal; readonly faults: Faults }): void {
  controlRoutes(app, parts);
  meRoutes(app);
}
