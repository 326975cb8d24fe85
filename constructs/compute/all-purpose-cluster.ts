import { Permissions, type ClusterLevel } from "../access/permissions";
import { ClusterResource, load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { existingId } from "../core/names";
import { renderFieldsOfNewerBindings } from "../core/newer-bindings";
import { WorkspaceStack } from "../core/workspace-stack";
import { renderCluster, type ClusterSpecProps } from "./cluster-spec";
import type { Library } from "./library";
import { valuesFromPolicy } from "./policy-supplied";

export type AllPurposeClusterProps = ClusterSpecProps & {
  /** The name, without the environment's prefix. */
  readonly name: string;
  /**
   * The idle minutes before the cluster terminates: 10 to 10,000, or 0 for never.
   * @default - the policy's value if the policy's rules are known to the stack, else 60
   */
  readonly autoterminationMinutes?: number;
  /** Keep the configuration for more than 30 days after the cluster has stopped. @default false */
  readonly isPinned?: boolean;
  /** Do not wait until the cluster is running. @default false */
  readonly noWait?: boolean;
  /** The libraries that the cluster installs at each start. */
  readonly libraries?: readonly Library[];
  /** Add the stack's stamp, a tag that lets verify find unmanaged copies. @default true */
  readonly stamp?: boolean;
  /**
   * Remove cloud attributes from the cluster when they are removed from the code. Requires cdktn.
   * @default false
   */
  readonly clearCloudAttributesOnRemove?: boolean;
  /** The time limits of Terraform operations. */
  readonly timeouts?: {
    /** The time limit of a create: `30m`. */
    readonly create?: string;
    /** The time limit of an update: `30m`. */
    readonly update?: string;
    /** The time limit of a delete: `30m`. */
    readonly delete?: string;
  };
};

/**
 * A cluster, managed by this stack or elsewhere. Used for tasks (`on`), {@link ClusterLibrary} and
 * `Permissions.onCluster`.
 */
export interface IAllPurposeCluster {
  /** Distinguishes a cluster from other handles at compile time. */
  readonly kind: "all-purpose cluster";
  /** Returns the id, which is a Terraform reference for a cluster of this stack. */
  renderClusterId(): string;
  /**
   * Whether this stack lists the libraries of the cluster. If so, {@link ClusterLibrary} cannot add
   * one.
   */
  readonly hasLibraries?: boolean;
}

/**
 * A cluster that exists independently of jobs, for interactive use. For jobs, a job cluster costs
 * less; see {@link Workflow.addJobCluster}.
 *
 * @example
 * const cluster = new AllPurposeCluster(stack, "shared", {
 *   name: "shared",
 *   sparkVersion: SparkVersion.LTS_15_4,
 *   nodeType: NodeType.of("i3.xlarge"),
 *   size: ClusterSize.autoscale(1, 4),
 *   autoterminationMinutes: 30,
 * });
 * @see https://docs.databricks.com/aws/en/compute/configure
 */
export class AllPurposeCluster extends Element implements IAllPurposeCluster {
  /**
   * Refers to the cluster with this id, which is managed elsewhere.
   * @throws ConstructError BAD_ID
   */
  static fromId(clusterId: string): IAllPurposeCluster {
    const id = existingId("cluster", clusterId, { example: "0923-164208-meows279" });
    return { kind: "all-purpose cluster", renderClusterId: () => id };
  }

  /** Refers to a cluster that is managed elsewhere. Terraform looks it up by its name. */
  static fromName(scope: Construct, id: string, name: string): IAllPurposeCluster {
    const { DataDatabricksCluster } = load("data-databricks-cluster");
    const cluster = new DataDatabricksCluster(scope, id, { clusterName: name });
    return { kind: "all-purpose cluster", renderClusterId: () => cluster.id };
  }

  readonly kind = "all-purpose cluster";
  readonly hasLibraries: boolean;
  readonly #resource: ClusterResource;
  #permissions: Permissions<ClusterLevel> | undefined;

  /** @throws ConstructError BAD_AUTOTERMINATION */
  constructor(scope: Construct, id: string, props: AllPurposeClusterProps) {
    super(scope, id);
    const minutes = props.autoterminationMinutes;
    if (
      minutes !== undefined &&
      minutes !== 0 &&
      (!Number.isInteger(minutes) || minutes < 10 || minutes > 10_000)
    ) {
      throw errorAt(this, "BAD_AUTOTERMINATION", "invalid idle time of a cluster", {
        value: String(minutes),
        allowed: "0 (never), or 10 to 10000 minutes",
        fix: "set autoterminationMinutes to one of these values",
      });
    }
    this.hasLibraries = props.libraries !== undefined && props.libraries.length > 0;
    const stack = WorkspaceStack.around(this);
    const rendered = renderCluster(this, props);
    this.#resource = new ClusterResource(this, "Resource", {
      ...rendered,
      clusterName: stack.named(props.name),
      customTags: stack.stamped(rendered.customTags, props.stamp),
      // Without a value, the provider sends 60, which a policy with a different fixed value
      // rejects.
      autoterminationMinutes:
        minutes ??
        valuesFromPolicy(props.policy?.definition, props.applyPolicyDefaultValues === true)
          .autoterminationMinutes,
      isPinned: props.isPinned,
      noWait: props.noWait,
      library: props.libraries?.map((library) => library.rendered),
      timeouts: props.timeouts,
      ...renderFieldsOfNewerBindings(this, {
        clearCloudAttributesOnRemove: props.clearCloudAttributesOnRemove,
      }),
    });
  }

  /** The access list of the cluster. It replaces all other permissions on the object. */
  get permissions(): Permissions<ClusterLevel> {
    return (this.#permissions ??= Permissions.onCluster(this, "Permissions", this));
  }

  renderClusterId(): string {
    return this.#resource.id;
  }
}
