import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { ConstructError, errorAt } from "../core/errors";
import { isReference } from "../core/names";
import { callerPosition } from "../core/caller-position";

export interface VectorSearchEndpointProps {
  /** The name: letters, digits, - and _. Cannot be changed later. */
  readonly name: string;
  /** The type of the endpoint. Cannot be changed later. @default STANDARD */
  readonly endpointType?: "STANDARD" | "STORAGE_OPTIMIZED";
  /** The id of the budget policy. @default - the workspace's default policy */
  readonly budgetPolicyId?: string;
  /** The time limits of Terraform operations. */
  readonly timeouts?: {
    /** The time limit of a create: `30m`. */
    readonly create?: string;
  };
}

/** A vector search endpoint, managed by this stack or elsewhere. Used for vector search indexes. */
export interface IVectorSearchEndpoint {
  /** Distinguishes an endpoint from other handles at compile time. */
  readonly kind: "vector search endpoint";
  /** Returns the name, which is a Terraform reference for an endpoint of this stack. */
  renderName(): string;
}

/**
 * The compute that serves vector search indexes.
 *
 * @example
 * const search = new VectorSearchEndpoint(stack, "search", { name: "docs" });
 * @see https://docs.databricks.com/aws/en/vector-search/vector-search
 */
export class VectorSearchEndpoint extends Element implements IVectorSearchEndpoint {
  /** An endpoint that is managed elsewhere. @throws ConstructError BAD_NAME */
  static fromName(name: string): IVectorSearchEndpoint {
    if (!isName(name))
      throw new ConstructError("BAD_NAME", problem, {
        path: callerPosition(),
        value: name,
        allowed,
      });
    return { kind: "vector search endpoint", renderName: () => name };
  }

  readonly kind = "vector search endpoint";
  readonly #name: string;

  /** @throws ConstructError BAD_NAME */
  constructor(scope: Construct, id: string, props: VectorSearchEndpointProps) {
    super(scope, id);
    if (!isName(props.name))
      throw errorAt(this, "BAD_NAME", problem, { value: props.name, allowed });
    const { VectorSearchEndpoint: VectorSearchEndpointResource } = load("vector-search-endpoint");
    this.#name = new VectorSearchEndpointResource(this, "Resource", {
      endpointType: "STANDARD",
      ...props,
    }).name;
  }

  renderName(): string {
    return this.#name;
  }
}

const problem = "invalid name of a vector search endpoint";
const allowed = "1 to 128 letters, digits, - and _";

function isName(name: string): boolean {
  return isReference(name) || /^[\w-]{1,128}$/.test(name);
}
