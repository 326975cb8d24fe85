import {
  Content,
  DbfsFile,
  NodeType,
  Notebook,
  NotebookTask,
  SecretScope,
  SecretValue,
  SparkVersion,
  Workflow,
  WorkspaceStack,
  type Construct,
  type EnvironmentProfile,
} from "../constructs";
import type { DailyEtlValues } from "./environments";

/**
 * The example of docs/rest-guide: ingests and transforms the raw data of one day, with two tasks
 * on a shared cluster. Also creates the notebooks, a sample file, and a secret.
 */
export class DailyEtl extends WorkspaceStack<DailyEtlValues> {
  readonly pipeline: Workflow;

  constructor(scope: Construct, environment: EnvironmentProfile<DailyEtlValues>) {
    super(scope, "daily-etl", { project: "lakeform", environment });
    const { inputPath, size } = environment.values;

    const ingestNotebook = new Notebook(this, "ingest-notebook", {
      path: "/Shared/ingest_raw_data",
      content: Content.file("stacks/notebooks/ingest_raw_data.py"),
    });
    const transformNotebook = new Notebook(this, "transform-notebook", {
      path: "/Shared/transform_data",
      content: Content.file("stacks/notebooks/transform_data.py"),
    });
    new DbfsFile(this, "sample", {
      path: "/tmp/sample.json",
      content: Content.file("stacks/data/sample.json"),
      acceptDeprecation: "the guide shows the DBFS API, and the file is a sample",
    });

    const secrets = new SecretScope(this, "secrets", { name: "daily-etl" });
    secrets.addSecret("api-key", SecretValue.fromEnvironment("DAILY_ETL_API_KEY"));

    this.pipeline = new Workflow(this, "pipeline", { name: "daily-etl-pipeline" });
    const shared = this.pipeline.addJobCluster("shared_cluster", {
      sparkVersion: SparkVersion.of("12.2.x-scala2.12"),
      nodeType: NodeType.of("Standard_DS3_v2"),
      size,
    });
    const ingest = this.pipeline.addTask("ingest", {
      run: NotebookTask.of(ingestNotebook, { input_path: inputPath }),
      on: shared,
    });
    this.pipeline.addTask("transform", {
      run: NotebookTask.of(transformNotebook),
      on: shared,
      after: [ingest],
    });
  }
}
