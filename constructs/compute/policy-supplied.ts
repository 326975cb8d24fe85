import type { PolicyAttribute, PolicyDefinition, RenderedRule } from "./policy-rule";

type Scalar = string | number | boolean;

/** Values that the policy sets on a cluster, in fields that every plan would otherwise change. */
export interface PolicySupplied {
  readonly sparkConf: Readonly<Record<string, string>>;
  readonly sparkEnvVars: Readonly<Record<string, string>>;
  readonly customTags: Readonly<Record<string, string>>;
  readonly dataSecurityMode?: string;
  readonly singleUserName?: string;
  readonly runtimeEngine?: string;
  /** Minutes of inactivity before the cluster stops. */
  readonly autoterminationMinutes?: number;
}

/**
 * Returns the values that the cluster must set explicitly. The platform writes a policy's fixed
 * values (and with `applyPolicyDefaultValues` its defaults) into the cluster and returns them, so
 * every plan would remove them (databricks/cli#6512).
 * @param definition the rules of the policy; undefined if the stack does not know them
 */
export function valuesFromPolicy(
  definition: PolicyDefinition | undefined,
  applyDefaults: boolean,
): PolicySupplied {
  const values = Object.entries(definition ?? {}).flatMap(
    ([attribute, rule]): (readonly [string, Scalar])[] => {
      const value = rule === undefined ? undefined : valueFromRule(rule.rendered, applyDefaults);
      return value === undefined ? [] : [[attribute, value]];
    },
  );
  const valuesUnder = (prefix: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      values
        .filter(([attribute]) => attribute.startsWith(prefix))
        .map(([attribute, value]) => [attribute.slice(prefix.length), String(value)]),
    );
  const valueOf = (attribute: PolicyAttribute): Scalar | undefined =>
    values.find(([name]) => name === attribute)?.[1];
  const stringOf = (attribute: PolicyAttribute): string | undefined =>
    valueOf(attribute)?.toString();
  const minutes = valueOf("autotermination_minutes");
  return {
    sparkConf: valuesUnder("spark_conf."),
    sparkEnvVars: valuesUnder("spark_env_vars."),
    customTags: valuesUnder("custom_tags."),
    dataSecurityMode: stringOf("data_security_mode"),
    singleUserName: stringOf("single_user_name"),
    runtimeEngine: stringOf("runtime_engine"),
    ...(typeof minutes === "number" && { autoterminationMinutes: minutes }),
  };
}

function valueFromRule(rule: RenderedRule, applyDefaults: boolean): Scalar | undefined {
  if (rule.type === "fixed") return rule.value;
  return applyDefaults && "defaultValue" in rule ? rule.defaultValue : undefined;
}
