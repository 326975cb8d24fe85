import {
  ClusterPolicyResource,
  ClusterResource,
  InstancePoolResource,
  JobResource,
  SqlEndpointResource,
  TerraformResource,
  Token,
  type IAspect,
  type IConstruct,
  type PipelineResource,
} from "../core/bindings";
import { pathOf } from "../core/element";
import { ConstructError } from "../core/errors";
import { WorkspaceStack } from "../core/workspace-stack";

export interface NamingPolicyProps {
  /** The prefix, which is added to each name that does not start with it. @default - none */
  readonly prefix?: string;
  /**
   * The pattern of each name, without this prefix and the environment's `namePrefix`.
   * @default - anything
   */
  readonly pattern?: RegExp;
}

interface NameAccessor {
  get(): string | undefined;
  set(name: string): void;
}

/**
 * Adds a prefix to the names of jobs, clusters, policies, pools, warehouses and pipelines below a
 * construct, or requires a pattern for them, or both.
 *
 * @example
 * Aspects.of(stack).add(
 *   new NamingPolicy({ prefix: developerPrefix("ada@example.com"), pattern: /^[a-z0-9-]+$/ }),
 * );
 */
export class NamingPolicy implements IAspect {
  readonly #props: NamingPolicyProps;

  constructor(props: NamingPolicyProps) {
    this.#props = props;
  }

  /** The toolkit calls this for each construct. */
  visit(construct: IConstruct): void {
    const accessor = nameAccessorOf(construct);
    const name = accessor?.get();
    if (accessor === undefined || name === undefined || Token.isUnresolved(name)) return;
    const { prefix = "", pattern } = this.#props;
    const stack = WorkspaceStack.around(construct);
    const unprefixed = withoutPrefix(
      withoutPrefix(name, prefix),
      stack.environment.namePrefix ?? "",
    );
    // `test` would start at the `lastIndex` of a pattern with the flag g.
    if (pattern !== undefined && unprefixed.search(pattern) < 0) {
      stack.report(
        new ConstructError("NAMING_POLICY", "the name does not match the naming policy", {
          path: pathOf(construct),
          value: unprefixed,
          allowed: String(pattern),
          fix: "rename the object",
        }),
      );
    }
    if (prefix !== "" && !name.startsWith(prefix)) accessor.set(`${prefix}${name}`);
  }
}

/**
 * Returns the name prefix of one developer's copy: `[dev ada] `.
 * @param user an e-mail address or a name
 */
export function developerPrefix(user: string): string {
  return `[dev ${user
    .replace(/@.*$/, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_|_$/g, "")}] `;
}

function withoutPrefix(name: string, prefix: string): string {
  return prefix !== "" && name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

function nameAccessorOf(construct: IConstruct): NameAccessor | undefined {
  if (construct instanceof ClusterResource)
    return {
      get: () => construct.clusterNameInput,
      set: (name) => void (construct.clusterName = name),
    };
  if (construct instanceof InstancePoolResource)
    return {
      get: () => construct.instancePoolNameInput,
      set: (name) => void (construct.instancePoolName = name),
    };
  if (
    construct instanceof JobResource ||
    construct instanceof SqlEndpointResource ||
    construct instanceof ClusterPolicyResource ||
    isPipeline(construct)
  ) {
    return { get: () => construct.nameInput, set: (name) => void (construct.name = name) };
  }
  return undefined;
}

/**
 * Whether a construct is a pipeline. Compares the type name, because `instanceof` would load the
 * class in apps without a pipeline.
 */
export function isPipeline(construct: IConstruct): construct is PipelineResource {
  return (
    TerraformResource.isTerraformResource(construct) &&
    construct.terraformResourceType === "databricks_pipeline"
  );
}
