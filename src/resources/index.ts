/** The registry: every kind that lakeform knows, by Terraform type. */
import { catalog } from "./catalog";
import { clusterData, clustersData } from "./data/cluster";
import { currentConfig } from "./data/current-config";
import { currentUser } from "./data/current-user";
import { dbfsFileData, notebookData } from "./data/files";
import { jobData, jobsData } from "./data/job";
import { nodeTypeData } from "./data/node-type";
import { sparkVersion } from "./data/spark-version";
import { sqlWarehouseData } from "./data/sql-warehouse";
import { catalogData, schemaData, volumeData } from "./data/unity-catalog";
import { dbfsFile } from "./dbfs-file";
import { directory } from "./directory";
import { file } from "./file";
import { gitCredential } from "./git-credential";
import { grant } from "./grant";
import { grants } from "./grants";
import { cluster } from "./cluster";
import { clusterPolicy } from "./cluster-policy";
import { instancePool } from "./instance-pool";
import { library } from "./library";
import { sqlEndpoint } from "./sql-endpoint";
import { job } from "./job";
import type { DataKind, Kind } from "./kind";
import { notebook } from "./notebook";
import { permissions } from "./permissions";
import { repo } from "./repo";
import { secret } from "./secret";
import { secretAcl } from "./secret-acl";
import { secretScope } from "./secret-scope";
import { token } from "./token";
import { ucSchema } from "./uc-schema";
import { volume } from "./volume";
import { workspaceFile } from "./workspace-file";

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
