import type { WorkspaceApp } from "../routes";
import { controlRoutes } from "./control";
import { jobRoutes } from "./routes-jobs";
import { runRoutes } from "./routes-runs";
import { JobsService } from "./service";

/** The Jobs and Runs APIs with their engine. Available to other families as the service `jobs`. */
export function jobsRoutes(app: WorkspaceApp): JobsService {
  const service = new JobsService(app);
  app.services.set("jobs", service);
  jobRoutes(app, service);
  runRoutes(app, service);
  controlRoutes(app, service);
  return service;
}
