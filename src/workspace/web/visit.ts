import type { JobsService } from "../jobs/service";
import type { Principal } from "../principal-records";
import type { Call, WorkspaceApp } from "../routes";
import type { Read } from "./reader";

/** The request for a page, with what its renderer needs. */
export interface Visit {
  readonly app: WorkspaceApp;
  readonly service: JobsService;
  readonly call: Call;
  readonly caller: Principal;
  /** Reads from the API as the caller. */
  readonly read: Read;
  /** The value of a form's hidden field `csrf`. */
  readonly csrf: string;
}
