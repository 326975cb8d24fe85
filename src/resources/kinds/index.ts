/**
 * Room `kinds`: one file per Terraform resource type.
 * It comes after `families`.
 */
import type { Kind } from "../kind";
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
