import { defined } from "../../defined";
import { exists, invalid, missing, WorkspaceError } from "../errors";
import type { Fields } from "../fields";
import type { JsonObject } from "../errors";
import type { Collection } from "../store";
import type { WorkspaceApp } from "../routes";
import { parseDefinition } from "./policy-rules";

export interface ClusterPolicy {
  readonly policy_id: string;
  readonly name: string;
  readonly definition: string;
  readonly description?: string;
  readonly max_clusters_per_user?: number;
  readonly policy_family_id?: string;
  readonly policy_family_definition_overrides?: string;
  readonly libraries?: JsonObject[];
  readonly creator_user_name: string;
  readonly created_at_timestamp: number;
  readonly is_default: boolean;
}

interface Family {
  readonly policy_family_id: string;
  readonly name: string;
  readonly description: string;
  readonly definition: string;
}

const defineFamily = (
  id: string,
  name: string,
  description: string,
  definition: object,
): Family => ({
  policy_family_id: id,
  name,
  description,
  definition: JSON.stringify(definition),
});

const families: readonly Family[] = [
  defineFamily(
    "personal-vm",
    "Personal Compute",
    "Use with small-to-medium data or libraries like pandas and scikit-learn.",
    {
      num_workers: { type: "fixed", value: 0, hidden: true },
      data_security_mode: {
        type: "allowlist",
        values: ["SINGLE_USER", "LEGACY_SINGLE_USER", "LEGACY_SINGLE_USER_STANDARD"],
        defaultValue: "SINGLE_USER",
      },
      autotermination_minutes: { type: "unlimited", defaultValue: 4320, isOptional: true },
    },
  ),
  defineFamily(
    "power-user",
    "Power User Compute",
    "Use with larger data or libraries like Spark.",
    {
      data_security_mode: { type: "fixed", value: "SINGLE_USER", hidden: true },
      autotermination_minutes: { type: "unlimited", defaultValue: 4320, isOptional: true },
    },
  ),
  defineFamily("shared-compute", "Shared Compute", "Share compute within your team.", {
    data_security_mode: { type: "fixed", value: "USER_ISOLATION", hidden: true },
  }),
  defineFamily("job-cluster", "Job Compute", "Use this default policy for job compute.", {
    cluster_type: { type: "fixed", value: "job" },
    num_workers: { type: "unlimited", defaultValue: 4, isOptional: true },
  }),
];

/** Returns the stored policies. */
export const policiesOf = (app: WorkspaceApp): Collection<ClusterPolicy> =>
  app.store.collection<ClusterPolicy>("cluster_policies");

