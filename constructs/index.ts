/** The public API for stacks: import it as `lakeform/constructs`. */
export {
  Annotations,
  App,
  Aspects,
  Construct,
  TerraformResource,
  Testing,
  type IAspect,
  type IConstruct,
} from "./core/bindings";
export { buildAndSynth, synthesize, type SynthesizeOptions } from "./core/app";
export type { Backend } from "./core/backend";
export { Element } from "./core/element";
export {
  defineEnvironments,
  environmentNamed,
  type AllowedDifference,
  type EnvironmentProfile,
  type Environments,
  type NotificationTargets,
  type PolicySetting,
  type PolicySeverity,
  type RunAs,
} from "./core/environment";
export { ConstructError, ConstructErrors, type ConstructErrorDetails } from "./core/errors";
export type { IgnoreRule, ResourceOrigin, StackMetadata, Suppression } from "./core/metadata";
export { warningsOf, type Warning } from "./core/warnings";
export { stampTag, WorkspaceStack, type WorkspaceStackProps } from "./core/workspace-stack";

export {
  Suppress,
  IgnoreDrift,
  type IgnoreDriftProps,
  type SuppressRuleProps,
} from "./core/suppress";

export { Entitlements, type EntitlementProps, type EntitlementsProps } from "./access/entitlements";
export { Group, type GroupProps } from "./access/group";
export { GroupMember, type GroupMemberProps } from "./access/group-member";
export { InstanceProfile, type InstanceProfileProps } from "./access/instance-profile";
export { OboToken, type OboTokenProps } from "./access/obo-token";
export {
  Permissions,
  type AppLevel,
  type ClusterLevel,
  type ClusterPolicyLevel,
  type ExperimentLevel,
  type InstancePoolLevel,
  type JobLevel,
  type MlflowModelLevel,
  type PipelineLevel,
  type ServingEndpointLevel,
  type SqlObjectLevel,
  type TokenLevel,
  type WarehouseLevel,
  type WorkspaceObjectLevel,
} from "./access/permissions";
export { CurrentUser } from "./access/current-user";
export type { IGroup, IServicePrincipal, IUser, Principal } from "./access/principal";
export { ServicePrincipal, type ServicePrincipalProps } from "./access/service-principal";
export {
  ServicePrincipalSecret,
  type ServicePrincipalSecretProps,
} from "./access/service-principal-secret";
export { AccessToken, type TokenProps } from "./access/token";
export { User, type UserProps } from "./access/user";

export { DatabricksApp, type AppResource, type DatabricksAppProps } from "./apps/databricks-app";

export type { Artifact, ArtifactProps } from "./artifacts/artifact";
export { Content } from "./artifacts/content";
export { DbfsFile, type DbfsFileProps, type IDbfsFile } from "./artifacts/dbfs-file";
export { Directory, type DirectoryProps, type IDirectory } from "./artifacts/directory";
export {
  Notebook,
  type INotebook,
  type NotebookFormat,
  type NotebookLanguage,
  type NotebookProps,
} from "./artifacts/notebook";
export { NotebookFolder, type NotebookFolderProps } from "./artifacts/notebook-folder";
export { PythonWheel, type PythonWheelProps } from "./artifacts/python-wheel";
export { VolumeFile, type IVolumeFile, type VolumeFileProps } from "./artifacts/volume-file";
export {
  WorkspaceFile,
  type IWorkspaceFile,
  type WorkspaceFileProps,
} from "./artifacts/workspace-file";

export { DevelopmentMode, type DevelopmentModeProps } from "./aspects/development-mode";
export { DocumentedDefaults } from "./jobs/documented-defaults";
export { developerPrefix, NamingPolicy, type NamingPolicyProps } from "./aspects/naming-policy";
export { TagEverything } from "./aspects/tag-everything";

