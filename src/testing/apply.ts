import type { Client } from "../api";
import { LakeformError } from "../errors";
import { findKind, idAttributeOf } from "../resources";
import type { Attributes } from "../resources/kind";
import { withDefaults } from "../resources/shape/defaults";
import { withNested } from "../resources/shape/nested-attributes";
import { schemaOf } from "../resources/shape/schema";
import { stateOf } from "../resources/shape/sdk-state";
import type { SynthesizedStack } from "../terraform/stack";
import { indexState } from "../verify/deployed/state-index";
import { desiredOfStack } from "../verify/desired/desired";
import { plain } from "../verify/expressions/values";
import type { StateResource, TerraformState } from "../verify/input";

/**
 * Returns a feature of the stack that only Terraform supports. A stack with such a feature is
 * applied by Terraform.
 * @returns undefined if the stack has none
 */
export function terraformOnlyFeature({ json }: SynthesizedStack): string | undefined {
  if (json.data !== undefined) return "data sources";
  if (json["module"] !== undefined) return "modules";
  for (const [type, resourcesByName] of Object.entries(json.resource ?? {})) {
    if (findKind(type) === undefined) return `resources of type ${type}`;
    for (const raw of Object.values(resourcesByName))
      for (const argument of ["count", "for_each", "provisioner", "connection"])
        if (raw[argument] !== undefined) return `the argument ${argument}`;
  }
  return undefined;
}

/**
 * Creates the resources of a stack with the provider's own code, dependencies first: the same calls
 * as in a first `terraform apply`.
 * @returns the state as the provider would write it
 */
export async function applyByRest(
  client: Client,
  stack: Pick<SynthesizedStack, "directory" | "json">,
  variable: (name: string) => string | undefined,
): Promise<TerraformState> {
  const { directory, json } = stack;
  const resources: StateResource[] = [];
  const state = (): TerraformState => ({ version: 4, serial: 1, lineage: "testing", resources });
  for (const [type, name] of sortByDependency(stack)) {
    const resolved = desiredOfStack(json, { directory, state: indexState(state()), variable });
    const attributes = await createResource(
      client,
      type,
      plain(resolved.get(`${type}.${name}`)?.attributes ?? {}),
      directory,
    );
    resources.push({ mode: "managed", type, name, instances: [{ attributes }] });
  }
  return state();
}

/** Creates an object. @returns its attributes in the state */
async function createResource(
  client: Client,
  type: string,
  config: Attributes,
  directory: string,
): Promise<Attributes> {
  const kind = findKind(type);
  const block = schemaOf(type)?.block;
  if (kind === undefined || block === undefined) throw new Error(`no kind ${type}`);
  const planned = withDefaults(block, config);
  const created = await kind.create(client, planned, { directory });
  const writtenAttributes = { ...planned, ...created.attributes };
  const id = idAttributeOf(type);
  if (created.readAfter === false)
    return withNested(block, { ...writtenAttributes, [id]: created.id });
  const remote = await kind.read(client, created.id, { known: writtenAttributes, deep: false });
  if (remote === undefined)
    throw new Error(`${type} ${created.id} does not exist right after its creation`);
  const { id: _id, ...state } =
    kind.toState?.(remote, writtenAttributes, "write", true) ??
    stateOf(block, writtenAttributes, remote, true);
  return withNested(block, { ...state, [id]: created.id });
}

/**
 * Sorts resources so that each comes after those that it refers to, also in `depends_on`.
 * @throws LakeformError RESOURCE_CYCLE
 */
function sortByDependency({
  json,
}: Pick<SynthesizedStack, "json">): [type: string, name: string][] {
  const resources = new Map<
    string,
    { readonly type: string; readonly name: string; readonly text: string }
  >();
  for (const [type, resourcesByName] of Object.entries(json.resource ?? {}))
    for (const [name, raw] of Object.entries(resourcesByName))
      resources.set(`${type}.${name}`, { type, name, text: JSON.stringify(raw) });
  const ordered: [string, string][] = [];
  const progress = new Map<string, "open" | "done">();
  const visit = (address: string): void => {
    const resource = resources.get(address);
    if (resource === undefined || progress.get(address) === "done") return;
    if (progress.get(address) === "open")
      throw new LakeformError(
        "RESOURCE_CYCLE",
        "the resources of the stack have a circular reference",
        {
          value: address,
          fix: "remove one of the references, such as an addDependency",
        },
      );
    progress.set(address, "open");
    for (const [, type = "", name = ""] of resource.text.matchAll(/\b(databricks_\w+)\.([\w-]+)/g))
      if (`${type}.${name}` !== address) visit(`${type}.${name}`);
    progress.set(address, "done");
    ordered.push([resource.type, resource.name]);
  };
  for (const address of resources.keys()) visit(address);
  return ordered;
}