/** Routes of `/api/2.0/policies/clusters/…` and `/api/2.0/policy-families`. */
export function policyRoutes(app: WorkspaceApp): void {
  const policies = policiesOf(app);
  const formatId = (number: number): string => number.toString(16).toUpperCase().padStart(16, "0");
  // Each family has a built-in policy, which can be changed, but not deleted.
  app.onStart(() =>
    app.store.write(() => {
      for (const { name, definition, policy_family_id } of families) {
        if (policies.values().some((policy) => policy.name === name)) continue;
        const id = formatId(app.store.nextId("policy"));
        const builtIn = { policy_id: id, name, definition, policy_family_id, is_default: true };
        policies.put(id, {
          ...builtIn,
          creator_user_name: "",
          created_at_timestamp: app.clock.now(),
        });
        if (policy_family_id === "personal-vm")
          app.permissions.replace("cluster-policy", id, [
            { kind: "group", name: "users", level: "CAN_USE" },
          ]);
      }
    }),
  );
  const mustFind = (id: string): ClusterPolicy => {
    const policy = id.length > 100 ? undefined : policies.get(id);
    if (policy === undefined) throw missing(`Cannot find a policy with id ${id.slice(0, 100)}`);
    return policy;
  };
  const rejectTakenName = (name: string, id?: string): void => {
    if (policies.values().some((policy) => policy.name === name && policy.policy_id !== id))
      throw exists(`A policy with the name '${name}' already exists`);
  };
  app.post(["2.0"], "/policies/clusters/create", async ({ input, caller }) => {
    app.permissions.requireAdmin(caller, "create cluster policies");
    const settings = parseSettings(input);
    const policy_id = await app.store.write(() => {
      rejectTakenName(settings.name);
      const id = formatId(app.store.nextId("policy"));
      policies.put(id, {
        policy_id: id,
        ...settings,
        creator_user_name: caller.name,
        created_at_timestamp: app.clock.now(),
        is_default: false,
      });
      return id;
    });
    return { policy_id };
  });
  app.post(["2.0"], "/policies/clusters/edit", async ({ input, caller }) => {
    app.permissions.requireAdmin(caller, "edit cluster policies");
    const id = input.string("policy_id");
    const settings = parseSettings(input);
    await app.store.write(() => {
      const { creator_user_name, created_at_timestamp, is_default } = mustFind(id);
      rejectTakenName(settings.name, id);
      policies.put(id, {
        policy_id: id,
        ...settings,
        creator_user_name,
        created_at_timestamp,
        is_default,
      });
    });
    return undefined;
  });
  app.post(["2.0"], "/policies/clusters/delete", async ({ input, caller }) => {
    app.permissions.requireAdmin(caller, "delete cluster policies");
    const id = input.string("policy_id");
    await app.store.write(() => {
      if (mustFind(id).is_default)
        throw invalid(`The policy ${id} is built in: it can be changed, not deleted.`);
      policies.remove(id);
      app.permissions.removeGrants("cluster-policy", id);
    });
    return undefined;
  });
  app.get(["2.0"], "/policies/clusters/get", ({ input, caller }) => {
    const policy = mustFind(input.string("policy_id"));
    app.permissions.require(caller, "cluster-policy", policy.policy_id, "CAN_USE");
    return policy;
  });
  app.get(["2.0"], "/policies/clusters/list", ({ caller }) => {
    const visiblePolicies = policies
      .values()
      .filter(({ policy_id }) =>
        app.permissions.allows(caller, "cluster-policy", policy_id, "CAN_USE"),
      );
    return { policies: visiblePolicies, total_count: visiblePolicies.length };
  });
  app.get(["2.0"], "/policy-families", () => ({ policy_families: families }));
  app.get(["2.0"], "/policy-families/:id", ({ params }) => {
    const policyFamily = families.find((family) => family.policy_family_id === params.id);
    if (policyFamily === undefined)
      throw missing(`Cannot find a policy family with id ${params.id ?? ""}`);
    return policyFamily;
  });
}

function parseSettings(
  input: Fields,
): Omit<ClusterPolicy, "policy_id" | "creator_user_name" | "created_at_timestamp" | "is_default"> {
  const name = input.string("name");
  if (name.length > 100) throw invalid("The policy's name is longer than 100 characters.");
  const familyId = input.optionalString("policy_family_id");
  const overrides = input.optionalString("policy_family_definition_overrides");
  const definition = input.optionalString("definition");
  const policyFamily =
    familyId === undefined || familyId === ""
      ? undefined
      : families.find((family) => family.policy_family_id === familyId);
  if (familyId !== undefined && familyId !== "" && policyFamily === undefined)
    throw new WorkspaceError("INVALID_PARAMETER_VALUE", `Policy family ${familyId} does not exist`);
  if (policyFamily !== undefined && definition !== undefined)
    throw invalid("Cannot specify both definition and policy_family_id");
  if (policyFamily === undefined && (overrides ?? "") !== "")
    throw invalid("policy_family_definition_overrides requires policy_family_id");
  const completeDefinition =
    policyFamily === undefined
      ? (definition ?? "{}")
      : JSON.stringify({
          ...parseDefinition(policyFamily.definition),
          ...parseDefinition(overrides ?? "{}"),
        });
  // Throws for an invalid definition.
  parseDefinition(completeDefinition);
  const description = input.optionalString("description");
  const maxClusters = input.optionalInteger("max_clusters_per_user");
  return {
    name,
    definition: completeDefinition,
    ...defined({
      description,
      max_clusters_per_user: maxClusters,
      policy_family_id: policyFamily?.policy_family_id,
    }),
    ...(policyFamily === undefined || overrides === undefined
      ? {}
      : { policy_family_definition_overrides: overrides }),
    ...(input.has("libraries") && {
      libraries: input.list("libraries").map((library) => library.values),
    }),
  };
}
