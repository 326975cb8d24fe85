/**
 * Samples of dashboards, serving, sharing, budget policies and the credentials of service
 * principals: as in every-kind.ts, samples do not refer to each other.
 */
import type { Sample } from "./every-kind";
import type { MorePrerequisites } from "./more-kinds";
import type { Caller } from "./stack";

const catalogPath = "/api/2.1/unity-catalog";
const dashboardContent = (title: string): string =>
  JSON.stringify({ pages: [{ name: "one", displayName: title }] });
const profile = JSON.stringify({
  shareCredentialsVersion: 1,
  bearerToken: "t",
  endpoint: "https://sharing.example.com",
});

export function latestKinds({
  servicePrincipal,
  application,
}: MorePrerequisites): readonly Sample[] {
  const budgetPolicyPath = async (stack: Caller, id = ""): Promise<string> => {
    const { account_id } = await stack.call("GET", "/.well-known/databricks-config");
    return `/api/2.1/accounts/${account_id as string}/budget-policies/${id}`;
  };
  const secretsPath = `/api/2.0/accounts/servicePrincipals/${servicePrincipal}/credentials/secrets`;
  return [
    {
      type: "databricks_dashboard",
      config: {
        display_name: "sample",
        parent_path: "/Shared/dashboards",
        warehouse_id: "w1",
        serialized_dashboard: dashboardContent("one"),
      },
      update: {
        display_name: "sample 2",
        serialized_dashboard: dashboardContent("two"),
        embed_credentials: false,
      },
      replace: { parent_path: "/Shared/boards" },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", `/api/2.0/lakeview/dashboards/${id ?? ""}`, {
            serialized_dashboard: dashboardContent("changed"),
          }),
        action: "update",
      },
      driftForVerify: (stack, { id }) =>
        stack.call("POST", `/api/2.0/lakeview/dashboards/${id ?? ""}/published`, {
          embed_credentials: false,
          warehouse_id: "w1",
        }),
      remove: (stack, { id }) => stack.call("DELETE", `/api/2.0/lakeview/dashboards/${id ?? ""}`),
      planAfterImport: { action: "update", reason: "the content is not read" },
    },
    {
      type: "databricks_model_serving",
      config: {
        name: "sample-endpoint",
        config: [
          {
            served_entities: [
              {
                name: "churn",
                entity_name: "main.ml.churn",
                entity_version: "1",
                workload_size: "Small",
              },
            ],
          },
        ],
        tags: [{ key: "team", value: "ml" }],
      },
      update: {
        config: [
          {
            served_entities: [
              {
                name: "churn",
                entity_name: "main.ml.churn",
                entity_version: "2",
                workload_size: "Small",
              },
            ],
          },
        ],
        tags: [{ key: "team", value: "data" }],
      },
      replace: { route_optimized: true },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", `/api/2.0/serving-endpoints/${id ?? ""}/tags`, {
            add_tags: [{ key: "team", value: "x" }],
            delete_tags: [],
          }),
        action: "update",
      },
      remove: (stack, { id }) => stack.call("DELETE", `/api/2.0/serving-endpoints/${id ?? ""}`),
    },
    {
      type: "databricks_recipient",
      config: {
        name: "sample-recipient",
        authentication_type: "TOKEN",
        comment: "one",
        sharing_code: "code",
      },
      update: { comment: "two", ip_access_list: [{ allowed_ip_addresses: ["1.2.3.4"] }] },
      replace: { name: "sample-recipient-2" },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", `${catalogPath}/recipients/${id ?? ""}`, { comment: "x" }),
        action: "update",
      },
      remove: (stack, { id }) => stack.call("DELETE", `${catalogPath}/recipients/${id ?? ""}`),
      unverifiable: ["sharing_code"],
      planAfterImport: { action: "replace", reason: "the sharing code is not read" },
    },
    {
      type: "databricks_provider",
      config: {
        name: "sample-provider",
        authentication_type: "TOKEN",
        comment: "one",
        recipient_profile_str: profile,
      },
      update: { comment: "two" },
      replace: { name: "sample-provider-2" },
      drift: {
        change: (stack, { id }) =>
          stack.call("PATCH", `${catalogPath}/providers/${id ?? ""}`, { comment: "x" }),
        action: "update",
      },
      remove: (stack, { id }) => stack.call("DELETE", `${catalogPath}/providers/${id ?? ""}`),
      unverifiable: ["recipient_profile_str"],
      planAfterImport: { action: "update", reason: "the profile is not read" },
    },
    {
      type: "databricks_budget_policy",
      importIdField: "policy_id",
      config: {
        policy_name: "sample-budget",
        custom_tags: [{ key: "team", value: "ml" }],
        binding_workspace_ids: [1000, 1001],
      },
      update: { policy_name: "sample-budget-2", custom_tags: [{ key: "team", value: "data" }] },
      drift: {
        change: async (stack, { policy_id }) =>
          stack.call("PATCH", await budgetPolicyPath(stack, policy_id), {
            custom_tags: [{ key: "team", value: "x" }],
          }),
        action: "update",
      },
      remove: async (stack, { policy_id }) =>
        stack.call("DELETE", await budgetPolicyPath(stack, policy_id)),
    },
    {
      type: "databricks_service_principal_secret",
      config: { service_principal_id: servicePrincipal },
      replace: { time_rotating: "2030-01-01" },
      remove: (stack, { id }) => stack.call("DELETE", `${secretsPath}/${id ?? ""}`),
      planAfterImport: {
        action: "refused",
        reason: "the id in the state does not contain the service principal",
      },
    },
    {
      type: "databricks_obo_token",
      config: { application_id: application, comment: "sample", lifetime_seconds: 3600 },
      replace: { comment: "sample 2" },
      remove: (stack, { id }) =>
        stack.call("DELETE", `/api/2.0/token-management/tokens/${id ?? ""}`),
      unverifiable: ["lifetime_seconds"],
      planAfterImport: {
        action: "replace",
        reason: "the owner and the lifetime of the token are not read",
      },
    },
  ];
}
