import { Construct, TerraformElement, TerraformResource, type IConstruct } from "./bindings";
import { ConstructError } from "./errors";
import { callerPosition } from "./caller-position";
import { chooseWorkspace } from "./workspace-choice";

const positions = new WeakMap<IConstruct, string>();
const adoptedIds = new WeakMap<IConstruct, string>();

/**
 * The base class of all constructs that represent a workspace object. The Terraform resource is the
 * child `Resource`, so `node.defaultChild` is the escape hatch: `(workflow.node.defaultChild as
 * TerraformResource).addOverride("task.0.max_retries", 3)`.
 */
export abstract class Element extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const position = callerPosition();
    if (position !== undefined) positions.set(this, position);
  }

  /**
   * Makes Terraform create this construct after the given ones, and destroy it before them.
   * @example
   * report.dependOn(folder);
   */
  dependOn(...others: readonly Element[]): void {
    const child = this.node.defaultChild;
    if (!TerraformResource.isTerraformResource(child)) return;
    const resources = others
      .map((other) => other.node.defaultChild)
      .filter((resource) => TerraformResource.isTerraformResource(resource));
    child.dependsOn = [
      ...new Set([
        ...(child.dependsOn ?? []),
        ...resources.map(
          (resource) => `${resource.terraformResourceType}.${resource.friendlyUniqueId}`,
        ),
      ]),
    ].sort();
  }

  /**
   * Selects the workspace of this construct and its children. Needed with a provider that is
   * configured for an account instead of a workspace. The embedded provider rejects any workspace
   * but its own. Requires cdktn.
   * @param workspaceId the number after `?o=` in the address of the workspace
   * @default - `workspaceId` of the environment, else the provider's workspace
   * @throws ConstructError BAD_WORKSPACE_ID, NEWER_BINDINGS_NEEDED
   */
  inWorkspace(workspaceId: string): this {
    chooseWorkspace(this, workspaceId);
    return this;
  }

  /**
   * Adopts an existing object of the workspace: the next deploy imports the object into the state
   * instead of creating another one. Remove the call after that deploy, or run `lakeform adopt
   * --clean`.
   * @param id the import id of the Terraform resource: the number of a job, the id of a cluster,
   * the path of a notebook, `/jobs/<id>` for the access list of a job
   * @throws ConstructError BAD_ADOPTED_ID
   * @example
   * const etl = new Workflow(stack, "pipeline", { name: "daily-etl-pipeline" });
   * etl.adopt("1001");
   */
  adopt(id: string): this {
    const previousId = adoptedIds.get(this);
    if (id.trim() === "" || (previousId !== undefined && previousId !== id)) {
      throw new ConstructError(
        "BAD_ADOPTED_ID",
        previousId === undefined
          ? "the id of an object to adopt is empty"
          : "the construct already adopts another object",
        {
          path: this.node.path,
          value: previousId === undefined ? `"${id}"` : `${previousId} and ${id}`,
          allowed: "one id, in the form that terraform import accepts",
          fix:
            previousId === undefined
              ? "pass the id of the existing object"
              : "call adopt once for each construct",
        },
      );
    }
    adoptedIds.set(this, id);
    return this;
  }

  /**
   * Keeps the object when the id or the parent of its construct changes: the stack gets a `moved`
   * block, so that Terraform does not destroy and recreate it. The permissions are a separate
   * resource: call this method on `permissions`, too. Delete the calls after the next deploy.
   * @param address the previous Terraform address, as the review shows it
   * @throws ConstructError BAD_MOVED_ADDRESS
   * @example
   * const etl = new Workflow(stack, "daily", { name: "daily-etl-pipeline" });
   * etl.moveFromId("databricks_job.pipeline_1A2B3C4D");
   */
  moveFromId(address: string): this {
    const resource = this.node.defaultChild;
    if (!TerraformResource.isTerraformResource(resource)) return this;
    const type = resource.terraformResourceType;
    if (!new RegExp(`^${type}\\.[A-Za-z_][\\w-]*$`).test(address)) {
      throw new ConstructError("BAD_MOVED_ADDRESS", "not the address of an object of this kind", {
        path: this.node.path,
        value: address,
        allowed: `${type}.NAME`,
        fix: "copy the address that lakeform review shows",
      });
    }
    resource.moveFromId(address);
    return this;
  }
}

/** Adopts a resource without a construct, such as a grant or an entry of an access list. */
export function adoptResource(resource: TerraformResource, id: string): void {
  adoptedIds.set(resource, id);
}

/** Returns the import blocks of the constructs that adopt an object. */
export function importBlocks(
  constructs: readonly IConstruct[],
): { readonly to: string; readonly id: string }[] {
  return constructs.flatMap((construct) => {
    const id = adoptedIds.get(construct);
    if (id === undefined) return [];
    const resource = TerraformResource.isTerraformResource(construct)
      ? construct
      : construct.node.defaultChild;
    if (!TerraformResource.isTerraformResource(resource)) return [];
    return [{ to: `${resource.terraformResourceType}.${resource.friendlyUniqueId}`, id }];
  });
}

/** Returns the source position of a construct, or of its nearest parent with a position. */
export function positionOf(construct: IConstruct): string | undefined {
  let current: IConstruct | undefined = construct;
  while (current !== undefined) {
    const position = positions.get(current);
    if (position !== undefined) return position;
    current = current.node.scope;
  }
  return undefined;
}

/**
 * Returns the path to show for a Terraform resource: the path of the construct that contains it.
 */
export function pathOf(construct: IConstruct): string {
  const parent = construct.node.scope;
  return TerraformElement.isTerraformElement(construct) &&
    construct.node.id === "Resource" &&
    parent !== undefined
    ? parent.node.path
    : construct.node.path;
}
