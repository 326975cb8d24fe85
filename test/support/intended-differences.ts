/**
 * Intentional differences of the embedded provider from the recordings.
 * docs/provider-differences.md explains them.
 */
import type { Call, JsonObject } from "./replay-format";

export interface IntendedDifference {
  readonly case: string;
  /** The first step that is not compared, since the recorded responses no longer fit. */
  readonly from?: string;
  /** Patterns of the intended differences. Each pattern must match a difference. */
  readonly matching?: readonly (RegExp | ((difference: string) => boolean))[];
  /**
   * Returns the calls that the embedded provider makes instead of a recorded call. The comparison
   * uses them in place of the recorded call.
   */
  readonly ourCalls?: (call: Call) => readonly Call[];
  readonly reason: string;
}

/** Whether the two lists of calls of a difference are equal except for the count of one call. */
function differsOnlyInCountOf(step: string, call: string): (difference: string) => boolean {
  return (difference) => {
    if (!difference.startsWith(`${step}: apply calls: expected`)) return false;
    const [expected = "", got = ""] = difference.split("\n    got\n");
    const otherCalls = (text: string): string =>
      text
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "" && !line.endsWith("expected") && !line.startsWith(call))
        .join("\n");
    return otherCalls(expected) === otherCalls(got) && got.includes(call);
  };
}

/** Whether the difference is that the embedded provider does not look for an OAuth endpoint. */
const omitsAuthenticationCalls = (difference: string): boolean =>
  /^create: apply calls: expected\n(\s+GET \/oidc\/\.well-known\/oauth-authorization-server\n)+\s+got\s*$/.test(
    difference,
  );

/**
 * Whether the difference is that the create was sent once, and the object was then looked up; the
 * recording has no response for this call.
 */
const looksUpAfterLoss =
  (create: string, read: string) =>
  (difference: string): boolean => {
    const [expected = "", got = ""] = difference.split("\n    got\n");
    const lines = (text: string): string[] => text.split("\n").map((line) => line.trim());
    const [title, ...calls] = lines(expected);
    return (
      title === "create: apply calls: expected" &&
      calls.every((call) => call === create) &&
      lines(got).join() === [create, read].join()
    );
  };
const lostScopeCreate = looksUpAfterLoss(
  "POST /api/2.0/secrets/scopes/create",
  "GET /api/2.0/secrets/scopes/list",
);
const lostJobCreate = looksUpAfterLoss(
  "POST /api/2.2/jobs/create",
  "GET /api/2.0/preview/scim/v2/Me",
);
const lookupReason =
  "the response does not show whether the create took effect, so the object is looked up";

const roles = [{ value: "arn:aws:iam::123456789012:instance-profile/analysts" }];
const addRoles = (value: unknown): JsonObject => ({ ...(value as JsonObject), roles });
/** The embedded provider reads the group's roles with its members, and sends both. */
const withRoles = (call: Call): readonly Call[] => {
  if (call.method === "PUT") return [{ ...call, body: addRoles(call.body) }];
  return call.query?.attributes === "displayName,entitlements,groups,members,externalId"
    ? [
        {
          ...call,
          query: { attributes: "displayName,groups,members,roles,externalId" },
          response: addRoles(call.response),
        },
      ]
    : [call];
};
/**
 * The embedded provider reads a share after its last change, and sends the owner only if it changes.
 */
const shareCalls = (call: Call): readonly Call[] => {
  if (call.method !== "PATCH") return [call];
  const { body: _changes, ...callWithoutBody } = call;
  const query = { include_shared_data: "true" };
  return "updates" in (call.body as JsonObject)
    ? [call, { ...callWithoutBody, method: "GET", query }]
    : [];
};

/**
 * The embedded provider reads the account from the host's metadata, and a budget policy after a
 * change.
 */
const accountCalls = (call: Call): readonly Call[] => {
  const { body: _policy, ...callWithoutBody } = call;
  const metadata = {
    ...callWithoutBody,
    method: "GET",
    path: "/.well-known/databricks-config",
    response: { account_id: "a1" },
  };
  const path = "/api/2.1/accounts/a1/budget-policies/b1";
  const isChange = call.method === "POST" || call.method === "PATCH";
  return [metadata, call, ...(isChange ? [{ ...callWithoutBody, method: "GET", path }] : [])];
};

const rolesReason =
  "the roles of a group are also read and sent: without them, it would lose its instance profiles";

