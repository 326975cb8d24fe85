import { defined } from "../../src/defined";
import { DataDatabricksNodeType, type Construct } from "../core/bindings";
import { ConstructError } from "../core/errors";
import { callerPosition } from "../core/caller-position";

/**
 * The requirements on a machine. When Terraform runs, it selects the smallest node type that meets
 * them.
 */
export interface NodeTypeRequirements {
  /** The minimum memory in GB. */
  readonly minMemoryGb?: number;
  /** The minimum memory per core in GB. */
  readonly gbPerCore?: number;
  /** The minimum number of cores. */
  readonly minCores?: number;
  /** The minimum number of GPUs. */
  readonly minGpus?: number;
  /** Require a local disk. */
  readonly localDisk?: boolean;
  /** The minimum size of the local disks in GB. */
  readonly localDiskMinSize?: number;
  /** A category of machines, such as `General Purpose` or `Memory Optimized`. */
  readonly category?: string;
  /** Require a machine that supports Photon as a driver. */
  readonly photonDriverCapable?: boolean;
  /** Require a machine that supports Photon as a worker. */
  readonly photonWorkerCapable?: boolean;
  /** Require a machine with the disk cache. */
  readonly isIoCacheEnabled?: boolean;
  /** Require an AWS Graviton processor. */
  readonly graviton?: boolean;
}

/** The machine type of a cluster's nodes, identified by the cloud provider's name. */
export class NodeType {
  /**
   * A node type by the cloud provider's name.
   * @throws ConstructError BAD_NODE_TYPE
   * @example
   * NodeType.of("Standard_DS3_v2");
   */
  static of(id: string): NodeType {
    if (!/^[A-Za-z0-9][\w.-]+$/.test(id)) {
      throw new ConstructError("BAD_NODE_TYPE", "not a node type id", {
        path: callerPosition(),
        value: id,
        allowed: "the cloud's name of an instance type: Standard_DS3_v2, i3.xlarge, n2-highmem-4",
        fix: "list the ids: lakeform api GET 2.1/clusters/list-node-types",
      });
    }
    return new NodeType(id);
  }

  /**
   * The smallest machine type that meets the requirements. Terraform looks it up in the workspace,
   * so environments may get different types; use {@link of} to avoid that. If no type matches, the
   * official provider returns i3.xlarge instead of an error.
   */
  static matching(scope: Construct, id: string, requirements: NodeTypeRequirements): NodeType {
    return new NodeType(new DataDatabricksNodeType(scope, id, requirements).id);
  }

  /** Prevents objects of other classes from being accepted as a node type. */
  readonly #brand = "NodeType";
  private constructor(readonly id: string) {}

  toString(): string {
    return this.id;
  }

  toJSON(): string {
    // Always true: an unused private field would be a compile error.
    return this.#brand === "NodeType" ? this.id : "";
  }
}

/**
 * Renders alternate node types; undefined if there are neither types nor additional fields.
 * @internal
 * @param context fields that the block contains in addition
 */
export function renderFlexibility(
  types: readonly NodeType[] | undefined,
  context: object = {},
): object | undefined {
  if (types === undefined && Object.keys(context).length === 0) return undefined;
  return { ...defined({ alternateNodeTypeIds: types?.map((type) => type.id) }), ...context };
}
