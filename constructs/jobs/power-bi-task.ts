import type { ISqlWarehouse } from "../sql/sql-warehouse";
import { SelfContainedRun, type RenderedRun } from "./task-run";

export interface PowerBiProps {
  /** The Unity Catalog connection to Power BI. */
  readonly connectionResourceName: string;
  /** The warehouse that Power BI queries. */
  readonly warehouse?: ISqlWarehouse;
  /** The semantic model to publish. */
  readonly model: {
    /** The name of the Power BI workspace. */
    readonly workspaceName: string;
    /** The name of the semantic model. */
    readonly modelName: string;
    /** How Power BI reads the tables: with queries, from an imported copy, or both. */
    readonly storageMode?: "DIRECT_QUERY" | "IMPORT" | "DUAL";
    /** How Power BI authenticates with the warehouse. */
    readonly authenticationMethod?: "OAUTH" | "PAT";
    /** Replace an existing model with the same name. */
    readonly overwriteExisting?: boolean;
  };
  /** The tables to publish, at least one. */
  readonly tables: readonly {
    /** The catalog of the table. */
    readonly catalog: string;
    /** The schema of the table, without its catalog. */
    readonly schema: string;
    /** The name of the table, without its schema. */
    readonly name: string;
    /** The storage mode of this table. */
    readonly storageMode?: "DIRECT_QUERY" | "IMPORT" | "DUAL";
  }[];
  /** Refresh the model after publishing it. */
  readonly refreshAfterUpdate?: boolean;
}

/**
 * Publishes tables as a Power BI semantic model.
 *
 * @example
 * workflow.addTask("publish", {
 *   run: PowerBiTask.of({
 *     connectionResourceName: "power-bi",
 *     warehouse: SqlWarehouse.fromId("abc123"),
 *     model: { workspaceName: "sales", modelName: "daily" },
 *     tables: [{ catalog: "main", schema: "gold", name: "daily" }],
 *   }),
 * });
 */
export class PowerBiTask extends SelfContainedRun {
  /** Publishes the tables as a new version of the model. */
  static of(props: PowerBiProps): PowerBiTask {
    const { warehouse, model, tables, ...rest } = props;
    return new PowerBiTask(() => ({
      powerBiTask: {
        ...rest,
        warehouseId: warehouse?.renderWarehouseId(),
        powerBiModel: model,
        tables: tables.map((table) => ({ ...table })),
      },
    }));
  }

  private constructor(private readonly renderBody: () => RenderedRun) {
    super();
  }

  render(): RenderedRun {
    return this.renderBody();
  }
}
