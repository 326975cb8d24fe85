import { accessMode } from "./access-mode";
import { autotermination } from "./autotermination";
import { durableState } from "./durable-state";
import { failureNotification } from "./failure-notification";
import { gitSourcePinned } from "./git-source-pinned";
import { inheritedValue } from "./inherited-value";
import { jobTimeout } from "./job-timeout";
import { maxWorkers } from "./max-workers";
import { noAccountUsers } from "./no-account-users";
import { noAllPrivileges } from "./no-all-privileges";
import { noAllPurposeForScheduled } from "./no-all-purpose-for-scheduled";
import { noDbfsRoot } from "./no-dbfs-root";
import { noPublicInitScripts } from "./no-public-init-scripts";
import { noUserFolders } from "./no-user-folders";
import { photonCompatibility } from "./photon-compatibility";
import { pinnedSparkVersion } from "./pinned-spark-version";
import type { Policy } from "./policy";
import { privateState } from "./private-state";
import { requiredTags } from "./required-tags";
import { retries } from "./retries";
import { runAsServicePrincipal } from "./run-as-service-principal";
import { secretsByReference } from "./secrets-by-reference";

/** All policies, by id. */
export const policies: readonly Policy[] = [
  accessMode,
  autotermination,
  durableState,
  failureNotification,
  gitSourcePinned,
  inheritedValue,
  jobTimeout,
  maxWorkers,
  noAccountUsers,
  noAllPrivileges,
  noAllPurposeForScheduled,
  noDbfsRoot,
  noPublicInitScripts,
  noUserFolders,
  photonCompatibility,
  pinnedSparkVersion,
  privateState,
  requiredTags,
  retries,
  runAsServicePrincipal,
  secretsByReference,
];
