import { object } from "../plan/json";
import { secretReference, secretNames } from "../../secret-shapes";
import type { Breach, Policy } from "./policy";
import { clustersOf, isExpression } from "./shape";

export const secretsByReference: Policy = {
  id: "secrets-by-reference",
  title: "secrets are references, never literals",
  severity: "error",
  explanation:
    "A literal secret ends up in the synthesized stack, in Git, in the plan and in the state. Take the value of a secret from a sensitive variable, and refer to it in clusters as {{secrets/scope/key}}.",
  fix: "take the value from an environment variable (SecretValue.fromEnvironment), and write {{secrets/scope/key}} in Spark configuration and environment variables",
  types: ["databricks_secret", "databricks_git_credential", "databricks_job", "databricks_cluster"],
  check: (resource): Breach[] => {
    const secretField =
      resource.type === "databricks_secret"
        ? "string_value"
        : resource.type === "databricks_git_credential"
          ? "personal_access_token"
          : undefined;
    if (secretField !== undefined) {
      const value = resource.config[secretField];
      return typeof value === "string" && !isExpression(value)
        ? [{ where: secretField, message: "the value is a literal in the code" }]
        : [];
    }
    return clustersOf(resource).flatMap(({ where, cluster }) =>
      ["spark_env_vars", "spark_conf"].flatMap((map) =>
        Object.entries(object(cluster[map]))
          .filter(
            ([name, value]) =>
              (secretNames.test(name) || /\.(?:key|secret|password|token)(?:\.|$)/i.test(name)) &&
              typeof value === "string" &&
              value !== "" &&
              !secretReference.test(value),
          )
          .map(([name]) => ({
            where: `${where}${map}["${name}"]`,
            message: `${name} is a literal in the code`,
          })),
      ),
    );
  },
  examples: {
    good: {
      type: "databricks_cluster",
      config: { spark_env_vars: { API_TOKEN: "{{secrets/etl/api-token}}" } },
    },
    bad: {
      type: "databricks_cluster",
      config: { spark_env_vars: { API_TOKEN: "hunter2-hunter2" } },
    },
  },
};
