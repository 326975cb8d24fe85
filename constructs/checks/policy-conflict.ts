import { defined } from "../../src/defined";
import { ruleProblem, type RenderedRule } from "../compute/policy-rule";
import { blocks, clusterSpecs, text, type Block, type Finding } from "./rendered";

/** Policy attributes that are not fields of a cluster. */
const nonFields: ReadonlySet<string> = new Set(["cluster_type", "dbus_per_hour"]);

/**
 * Finds cluster settings that conflict with the policy: the API rejects them, or replaces them with
 * the policy's value, so that every plan shows a diff.
 * @param definitionOf returns the definition of a known policy by the cluster's `policy_id`
 */
export function policyConflicts(
  type: string,
  body: Block,
  definitionOf: (reference: string) => string | undefined,
): Finding[] {
  return clusterSpecs(type, body).flatMap(({ position, spec }) => {
    const definition = definitionOf(text(spec, "policy_id") ?? "");
    if (definition === undefined) return [];
    return Object.entries(rulesIn(definition)).flatMap(([attribute, rule]): Finding[] => {
      const value = nonFields.has(attribute) ? undefined : valueAt(spec, attribute);
      const problem = value === undefined ? undefined : ruleProblem(rule, value);
      if (problem === undefined) return [];
      return [
        {
          code: "POLICY_CONFLICT",
          message: `${attribute} conflicts with the cluster's policy`,
          ...defined({ position }),
          value: String(value),
          allowed: problem,
          fix: "use a value that the policy allows, or change the policy",
        },
      ];
    });
  });
}

/**
 * Returns the rules of a definition by attribute, without those that contain an expression. None if
 * the definition itself is an expression, or is invalid: only Terraform or the API can check it.
 */
function rulesIn(definition: string): Readonly<Record<string, RenderedRule>> {
  let rules: unknown;
  try {
    rules = JSON.parse(definition);
  } catch {
    return {};
  }
  if (typeof rules !== "object" || rules === null) return {};
  return Object.fromEntries(
    Object.entries(rules as Readonly<Record<string, RenderedRule>>).filter(
      ([, rule]) => !JSON.stringify(rule).includes("${"),
    ),
  );
}

/**
 * Returns the value of an attribute: `spark_conf.spark.master` is the key `spark.master` of the map
 * `spark_conf`, `autoscale.max_workers` a field of a block.
 */
function valueAt(spec: Block, attribute: string): string | number | boolean | undefined {
  const dot = attribute.indexOf(".");
  const name = dot < 0 ? attribute : attribute.slice(0, dot);
  const key = attribute.slice(dot + 1);
  const value =
    dot < 0 ? spec[name] : (blocks(spec, name)[0]?.[key] ?? nestedValue(spec, attribute));
  const isScalar =
    typeof value === "number" ||
    typeof value === "boolean" ||
    (typeof value === "string" && !value.includes("${"));
  return isScalar ? value : undefined;
}

/** Returns the value at a path through several blocks: `docker_image.basic_auth.username`. */
function nestedValue(spec: Block, attribute: string): unknown {
  let value: unknown = spec;
  for (const part of attribute.split(".")) {
    const item: unknown = Array.isArray(value) ? value[0] : value;
    value = typeof item === "object" && item !== null ? (item as Block)[part] : undefined;
  }
  return value;
}
