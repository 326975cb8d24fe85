import { ConstructError } from "../core/errors";
import { callerPosition } from "../core/caller-position";

type Scalar = string | number | boolean;

/** The attributes that a policy rule can apply to, in the policy's notation. */
export type PolicyAttribute =
  | "apply_policy_default_values"
  | "autoscale.max_workers"
  | "autoscale.min_workers"
  | "autotermination_minutes"
  | "aws_attributes.availability"
  | "aws_attributes.ebs_volume_count"
  | "aws_attributes.ebs_volume_size"
  | "aws_attributes.ebs_volume_type"
  | "aws_attributes.first_on_demand"
  | "aws_attributes.instance_profile_arn"
  | "aws_attributes.spot_bid_price_percent"
  | "aws_attributes.zone_id"
  | "azure_attributes.availability"
  | "azure_attributes.first_on_demand"
  | "azure_attributes.spot_bid_max_price"
  | "cluster_log_conf.path"
  | "cluster_log_conf.region"
  | "cluster_log_conf.type"
  | "cluster_name"
  | "cluster_type"
  | `custom_tags.${string}`
  | "data_security_mode"
  | "dbus_per_hour"
  | "docker_image.basic_auth.username"
  | "docker_image.url"
  | "driver_instance_pool_id"
  | "driver_node_type_id"
  | "enable_elastic_disk"
  | "enable_local_disk_encryption"
  | "gcp_attributes.availability"
  | "gcp_attributes.boot_disk_size"
  | "gcp_attributes.google_service_account"
  | "gcp_attributes.local_ssd_count"
  | "gcp_attributes.zone_id"
  | `init_scripts.${string}`
  | "instance_pool_id"
  | "node_type_id"
  | "num_workers"
  | "runtime_engine"
  | "single_user_name"
  | `spark_conf.${string}`
  | `spark_env_vars.${string}`
  | "spark_version"
  | `ssh_public_keys.${string}`
  | "workload_type.clients.jobs"
  | "workload_type.clients.notebooks";

export type RenderedRule =
  | { readonly type: "fixed"; readonly value: Scalar; readonly hidden?: boolean }
  | { readonly type: "forbidden"; readonly hidden?: boolean }
  | {
      readonly type: "allowlist" | "blocklist";
      readonly values: readonly Scalar[];
      readonly defaultValue?: Scalar;
      readonly isOptional?: boolean;
    }
  | {
      readonly type: "regex";
      readonly pattern: string;
      readonly defaultValue?: Scalar;
      readonly isOptional?: boolean;
    }
  | {
      readonly type: "range";
      readonly minValue?: number;
      readonly maxValue?: number;
      readonly defaultValue?: number;
      readonly isOptional?: boolean;
    }
  | { readonly type: "unlimited"; readonly defaultValue?: Scalar; readonly isOptional?: boolean };

interface RuleOptions<T> {
  /**
   * The value shown in forms, and used by clusters that do not set the field and apply the
   * defaults.
   */
  readonly defaultValue?: T;
  /** Whether a cluster may leave the attribute out. @default false */
  readonly isOptional?: boolean;
}

/**
 * A rule of a policy for one attribute.
 *
 * @example
 * const definition = {
 *   num_workers: PolicyRule.range({ minValue: 1, maxValue: 8, defaultValue: 2 }),
 *   node_type_id: PolicyRule.allowlist(["i3.xlarge", "i3.2xlarge"]),
 *   "custom_tags.team": PolicyRule.fixed("data"),
 * };
 */
export class PolicyRule {
  /** Allows exactly this value. With `hidden`, forms do not show the attribute. */
  static fixed(value: Scalar, options: { readonly hidden?: boolean } = {}): PolicyRule {
    return new PolicyRule({ type: "fixed", value, ...options });
  }

  /** Requires that the attribute is not set. With `hidden`, forms do not show the attribute. */
  static forbidden(options: { readonly hidden?: boolean } = {}): PolicyRule {
    return new PolicyRule({ type: "forbidden", ...options });
  }

  /** Allows one of these values. @throws ConstructError BAD_POLICY_RULE */
  static allowlist(values: readonly Scalar[], options: RuleOptions<Scalar> = {}): PolicyRule {
    const { defaultValue } = options;
    if (values.length === 0) throw invalidRule("the list is empty", "[]");
    if (defaultValue !== undefined && !values.includes(defaultValue))
      throw invalidRule("the default is not on the list", String(defaultValue));
    return new PolicyRule({ type: "allowlist", values, ...options });
  }

