import { Permissions, type WarehouseLevel } from "../access/permissions";
import { DataDatabricksSqlWarehouse, SqlEndpointResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { existingId } from "../core/names";
import { WorkspaceStack } from "../core/workspace-stack";

/** The size of a warehouse's cluster. Each size has about twice the compute of the previous one. */
export type WarehouseSize =
  | "2X-Small"
  | "X-Small"
  | "Small"
  | "Medium"
  | "Large"
  | "X-Large"
  | "2X-Large"
  | "3X-Large"
  | "4X-Large";

interface CommonProps {
  /** The name, without the environment's prefix. */
  readonly name: string;
  /** The size of each cluster. */
  readonly clusterSize: WarehouseSize;
  /** The idle minutes before the warehouse stops; 0: never. @default 120 */
  readonly autoStopMins?: number;
  /** The minimum number of clusters. @default 1 */
  readonly minNumClusters?: number;
  /** The maximum number of clusters. @default 1 */
  readonly maxNumClusters?: number;
  /** Whether the warehouse prefers low cost or reliability. @default "COST_OPTIMIZED" */
  readonly spotInstancePolicy?: "COST_OPTIMIZED" | "RELIABILITY_OPTIMIZED";
  /** The release channel. @default "CHANNEL_NAME_CURRENT" */
  readonly channel?: "CHANNEL_NAME_CURRENT" | "CHANNEL_NAME_PREVIEW" | { readonly custom: string };
  /** Tags of the warehouse and of its cloud resources. */
  readonly customTags?: Readonly<Record<string, string>>;
  /** Add the stack's stamp, a tag that lets verify find unmanaged copies. @default true */
  readonly stamp?: boolean;
  /** On AWS, the instance profile of the warehouse's machines. */
  readonly instanceProfileArn?: string;
  /** Use Photon. @default true */
  readonly enablePhoton?: boolean;
  /** Do not wait until the warehouse is running. @default false */
  readonly noWait?: boolean;
  /** The time limits of Terraform operations. */
  readonly timeouts?: { readonly create?: string };
}

/** The properties of a SQL warehouse. Serverless requires the type PRO. */
export type SqlWarehouseProps = CommonProps &
  (
    | {
        /** The type of the warehouse. Serverless requires PRO. @default - chosen by the platform */
        readonly warehouseType?: "PRO";
        /** Use serverless compute. Requires the type PRO. @default - chosen by the platform */
        readonly enableServerlessCompute?: boolean;
      }
    | { readonly warehouseType: "CLASSIC"; readonly enableServerlessCompute?: false }
  );

/**
 * A SQL warehouse, managed by this stack or elsewhere. Used for SQL, dbt, dashboard and notebook
 * tasks, and `Permissions.onWarehouse`.
 */
export interface ISqlWarehouse {
  /** Distinguishes a SQL warehouse from other handles at compile time. */
  readonly kind: "SQL warehouse";
  /** Returns the id, which is a Terraform reference for a SQL warehouse of this stack. */
  renderWarehouseId(): string;
}

/**
 * A SQL warehouse.
 *
 * @example
 * const warehouse = new SqlWarehouse(stack, "warehouse", {
 *   name: "reports",
 *   clusterSize: "Small",
 *   autoStopMins: 10,
 * });
 * warehouse.permissions.allow("CAN_USE", Group.named("analysts"));
 * @see https://docs.databricks.com/aws/en/compute/sql-warehouse/
 */
export class SqlWarehouse extends Element implements ISqlWarehouse {
  /**
   * Refers to the warehouse with this id, which is managed elsewhere.
   * @throws ConstructError BAD_ID
   */
  static fromId(warehouseId: string): ISqlWarehouse {
    const id = existingId("SQL warehouse", warehouseId, { example: "1234567890abcdef" });
    return { kind: "SQL warehouse", renderWarehouseId: () => id };
  }

  /** Refers to a warehouse that is managed elsewhere. Terraform looks it up by its name. */
  static fromName(scope: Construct, id: string, name: string): ISqlWarehouse {
    const warehouse = new DataDatabricksSqlWarehouse(scope, id, { name });
    return { kind: "SQL warehouse", renderWarehouseId: () => warehouse.id };
  }

  readonly kind = "SQL warehouse";
  readonly #resource: SqlEndpointResource;
  #permissions: Permissions<WarehouseLevel> | undefined;

  /** @throws ConstructError BAD_AUTO_STOP, BAD_WAREHOUSE_SIZE */
  constructor(scope: Construct, id: string, props: SqlWarehouseProps) {
    super(scope, id);
    this.#check(props);
    const stack = WorkspaceStack.around(this);
    const { channel, customTags, stamp, ...rest } = props;
    this.#resource = new SqlEndpointResource(this, "Resource", {
      ...rest,
      name: stack.named(props.name),
      channel:
        channel === undefined
          ? undefined
          : typeof channel === "string"
            ? { name: channel }
            : { name: "CHANNEL_NAME_CUSTOM", dbsqlVersion: channel.custom },
      tags: renderWarehouseTags(stack.stamped(customTags, stamp)),
    });
  }

  /** The access list of the SQL warehouse. It replaces all other permissions on the object. */
  get permissions(): Permissions<WarehouseLevel> {
    return (this.#permissions ??= Permissions.onWarehouse(this, "Permissions", this));
  }

  renderWarehouseId(): string {
    return this.#resource.id;
  }

  #check(props: SqlWarehouseProps): void {
    const { autoStopMins, minNumClusters: min = 1, maxNumClusters: max = 1 } = props;
    if (autoStopMins !== undefined && (!Number.isInteger(autoStopMins) || autoStopMins < 0)) {
      throw errorAt(this, "BAD_AUTO_STOP", "invalid idle time of a warehouse", {
        value: String(autoStopMins),
        allowed: "0 (never), or a whole number of minutes",
        fix: "set autoStopMins: the platform's default is 120 minutes",
      });
    }
    if (!Number.isInteger(min) || !Number.isInteger(max) || min < 1 || max < min || max > 40) {
      throw errorAt(this, "BAD_WAREHOUSE_SIZE", "invalid number of clusters", {
        value: `${min} to ${max}`,
        allowed: "integers: minNumClusters of at least 1, maxNumClusters from minNumClusters to 40",
        fix: "set minNumClusters and maxNumClusters within these limits",
      });
    }
  }
}

/** Renders the tags as a list. It is sorted, because another order would show as a change. */
export function renderWarehouseTags(
  tags: Readonly<Record<string, string>> | undefined,
): { customTags: { key: string; value: string }[] } | undefined {
  if (tags === undefined) return undefined;
  const entries = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1));
  return { customTags: entries.map(([key, value]) => ({ key, value })) };
}
