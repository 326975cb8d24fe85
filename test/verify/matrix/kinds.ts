import { catalog, grant, grants, schema, volume } from "./catalog";
import { cluster, library, policy, pool, warehouse } from "./compute";
import {
  dbfsFile,
  directory,
  gitCredential,
  notebook,
  repo,
  secret,
  secretAcl,
  secretScope,
  token,
  volumeFile,
  workspaceFile,
} from "./files";
import { job } from "./job";
import type { MatrixKind } from "./kind";
import { permissions } from "./permissions";

/** The kinds of the matrix; more-kinds.test.ts has all others. */
export const matrixKinds: readonly MatrixKind[] = [
  job,
  cluster,
  policy,
  pool,
  library,
  secretScope,
  secret,
  secretAcl,
  dbfsFile,
  volumeFile,
  workspaceFile,
  notebook,
  directory,
  token,
  warehouse,
  catalog,
  schema,
  volume,
  grants,
  grant,
  permissions,
  repo,
  gitCredential,
];
