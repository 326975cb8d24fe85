import type { ConstructError } from "../core/errors";
import type { StackMetadata } from "../core/metadata";
import { checkAccess } from "./access";
import { checkClusters } from "./cluster";
import { checkCredentials } from "./credentials";
import { checkJob } from "./job";
import { checkLimits } from "./limits";
import { policyConflicts } from "./policy-conflict";
import { errorOf, text, type Block, type Check, type Rendered } from "./rendered";
import { findSameObjects, type Owners } from "./same-object";
import { checkTaskGraph } from "./task-graph";
import { checkTemplates } from "./templates";

const jobChecks: readonly Check[] = [checkTaskGraph, checkJob];
const commonChecks: readonly Check[] = [
  checkClusters,
  checkAccess,
  checkLimits,
  checkCredentials,
  checkTemplates,
];

/**
 * Runs all checks on the rendered stack, so that raw resources and overrides are checked, too.
 * @param output the stack as Terraform JSON, with its metadata
 * @param policies the rules of cluster policies that are managed elsewhere, by id
 * @param owners the objects of the stacks that were checked before; this function adds the objects
 * of this stack
 */
export function checkStack(
  output: Readonly<Record<string, unknown>>,
  policies: ReadonlyMap<string, string> = new Map(),
  owners: Owners = new Map(),
): ConstructError[] {
  const { lakeform } = output["//"] as { readonly lakeform: StackMetadata };
  const resources = (output.resource ?? {}) as Readonly<
    Record<string, Readonly<Record<string, Block>>>
  >;
  const policyDefinitionOf = (reference: string): string | undefined => {
    const policy = /^\$\{databricks_cluster_policy\.([\w-]+)\.(?:id|policy_id)\}$/.exec(
      reference,
    )?.[1];
    if (policy === undefined) return policies.get(reference);
    const body = resources.databricks_cluster_policy?.[policy] ?? {};
    return text(body, "definition") ?? text(body, "policy_family_definition_overrides");
  };
  const renderedResources = Object.entries(resources).flatMap(([type, bodies]) =>
    Object.entries(bodies).map(([id, body]) => ({
      type,
      id,
      body,
      json: JSON.stringify(body),
      path: lakeform.resources[`${type}.${id}`]?.path ?? `${type}.${id}`,
    })),
  );
  const resourceErrors = renderedResources.flatMap((resource) => {
    const { type, body } = resource;
    const checks = type === "databricks_job" ? [...jobChecks, ...commonChecks] : commonChecks;
    const findings = [
      ...checks.flatMap((check) => check(resource)),
      ...(resource.json.includes('"policy_id"')
        ? policyConflicts(type, body, policyDefinitionOf)
        : []),
    ];
    return findings.map((finding) => errorOf(resource, finding));
  });
  // Providers, backend, data sources, outputs, defaults of variables, the environment's profile,
  // ignore rules and suppressions can contain credentials, too.
  const { profileSettings, ignores, suppressions } = lakeform;
  const otherSections = Object.entries(output).filter(
    ([key]) => key !== "resource" && key !== "//",
  );
  const body = {
    ...Object.fromEntries(otherSections),
    environment: profileSettings,
    ignores,
    suppressions,
  };
  const stackPart: Rendered = {
    type: "stack",
    path: lakeform.stack,
    body,
    json: JSON.stringify(body),
  };
  return [
    ...resourceErrors,
    ...findSameObjects(renderedResources, lakeform, owners),
    ...checkCredentials(stackPart).map((finding) => errorOf(stackPart, finding)),
  ];
}
