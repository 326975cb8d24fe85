import { policyConflicts } from "../../../constructs/checks/policy-conflict";
import type { Block } from "../../../constructs/checks/rendered";

const definition = JSON.stringify({
  node_type_id: { type: "allowlist", values: ["i3.xlarge"] },
  "autoscale.max_workers": { type: "range", maxValue: 4 },
  "spark_conf.a.b": { type: "fixed", value: "1" },
  "custom_tags.team": { type: "fixed", value: "x" },
  "aws_attributes.zone_id": { type: "forbidden" },
  cluster_type: { type: "fixed", value: "job" },
});
const conflicts = (type: string, body: Block): string[] =>
  policyConflicts(type, body, (reference) =>
    reference === "known-policy" ? definition : undefined,
  ).map(({ allowed }) => allowed ?? "");

describe("policy conflicts", () => {
  test("are values that the policy of the cluster does not allow", () => {
    const cluster = {
      policy_id: "known-policy",
      node_type_id: "big",
      autoscale: { max_workers: 5 },
      spark_conf: { "a.b": "2" },
      aws_attributes: { zone_id: "a" },
    };
    expect(conflicts("databricks_cluster", cluster)).toHaveLength(4);
    expect(
      conflicts("databricks_job", {
        job_cluster: [{ job_cluster_key: "c", new_cluster: cluster }],
      }),
    ).toHaveLength(4);
  });
  test("do not include values that the policy allows or supplies, or policies of other stacks", () => {
    expect(
      conflicts("databricks_cluster", {
        policy_id: "known-policy",
        node_type_id: "i3.xlarge",
        autoscale: { max_workers: 4 },
      }),
    ).toEqual([]);
    expect(
      conflicts("databricks_cluster", { policy_id: "other-policy", node_type_id: "big" }),
    ).toEqual([]);
  });
  test("do not include rules and definitions that only Terraform or the API can evaluate", () => {
    const cluster = { policy_id: "p", node_type_id: "big", spark_version: "15.4" };
    const definitions = [
      "${jsonencode(local.rules)}",
      "{ not JSON",
      JSON.stringify({ node_type_id: { type: "fixed", value: "${var.node_type}" } }),
      JSON.stringify({ node_type_id: { type: "regex", pattern: "(?i)BIG" } }),
    ];
    expect(
      definitions.flatMap((text) => policyConflicts("databricks_cluster", cluster, () => text)),
    ).toEqual([]);
  });
});
