/** Generates the reference to a cluster's policy. */
import type { Attributes, Value } from "../../resources/kind";
import { isAttributes } from "../../resources/shape/shape";
import { handleOf, handleInFile } from "./common";
import type { CodeContext } from "./context";
import { scalar } from "./fields";
import { call } from "./print";

/**
 * Returns the handle of a cluster's policy. The handle of an adopted policy adds the values that
 * the policy fixes to the cluster. If the cluster does not have these values, it would change, so
 * the code refers to the policy by its id.
 * @param cluster the cluster's attributes
 */
export function policyOf(
  id: string,
  cluster: ReadonlyMap<string, Value>,
  context: CodeContext,
): string {
  const handle = handleOf("databricks_cluster_policy", id, context);
  const { attributes } = context.findAdopted("databricks_cluster_policy", id) ?? {};
  if (attributes === undefined || fieldsSetBy(attributes).every((path) => hasValue(cluster, path)))
    return handle;
  return handleInFile(context, `policy ${id}`, () => {
    const { file } = context;
    const name = file.name(`${handle} id`, "policy");
    file.writeAbove(() => {
      file.comment(
        "Refers to the policy by id: its handle would add the values that it fixes, which these clusters do not have.",
      );
      file.const(name, call(`${file.use("ClusterPolicy")}.fromId`, call(`${handle}.renderId`)));
    });
    return name;
  });
}

/**
 * Returns the fields that the constructs set in a cluster with this policy
 * (constructs/compute/policy-supplied.ts), and the fields for the cluster's size.
 */
function fieldsSetBy(policy: Attributes): readonly string[] {
  const definition =
    scalar(policy["policy_family_definition_overrides"]) || scalar(policy["definition"]) || "{}";
  const rules = JSON.parse(definition) as Readonly<Record<string, Attributes>>;
  return Object.entries(rules).flatMap(([path, rule]) => {
    if (isSize(path))
      return rule["type"] === "fixed" || rule["defaultValue"] !== undefined ? [path] : [];
    return rule["type"] === "fixed" && suppliedFields.test(path) ? [path] : [];
  });
}

const isSize = (path: string): boolean => /^(num_workers$|autoscale\.)/.test(path);
const suppliedFields =
  /^(spark_conf|spark_env_vars|custom_tags)\.|^(data_security_mode|single_user_name|runtime_engine)$/;

function hasValue(cluster: ReadonlyMap<string, Value>, path: string): boolean {
  if (isSize(path)) return Number(cluster.get("num_workers") ?? 0) > 0 || cluster.has("autoscale");
  const [, name = "", key] = /^(\w+)(?:\.(.+))?$/.exec(path) ?? [];
  const clusterValue = cluster.get(name);
  return (
    clusterValue !== undefined &&
    (key === undefined || (isAttributes(clusterValue) && key in clusterValue))
  );
}
