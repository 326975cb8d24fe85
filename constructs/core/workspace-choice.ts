import {
  ComplexList,
  TerraformDataSource,
  TerraformResource,
  type Construct,
  type IConstruct,
} from "./bindings";
import { errorAt } from "./errors";
import { isReference } from "./names";
import { requireBindingsWith } from "./newer-bindings";

const workspaceIds = new WeakMap<IConstruct, string>();

/**
 * Assigns a construct and its children to a workspace.
 * @throws ConstructError BAD_WORKSPACE_ID, NEWER_BINDINGS_NEEDED
 */
export function chooseWorkspace(construct: Construct, workspaceId: string): void {
  if (!isWorkspaceId(workspaceId)) {
    throw errorAt(construct, "BAD_WORKSPACE_ID", "the workspace id must be a number", {
      value: workspaceId,
      allowed: "digits",
      fix: "copy the digits after ?o= in the address of the workspace",
    });
  }
  requireBindingsWith(["workspaceId"], { path: construct.node.path });
  workspaceIds.set(construct, workspaceId);
}

export const isWorkspaceId = (id: string): boolean => /^\d+$/.test(id) || isReference(id);

/**
 * Writes the selected workspace into the resources and data sources that name neither a workspace
 * nor another provider.
 */
export function writeWorkspaces(constructs: readonly IConstruct[]): void {
  for (const construct of constructs) {
    if (
      !TerraformResource.isTerraformResource(construct) &&
      !TerraformDataSource.isTerraformDataSource(construct)
    )
      continue;
    const element = construct as WithProviderConfig;
    if (
      element.putProviderConfig === undefined ||
      element.providerConfigInput !== undefined ||
      construct.provider !== undefined
    )
      continue;
    const workspaceId = construct.node.scopes
      .map((scope) => workspaceIds.get(scope))
      .findLast((id) => id !== undefined);
    if (workspaceId === undefined) continue;
    element.putProviderConfig(
      element.providerConfig instanceof ComplexList ? [{ workspaceId }] : { workspaceId },
    );
  }
}

/** Nearly every resource of cdktn's bindings has this field. */
interface WithProviderConfig {
  readonly providerConfig?: unknown;
  readonly providerConfigInput?: unknown;
  putProviderConfig?(value: object): void;
}