export const intendedDifferences: readonly IntendedDifference[] = [
  {
    case: "catalog",
    from: "update: rename",
    reason:
      "a catalog is renamed; the official provider sends no new name, and plans the same update forever",
  },
  {
    case: "catalog-provisioning-info",
    matching: [
      /^plan after create: plan databricks_catalog\.this: expected update of provisioning_info, got nothing$/,
    ],
    reason:
      "a value that only the platform sets is not a difference; the official plan never becomes empty",
  },
  {
    case: "token-expired",
    matching: [/^create: state: databricks_token\.this is unexpected$/],
    reason: "a created object that cannot be read is kept as tainted instead of lost",
  },
  {
    case: "validate-grants-two-securables",
    matching: [/^create: the plan fails: only one securable can be given/],
    reason:
      "two securables are rejected in the plan; the official provider first writes to one of them",
  },
  {
    case: "error-update-400",
    matching: [
      /^update fails with 400: state databricks_job\.this\.tags\.a: expected "2", got "1"$/,
      /^plan after the failed update: plan drift databricks_job\.this: expected update of tags, got nothing$/,
    ],
    reason: "a failed update changed nothing, so the state keeps the old values",
  },
  {
    case: "error-cluster-update-400",
    matching: [
      /^resize fails with 400: state databricks_cluster\.this\.num_workers: expected 9, got 2$/,
      /^plan after the failed update: plan drift databricks_cluster\.this: expected update of num_workers, got nothing$/,
    ],
    reason: "a failed update changed nothing, so the state keeps the old values",
  },
  {
    case: "config-no-token",
    matching: [omitsAuthenticationCalls],
    reason:
      "without credentials, no call is made; the official provider requests an OAuth endpoint six times",
  },
  {
    case: "config-empty-token",
    matching: [omitsAuthenticationCalls],
    reason:
      "without credentials, no call is made; the official provider requests an OAuth endpoint six times",
  },
  {
    case: "retry-503-forever",
    matching: [lostScopeCreate],
    reason: `${lookupReason}; the official provider repeats the create forever`,
  },
  {
    case: "retry-503-then-ok",
    from: "plan after create",
    matching: [
      /^create: apply calls: [^]*\n {4}got\n\s+POST \S+\/scopes\/create\n\s+GET \S+\/scopes\/list\n\s+GET \/api\/2\.0\/secrets\/list\?scope=app$/,
      /^create: the apply fails: cannot create secret scope: try later: /,
      /^create: state: databricks_secret_scope\.this is missing$/,
    ],
    reason: `${lookupReason} before the create is repeated. In the recording, the list then contains the scope, and there is no response that shows whether it is empty`,
  },
  { case: "retry-408-request-timeout", matching: [lostScopeCreate], reason: lookupReason },
  { case: "retry-502-bad-gateway", matching: [lostScopeCreate], reason: lookupReason },
  { case: "retry-504-deadline-exceeded", matching: [lostScopeCreate], reason: lookupReason },
  { case: "error-create-500", matching: [lostJobCreate], reason: lookupReason },
  { case: "error-create-502-html", matching: [lostJobCreate], reason: lookupReason },
  {
    case: "error-create-read-fails",
    matching: [differsOnlyInCountOf("create", "GET /api/2.2/jobs/get")],
    reason:
      "a read that fails with a 500 is repeated up to three times; the official provider taints the new job immediately",
  },
  {
    case: "job-email-notifications",
    from: "update: change one list",
    reason:
      "removed addresses disappear; the official provider sends a blank address for each of them",
  },
  {
    case: "drift-job-suppressed",
    matching: [
      /^plan after the change: plan databricks_job\.this changes\.email_notifications\.after\.0: expected \{"on_failure":\[null\]\}, got \(nothing\)$/,
    ],
    reason:
      "an address that was added manually is removed; the official provider plans a blank one in its place",
  },
  {
    case: "drift-job-tasks",
    matching: [
      /^plan and apply after the change: plan databricks_job\.this changes\.task\./,
      /^plan and apply after the change: plan drift databricks_job\.this changes\.task\.after\./,
      /^plan and apply after the change: apply body of POST \/api\/2\.2\/jobs\/reset: /,
    ],
    reason:
      "tasks are compared by key; the official provider compares them by position, and plans changes of two tasks instead of one",
  },
  {
    case: "job-unsorted-tasks",
    matching: [
      /^(create|update: [a-z ]+|import): state databricks_job\.this\.task\.\d\.(task_key|depends_on|notebook_task\.0\.notebook_path): /,
      /^update: [a-z ]+: plan databricks_job\.this changes\.task\.before\.\d\.(task_key|depends_on|notebook_task\.0\.notebook_path): /,
      /^plan after (create|update: [a-z ]+): plan databricks_job\.this: expected update of task, got nothing$/,
      /^import: plan databricks_job\.this: expected update of always_running, control_run_state, task, got nothing$/,
      /^update: add a task in the middle: plan databricks_job\.this changes\.task\.after\.[03]\.(email_notifications|webhook_notifications|run_if|notebook_task\.0\.source): /,
      /^update: add a task in the middle: apply body of POST \/api\/2\.2\/jobs\/reset: /,
    ],
    reason:
      "the state keeps the configuration's order of tasks, so the plan is empty; the official plan never is. A task added in the middle inherits no values",
  },
  {
    case: "job-webhook-notifications",
    matching: [
      /^create: state databricks_job\.this\.webhook_notifications\.0\.on_failure\.\d\.id: /,
      /^plan after create: plan databricks_job\.this: expected update of webhook_notifications, got nothing$/,
    ],
    reason:
      "the state keeps the configuration's order of destinations, so the plan is empty; the official plan never is",
  },
  {
    case: "job-git-source",
    matching: [
      /^plan after create: plan databricks_job\.this: expected update of git_source, got nothing$/,
      /^update: tag instead of branch: plan databricks_job\.this changes\.git_source\.after\.0\.provider: expected \(nothing\), got "gitHub"$/,
      /^update: tag instead of branch: apply body of POST \/api\/2\.2\/jobs\/reset: expected .*"git_provider":"",.*, got .*"git_provider":"gitHub",/,
    ],
    reason:
      "the Git provider derived from the URL is kept; the official provider removes it in the next plan, and sends an empty one",
  },
  {
    case: "job-always-running",
    matching: [
      differsOnlyInCountOf("create", "GET /api/2.2/jobs/runs/get"),
      differsOnlyInCountOf("update: rename", "GET /api/2.2/jobs/runs/get"),
    ],
    reason:
      "the apply waits until the run has started; the official provider waits until it has ended, so an apply hangs while the job runs",
  },
  {
    case: "cluster-libraries-uninstall-on-restart",
    matching: [
      /^update: swap one library: (plan databricks_cluster\.this changes\.library\.after|state databricks_cluster\.this\.library)\.\d\.pypi\.0\.package: /,
      /^plan after update: swap one library: plan (drift )?databricks_cluster\.this: expected update of library, got nothing$/,
    ],
    reason:
      "a library that will be uninstalled at the next restart counts as removed; in the official provider, it is a difference in every plan",
  },
  {
    case: "cluster-libraries",
    matching: [
      /^update: swap one library: (plan databricks_cluster\.this changes\.library\.after|state databricks_cluster\.this\.library)\.\d\.pypi\.0\.package: /,
      /^update: remove all libraries: plan drift databricks_cluster\.this: expected update of library, got nothing$/,
    ],
    reason: "the order of a set is not significant",
  },
  {
    case: "sql-endpoint-full",
    from: "update: remove tags and channel",
    reason: "removed tags disappear; the official provider sends an empty tag for each of them",
  },
  {
    case: "drift-sql-endpoint",
    matching: [
      /^plan and apply after the change: plan databricks_sql_endpoint\.this changes\.tags\.after\.0: expected \{"custom_tags":\[null\]\}, got \(nothing\)$/,
      /^plan and apply after the change: apply body of POST \/api\/2\.0\/sql\/warehouses\/0000000000000001\/edit: /,
    ],
    reason:
      "a tag that was added manually is removed; the official provider sends an empty one in its place",
  },
  {
    case: "error-delete-400-does-not-exist",
    from: "destroy",
    reason: "an object that no longer exists needs no delete; the official provider fails",
  },
  {
    case: "gone-library",
    from: "plan and apply after the object was deleted",
    reason:
      "a library that no longer exists is installed again; with the official provider, every refresh fails, including that of a destroy",
  },
  {
    case: "derived-group",
    ourCalls: withRoles,
    reason: rolesReason,
  },
  {
    case: "derived-group-force",
    ourCalls: withRoles,
    reason: rolesReason,
  },
  {
    case: "derived-share",
    ourCalls: shareCalls,
    matching: [
      /^update: object: plan databricks_share\.this changes\.(effective_owner|id|storage_location|updated_at|updated_by): expected .*, got \(nothing\)$/,
      /^update: object: plan databricks_share\.this changes\.object\.after\.0\.(added_at|added_by|effective_shared_as|status): expected \(nothing\), got /,
      /^update: object: plan databricks_share\.this changes\.object\.unknown: expected .*, got \(nothing\)$/,
    ],
    reason:
      "the object is read after a change, as for every other kind; the plan of an update shows only changes, and an unchanged owner is not sent",
  },
  {
    case: "derived-budget-policy",
    ourCalls: accountCalls,
    reason:
      "the account comes from the host's metadata and needs no configuration; the object is read after a change, as for every other kind",
  },
  {
    case: "derived-group-entitlement-removed-behind",
    matching: [
      /^plan after create: plan databricks_group\.this: expected nothing, got update \{"allow_cluster_create":/,
    ],
    reason: "an entitlement that was removed manually is a difference",
  },
  {
    case: "derived-connection",
    matching: [
      differsOnlyInCountOf("update: owner", "PATCH /api/2.1/unity-catalog/connections/pg"),
    ],
    reason: "if only the owner changes, the options and their secrets are not sent again",
  },
  {
    case: "derived-registered-model",
    matching: [
      differsOnlyInCountOf("update: comment", "PATCH /api/2.1/unity-catalog/models/main.ml.churn"),
    ],
    reason: "an update is sent once, with the fields that an update can change",
  },
  {
    case: "derived-global-init-script",
    matching: [/^update: disabled: apply body of PATCH .*"enabled":false/],
    reason:
      "an omitted field is not changed, so false is sent; otherwise, the script would stay enabled",
  },
  {
    case: "derived-group-member-two",
    matching: [
      differsOnlyInCountOf("create", "GET /api/2.0/preview/scim/v2/Groups/1001?attributes=members"),
    ],
    reason: "the members are read again after a change, to check that it took effect",
  },
];