export { Catalog, type CatalogProps, type ICatalog } from "./catalog/catalog";
export {
  Connection,
  type ConnectionProps,
  type ConnectionType,
  type IConnection,
} from "./catalog/connection";
export { Credential, type CredentialProps, type ICredential } from "./catalog/credential";
export {
  ExternalLocation,
  type ExternalLocationProps,
  type FileEventQueue,
  type IExternalLocation,
} from "./catalog/external-location";
export {
  CatalogGrants,
  ConnectionGrants,
  CredentialGrants,
  ExternalLocationGrants,
  Grants,
  RegisteredModelGrants,
  SchemaGrants,
  ShareGrants,
  StorageCredentialGrants,
  TableGrants,
  VolumeGrants,
} from "./catalog/grants";
export type {
  CatalogPrivilege,
  ConnectionPrivilege,
  ExternalLocationPrivilege,
  RegisteredModelPrivilege,
  SchemaPrivilege,
  ServiceCredentialPrivilege,
  SharePrivilege,
  StorageCredentialPrivilege,
  TablePrivilege,
  VolumePrivilege,
} from "./catalog/privileges";
export { OnlineTable, type OnlineTableProps } from "./catalog/online-table";
export { QualityMonitor, type QualityMonitorProps } from "./catalog/quality-monitor";
export {
  RegisteredModel,
  type IRegisteredModel,
  type RegisteredModelProps,
} from "./catalog/registered-model";
export { Schema, type ISchema, type SchemaProps } from "./catalog/schema";
export {
  StorageCredential,
  type CloudIdentity,
  type CredentialSettings,
  type IStorageCredential,
  type StorageCredentialProps,
} from "./catalog/storage-credential";
export {
  Table,
  View,
  type ITable,
  type TableColumn,
  type TableProps,
  type ViewProps,
} from "./catalog/table";
export { Volume, type IVolume, type VolumeProps } from "./catalog/volume";
export { WorkspaceBinding, type WorkspaceBindingProps } from "./catalog/workspace-binding";

export {
  AllPurposeCluster,
  type AllPurposeClusterProps,
  type IAllPurposeCluster,
} from "./compute/all-purpose-cluster";
export type {
  AwsAttributes,
  AzureAttributes,
  CloudAttributes,
  GcpAttributes,
} from "./compute/cloud-attributes";
export { ClusterLibrary, type ClusterLibraryProps } from "./compute/cluster-library";
export {
  ClusterPolicy,
  type ClusterPolicyProps,
  type IClusterPolicy,
} from "./compute/cluster-policy";
export { ClusterSize } from "./compute/cluster-size";
export type {
  ClusterMount,
  ClusterSetting,
  ClusterSpecProps,
  DataSecurityMode,
  DockerImage,
} from "./compute/cluster-spec";
export { DedicatedCluster } from "./compute/dedicated-cluster";
export { GlobalInitScript, type GlobalInitScriptProps } from "./compute/global-init-script";
export { InitScript, LogDelivery, type S3Location } from "./compute/init-script";
export { InstancePool, type IInstancePool, type InstancePoolProps } from "./compute/instance-pool";
export { Library } from "./compute/library";
export { NodeType, type NodeTypeRequirements } from "./compute/node-type";
export { PolicyRule, type PolicyAttribute, type PolicyDefinition } from "./compute/policy-rule";
export { SparkVersion, type SparkVersionFeatures } from "./compute/spark-version";

export { Dashboard, type DashboardProps, type IDashboard } from "./dashboards/dashboard";

export { GitCredential, type GitCredentialProps } from "./git/git-credential";
export { Repo, type IPlacedRepo, type IRepo, type RepoProps } from "./git/repo";

