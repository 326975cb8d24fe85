import type { JobTask } from "../core/bindings";
import type { Artifact } from "../artifacts/artifact";
import type { IAlert } from "../sql/alert";
import type { IQuery } from "../sql/query";
import type { ISqlWarehouse } from "../sql/sql-warehouse";
import { renderParameters, type ParameterValue } from "./reference";
import { renderSubscribers, type Subscriber } from "./subscriber";
import { SelfContainedRun, type RenderedRun } from "./task-run";

interface SqlBaseProps {
  /** The warehouse that runs the SQL. */
  readonly warehouse: ISqlWarehouse;
  /** The values of the parameters, by name. @default - none */
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
}

export interface SqlSubscriptionProps extends SqlBaseProps {
  /** The recipients of the result. @default - none */
  readonly subscriptions?: readonly Subscriber[];
  /** Do not notify the recipients. @default false */
  readonly pauseSubscriptions?: boolean;
}

type SqlBody = Omit<NonNullable<JobTask["sqlTask"]>, "warehouseId" | "parameters">;

/**
 * Runs SQL on a warehouse: a query, a file, a dashboard refresh or an alert.
 *
 * @example
 * SqlTask.file("/Shared/sql/daily.sql", { warehouse: SqlWarehouse.fromId("abc123") });
 * @see https://docs.databricks.com/aws/en/jobs/tasks/sql
 */
export class SqlTask extends SelfContainedRun {
  /** Runs a saved query, given as its id or as a {@link Query}. */
  static query(query: string | IQuery, props: SqlBaseProps): SqlTask {
    return new SqlTask(props, () => ({ query: { queryId: idOf(query) } }));
  }

  /** Runs a file in the workspace. */
  static file(file: string | Artifact, props: SqlBaseProps): SqlTask {
    return new SqlTask(props, () => {
      const path = typeof file === "string" ? file : file.renderPath();
      return { file: { path, source: "WORKSPACE" } };
    });
  }

  /** Runs a file in the job's Git source. The path is relative to the root of the repository. */
  static fileInGit(path: string, props: SqlBaseProps): SqlTask {
    return new SqlTask(props, () => ({ file: { path, source: "GIT" } }));
  }

  /** Refreshes a legacy dashboard. For current dashboards, use {@link DashboardTask}. */
  static dashboard(
    dashboardId: string,
    props: SqlSubscriptionProps & { readonly customSubject?: string },
  ): SqlTask {
    return new SqlTask(props, () => ({
      dashboard: {
        dashboardId,
        customSubject: props.customSubject,
        pauseSubscriptions: props.pauseSubscriptions,
        subscriptions: renderSubscribers(props.subscriptions),
      },
    }));
  }

  /** Checks an alert, given as its id or as an {@link Alert}. */
  static alert(alert: string | IAlert, props: SqlSubscriptionProps): SqlTask {
    return new SqlTask(props, () => ({
      alert: {
        alertId: idOf(alert),
        pauseSubscriptions: props.pauseSubscriptions,
        subscriptions: renderSubscribers(props.subscriptions),
      },
    }));
  }

  private constructor(
    private readonly props: SqlBaseProps,
    private readonly renderBody: () => SqlBody,
  ) {
    super();
  }

  render(): RenderedRun {
    return {
      sqlTask: {
        warehouseId: this.props.warehouse.renderWarehouseId(),
        parameters: renderParameters(this.props.parameters),
        ...this.renderBody(),
      },
    };
  }
}

function idOf(object: string | IQuery | IAlert): string {
  return typeof object === "string" ? object : object.renderId();
}
