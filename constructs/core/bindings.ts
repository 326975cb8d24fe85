/**
 * The only file that imports a toolkit and its bindings: cdktf in this repository, and in the
 * package the toolkit of the project (`toolkit.ts`). Each class is imported by its own path,
 * because the root of the bindings takes half a second and 160 MB to load.
 */
import { createRequire } from "node:module";

export { Construct, Node, type IConstruct, type IValidation } from "constructs";
export {
  AnnotationMetadataEntryType,
  Annotations,
  App,
  Aspects,
  AssetType,
  AzurermBackend,
  ComplexList,
  DefaultTokenResolver,
  GcsBackend,
  HttpBackend,
  LocalBackend,
  PgBackend,
  S3Backend,
  StringConcat,
  TerraformAsset,
  TerraformBackend,
  TerraformDataSource,
  TerraformElement,
  type TerraformRemoteState,
  TerraformResource,
  TerraformStack,
  TerraformVariable,
  Testing,
  Token,
  Tokenization,
  type IAspect,
  type TerraformResourceLifecycle,
} from "cdktf";
export { DatabricksProvider } from "@cdktf/provider-databricks/lib/provider";
export {
  Catalog as CatalogResource,
  type CatalogConfig,
} from "@cdktf/provider-databricks/lib/catalog";
export {
  Cluster as ClusterResource,
  type ClusterConfig,
} from "@cdktf/provider-databricks/lib/cluster";
export { ClusterPolicy as ClusterPolicyResource } from "@cdktf/provider-databricks/lib/cluster-policy";
export { DataDatabricksNodeType } from "@cdktf/provider-databricks/lib/data-databricks-node-type";
export { DataDatabricksSparkVersion } from "@cdktf/provider-databricks/lib/data-databricks-spark-version";
export { DataDatabricksSqlWarehouse } from "@cdktf/provider-databricks/lib/data-databricks-sql-warehouse";
export { DataDatabricksCurrentUser } from "@cdktf/provider-databricks/lib/data-databricks-current-user";
export { DbfsFile as DbfsFileResource } from "@cdktf/provider-databricks/lib/dbfs-file";
export { Directory as DirectoryResource } from "@cdktf/provider-databricks/lib/directory";
export { File as VolumeFileResource } from "@cdktf/provider-databricks/lib/file";
export { GitCredential as GitCredentialResource } from "@cdktf/provider-databricks/lib/git-credential";
export { Grant as GrantResource, type GrantConfig } from "@cdktf/provider-databricks/lib/grant";
export {
  InstancePool as InstancePoolResource,
  type InstancePoolConfig,
} from "@cdktf/provider-databricks/lib/instance-pool";
export {
  Job as JobResource,
  type JobConfig,
  type JobJobCluster,
  type JobJobClusterNewCluster,
  type JobTask,
  type JobTaskForEachTaskTask,
} from "@cdktf/provider-databricks/lib/job";
export {
  Library as LibraryResource,
  type LibraryConfig,
} from "@cdktf/provider-databricks/lib/library";
export type { ModelServingConfig as ModelServingResourceConfig } from "@cdktf/provider-databricks/lib/model-serving";
export { Notebook as NotebookResource } from "@cdktf/provider-databricks/lib/notebook";
export {
  Permissions as PermissionsResource,
  type PermissionsConfig,
} from "@cdktf/provider-databricks/lib/permissions";
export type {
  Pipeline as PipelineResource,
  PipelineConfig as PipelineResourceConfig,
} from "@cdktf/provider-databricks/lib/pipeline";
export { Repo as RepoResource } from "@cdktf/provider-databricks/lib/repo";
export { Schema as SchemaResource } from "@cdktf/provider-databricks/lib/schema";
export { Secret as SecretResource } from "@cdktf/provider-databricks/lib/secret";
export { SecretAcl as SecretAclResource } from "@cdktf/provider-databricks/lib/secret-acl";
export { SecretScope as SecretScopeResource } from "@cdktf/provider-databricks/lib/secret-scope";
export {
  SqlEndpoint as SqlEndpointResource,
  type SqlEndpointConfig,
} from "@cdktf/provider-databricks/lib/sql-endpoint";
export { Token as TokenResource } from "@cdktf/provider-databricks/lib/token";
export { Volume as VolumeResource } from "@cdktf/provider-databricks/lib/volume";
export { WorkspaceFile as WorkspaceFileResource } from "@cdktf/provider-databricks/lib/workspace-file";

/** Loads the module of a resource type or data source that few stacks use. */
export function load<Name extends keyof OnDemand>(name: Name): OnDemand[Name] {
  return requireOnDemand(`@cdktf/provider-databricks/lib/${name}`) as OnDemand[Name];
}

