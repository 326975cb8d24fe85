/**
 * This folder has one file per Terraform resource type. `scripts/import-order.cjs` lists what it
 * may import.
 */
import type { Kind } from "../kind";
import { budgetPolicy } from "./budget-policy";
import { catalog } from "./catalog";
import { cluster } from "./cluster";
import { clusterPolicy } from "./cluster-policy";
import { dbfsFile } from "./dbfs-file";
import { directory } from "./directory";
import { file } from "./file";
import { gitCredential } from "./git-credential";
import { grant } from "./grant";
import { grants } from "./grants";
import { instancePool } from "./instance-pool";
import { job } from "./job";
import { library } from "./library";
import { notebook } from "./notebook";
import { permissions } from "./permissions";
import { repo } from "./repo";
import { secret } from "./secret";
import { secretAcl } from "./secret-acl";
import { secretScope } from "./secret-scope";
import { sqlEndpoint } from "./sql-endpoint";
import { token } from "./token";
import { ucSchema } from "./uc-schema";
import { volume } from "./volume";
import { workspaceFile } from "./workspace-file";
import { alert } from "./alert";
import { connection } from "./connection";
import { externalLocation } from "./external-location";
import { globalInitScript } from "./global-init-script";
import { group } from "./group";
import { instanceProfile } from "./instance-profile";
import { ipAccessList } from "./ip-access-list";
import { mlflowExperiment } from "./mlflow-experiment";
import { mlflowModel } from "./mlflow-model";
import { notificationDestination } from "./notification-destination";
import { query } from "./query";
import { registeredModel } from "./registered-model";
import { servicePrincipal } from "./service-principal";
import { storageCredential } from "./storage-credential";
import { user } from "./user";
import { workspaceBinding } from "./workspace-binding";
import { credential } from "./credential";
import { dashboard } from "./dashboard";
import { entitlements } from "./entitlements";
import { modelServing } from "./model-serving";
import { oboToken } from "./obo-token";
import { pipeline } from "./pipeline";
import { sharingProvider } from "./provider";
import { recipient } from "./recipient";
import { servicePrincipalSecret } from "./service-principal-secret";
import { vectorSearchEndpoint } from "./vector-search-endpoint";
import { app } from "./app";
import { lakehouseMonitor, qualityMonitor } from "./monitors";
import { share } from "./share";
import { sqlTable } from "./sql-table";
import { artifactAllowlist } from "./artifact-allowlist";
import { metastore } from "./metastore";
import { metastoreAssignment } from "./metastore-assignment";
import { mlflowWebhook } from "./mlflow-webhook";
import { onlineTable } from "./online-table";
import { sqlGlobalConfig } from "./sql-global-config";
import { systemSchema } from "./system-schema";
import { vectorSearchIndex } from "./vector-search-index";
import {
  automaticClusterUpdateSetting,
  defaultNamespaceSetting,
  disableLegacyDbfsSetting,
  restrictWorkspaceAdminsSetting,
} from "./workspace-settings";
import { workspaceConf } from "./workspace-conf";
import {
  groupInstanceProfile,
  groupMember,
  groupRole,
  servicePrincipalRole,
  userInstanceProfile,
  userRole,
} from "./principal-entries";

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
  alert,
  connection,
  externalLocation,
  globalInitScript,
  group,
  instanceProfile,
  ipAccessList,
  mlflowExperiment,
  mlflowModel,
  notificationDestination,
  query,
  registeredModel,
  servicePrincipal,
  storageCredential,
  user,
  workspaceBinding,
  credential,
  entitlements,
  pipeline,
  vectorSearchEndpoint,
  workspaceConf,
  groupInstanceProfile,
  groupMember,
  groupRole,
  servicePrincipalRole,
  userInstanceProfile,
  userRole,
  dashboard,
  modelServing,
  oboToken,
  recipient,
  servicePrincipalSecret,
  sharingProvider,
  artifactAllowlist,
  metastore,
  metastoreAssignment,
  mlflowWebhook,
  onlineTable,
  sqlGlobalConfig,
  systemSchema,
  vectorSearchIndex,
  automaticClusterUpdateSetting,
  defaultNamespaceSetting,
  disableLegacyDbfsSetting,
  restrictWorkspaceAdminsSetting,
  app,
  lakehouseMonitor,
  qualityMonitor,
  share,
  sqlTable,
  budgetPolicy,
];
