import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import type { ICatalog } from "./catalog";
import type { ICredential } from "./credential";
import type { IExternalLocation } from "./external-location";
import type { IStorageCredential } from "./storage-credential";

export interface WorkspaceBindingProps {
  /**
   * The object to bind. It must have the isolation mode ISOLATED; otherwise the binding has no
   * effect.
   */
  readonly securable: ICatalog | IExternalLocation | IStorageCredential | ICredential;
  /** The id of the workspace: the number after `o=` in its URL. */
  readonly workspaceId: number;
  /** The access that the workspace gets. @default BINDING_TYPE_READ_WRITE */
  readonly bindingType?: "BINDING_TYPE_READ_WRITE" | "BINDING_TYPE_READ_ONLY";
}

/**
 * Lets a workspace use an isolated catalog, location or credential. Each change replaces the
 * binding.
 *
 * @example
 * new WorkspaceBinding(stack, "prod", {
 *   securable: catalog,
 *   workspaceId: 1234567890123456,
 *   bindingType: "BINDING_TYPE_READ_ONLY",
 * });
 * @see https://docs.databricks.com/aws/en/catalogs/binding
 */
export class WorkspaceBinding extends Element {
  /** @throws ConstructError BAD_WORKSPACE_ID */
  constructor(scope: Construct, id: string, props: WorkspaceBindingProps) {
    super(scope, id);
    const { securable, ...rest } = props;
    if (!Number.isSafeInteger(props.workspaceId) || props.workspaceId < 1) {
      throw errorAt(this, "BAD_WORKSPACE_ID", "not a workspace id", {
        value: String(props.workspaceId),
        allowed: `an integer from 1 to ${Number.MAX_SAFE_INTEGER}`,
        fix: "copy the digits after ?o= in the address of the workspace",
      });
    }
    const { WorkspaceBinding: WorkspaceBindingResource } = load("workspace-binding");
    new WorkspaceBindingResource(this, "Resource", {
      ...rest,
      securableType: securable.kind.replace(" ", "_"),
      securableName: securable.renderName(),
    });
  }
}
