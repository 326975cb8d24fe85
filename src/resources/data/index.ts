/**
 * This folder has one file per Terraform data source. `scripts/import-order.cjs` lists what it may
 * import.
 */
import type { DataKind } from "../kind";
import { clusterData, clustersData } from "./cluster";
import { currentConfig } from "./current-config";
import { currentUser } from "./current-user";
import { dbfsFileData, notebookData } from "./files";
import { jobData, jobsData } from "./job";
import { listDataKinds } from "./lists";
import { nodeTypeData } from "./node-type";
import { groupData, servicePrincipalData, userData } from "./principals";
import { sparkVersion } from "./spark-version";
import { sqlWarehouseData } from "./sql-warehouse";
import { summaryDataKinds } from "./summaries";
import {
  catalogData,
  externalLocationData,
  schemaData,
  storageCredentialData,
  volumeData,
} from "./unity-catalog";

export const dataKinds: readonly DataKind[] = [
  catalogData,
  clusterData,
  clustersData,
  currentConfig,
  currentUser,
  dbfsFileData,
  groupData,
  jobData,
  jobsData,
  nodeTypeData,
  notebookData,
  schemaData,
  servicePrincipalData,
  sparkVersion,
  sqlWarehouseData,
  userData,
  volumeData,
  externalLocationData,
  storageCredentialData,
  ...listDataKinds,
  ...summaryDataKinds,
];
