import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { checkOneOf } from "../core/one-of";
import type { ISqlWarehouse } from "../sql/sql-warehouse";
import type { ISchema } from "./schema";
import type { ITable } from "./table";

export interface QualityMonitorProps {
  /** The monitored table. Cannot be changed later. */
  readonly table: ITable;
  /** The folder of the monitor's dashboard: `/Shared/monitors`. Cannot be changed later. */
  readonly assetsDir: string;
  /** The schema that contains the metric tables. */
  readonly outputSchema: ISchema;
  /**
   * Monitor the complete table at each refresh. Set exactly one of `snapshot`, `timeSeries` and
   * `inferenceLog`.
   */
  readonly snapshot?: true;
  /** Monitor time windows: `{ granularities: ["1 day"], timestampCol: "ts" }`. */
  readonly timeSeries?: {
    /** The lengths of the time windows: `1 day`, `1 week`. */
    readonly granularities: readonly string[];
    /** The column with the time of a row. */
    readonly timestampCol: string;
  };
  /** Monitor the predictions of a model. */
  readonly inferenceLog?: {
    /** The lengths of the time windows: `1 day`, `1 week`. */
    readonly granularities: readonly string[];
    /** The column with the time of a prediction. */
    readonly timestampCol: string;
    /** The column with the id of the model. */
    readonly modelIdCol: string;
    /** The column with the prediction. */
    readonly predictionCol: string;
    /** Whether the model predicts classes or numbers. */
    readonly problemType: "PROBLEM_TYPE_CLASSIFICATION" | "PROBLEM_TYPE_REGRESSION";
    /** The column with the correct value. */
    readonly labelCol?: string;
    /** The column with the probability of each class. */
    readonly predictionProbaCol?: string;
  };
  /** A table with the expected distribution. The monitor measures drift against it. */
  readonly baselineTable?: ITable;
  /** Expressions that split the metrics into slices: `["country", "price > 100"]`. */
  readonly slicingExprs?: readonly string[];
  /** Metrics in addition to the built-in ones. */
  readonly customMetrics?: readonly {
    /** The name of the metric's column in the metric tables. */
    readonly name: string;
    /**
     * Whether the metric is computed from columns, from other metrics, or between two time windows.
     */
    readonly type:
      "CUSTOM_METRIC_TYPE_AGGREGATE" | "CUSTOM_METRIC_TYPE_DERIVED" | "CUSTOM_METRIC_TYPE_DRIFT";
    /** An expression with Jinja placeholders: `avg({{input_column}})`. */
    readonly definition: string;
    /** The columns to compute the metric for. `:table` stands for several columns. */
    readonly inputColumns: readonly string[];
    /** The Spark type of the metric, as JSON. */
    readonly outputDataType: string;
  }[];
  /** When the monitor refreshes, as a Quartz expression. @default - on request only */
  readonly schedule?: {
    /** A Quartz cron expression: `0 0 8 * * ?`. */
    readonly quartzCronExpression: string;
    /** The time zone of the expression: `Europe/Berlin`. */
    readonly timezoneId: string;
  };
  /** E-mail addresses to notify of failed refreshes and of new tags. */
  readonly notifications?: {
    /** Notified when a refresh fails. @default - no recipients */
    readonly onFailure?: readonly string[];
    /** Notified when the platform finds a new classification tag. @default - no recipients */
    readonly onNewClassificationTagDetected?: readonly string[];
  };
  /** Whether the platform searches the table for sensitive data. @default - the platform's */
  readonly dataClassification?: boolean;
  /** The warehouse that runs the queries of the dashboard. @default - chosen by the platform */
  readonly warehouse?: ISqlWarehouse;
  /** Do not create a dashboard. @default false */
  readonly skipBuiltinDashboard?: boolean;
}

/**
 * Computes profile and drift metrics of a table at each refresh.
 *
 * @example
 * new QualityMonitor(stack, "orders-quality", {
 *   table: Table.fromName("main.shop.orders"),
 *   assetsDir: "/Shared/monitors",
 *   outputSchema: Schema.fromName("main.quality"),
 *   snapshot: true,
 * });
 * @see https://docs.databricks.com/aws/en/lakehouse-monitoring/
 */
export class QualityMonitor extends Element {
  /** @throws ConstructError ONE_OF */
  constructor(scope: Construct, id: string, props: QualityMonitorProps) {
    super(scope, id);
    const {
      table,
      outputSchema,
      snapshot,
      timeSeries,
      inferenceLog,
      baselineTable,
      slicingExprs,
      customMetrics,
      schedule,
      notifications,
      dataClassification,
      warehouse,
      ...unchangedProps
    } = props;
    checkOneOf(this, "a quality monitor", { snapshot, timeSeries, inferenceLog });
    const renderRecipients = (addresses: readonly string[] | undefined) =>
      addresses && [{ emailAddresses: [...addresses] }];
    const { QualityMonitor: QualityMonitorResource } = load("quality-monitor");
    new QualityMonitorResource(this, "Resource", {
      ...unchangedProps,
      tableName: table.renderFullName(),
      outputSchemaName: `${outputSchema.renderCatalogName()}.${outputSchema.renderName()}`,
      ...(snapshot && { snapshot: [{}] }),
      timeSeries: timeSeries && [{ ...timeSeries, granularities: [...timeSeries.granularities] }],
      inferenceLog: inferenceLog && [
        { ...inferenceLog, granularities: [...inferenceLog.granularities] },
      ],
      baselineTableName: baselineTable?.renderFullName(),
      slicingExprs: slicingExprs && [...slicingExprs],
      customMetrics: customMetrics?.map((metric) => ({
        ...metric,
        inputColumns: [...metric.inputColumns],
      })),
      schedule: schedule && [{ ...schedule }],
      notifications: notifications && [
        {
          onFailure: renderRecipients(notifications.onFailure),
          onNewClassificationTagDetected: renderRecipients(
            notifications.onNewClassificationTagDetected,
          ),
        },
      ],
      ...(dataClassification !== undefined && {
        dataClassificationConfig: [{ enabled: dataClassification }],
      }),
      warehouseId: warehouse?.renderWarehouseId(),
    });
  }
}
