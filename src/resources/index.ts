/** The registry: every kind that lakeform knows, by Terraform type. */
import { catalog } from "./kinds/catalog";
import { clusterData, clustersData } from "./data/cluster";
import { currentConfig } from "./data/current-config";
import { currentUser } from "./data/current-user";
import { dbfsFileData, notebookData } from "./data/files";
import { jobData, jobsData } from "./data/job";
import { nodeTypeData } from "./data/node-type";
import { sparkVersion } from "./data/spark-version";
import { sqlWarehouseData } from "./data/sql-warehouse";
import { catalogData, schemaData, volumeData } from "./data/unity-catalog";
import { dbfsFile } from "./kinds/dbfs-file";
import { directory } from "./kinds/directory";
import { file } from "./kinds/file";
import { gitCredential } from "./kinds/git-credential";
import { grant } from "./kinds/grant";
import { grants } from "./kinds/grants";
import { cluster } from "./kinds/cluster";
import { clusterPolicy } from "./kinds/cluster-policy";
import { instancePool } from "./kinds/instance-pool";
import { library } from "./kinds/library";
import { sqlEndpoint } from "./kinds/sql-endpoint";
import { job } from "./kinds/job";
import type { DataKind, Kind } from "./kind";
import { notebook } from "./kinds/notebook";
import { permissions } from "./kinds/permissions";
import { repo } from "./kinds/repo";
import { secret } from "./kinds/secret";
import { secretAcl } from "./kinds/secret-acl";
import { secretScope } from "./kinds/secret-scope";
import { token } from "./kinds/token";
import { ucSchema } from "./kinds/uc-schema";
import { volume } from "./kinds/volume";
import { workspaceFile } from "./kinds/workspace-file";

export const kinds: readonly Kind[] = [
  job,
  cluster,
  clusterPolicy,
  instancePool,
  library,
  sqlEndpoint,
  catalog,
  dbfsFile,
  directory,
  file,
  gitCredential,
  grant,
  grants,
  notebook,
  permissions,
  repo,
  secret,
  secretAcl,
  secretScope,
  token,
  ucSchema,
  volume,
  workspaceFile,
];

export const dataKinds: readonly DataKind[] = [
  catalogData,
  clusterData,
  clustersData,
  currentConfig,
  currentUser,
  dbfsFileData,
  jobData,
  jobsData,
  nodeTypeData,
  notebookData,
  schemaData,
  sparkVersion,
  sqlWarehouseData,
  volumeData,
];

const byType = new Map(kinds.map((kind) => [kind.type, kind]));
const dataByType = new Map(dataKinds.map((kind) => [kind.type, kind]));

export function findKind(type: string): Kind | undefined {
  return byType.get(type);
}

export function findDataKind(type: string): DataKind | undefined {
  return dataByType.get(type);
}
