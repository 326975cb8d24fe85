/** Everything a team writes Databricks with: import it as `lakeform/constructs`. */
export { App, Aspects, Construct, TerraformResource, Testing, type IAspect, type IConstruct } from "./core/bindings";
export { buildAndSynth, synthesize, type SynthesizeOptions } from "./core/app";
export type { Backend } from "./core/backend";
export { Element } from "./core/element";
export {
  defineEnvironments,
  developerPrefix,
  environmentNamed,
  type AllowedDifference,
  type EnvironmentProfile,
  type Environments,
  type NotificationTargets,
  type PolicySeverity,
  type RunAs,
} from "./core/environment";
export { ConstructError, ConstructErrors, type ConstructErrorDetails } from "./core/errors";
export type { IgnoreRule, ResourceOrigin, StackMetadata, Suppression } from "./core/metadata";
export { warningsOf, type Warning } from "./core/warnings";
export { stampTag, WorkspaceStack, type WorkspaceStackProps } from "./core/workspace-stack";

export { Group, ServicePrincipal, User, type Principal } from "./access/principal";

export type { Artifact, ArtifactProps } from "./artifacts/artifact";
export { Content } from "./artifacts/content";
export { DbfsFile, type DbfsFileProps } from "./artifacts/dbfs-file";
export { Notebook, type INotebook, type NotebookFormat, type NotebookLanguage, type NotebookProps } from "./artifacts/notebook";

export type { AwsAttributes, AzureAttributes, CloudAttributes, GcpAttributes } from "./compute/cloud-attributes";
export { ClusterSize } from "./compute/cluster-size";
export type { ClusterMount, ClusterSetting, ClusterSpecProps, DataSecurityMode, DockerImage } from "./compute/cluster-spec";
export { DedicatedCluster } from "./compute/dedicated-cluster";
export { InitScript, LogDelivery, type S3Location } from "./compute/init-script";
export { Library } from "./compute/library";
export { NodeType, type NodeTypeRequirements } from "./compute/node-type";
export { SparkVersion, type SparkVersionFeatures } from "./compute/spark-version";

export { GitSource, type GitProvider } from "./jobs/git-source";
export { JobCluster, type JobClusterProps } from "./jobs/job-cluster";
export { JobEnvironment, Serverless, type JobEnvironmentProps } from "./jobs/job-environment";
export { JobParameter } from "./jobs/job-parameter";
export { NotebookTask } from "./jobs/notebook-task";
export type {
  EmailNotifications,
  HealthRule,
  NotificationSettings,
  TaskNotificationSettings,
  WebhookNotifications,
} from "./jobs/notifications";
export { DynamicReference, type ParameterValue } from "./jobs/reference";
export { Schedule, type FileArrivalProps, type TableUpdateProps } from "./jobs/schedule";
export { ConditionOutcome, ConditionTask, Task, type RunIf, type Upstream } from "./jobs/task";
export type { Compute, ConditionOperator, ConditionProps, ForEachInputs, ForEachProps, InnerTaskProps, TaskProps } from "./jobs/task-props";
export type { FileSource } from "./jobs/task-run";
export { Workflow, type IWorkflow, type WorkflowProps } from "./jobs/workflow";

export { Secret, type SecretProps } from "./secrets/secret";
export { SecretReference } from "./secrets/secret-reference";
export { SecretScope, type ISecretScope, type SecretScopeProps } from "./secrets/secret-scope";
export { SecretValue } from "./secrets/secret-value";