  /** Allows any value except these. @throws ConstructError BAD_POLICY_RULE */
  static blocklist(values: readonly Scalar[], options: RuleOptions<Scalar> = {}): PolicyRule {
    if (values.length === 0) throw invalidRule("the list is empty", "[]");
    if (options.defaultValue !== undefined && values.includes(options.defaultValue))
      throw invalidRule("the default is on the list", String(options.defaultValue));
    return new PolicyRule({ type: "blocklist", values, ...options });
  }

  /** Allows values that match the pattern as a whole. @throws ConstructError BAD_POLICY_RULE */
  static regex(pattern: string, options: RuleOptions<string> = {}): PolicyRule {
    try {
      new RegExp(pattern);
    } catch {
      throw invalidRule("not a regular expression", pattern);
    }
    return new PolicyRule({ type: "regex", pattern, ...options });
  }

  /** Allows a number within bounds. @throws ConstructError BAD_POLICY_RULE */
  static range(
    bounds: { readonly minValue?: number; readonly maxValue?: number } & RuleOptions<number>,
  ): PolicyRule {
    const { minValue = -Infinity, maxValue = Infinity, defaultValue } = bounds;
    if (minValue > maxValue) throw invalidRule("the range is empty", `${minValue} to ${maxValue}`);
    if (defaultValue !== undefined && (defaultValue < minValue || defaultValue > maxValue))
      throw invalidRule("the default is out of the range", String(defaultValue));
    return new PolicyRule({ type: "range", ...bounds });
  }

  /** Allows any value. Used to set a default, or to make the attribute required. */
  static unlimited(options: RuleOptions<Scalar> = {}): PolicyRule {
    return new PolicyRule({ type: "unlimited", ...options });
  }

  /** Prevents objects of other classes from being accepted as a rule. */
  readonly #brand = "PolicyRule";
  private constructor(
    /** @internal */
    readonly rendered: RenderedRule,
  ) {}

  toString(): string {
    return `${this.#brand} ${JSON.stringify(this.rendered)}`;
  }
}

/**
 * The rules by attribute, in the policy's notation: `node_type_id`, `autoscale.max_workers`,
 * `spark_conf.<key>`.
 */
export type PolicyDefinition = Readonly<Partial<Record<PolicyAttribute, PolicyRule>>>;

/**
 * Renders the policy as JSON. The platform compares it as a string, so equal rules must always
 * produce the same string.
 */
export function renderDefinition(definition: PolicyDefinition): string {
  const rules = Object.entries(definition).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(
    Object.fromEntries(rules.map(([attribute, rule]) => [attribute, rule?.rendered])),
  );
}

/** Returns the reason why a rule does not allow a value, or undefined. */
export function ruleProblem(rule: RenderedRule, value: Scalar): string | undefined {
  switch (rule.type) {
    case "fixed":
      return value === rule.value ? undefined : `the policy fixes it to ${rule.value}`;
    case "forbidden":
      return "the policy forbids it";
    case "allowlist":
      return rule.values.includes(value)
        ? undefined
        : `the policy allows ${rule.values.join(", ")}`;
    case "blocklist":
      return rule.values.includes(value)
        ? `the policy forbids ${rule.values.join(", ")}`
        : undefined;
    case "regex":
      return matchesPattern(rule.pattern, String(value))
        ? undefined
        : `the policy requires a match of ${rule.pattern}`;
    case "range":
      return typeof value !== "number" ||
        (value >= (rule.minValue ?? -Infinity) && value <= (rule.maxValue ?? Infinity))
        ? undefined
        : `the policy allows ${rule.minValue ?? "anything"} to ${rule.maxValue ?? "anything"}`;
    case "unlimited":
      return undefined;
  }
}

/**
 * Whether a text may match a pattern. The platform also allows patterns that JavaScript does not.
 */
function matchesPattern(pattern: string, text: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(text);
  } catch {
    return true;
  }
}

function invalidRule(message: string, value: string): ConstructError {
  return new ConstructError("BAD_POLICY_RULE", `invalid rule: ${message}`, {
    path: callerPosition(),
    value,
    fix: "correct the arguments of PolicyRule",
  });
}
