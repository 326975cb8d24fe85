import { Construct, type JobJobCluster } from "../core/bindings";
import { renderCluster, type ClusterSpecProps } from "../compute/cluster-spec";

export type JobClusterProps = ClusterSpecProps;

/**
 * A cluster that is created for a run and shared by the job's tasks. Created by {@link Workflow.addJobCluster}; its key is the construct's
 * id.
 *
 * @example
 * const shared = etl.addJobCluster("shared_cluster", {
 *   sparkVersion: SparkVersion.LTS_15_4,
 *   nodeType: NodeType.of("i3.xlarge"),
 *   size: ClusterSize.autoscale(1, 4),
 * });
 * etl.addTask("ingest", { run: NotebookTask.at("/Shared/ingest"), on: shared });
 */
export class JobCluster extends Construct {
  readonly #brand = "JobCluster";
  readonly key: string;
  /** @internal */
  readonly rendered: JobJobCluster;

  /** @internal use `workflow.addJobCluster` */
  constructor(scope: Construct, id: string, key: string, props: JobClusterProps) {
    super(scope, id);
    this.key = key;
    this.rendered = { jobClusterKey: key, newCluster: renderCluster(this, props) };
  }

  override toString(): string {
    return `${this.#brand} ${this.node.path}`;
  }
}
