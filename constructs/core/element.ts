import { Construct, TerraformElement, TerraformResource, type IConstruct } from "./bindings";
import { callerPosition } from "./source";

const positions = new WeakMap<IConstruct, string>();

/**
 * The base of every construct here that stands for something in the workspace. Its Terraform resource is the child `Resource`, so `node.defaultChild` is the
 * escape hatch: `(workflow.node.defaultChild as TerraformResource).addOverride("task.0.max_retries", 3)`.
 */
export abstract class Element extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const position = callerPosition();
    if (position !== undefined) positions.set(this, position);
  }

  /**
   * Creates this after the given constructs, where no reference implies it already, and destroys it before them.
   * @example
   * report.dependOn(folder);
   */
  dependOn(...others: readonly Element[]): void {
    const own = this.node.defaultChild;
    if (!TerraformResource.isTerraformResource(own)) return;
    const names = others.map((other) => other.node.defaultChild).filter((child) => TerraformResource.isTerraformResource(child));
    own.dependsOn = [
      ...new Set([...(own.dependsOn ?? []), ...names.map((child) => `${child.terraformResourceType}.${child.friendlyUniqueId}`)]),
    ].sort();
  }
}

/** The source position of a construct, or of the nearest scope that has one. */
export function positionOf(construct: IConstruct): string | undefined {
  let current: IConstruct | undefined = construct;
  while (current !== undefined) {
    const position = positions.get(current);
    if (position !== undefined) return position;
    current = current.node.scope;
  }
  return undefined;
}

/** The path shown for a Terraform resource: that of the construct around it. */
export function pathOf(construct: IConstruct): string {
  const own = construct.node.scope;
  return TerraformElement.isTerraformElement(construct) && construct.node.id === "Resource" && own !== undefined
    ? own.node.path
    : construct.node.path;
}
