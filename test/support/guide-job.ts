/** The sample job of the REST API guide, unchanged. */
export const guideJob = {
  name: "daily-etl-pipeline",
  tasks: [
    {
      task_key: "ingest",
      notebook_task: {
        notebook_path: "/Shared/ingest_raw_data",
        base_parameters: { input_path: "s3://raw-data/" },
      },
      job_cluster_key: "shared_cluster",
    },
    {
      task_key: "transform",
      depends_on: [{ task_key: "ingest" }],
      notebook_task: { notebook_path: "/Shared/transform_data" },
      job_cluster_key: "shared_cluster",
    },
  ],
  job_clusters: [
    {
      job_cluster_key: "shared_cluster",
      new_cluster: {
        spark_version: "12.2.x-scala2.12",
        node_type_id: "Standard_DS3_v2",
        num_workers: 2,
      },
    },
  ],
};
