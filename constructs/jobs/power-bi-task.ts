import type { ISqlWarehouse } from "../sql/sql-warehouse";
import { SelfContainedRun, type RenderedRun } from "./task-run";

export interface PowerBiProps {
  /** The Unity Catalog connection to Power BI. */
  readonly connectionResourceName: string;
  readonly warehouse?: ISqlWarehouse;
  readonly model: {
    readonly workspaceName: string;
    readonly modelName: string;
    readonly storageMode?: "DIRECT_QUERY" | "IMPORT" | "DUAL";
    readonly authenticationMethod?: "OAUTH" | "PAT";
    readonly overwriteExisting?: boolean;
  };
  readonly tables: readonly {
    readonly catalog: string;
    readonly schema: string;
    readonly name: string;
    readonly storageMode?: "DIRECT_QUERY" | "IMPORT" | "DUAL";
  }[];
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

  private constructor(private readonly rendered: () => RenderedRun) {
    super();
  }

  render(): RenderedRun {
    return this.rendered();
  }
}
