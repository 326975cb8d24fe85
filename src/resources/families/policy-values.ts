/** Reads the values that policies set in clusters, to distinguish them from manual changes. */
import { listOf } from "../../api/transport/paging";
import type { ReadClient } from "../../api/client";
import type { PolicyValues } from "../kind";
import { isRefused, orMissing } from "./or-missing";
import { object, objects, optionalText, type Json } from "../shape/json";

const path = "/api/2.0/policies/clusters";

/**
 * Reads the values of one policy, for an object that is read individually. Empty if the policy is
 * missing or not visible; the values that it adds are then reported as differences.
 */
export async function policyValues(
  api: ReadClient,
  id: string,
  signal?: AbortSignal,
): Promise<PolicyValues> {
  const response = await undefinedIfRefused(
    orMissing(api.get(`${path}/get`, { query: { policy_id: id }, signal }), object),
  );
  return response === undefined ? {} : { [id]: valuesSetBy(response) };
}

/** Reads the values of all visible policies with one list, for a list of clusters. */
export async function allPolicyValues(
  api: ReadClient,
  signal?: AbortSignal,
): Promise<PolicyValues> {
  const policies = await undefinedIfRefused(listOf(api, `${path}/list`, "policies", { signal }));
  return Object.fromEntries(
    objects(policies).map((item) => [optionalText(item["policy_id"]) ?? "", valuesSetBy(item)]),
  );
}

async function undefinedIfRefused<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isRefused(error)) return undefined;
    throw error;
  }
}

/**
 * Returns the fixed values and defaults of a policy by their path in the definition:
 * `custom_tags.team`, `spark_conf.spark.speculation`.
 */
function valuesSetBy(policy: Json): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const [field, definition] of Object.entries(definitionOf(policy))) {
    const rule = object(definition);
    const value = rule["type"] === "fixed" ? rule["value"] : rule["defaultValue"];
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
      values[field] = String(value);
  }
  return values;
}

function definitionOf(policy: Json): Json {
  try {
    return object(JSON.parse(optionalText(policy["definition"]) ?? "{}"));
  } catch {
    return {}; // An invalid definition adds no values.
  }
}
