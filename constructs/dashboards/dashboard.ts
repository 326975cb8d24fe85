import { Permissions, type WorkspaceObjectLevel } from "../access/permissions";
import type { Content } from "../artifacts/content";
import type { IDirectory } from "../artifacts/directory";
import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { existingId } from "../core/names";
import { renderFieldsOfNewerBindings } from "../core/newer-bindings";
import { WorkspaceStack } from "../core/workspace-stack";
import type { ISqlWarehouse } from "../sql/sql-warehouse";

export interface DashboardProps {
  /** The name, without the environment's prefix. */
  readonly displayName: string;
  /** The warehouse that runs the queries. */
  readonly warehouse: ISqlWarehouse;
  /** The dashboard as JSON, as exported by the workspace to a file `….lvdash.json`. */
  readonly content: Content;
  /** The folder that contains the dashboard. Cannot be changed later. */
  readonly parentPath: string | IDirectory;
  /** Run viewers' queries with the publisher's permissions instead of their own. @default true */
  readonly embedCredentials?: boolean;
  /**
   * The catalog for tables without a catalog in the datasets. Requires cdktn.
   * @default - as in the content
   */
  readonly datasetCatalog?: string;
  /**
   * The schema for tables without a schema in the datasets. Requires cdktn.
   * @default - as in the content
   */
  readonly datasetSchema?: string;
}

/**
 * A dashboard, managed by this stack or elsewhere. Used for `DashboardTask.of` and
 * `Permissions.onDashboard`.
 */
export interface IDashboard {
  /** Distinguishes a dashboard from other handles at compile time. */
  readonly kind: "dashboard";
  /** Returns the id, which is a Terraform reference for a dashboard of this stack. */
  renderId(): string;
}

/**
 * An AI/BI dashboard. Each deploy publishes it.
 *
 * @example
 * const sales = new Dashboard(stack, "sales", {
 *   displayName: "Sales",
 *   warehouse: SqlWarehouse.fromId("1234567890abcdef"),
 *   content: Content.text('{ "pages": [{ "name": "one", "displayName": "Sales" }] }'),
 *   parentPath: "/Shared/dashboards",
 * });
 * sales.permissions.allow("CAN_READ", Group.named("analysts"));
 * workflow.addTask("refresh", { run: DashboardTask.of(sales) });
 * @see https://docs.databricks.com/aws/en/dashboards/
 */
export class Dashboard extends Element implements IDashboard {
  /**
   * Refers to the dashboard with this id, which is managed elsewhere.
   * @throws ConstructError BAD_ID
   */
  static fromId(dashboardId: string): IDashboard {
    const id = existingId("dashboard", dashboardId, {
      example: "01ef0000000000000000000000000001",
    });
    return { kind: "dashboard", renderId: () => id };
  }

  readonly kind = "dashboard";
  readonly #id: string;
  #permissions: Permissions<WorkspaceObjectLevel> | undefined;

  /** @throws ConstructError BAD_DASHBOARD if the content is not JSON */
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const {
      content,
      displayName,
      warehouse,
      parentPath,
      embedCredentials,
      datasetCatalog,
      datasetSchema,
    } = props;
    const { Dashboard: DashboardResource } = load("dashboard");
    const resource = new DashboardResource(this, "Resource", {
      displayName: WorkspaceStack.around(this).named(displayName),
      warehouseId: warehouse.renderWarehouseId(),
      parentPath: typeof parentPath === "string" ? parentPath : parentPath.renderPath(),
      serializedDashboard: this.#readDashboard(content),
      embedCredentials,
      ...renderFieldsOfNewerBindings(this, { datasetCatalog, datasetSchema }),
    });
    this.#id = resource.id;
  }

  /** The access list of the dashboard. It replaces all other permissions on the object. */
  get permissions(): Permissions<WorkspaceObjectLevel> {
    return (this.#permissions ??= Permissions.onDashboard(this, "Permissions", this));
  }

  renderId(): string {
    return this.#id;
  }

  /** Returns the JSON of the dashboard. @throws ConstructError BAD_DASHBOARD */
  #readDashboard(content: Content): string {
    const bytes = content.bytes();
    // A missing file is reported when its content is rendered.
    if (bytes === undefined) return content.render(this).source ?? "";
    const text = bytes.toString("utf8");
    try {
      JSON.parse(text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw errorAt(this, "BAD_DASHBOARD", "the content of the dashboard is not JSON", {
        value: content.fileName ?? `${bytes.length} bytes`,
        allowed: "an exported dashboard (.lvdash.json)",
        fix: "export the dashboard from the workspace again",
      });
    }
    return text;
  }
}
