import type { ReadClient } from "../../api/client";
import { byToken } from "../../api/transport/paging";
import { LakeformError } from "../../errors";
import type { Attributes, Kind, Remote, Value } from "../kind";
import { orMissing } from "../families/or-missing";
import { createById } from "../families/create-once";
import { schemaOf, type Block } from "../shape/schema";
import { fromWire, toWire, type WireNames } from "../shape/shape";
import { apiCommand, object, objects, str, text, type Json } from "../shape/json";

const shape: WireNames = { absent: new Set(["id", "policy_id", "*.provider_config"]) };

function policyBlock(): Block {
  const schema = schemaOf("databricks_cluster_policy");
  if (schema === undefined) throw new Error("the schema has no databricks_cluster_policy");
  return schema.block;
}

function remote(found: Json): Remote {
  const id = text(found["policy_id"]) ?? "";
  const attributes = { ...fromWire(policyBlock(), found, shape), id, policy_id: id };
  return { id, attributes, ...(found["is_default"] === true ? { builtIn: true } : {}) };
}

function body(planned: Attributes): Record<string, unknown> {
  const made = toWire(policyBlock(), planned, shape);
  // A policy of a family has a definition of its own only in the answers.
  if (made["policy_family_id"] !== undefined) delete made["definition"];
  return made;
}

const policyPath = "/api/2.0/policies/clusters";

/** The platform has a policy of its own for some families, with the family's name: it cannot be made or deleted, only changed. */
async function isBuiltIn(api: ReadClient, attributes: Attributes): Promise<boolean> {
  const family = str(attributes, "policy_family_id");
  if (family === "") return false;
  for await (const one of byToken<Json>(api, { path: "/api/2.0/policy-families", items: "policy_families" })) {
    if (one["policy_family_id"] === family && one["name"] === str(attributes, "name")) return true;
  }
  return false;
}

async function idOf(api: ReadClient, name: string): Promise<string> {
  const found = objects(object(await api.get(`${policyPath}/list`))["policies"]).filter((one) => one["name"] === name);
  const id = text(found[0]?.["policy_id"]);
  if (id === undefined || found.length > 1) {
    throw new LakeformError("NO_SUCH_POLICY", "the policy of the family cannot be told by its name", { path: "name", value: name });
  }
  return id;
}

/** JSON texts that say the same, whatever their spaces and the order of their keys. */
export function sameJson(a: Value, b: Value): boolean {
  if (typeof a !== "string" || typeof b !== "string") return a === b;
  try {
    return canonical(JSON.parse(a)) === canonical(JSON.parse(b));
  } catch {
    return a === b; // not JSON: the API has the last word
  }
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([x], [y]) => (x < y ? -1 : 1)))
      : inner,
  );
}

export const clusterPolicy: Kind = {
  type: "databricks_cluster_policy",
  title: "cluster policy",
  identity: {
    naturalKey: (attributes) => (str(attributes, "name") === "" ? undefined : `name:${str(attributes, "name")}`),
    link: (host, id) => `${host}/#setting/clusters/cluster-policies/view/${id}`,
  },
  rules: {
    keyed: { libraries: "*", "libraries.maven.exclusions": "*" },
    backendDefaults: {
      definition: {
        reason: "a policy of a family has the family's definition, merged with its overrides",
        when: (_remote, around) => str(around, "policy_family_id") !== "",
        follows: (_remote, around) => str(around, "policy_family_id") !== "",
      },
    },
    unverifiable: {},
    configOnly: {},
    equivalent: { definition: sameJson, policy_family_definition_overrides: sameJson },
  },
  async read(api, id, options) {
    const call = api.get(`${policyPath}/get`, { query: { policy_id: id }, signal: options.signal });
    return orMissing(call, (answer) => remote(object(answer)));
  },
  async *list(api, _within, signal) {
    const answer = object(await api.get(`${policyPath}/list`, { signal }));
    for (const item of objects(answer["policies"])) yield remote(item);
  },
  async create(api, planned, context) {
    if (await isBuiltIn(api, planned)) {
      const policy_id = await idOf(api, str(planned, "name"));
      await api.post(`${policyPath}/edit`, { ...toWire(policyBlock(), planned, shape), policy_id }, { idempotent: true });
      return { id: policy_id, attributes: { policy_id } };
    }
    const sent = body(planned);
    const id = await createById(
      api,
      {
        what: `policy ${str(planned, "name")}`,
        path: `${policyPath}/create`,
        body: sent,
        idField: "policy_id",
        candidates: async () =>
          objects(object(await api.get(`${policyPath}/list`))["policies"]).filter((one) => one["name"] === sent["name"]),
        made: (one) => one["created_at_timestamp"],
        mine: (one, me) => one["creator_user_name"] === me.userName,
      },
      context.pending,
    );
    return { id, attributes: { policy_id: id } };
  },
  async update(api, id, _prior, planned) {
    await api.post(`${policyPath}/edit`, { ...body(planned), policy_id: id }, { idempotent: true });
    return { id };
  },
  async delete(api, id, prior) {
    if (await isBuiltIn(api, prior)) {
      // It goes back to what it was.
      const { policy_family_definition_overrides: _overrides, ...rest } = body(prior);
      await api.post(`${policyPath}/edit`, { ...rest, policy_id: id }, { idempotent: true });
      return;
    }
    await api.post(`${policyPath}/delete`, { policy_id: id }, { removes: true });
  },
  async restore(api, id, desired) {
    await api.post(`${policyPath}/edit`, { ...body(desired), policy_id: id }, { idempotent: true });
  },
  removal: (found) => apiCommand("POST", `${policyPath}/delete`, { policy_id: found.id }),
};
