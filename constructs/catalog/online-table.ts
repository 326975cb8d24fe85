import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import type { ISchema } from "./schema";
import { checkName } from "./securable-name";
import type { ITable } from "./table";

/** The properties of an online table. None of them can be changed later. */
export interface OnlineTableProps {
  /** The schema that contains the online table. */
  readonly schema: ISchema;
  /** The name, without catalog and schema. */
  readonly name: string;
  /** The table to copy. */
  readonly source: ITable;
  /** The columns that identify a row. */
  readonly primaryKeyColumns: readonly string[];
  /**
   * The column that decides which of several rows with the same key is kept: the one with the
   * newest value.
   */
  readonly timeseriesKey?: string;
  /**
   * When rows are copied: each time its pipeline is triggered, or continuously.
   * @default triggered
   */
  readonly run?: "triggered" | "continuously";
  /** Copy the complete table at each update. @default false */
  readonly performFullCopy?: boolean;
  /** The time limits of Terraform operations. */
  readonly timeouts?: {
    /** The time limit of a create: `30m`. */
    readonly create?: string;
  };
}

/**
 * A copy of a table for low-latency reads.
 *
 * @example
 * new OnlineTable(stack, "features-online", {
 *   schema: Schema.fromName("main.ml"),
 *   name: "features_online",
 *   source: Table.fromName("main.ml.features"),
 *   primaryKeyColumns: ["id"],
 * });
 * @see https://docs.databricks.com/aws/en/machine-learning/feature-store/online-tables
 */
export class OnlineTable extends Element {
  readonly #name: string;

  /** @throws ConstructError BAD_NAME */
  constructor(scope: Construct, id: string, props: OnlineTableProps) {
    super(scope, id);
    checkName(this, "online table", props.name);
    const { schema, name, source, run = "triggered", timeouts, ...spec } = props;
    const { OnlineTable: OnlineTableResource } = load("online-table");
    this.#name = new OnlineTableResource(this, "Resource", {
      name: `${schema.renderCatalogName()}.${schema.renderName()}.${name}`,
      spec: {
        ...spec,
        primaryKeyColumns: [...spec.primaryKeyColumns],
        sourceTableFullName: source.renderFullName(),
        ...(run === "triggered" ? { runTriggered: {} } : { runContinuously: {} }),
      },
      timeouts,
    }).name;
  }

  /** `catalog.schema.table`, as a Terraform reference. */
  renderFullName(): string {
    return this.#name;
  }
}
