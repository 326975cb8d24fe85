import type { WorkspaceApp } from "../routes";
import { jobsControlRoutes } from "./control";
import { jobRoutes } from "./routes-jobs";
import { runRoutes } from "./routes-runs";
import { JobsService } from "./service";

/**
 * Registers the Jobs and Runs APIs with their engine. Other API families use them through the
 * service `jobs`.
 */
export function jobsRoutes(app: WorkspaceApp): JobsService {
  const service = new JobsService(app);
  app.services.set("jobs", service);
  jobRoutes(app, service);
  runRoutes(app, service);
  jobsControlRoutes(app, service);
  return service;
}
