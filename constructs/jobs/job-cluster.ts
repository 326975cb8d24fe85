import { Construct, type JobJobCluster } from "../core/bindings";
import { renderCluster, type ClusterSpecProps } from "../compute/cluster-spec";
import { renderFieldsOfNewerBindings } from "../core/newer-bindings";

/** Use the workspace's serverless compute instead of a new cluster. Requires cdktn. */
export interface ServerlessJobClusterProps {
  /** The id of the serverless compute. */
  readonly serverlessComputeId: string;
}

export type JobClusterProps = ClusterSpecProps;

/**
 * A cluster that is created for a run and shared by the job's tasks. Created by
 * {@link Workflow.addJobCluster}.
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
  /** The key by which tasks refer to the cluster. */
  readonly key: string;
  /** @internal */
  readonly rendered: JobJobCluster;

  /** @internal use `workflow.addJobCluster` */
  constructor(
    scope: Construct,
    id: string,
    key: string,
    props: JobClusterProps | ServerlessJobClusterProps,
  ) {
    super(scope, id);
    this.key = key;
    // The cast is necessary, because the types of the 1.99.0 bindings require `newCluster`. With
    // `serverlessComputeId`, renderFieldsOfNewerBindings rejects these bindings.
    const cluster =
      "serverlessComputeId" in props
        ? renderFieldsOfNewerBindings(this, { serverlessComputeId: props.serverlessComputeId })
        : { newCluster: renderCluster(this, props) };
    this.rendered = { jobClusterKey: key, ...cluster } as JobJobCluster;
  }

  override toString(): string {
    return `${this.#brand} ${this.node.path}`;
  }
}
