import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { ConstructError, errorAt } from "../core/errors";
import { isReference } from "../core/names";
import { callerPosition } from "../core/caller-position";
import type { PrincipalProps } from "./entitlements";
import { existingPrincipal, type IServicePrincipal } from "./principal";

export type ServicePrincipalProps = (
  | {
      /** The name to display. */
      readonly displayName: string;
      /**
       * The id of an application in Microsoft Entra ID or of a service principal of the account.
       * Cannot be changed later.
       * @default - assigned by the platform
       */
      readonly applicationId?: string;
    }
  | {
      /** The id of an application in Microsoft Entra ID, or of an account's service principal. */
      readonly applicationId: string;
      /** The name to display. */
      readonly displayName?: string;
    }
) &
  PrincipalProps;

/**
 * A service principal of the workspace: an identity for jobs and tools.
 *
 * @example
 * const runner = new ServicePrincipal(stack, "runner", {
 *   displayName: "etl-runner",
 *   workspaceAccess: true,
 * });
 * const nightly = new Workflow(stack, "nightly", { name: "nightly", runAs: runner });
 * nightly.addTask("load", { run: NotebookTask.at("/Shared/load"), on: Serverless.compute });
 * nightly.permissions.allow("IS_OWNER", runner);
 * workflow.permissions.allow(
 *   "CAN_MANAGE_RUN",
 *   ServicePrincipal.withApplicationId("8b4fb6c4-2d2a-4a0c-9c3e-5a1f0d6b7e11"),
 * );
 * @see https://docs.databricks.com/aws/en/admin/users-groups/service-principals
 */
export class ServicePrincipal extends Element implements IServicePrincipal {
  /**
   * A service principal that is managed elsewhere. The application id can be a Terraform reference,
   * such as `app.servicePrincipalClientId`.
   * @throws ConstructError BAD_PRINCIPAL if it is neither a UUID nor a reference
   */
  static withApplicationId(applicationId: string): IServicePrincipal {
    if (!isApplicationId(applicationId))
      throw new ConstructError("BAD_PRINCIPAL", problem, {
        path: callerPosition(),
        value: applicationId,
        allowed,
        fix,
      });
    return existingPrincipal("service principal", applicationId, (stack, id) => {
      const { DataDatabricksServicePrincipal } = load("data-databricks-service-principal");
      return new DataDatabricksServicePrincipal(stack, id, { applicationId });
    });
  }

  readonly kind = "service principal";
  readonly name: string;
  /** The application id as a Terraform reference, for the `client_id` of a client. */
  readonly applicationId: string;
  /** The home folder `/Users/<application id>`, as a Terraform reference. */
  readonly home: string;
  readonly #id: string;

  /**
   * @throws ConstructError BAD_PRINCIPAL if the application id is neither a UUID nor a reference
   */
  constructor(scope: Construct, id: string, props: ServicePrincipalProps) {
    super(scope, id);
    const { applicationId, displayName } = props;
    if (applicationId !== undefined && !isApplicationId(applicationId))
      throw errorAt(this, "BAD_PRINCIPAL", problem, { value: applicationId, allowed, fix });
    const { ServicePrincipal: ServicePrincipalResource } = load("service-principal");
    const resource = new ServicePrincipalResource(this, "Resource", { ...props });
    this.name = displayName ?? applicationId ?? "";
    this.applicationId = resource.applicationId;
    this.home = resource.home;
    this.#id = resource.id;
  }

  renderName(): string {
    return this.applicationId;
  }

  renderId(): string {
    return this.#id;
  }
}

const problem = "a service principal is identified by its application id";
const allowed = "a UUID, not the display name";
const fix = "copy the application id from the settings of the service principal";

function isApplicationId(text: string): boolean {
  return /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text) || isReference(text);
}
