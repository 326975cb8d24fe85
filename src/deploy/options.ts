/** The options of a review and of a deploy. */
import type { Review } from "../review";
import type { DeploymentRecord } from "../verify/deployed/record";
import type { Approval } from "./approval";
import type { ShownHealing, ShownNotHealed } from "../review/changes/healing";
import type { DeployEvents } from "./target";

export interface PrepareOptions {
  readonly destroy?: boolean;
  /** The deploy will also heal: changes that the plan omits are part of the digest. */
  readonly heal?: boolean;
  /**
   * Verify first: the review then shows drift that would be overwritten, and changes that the plan
   * omits. Before a destroy it only replaces Terraform's refresh.
   * @default true
   */
  readonly verify?: boolean;
  /** Run Terraform even if the plan is known to be empty. */
  readonly full?: boolean;
  /** Environments whose stacks are all planned: the review names their removed stacks. */
  readonly environments?: readonly string[];
  /** Set if the stack is planned a second time, with the values of the stacks that it uses. */
  readonly again?: boolean;
  readonly events: DeployEvents;
}

export interface DeployOptions {
  readonly approval: Approval;
  /** Also revert over REST the drift that Terraform's plan does not show. */
  readonly heal?: boolean;
  /** Verify before (for the review) and after. @default true */
  readonly verify?: boolean;
  /** Start Terraform even if the plan is known to be empty. */
  readonly full?: boolean;
  /** Environments whose stacks are all deployed: their removed stacks are reported. */
  readonly environments?: readonly string[];
  /** Fail if jobs that the deploy changes have active runs. */
  readonly failOnActiveRuns?: boolean;
  /** The id of a lock to break. */
  readonly breakLock?: string;
  /** The user who deploys, for record and lock. */
  readonly by: string;
  /** Versions of the tools, by name, for the record. */
  readonly versions: Readonly<Record<string, string>>;
  readonly events: DeployEvents;
  /** Shows the review (and what healing will write) before any prompt or change. */
  readonly onReview: (
    review: Review,
    healing: readonly ShownHealing[],
    notHealed?: readonly ShownNotHealed[],
  ) => void;
  /** Whether a promotion has waived the findings of the review and recorded this. */
  readonly waiveFindings?: boolean;
  /** Destroy stacks even if other stacks use them. */
  readonly force?: boolean;
  /** Evidence of a promotion, for the record. */
  readonly promotion?: DeploymentRecord["promotion"];
}