const requireOnDemand = createRequire(__filename);

/** Returns the version of databricks/databricks that the bindings were generated from. */
export function bindingsProvider(): string {
  const { cdktf } = requireOnDemand(`@cdktf/provider-databricks/package.json`) as {
    readonly cdktf: { readonly provider: { readonly version: string } };
  };
  return cdktf.provider.version;
}

interface OnDemand {
  readonly alert: typeof import("@cdktf/provider-databricks/lib/alert");
  readonly app: typeof import("@cdktf/provider-databricks/lib/app");
  readonly connection: typeof import("@cdktf/provider-databricks/lib/connection");
  readonly credential: typeof import("@cdktf/provider-databricks/lib/credential");
  readonly dashboard: typeof import("@cdktf/provider-databricks/lib/dashboard");
  readonly "data-databricks-cluster": typeof import("@cdktf/provider-databricks/lib/data-databricks-cluster");
  readonly "data-databricks-job": typeof import("@cdktf/provider-databricks/lib/data-databricks-job");
  readonly "data-databricks-group": typeof import("@cdktf/provider-databricks/lib/data-databricks-group");
  readonly "data-databricks-service-principal": typeof import("@cdktf/provider-databricks/lib/data-databricks-service-principal");
  readonly "data-databricks-user": typeof import("@cdktf/provider-databricks/lib/data-databricks-user");
  readonly entitlements: typeof import("@cdktf/provider-databricks/lib/entitlements");
  readonly "external-location": typeof import("@cdktf/provider-databricks/lib/external-location");
  readonly "global-init-script": typeof import("@cdktf/provider-databricks/lib/global-init-script");
  readonly group: typeof import("@cdktf/provider-databricks/lib/group");
  readonly "group-member": typeof import("@cdktf/provider-databricks/lib/group-member");
  readonly "group-role": typeof import("@cdktf/provider-databricks/lib/group-role");
  readonly "instance-profile": typeof import("@cdktf/provider-databricks/lib/instance-profile");
  readonly "budget-policy": typeof import("@cdktf/provider-databricks/lib/budget-policy");
  readonly "ip-access-list": typeof import("@cdktf/provider-databricks/lib/ip-access-list");
  readonly "mlflow-experiment": typeof import("@cdktf/provider-databricks/lib/mlflow-experiment");
  readonly "mlflow-model": typeof import("@cdktf/provider-databricks/lib/mlflow-model");
  readonly "model-serving": typeof import("@cdktf/provider-databricks/lib/model-serving");
  readonly "notification-destination": typeof import("@cdktf/provider-databricks/lib/notification-destination");
  readonly "obo-token": typeof import("@cdktf/provider-databricks/lib/obo-token");
  readonly "online-table": typeof import("@cdktf/provider-databricks/lib/online-table");
  readonly pipeline: typeof import("@cdktf/provider-databricks/lib/pipeline");
  readonly "provider-resource": typeof import("@cdktf/provider-databricks/lib/provider-resource");
  readonly "quality-monitor": typeof import("@cdktf/provider-databricks/lib/quality-monitor");
  readonly query: typeof import("@cdktf/provider-databricks/lib/query");
  readonly recipient: typeof import("@cdktf/provider-databricks/lib/recipient");
  readonly "registered-model": typeof import("@cdktf/provider-databricks/lib/registered-model");
  readonly "service-principal": typeof import("@cdktf/provider-databricks/lib/service-principal");
  readonly "service-principal-role": typeof import("@cdktf/provider-databricks/lib/service-principal-role");
  readonly "service-principal-secret": typeof import("@cdktf/provider-databricks/lib/service-principal-secret");
  readonly share: typeof import("@cdktf/provider-databricks/lib/share");
  readonly "sql-table": typeof import("@cdktf/provider-databricks/lib/sql-table");
  readonly "storage-credential": typeof import("@cdktf/provider-databricks/lib/storage-credential");
  readonly user: typeof import("@cdktf/provider-databricks/lib/user");
  readonly "user-role": typeof import("@cdktf/provider-databricks/lib/user-role");
  readonly "vector-search-endpoint": typeof import("@cdktf/provider-databricks/lib/vector-search-endpoint");
  readonly "vector-search-index": typeof import("@cdktf/provider-databricks/lib/vector-search-index");
  readonly "workspace-binding": typeof import("@cdktf/provider-databricks/lib/workspace-binding");
  readonly "workspace-conf": typeof import("@cdktf/provider-databricks/lib/workspace-conf");
}