export { AiRuntimeTask, type AiRuntimeProps } from "./jobs/ai-runtime-task";
export { AlertTask, type AlertTaskProps } from "./jobs/alert-task";
export { DashboardTask, type DashboardTaskProps } from "./jobs/dashboard-task";
export { DbtCloudTask } from "./jobs/dbt-cloud-task";
export { DbtPlatformTask } from "./jobs/dbt-platform-task";
export { DbtTask, type DbtProps } from "./jobs/dbt-task";
export { GenAiComputeTask, type GenAiComputeProps } from "./jobs/gen-ai-compute-task";
export { GitSource, type GitProvider } from "./jobs/git-source";
export {
  JobCluster,
  type JobClusterProps,
  type ServerlessJobClusterProps,
} from "./jobs/job-cluster";
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
export { PipelineTask, type PipelineTaskProps } from "./jobs/pipeline-task";
export { PowerBiTask, type PowerBiProps } from "./jobs/power-bi-task";
export { PythonOperatorTask } from "./jobs/python-operator-task";
export { PythonWheelTask } from "./jobs/python-wheel-task";
export { DynamicReference, type ParameterValue, type TimePart } from "./jobs/reference";
export { RunJobTask, type RunJobOptions } from "./jobs/run-job-task";
export {
  Schedule,
  type ContinuousProps,
  type FileArrivalProps,
  type TableUpdateProps,
} from "./jobs/schedule";
export { SparkJarTask, type SparkJarOptions } from "./jobs/spark-jar-task";
export { SparkPythonTask } from "./jobs/spark-python-task";
export { SparkSubmitTask } from "./jobs/spark-submit-task";
export { SqlTask, type SqlSubscriptionProps } from "./jobs/sql-task";
export type { Subscriber } from "./jobs/subscriber";
export { ConditionOutcome, ConditionTask, Task, type RunIf, type Upstream } from "./jobs/task";
export type {
  Compute,
  ConditionOperator,
  ConditionProps,
  ForEachInputs,
  ForEachProps,
  InnerTaskProps,
  TaskProps,
} from "./jobs/task-props";
export { ComputeRun, NotebookRun, SelfContainedRun, type FileSource } from "./jobs/task-run";
export { Workflow, type IWorkflow, type WorkflowProps } from "./jobs/workflow";

export { MlflowExperiment, type MlflowExperimentProps } from "./machine-learning/mlflow-experiment";
export { MlflowModel, type MlflowModelProps } from "./machine-learning/mlflow-model";
export {
  VectorSearchEndpoint,
  type IVectorSearchEndpoint,
  type VectorSearchEndpointProps,
} from "./machine-learning/vector-search-endpoint";

export {
  VectorSearchIndex,
  type EmbeddingSourceColumn,
  type EmbeddingVectorColumn,
  type VectorSearchIndexProps,
} from "./machine-learning/vector-search-index";

export { FanOut, type FanOutProps } from "./patterns/fan-out";
export {
  IngestTransformPublish,
  type IngestTransformPublishProps,
} from "./patterns/ingest-transform-publish";
export {
  MedallionPipeline,
  type LayerStep,
  type MedallionPipelineProps,
} from "./patterns/medallion-pipeline";

export { Pipeline, type IPipeline, type PipelineProps } from "./pipelines/pipeline";
export type { PipelineClusterProps } from "./pipelines/pipeline-cluster";
export { PipelineLibrary } from "./pipelines/pipeline-library";

export { Secret, type SecretProps } from "./secrets/secret";
export { SecretReference, type ISecretScope } from "./secrets/secret-reference";
export { SecretScope, type SecretScopeProps } from "./secrets/secret-scope";
export { SecretValue } from "./secrets/secret-value";

export {
  ServingEndpoint,
  type ServedEntity,
  type ServingEndpointProps,
  type ServingTelemetry,
} from "./serving/serving-endpoint";

export { Alert, type AlertProps, type IAlert } from "./sql/alert";
export {
  Query,
  type IQuery,
  type MultiValuesOptions,
  type QueryParameter,
  type QueryProps,
} from "./sql/query";
export {
  SqlWarehouse,
  type ISqlWarehouse,
  type SqlWarehouseProps,
  type WarehouseSize,
} from "./sql/sql-warehouse";

export { BudgetPolicy, type BudgetPolicyProps } from "./workspace/budget-policy";
export { IpAccessList, type IpAccessListProps } from "./workspace/ip-access-list";
export {
  NotificationDestination,
  type INotificationDestination,
  type NotificationDestinationProps,
} from "./workspace/notification-destination";
export { WorkspaceConf, type WorkspaceConfProps } from "./workspace/workspace-conf";

export { Recipient, type IRecipient, type RecipientProps } from "./sharing/recipient";
export {
  Share,
  type IShare,
  type ShareProps,
  type SharedObject,
  type SharedPartition,
} from "./sharing/share";
export { SharingProvider, type SharingProviderProps } from "./sharing/sharing-provider";
