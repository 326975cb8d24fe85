import { renderFactoryFieldsOfNewerBindings } from "../core/newer-bindings";
import type { IDashboard } from "../dashboards/dashboard";
import type { ISqlWarehouse } from "../sql/sql-warehouse";
import { renderSubscribers, type Subscriber } from "./subscriber";
import { SelfContainedRun, type RenderedRun } from "./task-run";

export interface DashboardTaskProps {
  /** The warehouse that refreshes the dashboard. @default - the dashboard's warehouse */
  readonly warehouse?: ISqlWarehouse;
  /** Who receives the dashboard by e-mail. @default - none */
  readonly subscription?: {
    /** The recipients. */
    readonly subscribers: readonly Subscriber[];
    /** The subject of the e-mail. */
    readonly customSubject?: string;
    /** Refresh the dashboard without sending it. */
    readonly paused?: boolean;
  };
  /** Values of the dashboard's filters. Requires cdktn. @default - the dashboard's values */
  readonly filters?: Readonly<Record<string, string>>;
}

/**
 * Refreshes an AI/BI dashboard and sends it to its subscribers.
 *
 * @example
 * DashboardTask.of("01ef…", { subscription: { subscribers: [User.named("cfo@example.com")] } });
 * @see https://docs.databricks.com/aws/en/jobs/tasks/dashboard
 */
export class DashboardTask extends SelfContainedRun {
  /** Refreshes a dashboard, given as its id or as a {@link Dashboard}. */
  static of(dashboard: string | IDashboard, props: DashboardTaskProps = {}): DashboardTask {
    return new DashboardTask(
      typeof dashboard === "string" ? dashboard : dashboard.renderId(),
      props,
    );
  }

  private constructor(
    readonly dashboardId: string,
    private readonly props: DashboardTaskProps,
  ) {
    super();
  }

  render(): RenderedRun {
    const { warehouse, subscription, filters } = this.props;
    return {
      dashboardTask: {
        dashboardId: this.dashboardId,
        warehouseId: warehouse?.renderWarehouseId(),
        subscription: subscription && {
          customSubject: subscription.customSubject,
          paused: subscription.paused,
          subscribers: renderSubscribers(subscription.subscribers),
        },
        ...renderFactoryFieldsOfNewerBindings({ filters }),
      },
    };
  }
}
