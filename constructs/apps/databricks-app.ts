import { defined } from "../../src/defined";
import { Permissions, type AppLevel } from "../access/permissions";
import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { isReference } from "../core/names";
import { checkOneOf } from "../core/one-of";
import type { ISecretScope } from "../secrets/secret-reference";
import type { ISqlWarehouse } from "../sql/sql-warehouse";

/**
 * A resource that the app may use: its name in the app, and exactly one of `job`, `secret`, … with
 * the permission that the app's service principal gets.
 */
export interface AppResource {
  /** The name by which the app's code refers to the resource. */
  readonly name: string;
  /** A note on the purpose of the resource. @default - none */
  readonly description?: string;
  /** A job. */
  readonly job?: {
    /** The job, of this stack or existing. */
    readonly job: { renderJobId(): string };
    /** The app's permission on the job. */
    readonly permission: "CAN_MANAGE" | "IS_OWNER" | "CAN_MANAGE_RUN" | "CAN_VIEW";
  };
  /** A secret. */
  readonly secret?: {
    /** The secret scope. */
    readonly scope: ISecretScope;
    /** The key of the secret in the scope. */
    readonly key: string;
    /** The app's permission on the scope. */
    readonly permission: "READ" | "WRITE" | "MANAGE";
  };
  /** A serving endpoint. */
  readonly servingEndpoint?: {
    /** The name of the serving endpoint. */
    readonly name: string;
    /** The app's permission on the endpoint. */
    readonly permission: "CAN_MANAGE" | "CAN_QUERY" | "CAN_VIEW";
  };
  /** A SQL warehouse. */
  readonly sqlWarehouse?: {
    /** The warehouse, of this stack or existing. */
    readonly warehouse: ISqlWarehouse;
    /** The app's permission on the warehouse. */
    readonly permission: "CAN_MANAGE" | "CAN_USE" | "IS_OWNER";
  };
  /** An object of Unity Catalog. */
  readonly ucSecurable?: {
    /** The full name of the object: `main.sales.files`. */
    readonly securableFullName: string;
    /** The type of the object: `VOLUME`. */
    readonly securableType: string;
    /** The app's permission on the object: `READ_VOLUME`. */
    readonly permission: string;
  };
  /** A Lakebase database. */
  readonly database?: {
    /** The name of the database instance. */
    readonly instanceName: string;
    /** The name of the database in the instance. */
    readonly databaseName: string;
    /** The app's permission on the database. */
    readonly permission: "CAN_CONNECT_AND_CREATE";
  };
  /** A Genie space. */
  readonly genieSpace?: {
    /** The name of the Genie space. */
    readonly name: string;
    /** The id of the Genie space. */
    readonly spaceId: string;
    /** The app's permission on the space: `CAN_RUN`. */
    readonly permission: string;
  };
}

export interface DatabricksAppProps {
  /** The name: 2 to 30 lower-case letters, digits and hyphens. Cannot be changed later. */
  readonly name: string;
  /** A description for users of the app. @default - none */
  readonly description?: string;
  /** The resources that the app may use. @default - none */
  readonly resources?: readonly AppResource[];
  /** The APIs that the app may call on behalf of its users: `["sql"]`. */
  readonly userApiScopes?: readonly string[];
  /** The size of the app's compute. @default MEDIUM */
  readonly computeSize?: "MEDIUM" | "LARGE" | "LIQUID";
  /** The id of the budget policy that the app's usage is attributed to. @default - none */
  readonly budgetPolicyId?: string;
  /** Do not start the app when it is created. @default false */
  readonly noCompute?: boolean;
}

/**
 * A web application that runs in the workspace. Its code is deployed with `databricks apps deploy`.
 *
 * @example
 * const board = new DatabricksApp(stack, "board", {
 *   name: "sales-board",
 *   resources: [
 *     {
 *       name: "warehouse",
 *       sqlWarehouse: {
 *         warehouse: SqlWarehouse.fromId("1a2b3c4d5e6f7a8b"),
 *         permission: "CAN_USE",
 *       },
 *     },
 *   ],
 * });
 * board.permissions.allow("CAN_USE", Group.named("analysts"));
 * @see https://docs.databricks.com/aws/en/dev-tools/databricks-apps/
 */
export class DatabricksApp extends Element {
  /** The URL of the app, `https://…`, as a Terraform reference. */
  readonly url: string;
  /** The application id of the app's service principal, as a Terraform reference. */
  readonly servicePrincipalClientId: string;
  readonly #name: string;
  #permissions: Permissions<AppLevel> | undefined;

  /** @throws ConstructError BAD_NAME, ONE_OF unless each resource has exactly one type */
  constructor(scope: Construct, id: string, props: DatabricksAppProps) {
    super(scope, id);
    if (!isReference(props.name) && !/^[a-z0-9-]{2,30}$/.test(props.name))
      throw errorAt(this, "BAD_NAME", "invalid name of an app", {
        value: props.name,
        allowed: "2 to 30 lower-case letters, digits and hyphens",
      });
    const { resources, userApiScopes, ...rest } = props;
    const { App: AppResourceClass } = load("app");
    const resource = new AppResourceClass(this, "Resource", {
      ...rest,
      userApiScopes: userApiScopes && [...userApiScopes],
      resources: resources?.map((appResource) => this.#renderResource(appResource)),
    });
    this.#name = resource.name;
    this.url = resource.url;
    this.servicePrincipalClientId = resource.servicePrincipalClientId;
  }

  /** The access list of the app. It replaces all other permissions on the object. */
  get permissions(): Permissions<AppLevel> {
    this.#permissions ??= Permissions.onApp(this, "Permissions", this);
    return this.#permissions;
  }

  renderName(): string {
    return this.#name;
  }

  #renderResource({ name, description, job, secret, sqlWarehouse, ...others }: AppResource) {
    checkOneOf(this, `resource ${name} of an app`, { job, secret, sqlWarehouse, ...others });
    return {
      name,
      ...defined({ description }),
      ...(job && { job: { id: job.job.renderJobId(), permission: job.permission } }),
      ...(secret && {
        secret: {
          scope: secret.scope.renderName(),
          key: secret.key,
          permission: secret.permission,
        },
      }),
      ...(sqlWarehouse && {
        sqlWarehouse: {
          id: sqlWarehouse.warehouse.renderWarehouseId(),
          permission: sqlWarehouse.permission,
        },
      }),
      ...others,
    };
  }
}
