import { Construct } from "../core/bindings";
import { renderCluster, type ClusterSpecProps, type RenderedCluster } from "./cluster-spec";

/**
 * A cluster for a single task. If several tasks of a run need a cluster, use
 * {@link Workflow.addJobCluster}: a job cluster starts only once for all of them.
 *
 * @example
 * const big = new DedicatedCluster(stack, "big", {
 *   sparkVersion: SparkVersion.LTS_15_4,
 *   nodeType: NodeType.of("i3.8xlarge"),
 *   size: ClusterSize.fixed(8),
 * });
 */
export class DedicatedCluster extends Construct {
  readonly #rendered: RenderedCluster;

  constructor(scope: Construct, id: string, props: ClusterSpecProps) {
    super(scope, id);
    this.#rendered = renderCluster(this, props);
  }

  /** Returns the `new_cluster` block of the task. */
  renderNewCluster(): RenderedCluster {
    return this.#rendered;
  }
}
