import { Construct, TerraformElement, TerraformResource, type IConstruct } from "./bindings";
import { ConstructError } from "./errors";
import { callerPosition } from "./source";
import { chooseWorkspace } from "./workspace-choice";

const positions = new WeakMap<IConstruct, string>();
const adopted = new WeakMap<IConstruct, string>();

/**
 * The base of every construct that represents a workspace object. Its Terraform resource is the
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
   * Creates this after the given constructs (if no reference already implies it), and destroys it
   * before them.
   * @example
   * report.dependOn(folder);
   */
  dependOn(...others: readonly Element[]): void {
    const own = this.node.defaultChild;
    if (!TerraformResource.isTerraformResource(own)) return;
    const names = others
      .map((other) => other.node.defaultChild)
      .filter((child) => TerraformResource.isTerraformResource(child));
    own.dependsOn = [
      ...new Set([
        ...(own.dependsOn ?? []),
        ...names.map((child) => `${child.terraformResourceType}.${child.friendlyUniqueId}`),
      ]),
    ].sort();
  }

  /**
   * The workspace of this construct and its children, for a provider of an account. The embedded
   * provider refuses any but its own. With cdktn only.
   * @param workspaceId the number after `?o=` in the address of the workspace
   * @default - `workspaceId` of the environment, else the provider's own
   * @throws ConstructError BAD_WORKSPACE_ID, NEWER_BINDINGS_NEEDED
   */
  inWorkspace(workspaceId: string): this {
    chooseWorkspace(this, workspaceId);
    return this;
  }

  /**
   * Adopts an existing object of the workspace: the stack gets an `import` block, and the next
   * deploy writes the object into the state instead of creating another one. Delete the call after
   * that deploy, or run `lakeform adopt --clean`.
   * @param id the id that Terraform imports this kind by: a job's number, a cluster's id, a
   * notebook's path, `/jobs/<id>` for the access list of a job
   * @throws ConstructError BAD_ADOPTED_ID
   * @example
   * const etl = new Workflow(stack, "pipeline", { name: "daily-etl-pipeline" });
   * etl.adopt("1001");
   */
  adopt(id: string): this {
    const before = adopted.get(this);
    if (id.trim() === "" || (before !== undefined && before !== id)) {
      throw new ConstructError(
        "BAD_ADOPTED_ID",
        before === undefined
          ? "the id of an object to adopt is empty"
          : "the construct already adopts another object",
        {
          path: this.node.path,
          value: before === undefined ? `"${id}"` : `${before} and ${id}`,
          allowed: "one id, as terraform import takes it",
          fix:
            before === undefined
              ? "pass the id of the existing object"
              : "call adopt once for each construct",
        },
      );
    }
    adopted.set(this, id);
    return this;
  }
}

/** Adopts a resource without a construct: a grant, an entry of an access list. */
export function adoptResource(resource: TerraformResource, id: string): void {
  adopted.set(resource, id);
}

/** The import blocks of the constructs that adopt something. */
export function importBlocks(
  constructs: readonly IConstruct[],
): { readonly to: string; readonly id: string }[] {
  return constructs.flatMap((construct) => {
    const id = adopted.get(construct);
    const resource = TerraformResource.isTerraformResource(construct)
      ? construct
      : construct.node.defaultChild;
    if (id === undefined || !TerraformResource.isTerraformResource(resource)) return [];
    return [{ to: `${resource.terraformResourceType}.${resource.friendlyUniqueId}`, id }];
  });
}

/** The source position of a construct, or of its nearest parent that has one. */
export function positionOf(construct: IConstruct): string | undefined {
  let current: IConstruct | undefined = construct;
  while (current !== undefined) {
    const position = positions.get(current);
    if (position !== undefined) return position;
    current = current.node.scope;
  }
  return undefined;
}

/** The path shown for a Terraform resource: that of the construct that contains it. */
export function pathOf(construct: IConstruct): string {
  const own = construct.node.scope;
  return TerraformElement.isTerraformElement(construct) &&
    construct.node.id === "Resource" &&
    own !== undefined
    ? own.node.path
    : construct.node.path;
}
