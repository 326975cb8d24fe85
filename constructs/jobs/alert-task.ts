import { renderFactoryFieldsOfNewerBindings } from "../core/newer-bindings";
import type { IAlert } from "../sql/alert";
import type { ISqlWarehouse } from "../sql/sql-warehouse";
import { renderSubscribers, type Subscriber } from "./subscriber";
import { SelfContainedRun, type RenderedRun } from "./task-run";

export interface AlertTaskProps {
  /** The warehouse that evaluates the alert. @default - the alert's warehouse */
  readonly warehouse?: ISqlWarehouse;
  /** The recipients of the alert. @default - none */
  readonly subscribers?: readonly Subscriber[];
  /**
   * The values of the alert's parameters. Requires the bindings of provider 1.132.0 or newer.
   * @default - the alert's values
   */
  readonly parameters?: Readonly<Record<string, string>>;
}

/**
 * Evaluates an alert and notifies its subscribers. Requires cdktn, with the bindings of provider
 * 1.128.0 or newer.
 *
 * @example
 * workflow.addTask("late-orders", {
 *   run: AlertTask.of("01ef…", { subscribers: [User.named("on-call@example.com")] }),
 * });
 * @see https://docs.databricks.com/aws/en/jobs/tasks/alert
 */
export class AlertTask extends SelfContainedRun {
  /**
   * Evaluates an alert, given as its id or as an {@link Alert}.
   * @throws ConstructError NEWER_BINDINGS_NEEDED
   */
  static of(alert: string | IAlert, props: AlertTaskProps = {}): AlertTask {
    const alertTask = {
      alertId: typeof alert === "string" ? alert : alert.renderId(),
      warehouseId: props.warehouse?.renderWarehouseId(),
      subscribers: renderSubscribers(props.subscribers),
      ...renderFactoryFieldsOfNewerBindings({ parameters: props.parameters }, "1.132.0"),
    };
    return new AlertTask(renderFactoryFieldsOfNewerBindings({ alertTask }));
  }

  private constructor(private readonly rendered: RenderedRun) {
    super();
  }

  render(): RenderedRun {
    return this.rendered;
  }
}
