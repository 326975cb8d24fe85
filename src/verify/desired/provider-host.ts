/**
 * Determines whether a resource belongs to another workspace than the verified one, because its
 * provider has another host.
 */
import { withoutKeys } from "../../terraform/references";
import { resolve, type Scope } from "../expressions/evaluate";
import type { PlanConfiguration, PlanJson, SynthesizedStack } from "../input";
import { Unresolved, isObject, type Desired } from "../expressions/values";

/**
 * Returns the reason why a resource must not be read in the verified workspace; undefined if it
 * belongs there. `address` has no index; `provider` is the resource's own argument.
 */
export type FindElsewhereReason = (resource: {
  readonly address: string;
  readonly type: string;
  readonly provider?: unknown;
}) => string | undefined;

/** Other arguments that select a provider's workspace, but cannot be resolved here. */
const otherHostArguments = ["profile", "config_file", "azure_workspace_resource_id", "account_id"];

export function elsewhereInStack(
  stack: SynthesizedStack,
  scope: Scope,
  host: string,
): FindElsewhereReason {
  const configured = (stack.provider as Readonly<Record<string, unknown>> | undefined)?.databricks;
  const blocks = (Array.isArray(configured) ? configured : [configured]).filter(isObject);
  const reasons = new Map<string, string | undefined>();
  for (const block of blocks) {
    const name = typeof block.alias === "string" ? `databricks.${block.alias}` : "databricks";
    const target = Object.fromEntries(
      ["host", ...otherHostArguments].map((field) => [
        field,
        block[field] === undefined ? null : resolve(block[field], scope),
      ]),
    );
    reasons.set(name, reasonFor(name, target, host));
  }
  return ({ type, provider }) => {
    if (!type.startsWith("databricks_")) return undefined;
    const name =
      typeof provider === "string" ? provider.replace(/^\$\{(.*)\}$/, "$1") : "databricks";
    if (name !== "databricks" && !reasons.has(name))
      return `its provider ${name} is not configured in the stack, so its workspace is unknown`;
    return reasons.get(name);
  };
}

export function elsewhereInPlan(plan: PlanJson, host: string): FindElsewhereReason {
  const providers = plan.configuration?.provider_config ?? {};
  const keys = new Map<string, string>();
  const visit = (module: PlanConfiguration | undefined, prefix: string): void => {
    for (const { address, provider_config_key: key } of module?.resources ?? [])
      if (key !== undefined) keys.set(prefix + address, key);
    for (const [name, call] of Object.entries(module?.module_calls ?? {}))
      visit(call.module, `${prefix}module.${name}.`);
  };
  visit(plan.configuration?.root_module, "");
  const reasons = new Map(
    Object.entries(providers).map(([key, { alias, full_name, expressions }]) => {
      const name = alias === undefined ? key : key.replace(/^.*:/, "");
      const target = Object.fromEntries(
        ["host", ...otherHostArguments].map((field) => {
          const expression = expressions?.[field];
          return [
            field,
            expression === undefined
              ? null
              : valueOfArgument(expression.constant_value, expression.references, plan),
          ];
        }),
      );
      return [
        key,
        full_name?.endsWith("/databricks/databricks") === true
          ? reasonFor(name, target, host)
          : undefined,
      ] as const;
    }),
  );
  return ({ address, type }) => {
    const key = type.startsWith("databricks_") ? keys.get(withoutKeys(address)) : undefined;
    return key === undefined ? undefined : reasons.get(key);
  };
}

function valueOfArgument(
  constant: unknown,
  references: readonly string[] | undefined,
  plan: PlanJson,
): Desired {
  if (typeof constant === "string") return constant;
  const [reference, ...others] = references ?? [];
  const value =
    reference?.startsWith("var.") === true && others.length === 0
      ? plan.variables?.[reference.slice("var.".length)]?.value
      : undefined;
  return typeof value === "string"
    ? value
    : new Unresolved(references?.join(", ") ?? "", "it is not known here");
}

function reasonFor(
  name: string,
  settings: Readonly<Record<string, Desired>>,
  host: string,
): string | undefined {
  const providerHost = settings.host ?? null;
  if (typeof providerHost === "string" && providerHost !== "")
    return hostOf(providerHost) === hostOf(host)
      ? undefined
      : `its provider ${name} uses ${providerHost}, but this run reads ${host}`;
  if (providerHost !== null && providerHost !== "")
    return `the workspace of its provider ${name} cannot be evaluated here${providerHost instanceof Unresolved ? `: ${providerHost.expression}` : ""}`;
  // The provider without an alias uses the connection of this run.
  const setting =
    name === "databricks"
      ? undefined
      : otherHostArguments.find((field) => (settings[field] ?? null) !== null);
  return setting === undefined
    ? undefined
    : `its provider ${name} takes its workspace from ${setting}, which may differ from ${host}`;
}

function hostOf(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/\/.*$/, "");
}
