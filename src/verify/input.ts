/** The verifier's input as parsed JSON. */

/** A parsed `cdk.tf.json` (or any Terraform configuration in JSON syntax). */
export interface SynthesizedStack {
  readonly resource?: Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>
  >;
  readonly data?: Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>
  >;
  readonly variable?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly provider?: unknown;
  readonly module?: unknown;
  readonly locals?: Readonly<Record<string, unknown>>;
  readonly [section: string]: unknown;
}

/**
 * Terraform state, format 4, as `terraform state pull` prints it and local backends store it.
 */
export interface TerraformState {
  readonly version: number;
  readonly serial: number;
  readonly lineage: string;
  readonly resources: readonly StateResource[];
}

/** A state with an iterable of resources, so that a large one is never in memory as a whole. */
export interface LongState extends Omit<TerraformState, "resources"> {
  readonly resources: Iterable<StateResource>;
}

export interface StateResource {
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly name: string;
  /** `module.a` for a resource in a module. */
  readonly module?: string;
  readonly instances: readonly StateInstance[];
}

export interface StateInstance {
  readonly index_key?: string | number;
  readonly status?: string;
  /** The key of an object that a failed replacement left over. The next apply removes it. */
  readonly deposed?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly sensitive_attributes?: readonly unknown[];
}

/**
 * A saved plan as printed by `terraform show -json`: the desired values of a plain Terraform
 * project (HCL).
 */
export interface PlanJson {
  readonly planned_values?: { readonly root_module?: PlanModule };
  readonly resource_changes?: readonly PlanChange[];
  readonly variables?: Readonly<Record<string, { readonly value?: unknown }>>;
  readonly configuration?: {
    readonly provider_config?: Readonly<Record<string, PlanProvider>>;
    readonly root_module?: PlanConfiguration;
  };
}

export interface PlanProvider {
  readonly full_name?: string;
  readonly alias?: string;
  readonly expressions?: Readonly<Record<string, PlanExpression>>;
}

export interface PlanExpression {
  readonly constant_value?: unknown;
  readonly references?: readonly string[];
}

export interface PlanConfiguration {
  readonly resources?: readonly {
    readonly address: string;
    readonly provider_config_key?: string;
    /** The expressions in the code, by field. */
    readonly expressions?: Readonly<Record<string, unknown>>;
  }[];
  readonly module_calls?: Readonly<Record<string, { readonly module?: PlanConfiguration }>>;
}

export interface PlanModule {
  readonly resources?: readonly PlanResource[];
  readonly child_modules?: readonly PlanModule[];
}

export interface PlanResource {
  readonly address: string;
  readonly mode: string;
  readonly type: string;
  readonly name: string;
  readonly index?: string | number;
  readonly values?: Readonly<Record<string, unknown>>;
  readonly sensitive_values?: unknown;
}

export interface PlanChange {
  readonly address: string;
  readonly mode?: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before?: unknown;
    readonly after?: unknown;
    readonly after_unknown?: unknown;
  };
}
