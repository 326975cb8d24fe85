import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import type { ISchema } from "./schema";
import { checkName } from "./securable-name";
import type { ITable } from "./table";

/** None of these can be changed later. */
export interface OnlineTableProps {
  readonly schema: ISchema;
  readonly name: string;
  readonly source: ITable;
  readonly primaryKeyColumns: readonly string[];
  /** Of the rows with the same key, only the newest is kept. */
  readonly timeseriesKey?: string;
  /** When rows are copied: as they change, or when its pipeline runs. @default triggered */
  readonly run?: "triggered" | "continuously";
  /** Copy the complete table each time. @default false */
  readonly performFullCopy?: boolean;
  /** How long Terraform waits: `30m`. */
  readonly timeouts?: { readonly create?: string };
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

  /** `catalog.schema.table`, as a reference. */
  renderFullName(): string {
    return this.#name;
  }
}
