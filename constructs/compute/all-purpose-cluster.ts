import { Permissions, type ClusterLevel } from "../access/permissions";
import { ClusterResource, clusterDataSource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { existingId } from "../core/names";
import { newer } from "../core/newer";
import { WorkspaceStack } from "../core/workspace-stack";
import { renderCluster, type ClusterSpecProps } from "./cluster-spec";
import type { Library } from "./library";
import { policySupplied } from "./policy-supplied";

export type AllPurposeClusterProps = ClusterSpecProps & {
  readonly name: string;
  /**
   * Idle minutes before it terminates; 0: never.
   * @default - the policy's value if the stack has its definition, else 60
   */
  readonly autoterminationMinutes?: number;
  /** Keep its configuration for more than 30 days after it stops. @default false */
  readonly isPinned?: boolean;
  /** Do not wait for it to run. @default false */
  readonly noWait?: boolean;
  /** Installed whenever it starts. */
  readonly libraries?: readonly Library[];
  readonly stamp?: boolean;
  /**
   * Also remove cloud attributes from the cluster when they are removed from the code. With cdktn
   * only.
   * @default false
   */
  readonly clearCloudAttributesOnRemove?: boolean;
  /** How long Terraform waits: `30m`. */
  readonly timeouts?: {
    readonly create?: string;
    readonly update?: string;
    readonly delete?: string;
  };
};

/**
 * A cluster, of this stack or an existing one: for tasks (`on`), {@link ClusterLibrary} and
 * `Permissions.onCluster`.
 */
export interface IAllPurposeCluster {
  readonly kind: "all-purpose cluster";
  renderClusterId(): string;
  /** True if this stack lists its libraries: then no {@link ClusterLibrary} can add one. */
  readonly hasLibraries?: boolean;
}

/**
 * A cluster independent of jobs, for interactive use and notebooks. For jobs, a job cluster costs
 * less: {@link Workflow.addJobCluster}.
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
  /** A cluster that is managed elsewhere, by its id. @throws ConstructError BAD_ID */
  static fromId(clusterId: string): IAllPurposeCluster {
    const id = existingId("cluster", clusterId, "0923-164208-meows279");
    return { kind: "all-purpose cluster", renderClusterId: () => id };
  }

  /** A cluster that is managed elsewhere, looked up by its name when Terraform runs. */
  static fromName(scope: Construct, id: string, name: string): IAllPurposeCluster {
    const found = new (clusterDataSource())(scope, id, { clusterName: name });
    return { kind: "all-purpose cluster", renderClusterId: () => found.id };
  }

  readonly kind = "all-purpose cluster";
  readonly hasLibraries: boolean;
  readonly #resource: ClusterResource;
  #permissions: Permissions<ClusterLevel> | undefined;

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
      // The provider sends 60 if it is not set, and a policy with another fixed value rejects that.
      autoterminationMinutes:
        minutes ??
        policySupplied(props.policy?.definition, props.applyPolicyDefaultValues === true)
          .autoterminationMinutes,
      isPinned: props.isPinned,
      noWait: props.noWait,
      library: props.libraries?.map((library) => library.rendered),
      timeouts: props.timeouts,
      ...newer(this, { clearCloudAttributesOnRemove: props.clearCloudAttributesOnRemove }),
    });
  }

  get permissions(): Permissions<ClusterLevel> {
    return (this.#permissions ??= Permissions.onCluster(this, "Permissions", this));
  }

  renderClusterId(): string {
    return this.#resource.id;
  }
}
