import { goneAnswers, isGoneMessage } from "../../../src/api/transport/gone";

const isGone = (call: string, errorCode: string, message: string): boolean => {
  const [method = "", path = ""] = call.split(" ");
  return isGoneMessage({ method, path }, { errorCode, message });
};
const [invalid, state] = ["INVALID_PARAMETER_VALUE", "INVALID_STATE"];
const purged =
  "Cannot access cluster 0101-120000-abcdefgh that was terminated or unpinned more than 30 days ago.";

describe("the platform's responses for an object that no longer exists", () => {
  test.each([
    ["GET /api/2.1/clusters/get", state, purged],
    ["POST /api/2.1/clusters/permanent-delete", state, purged],
    ["GET /api/2.0/libraries/cluster-status", state, purged],
    ["POST /api/2.0/libraries/uninstall", state, purged],
    ["GET /api/2.0/permissions/clusters/0101-120000-abcdefgh", state, purged],
    ["GET /api/2.1/clusters/get", invalid, "Cluster 0101-120000-abcdefgh does not exist"],
    [
      "GET /api/2.0/libraries/cluster-status",
      invalid,
      "Cluster 0101-120000-abcdefgh does not exist",
    ],
    ["GET /api/2.2/jobs/get", invalid, "Job 5 does not exist."],
    ["POST /api/2.2/jobs/delete", invalid, "Job 5 does not exist."],
    ["GET /api/2.0/permissions/jobs/5", invalid, "Job 5 does not exist."],
    ["PUT /api/2.0/permissions/jobs/5", invalid, "Job 5 does not exist."],
    ["GET /api/2.2/jobs/runs/get", invalid, "Run: 7 in job: 5 doesn't exist"],
    [
      "GET /api/2.0/policies/clusters/get",
      invalid,
      "Can't find a cluster policy with id: 3063AE1FA3002298.",
    ],
    [
      "POST /api/2.0/policies/clusters/delete",
      invalid,
      "Cluster policy 3063AE1FA3002298 does not exist",
    ],
    [
      "GET /api/2.0/permissions/cluster-policies/3063AE1FA3002298",
      invalid,
      "Policy 3063AE1FA3002298 does not exist",
    ],
    ["GET /api/2.0/instance-pools/get", invalid, "Can't find an instance pool with id: 0101-pool"],
    ["POST /api/2.0/instance-pools/delete", invalid, "Instance pool 0101-pool does not exist"],
    ["GET /api/2.0/sql/warehouses/abc", invalid, "SQL warehouse abc does not exist"],
    ["DELETE /api/2.0/sql/warehouses/abc", invalid, "Endpoint abc does not exist"],
    ["GET /api/2.0/permissions/sql/warehouses/abc", invalid, "SQL warehouse abc does not exist"],
    ["POST /api/2.0/token/delete", invalid, "Token with id abc does not exist"],
    ["GET /api/2.0/permissions/directories/123", invalid, "Node ID 123 does not exist."],
  ])("%s: %s %s", (call, code, message) => expect(isGone(call, code, message)).toBe(true));

  test.each([
    [
      "an edit whose error names a different object",
      "POST /api/2.1/clusters/edit",
      invalid,
      "Cluster policy ABC does not exist",
    ],
    [
      "a create whose error names a different object",
      "POST /api/2.2/jobs/create",
      invalid,
      "Cluster 0101-120000-abcdefgh does not exist",
    ],
    [
      "a principal that does not exist",
      "PUT /api/2.0/permissions/jobs/5",
      invalid,
      "Principal: UserName(x@y) does not exist",
    ],
    [
      "a cluster that is starting",
      "GET /api/2.1/clusters/get",
      state,
      "Cluster 0101-120000-abcdefgh is in unexpected state Pending.",
    ],
    [
      "a missing policy in a call for a cluster",
      "GET /api/2.1/clusters/get",
      invalid,
      "Cluster policy ABC does not exist",
    ],
    [
      "a path that the caller may not see",
      "GET /api/2.0/permissions/directories/123",
      "PERMISSION_DENIED",
      "Node ID 123 does not exist.",
    ],
  ])("do not include %s", (_what, call, code, message) =>
    expect(isGone(call, code, message)).toBe(false),
  );

  test("are listed with a source in each row", () =>
    expect(goneAnswers.filter(({ source }) => source.length < 20)).toEqual([]));
});
