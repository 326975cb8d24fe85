/**
 * A pattern of 400 responses that report a missing object without RESOURCE_DOES_NOT_EXIST. Their
 * errors get the kind "not-found", so that callers need only `isNotFound`. A 403 never counts as
 * "not found", because the platform also returns it for objects that exist.
 */
export interface GoneAnswer {
  /**
   * Matches calls that read or remove one object. The calls that create or edit one are excluded,
   * because the missing object may be one that they refer to.
   */
  readonly calls: RegExp;
  readonly errorCode: "INVALID_PARAMETER_VALUE" | "INVALID_STATE";
  readonly message: RegExp;
  /** Evidence that the platform returns this message. */
  readonly source: string;
}

/**
 * Returns a pattern of calls such as `GET /api/2.1/clusters/get`, and of calls that read or replace
 * the permissions of one such object: `GET /api/2.0/permissions/clusters/<id>`.
 */
function calls(family: string, objects?: string): RegExp {
  const permissions =
    objects === undefined ? "" : `|(GET|PUT) /api/2\\.\\d/permissions/${objects}/[^/]+`;
  return new RegExp(`^(${family}${permissions})$`);
}

/**
 * Returns a pattern that matches `Cluster 0101-… does not exist` or `Can't find a cluster policy
 * with id: …`.
 */
function missing(noun: string): RegExp {
  const absent = "(does not exist|doesn't exist|not found|no longer exists)";
  return new RegExp(
    `\\b${noun}( with id:?)? ['"\`]?[\\w./-]+?['"\`]? (is |was )?${absent}|(can't|cannot|could not) find (an? |the )?${noun}\\b`,
    "i",
  );
}

const clusters = calls(
  "GET /api/2\\.\\d/clusters/get|POST /api/2\\.\\d/clusters/(permanent-)?delete|GET /api/2\\.\\d/libraries/cluster-status|POST /api/2\\.\\d/libraries/uninstall",
  "clusters",
);

export const goneAnswers: readonly GoneAnswer[] = [
  {
    calls: clusters,
    errorCode: "INVALID_STATE",
    message: /cannot access cluster\b.*\b(terminated|unpinned)\b.*\b30 days/i,
    source:
      "a cluster ended 30 days ago: terraform-provider-databricks issues 1177 and 1197 (clusters/get, permissions), docs of databricks_cluster",
  },
  {
    calls: clusters,
    errorCode: "INVALID_PARAMETER_VALUE",
    message: missing("cluster"),
    source:
      "error overrides of the official SDKs (clusters/get); clusters/permanent-delete and libraries/cluster-status use the same text",
  },
  {
    calls: calls("GET /api/2\\.\\d/jobs/get|POST /api/2\\.\\d/jobs/delete", "jobs"),
    errorCode: "INVALID_PARAMETER_VALUE",
    message: missing("job"),
    source:
      "error overrides of the official SDKs (jobs/get); terraform-provider-databricks issue 740 (permissions)",
  },
  {
    calls: calls(
      "GET /api/2\\.\\d/jobs/runs/(get|get-output|export)|POST /api/2\\.\\d/jobs/runs/delete",
    ),
    errorCode: "INVALID_PARAMETER_VALUE",
    message: /\bRun:? \S+( in job: \S+)? (does not|doesn't) exist/i,
    source: "error overrides of the official SDKs (jobs/runs/get)",
  },
  {
    calls: calls(
      "GET /api/2\\.\\d/policies/clusters/get|POST /api/2\\.\\d/policies/clusters/delete",
      "cluster-policies",
    ),
    errorCode: "INVALID_PARAMETER_VALUE",
    message: missing("(cluster )?policy"),
    source:
      "databrickslabs/ucx issue 483 (the text); answered with 400 as well as with RESOURCE_DOES_NOT_EXIST",
  },
  {
    calls: calls(
      "GET /api/2\\.\\d/instance-pools/get|POST /api/2\\.\\d/instance-pools/delete",
      "instance-pools",
    ),
    errorCode: "INVALID_PARAMETER_VALUE",
    message: missing("(instance )?pool"),
    source: "the first releases of terraform-provider-databricks look for this text",
  },
  {
    calls: calls(
      "(GET|DELETE) /api/2\\.\\d/sql/(warehouses|endpoints)/[^/]+",
      "(sql/)?(warehouses|endpoints)",
    ),
    errorCode: "INVALID_PARAMETER_VALUE",
    message: missing("(SQL )?(warehouse|endpoint)"),
    source: "the text of the 404 of sql/warehouses, as the permissions API repeats it",
  },
  {
    calls: calls(
      "POST /api/2\\.\\d/token/delete|(GET|DELETE) /api/2\\.\\d/token-management/tokens/[^/]+",
    ),
    errorCode: "INVALID_PARAMETER_VALUE",
    message: missing("token"),
    source: "the text of the 404 of token/delete",
  },
  {
    calls: calls("(GET|DELETE) /api/2\\.\\d/repos/[^/]+", "(directories|notebooks|files|repos)"),
    errorCode: "INVALID_PARAMETER_VALUE",
    message: missing("(node|node id|directory|notebook|file|repo|object|path)"),
    source: "permissions of workspace objects: the text that the 404 of the Workspace API has",
  },
];

/** Whether a 400 response to this call means that its object does not exist. */
export function isGoneMessage(
  call: { readonly method: string; readonly path: string },
  body: { readonly errorCode?: string; readonly message: string },
): boolean {
  const line = `${call.method} ${call.path}`;
  return goneAnswers.some(
    ({ calls: callPattern, errorCode, message }) =>
      errorCode === body.errorCode && callPattern.test(line) && message.test(body.message),
  );
}
