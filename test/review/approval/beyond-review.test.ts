import { listUnreviewedChanges } from "../../../src/review/approval/beyond-review";
import type { FieldChange, Json, ResourceChange, StackReview } from "../../../src/review";

const unknownLater = {
  $lakeform: "unknown",
  from: "platform-dev/policy.id",
  after: "platform-dev",
} as const;

function field(path: string, after: Json | undefined, before?: Json): FieldChange {
  const kind = before === undefined ? "added" : after === undefined ? "removed" : "changed";
  const schemaPath = path.replaceAll(/\[[^\]]*\]/g, "");
  return {
    path,
    field: schemaPath,
    kind,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  };
}

function review(
  action: ResourceChange["action"],
  fields: readonly FieldChange[],
  id?: string,
): StackReview {
  const change = {
    address: "databricks_job.a",
    type: "databricks_job",
    path: "jobs-dev/a",
    action,
    forcedBy: [],
    fields,
    computed: [],
  };
  return {
    changes: [{ ...change, ...(id !== undefined && { id }) }],
    outputs: [],
    overwritten: [],
  } as unknown as StackReview;
}

describe("a plan in which unknown values have become known", () => {
  test.each<[string, StackReview, StackReview]>([
    [
      "the value of the attribute became known",
      review("create", [field("policy_id", unknownLater)]),
      review("create", [field("policy_id", "P1")]),
    ],
    [
      "the new value equals the old one",
      review("update", [field("policy_id", unknownLater, "P1")], "7"),
      review("update", [], "7"),
    ],
    [
      "a value within a block became known",
      review("create", [field("job_cluster[main]", { policy_id: unknownLater, num_workers: 1 })]),
      review("create", [field("job_cluster[main]", { policy_id: "P1", num_workers: 1 })]),
    ],
    [
      "an element of a set became known",
      review(
        "update",
        [field("access_control[unknown]", { group_name: unknownLater, level: "CAN_VIEW" })],
        "7",
      ),
      review(
        "update",
        [field("access_control[users]", { group_name: "users", level: "CAN_VIEW" })],
        "7",
      ),
    ],
    [
      "an update instead of the reviewed replacement",
      review("replace", [field("path", unknownLater, "/a")], "7"),
      review("update", [field("path", "/b", "/a")], "7"),
    ],
  ])("equals the reviewed plan: %s", (_, reviewed, current) => {
    expect(listUnreviewedChanges(reviewed, current)).toEqual([]);
  });

  test.each<[string, StackReview, StackReview, string]>([
    [
      "a different field",
      review("update", [field("policy_id", unknownLater, "P0")], "7"),
      review("update", [field("name", "b", "a")], "7"),
      "name",
    ],
    [
      "a different old value",
      review("update", [field("policy_id", unknownLater, "P0")], "7"),
      review("update", [field("policy_id", "P1", "P9")], "7"),
      "P9",
    ],
    [
      "a different field in the same block",
      review("create", [field("job_cluster[main]", { policy_id: unknownLater, num_workers: 1 })]),
      review("create", [field("job_cluster[main]", { policy_id: "P1", num_workers: 2 })]),
      "num_workers: 2",
    ],
    [
      "a replacement instead of the reviewed update",
      review("update", [], "7"),
      review("replace", [], "7"),
      "replace 7",
    ],
    ["a different object", review("update", [], "7"), review("update", [], "8"), "update 8"],
    [
      "a change that was not reviewed",
      { ...review("update", []), changes: [] },
      review("create", []),
      "was not reviewed",
    ],
  ])("differs from the reviewed plan: %s", (_, reviewed, current, text) => {
    expect(listUnreviewedChanges(reviewed, current).join("\n")).toContain(text);
  });
});
