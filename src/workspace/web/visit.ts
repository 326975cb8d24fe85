import type { JobsService } from "../jobs/service";
import type { Principal } from "../principal-records";
import type { Call, WorkspaceApp } from "../routes";
import type { Read } from "./reader";

/** The data of a page. */
export interface Visit {
  readonly app: WorkspaceApp;
  readonly service: JobsService;
  readonly call: Call;
  readonly caller: Principal;
  readonly read: Read;
  /** The value of a form's hidden field `csrf`. */
  readonly csrf: string;
}
