/**
 * This folder checks the planned resources against the policies. `scripts/import-order.cjs` lists
 * what it may import.
 */
import { defined } from "../../defined";
import type { Finding, Severity } from "../model";
import { isList, isObject, object, type JsonObject } from "../plan/json";
import type { Inherited } from "../changes/inherited";
import type { Artifact } from "../secrets/scan";
import type { StackFacts, StackResource } from "../plan/stack";
import { policies } from "./all";

const severityRanks: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** Further inputs of the policies, from the plan and the workspace. */
export interface PlanContent {
  readonly artifacts?: ReadonlyMap<string, Artifact> | undefined;
  readonly inherited?: ReadonlyMap<string, readonly Inherited[]>;
  readonly stateReaders?: readonly string[] | undefined;
}

/**
 * Checks every resource of the stack against every policy, changed or not: an approval covers the
 * complete stack. The profile's `policies` set severity and settings: `{ "job-timeout": "off",
 * "max-workers": { severity: "warning", max: 4 } }`.
 * @param resources the resources of the stack, and those that only the plan contains
 * @param values the planned values of fields that are expressions in the code, by address
 */
export function checkPolicies(
  stack: StackFacts,
  resources: readonly StackResource[],
  values: ReadonlyMap<string, unknown>,
  { artifacts = new Map(), inherited = new Map(), stateReaders }: PlanContent = {},
): Finding[] {
  const profile = object(stack.metadata?.profileSettings);
  const environment = stack.metadata?.environment ?? "";
  // The embedded provider deploys to a local workspace, which never counts as production.
  const isEmbedded = stack.metadata?.provider === "embedded";
  const isNamedProduction = /^prod/i.test(environment) && !isEmbedded;
  const production =
    typeof profile.production === "boolean" ? profile.production : isNamedProduction;
  const findings: Finding[] = [];
  for (const policy of policies) {
    const { severity, settings } = policySettings(
      object(profile.policies)[policy.id],
      policy.severity,
    );
    if (severity === "off") continue;
    for (const resource of [...stack.terraform, ...resources]) {
      if (!policy.types.includes(resource.type)) continue;
      const artifact = artifacts.get(resource.address);
      const inheritedValues = inherited.get(resource.address);
      const context = {
        environment,
        production,
        embedded: isEmbedded,
        settings,
        ...defined({ stateReaders, artifact, inherited: inheritedValues }),
      };
      for (const { where, message } of policy.check(
        withPlannedValues(resource, object(values.get(resource.address))),
        context,
      )) {
        findings.push({
          rule: policy.id,
          severity,
          address: resource.address,
          path: resource.path,
          ...defined({ source: resource.source, where }),
          message,
          fix: policy.fix,
          docs: `docs/policies/${policy.id}.md`,
        });
      }
    }
  }
  const key = ({ severity, path, rule, where }: Finding): string =>
    `${severityRanks[severity]} ${path} ${rule} ${where ?? ""}`;
  return findings.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function policySettings(
  setting: unknown,
  fallback: Severity,
): { severity: Severity | "off"; settings: JsonObject } {
  const settings = object(setting);
  const requestedSeverity = typeof setting === "string" ? setting : settings.severity;
  return {
    severity:
      requestedSeverity === "off" ||
      requestedSeverity === "error" ||
      requestedSeverity === "warning" ||
      requestedSeverity === "info"
        ? requestedSeverity
        : fallback,
    settings,
  };
}

/**
 * Fields in which references to variables are not replaced, because their values would look like
 * literals.
 */
const unresolvedFields = new Set(["spark_env_vars", "spark_conf"]);

/**
 * Replaces references to variables by their planned values, so that policies can check fields like
 * `num_workers = var.workers`.
 */
function withPlannedValues(resource: StackResource, planned: JsonObject): StackResource {
  if (Object.keys(planned).length === 0) return resource;
  const fill = (value: unknown, plannedValue: unknown): unknown => {
    if (typeof value === "string")
      return /^\$\{var\.[^}]*\}$/.test(value) &&
        (typeof plannedValue === "string" ||
          typeof plannedValue === "number" ||
          typeof plannedValue === "boolean")
        ? plannedValue
        : value;
    if (isList(value)) {
      // Terraform keeps the order of blocks, but a provider may not. Pair only lists of equal
      // length.
      const list = isList(plannedValue) && plannedValue.length === value.length ? plannedValue : [];
      return value.map((inner, index) => fill(inner, list[index]));
    }
    if (isObject(value)) {
      const plannedFields = object(isList(plannedValue) ? plannedValue[0] : plannedValue);
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [
          key,
          unresolvedFields.has(key) ? inner : fill(inner, plannedFields[key]),
        ]),
      );
    }
    return value;
  };
  const isSecretType =
    resource.type === "databricks_secret" || resource.type === "databricks_git_credential";
  return isSecretType ? resource : { ...resource, config: object(fill(resource.config, planned)) };
}
