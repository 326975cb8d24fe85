import type { ReadClient } from "../../api/client";
import { byToken, listOf } from "../../api/transport/paging";
import { LakeformError } from "../../errors";
import type { Attributes, Kind } from "../kind";
import { byId, verbs } from "../families/by-id";
import { blockOf } from "../shape/schema";
import { toWire, type WireNames } from "../shape/shape";
import { textOrEmpty } from "../shape/attributes";
import { sameJson, optionalText, type Json } from "../shape/json";

const wireNames: WireNames = { absent: new Set(["id", "policy_id"]) };

/** Drops the definition of a policy with a family: the platform derives it from the family. */
function withoutInheritedDefinition(fields: Record<string, unknown>): Record<string, unknown> {
  if (fields["policy_family_id"] === undefined) return fields;
  const { definition: _inherited, ...rest } = fields;
  return rest;
}

const policyPath = "/api/2.0/policies/clusters";

/**
 * Whether the policy belongs to a family and is named after it. Such a policy always exists: it can
 * be changed, but not created or deleted.
 */
async function hasFamilyName(api: ReadClient, attributes: Attributes): Promise<boolean> {
  const family = textOrEmpty(attributes, "policy_family_id");
  if (family === "") return false;
  for await (const policyFamily of byToken<Json>(api, {
    path: "/api/2.0/policy-families",
    items: "policy_families",
  })) {
    if (
      policyFamily["policy_family_id"] === family &&
      policyFamily["name"] === textOrEmpty(attributes, "name")
    )
      return true;
  }
  return false;
}

async function findPolicyId(api: ReadClient, name: string): Promise<string> {
  const matches = (await listOf(api, `${policyPath}/list`, "policies")).filter(
    (item) => item["name"] === name,
  );
  const id = optionalText(matches[0]?.["policy_id"]);
  if (id === undefined || matches.length > 1) {
    throw new LakeformError(
      "NO_SUCH_POLICY",
      "no cluster policy, or more than one, has the name of this policy family",
      {
        path: "name",
        value: name,
        fix: "use the family's exact name, and make sure that exactly one policy has it: lakeform api GET 2.0/policies/clusters/list",
      },
    );
  }
  return id;
}

const policy = byId({
  type: "databricks_cluster_policy",
  title: "cluster policy",
  traits: { comparedInList: true, readFromList: [], accessList: { request: "cluster-policies" } },
  calls: verbs(policyPath, "policy_id"),
  idField: "policy_id",
  nameField: "name",
  items: "policies",
  link: (host, id) => `${host}/#setting/clusters/cluster-policies/view/${id}`,
  body: withoutInheritedDefinition,
  isBuiltIn: (item) => item["is_default"] === true,
  createdAt: (item) => item["created_at_timestamp"],
  isCreatedBy: (item, caller) => item["creator_user_name"] === caller.userName,
  rules: {
    keyed: { libraries: "*", "libraries.maven.exclusions": "*" },
    backendDefaults: {
      definition: {
        reason: "a policy of a family has the family's definition, merged with its overrides",
        when: (_remote, parent) => textOrEmpty(parent, "policy_family_id") !== "",
        follows: (_remote, parent) => textOrEmpty(parent, "policy_family_id") !== "",
      },
    },
    equivalent: { definition: sameJson, policy_family_definition_overrides: sameJson },
  },
});

export const clusterPolicy: Kind = {
  ...policy,
  async create(api, planned, context) {
    if (!(await hasFamilyName(api, planned))) return policy.create(api, planned, context);
    const policy_id = await findPolicyId(api, textOrEmpty(planned, "name"));
    await api.post(
      `${policyPath}/edit`,
      { ...toWire(blockOf(policy.type), planned, wireNames), policy_id },
      { idempotent: true },
    );
    return { id: policy_id, attributes: { policy_id } };
  },
  async delete(api, id, prior, context) {
    if (!(await hasFamilyName(api, prior))) return policy.delete(api, id, prior, context);
    // A policy with its family's name is not deleted, but gets the family's settings back.
    const { policy_family_definition_overrides: _overrides, ...rest } = withoutInheritedDefinition(
      toWire(blockOf(policy.type), prior, wireNames),
    );
    await api.post(`${policyPath}/edit`, { ...rest, policy_id: id }, { idempotent: true });
  },
};
