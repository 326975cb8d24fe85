/**
 * Adopts objects in this process: a small project, its generated code, the stack of that code, and
 * the plan of the first deploy.
 */
import fs from "node:fs";
import path from "node:path";
import * as constructs from "../../constructs";
import { withoutStackTraces } from "../../constructs/core/stack-traces";
import { adopt, type Adopted, type AdoptOptions } from "../../src/adopt/adopt";
import type { Followed } from "../../src/adopt/model";
import { withLists } from "../../src/adopt/drift/patch";
import { connect, type Connection } from "../../src/api";
import { Resource } from "../../src/provider/resource";
import { View } from "../../src/provider/view";
import {
  isZero,
  sameValue,
  Unknown,
  withoutUnknown,
  type DynamicObject,
} from "../../src/provider/unknown";
import { conform } from "../../src/provider/values";
import { findKind, stateId } from "../../src/resources";
import type { Attributes } from "../../src/resources/kind";
import { schemaOf, type Block } from "../../src/resources/shape/schema";
import { findProject } from "../../src/terraform/project";
import type { SynthesizedStack } from "../../src/terraform/stack";
import { synthesizeStack, type CdktfStack } from "../../src/testing/synthesize";
import { indexState } from "../../src/verify/deployed/state-index";
import { desiredOfStack } from "../../src/verify/desired/desired";
import { plain } from "../../src/verify/expressions/values";
import type { StateResource, TerraformState } from "../../src/verify/input";
import { PendingNotes } from "../../src/resources/families/pending-notes";
import { makeFolder, repository } from "./project";

export const local = { name: "local", provider: "embedded" } as constructs.EnvironmentProfile;

/**
 * Creates a project with only a main file. Its code is not formatted by prettier, which would need
 * a process each time.
 */
export function smallProject(name = "small"): string {
  const root = makeFolder(name);
  fs.mkdirSync(path.join(root, "stacks"));
  fs.mkdirSync(path.join(root, "node_modules"));
  fs.symlinkSync(
    path.join(repository, "node_modules", "typescript"),
    path.join(root, "node_modules", "typescript"),
  );
  fs.writeFileSync(
    path.join(root, "cdktf.json"),
    JSON.stringify({ language: "typescript", app: "npx ts-node stacks/main.ts" }),
  );
  fs.writeFileSync(path.join(root, "package.json"), "{}");
  fs.writeFileSync(
    path.join(root, "stacks", "main.ts"),
    'import { defineEnvironments, synthesize } from "lakeform/constructs";\nconst environments = defineEnvironments([{ name: "local", provider: "embedded" }]);\nsynthesize((app) => {\n});\n',
  );
  return root;
}

export type AdoptOverrides = Partial<Omit<AdoptOptions, "project" | "api">>;

export function adoptInto(
  root: string,
  api: Connection,
  overrides: AdoptOverrides,
): Promise<Adopted> {
  return adopt({
    project: findProject(root),
    api,
    projectName: "small",
    environment: "local",
    settings: {},
    stack: "adopted",
    jobs: [],
    follow: new Set<Followed>(["files", "notebooks", "permissions"]),
    stacks: [],
    groupOf: () => undefined,
    ...overrides,
  });
}

export const clientOf = (workspace: {
  readonly host: string;
  readonly token: string;
}): Connection =>
  connect({
    env: {},
    host: workspace.host,
    token: workspace.token,
    retry: { baseMs: 1, capMs: 5 },
  });

/** Returns the code files by path below `stacks`. */
export function codeOf(root: string): Record<string, string> {
  const folder = path.join(root, "stacks");
  return Object.fromEntries(
    fs
      .readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => fs.statSync(path.join(folder, file)).isFile())
      .sort()
      .map((file) => [file, fs.readFileSync(path.join(folder, file), "utf8")]),
  );
}

/**
 * Copies the current project to a new path, because jest loads each module path only once. The copy
 * uses `lakeform/constructs` of this checkout.
 */
function copyForJest(root: string): string {
  const copy = makeFolder("run");
  fs.cpSync(root, copy, { recursive: true, filter: (source) => !source.includes("node_modules") });
  const modules = path.join(copy, "node_modules");
  fs.mkdirSync(path.join(modules, "lakeform"), { recursive: true });
  fs.writeFileSync(
    path.join(modules, "lakeform", "constructs.js"),
    `module.exports = require(${JSON.stringify(path.join(repository, "constructs", "index.ts"))});\n`,
  );
  fs.symlinkSync(path.join(repository, "node_modules", "@cdktf"), path.join(modules, "@cdktf"));
  return copy;
}

/** Synthesizes the stack of the adopted code from the project's folder, like the command. */
export async function synthesizeAdopted(
  root: string,
  stack = "adopted",
  environment = local,
): Promise<SynthesizedStack> {
  const className = `${stack.replaceAll(/(?:^|-)(.)/g, (_all, letter: string) => letter.toUpperCase())}Stack`;
  return synthesizeFile(root, path.join(root, "stacks", stack, "index.ts"), className, environment);
}

/** Synthesizes the stack of a class in a file of the project. */
export async function synthesizeFile(
  root: string,
  file: string,
  className: string,
  environment = local,
): Promise<SynthesizedStack> {
  const copy = copyForJest(root);
  const moduleExports = (await import(path.join(copy, path.relative(root, file)))) as Record<
    string,
    unknown
  >;
  const Stack = moduleExports[className] as new (
    app: constructs.App,
    environment: constructs.EnvironmentProfile,
  ) => CdktfStack;
  const [previousFolder, previousRoot] = [process.cwd(), process.env["LAKEFORM_PROJECT_ROOT"]];
  process.chdir(copy);
  process.env["LAKEFORM_PROJECT_ROOT"] = copy;
  try {
    return withoutStackTraces(() =>
      synthesizeStack(
        new Stack(new constructs.App({ outdir: path.join(copy, "cdktf.out") }), environment),
      ),
    );
  } finally {
    process.chdir(previousFolder);
    if (previousRoot === undefined) delete process.env["LAKEFORM_PROJECT_ROOT"];
    else process.env["LAKEFORM_PROJECT_ROOT"] = previousRoot;
  }
}

export interface FirstPlan {
  readonly imports: number;
  /** The planned creates, by address. */
  readonly creates: readonly string[];
  /** The fields that change after an import, by address. */
  readonly changes: Readonly<Record<string, readonly string[]>>;
  /** The state after the imports. */
  readonly resources: readonly StateResource[];
}

/**
 * Plans a stack with import blocks and without a state, like Terraform with the embedded provider.
 */
export async function firstPlan(stack: SynthesizedStack, api: Connection): Promise<FirstPlan> {
  const { json, directory } = stack;
  const importBlocks = (json["import"] ?? []) as readonly {
    readonly to: string;
    readonly id: string;
  }[];
  const ids = new Map(importBlocks.map(({ to, id }) => [to, id]));
  const resources: StateResource[] = [];
  const imported = new Map<
    string,
    { readonly resource: Resource; readonly state: DynamicObject }
  >();
  for (const [address, id] of ids) {
    const [type = "", name = ""] = address.split(".");
    const [kind, schema] = [findKind(type), schemaOf(type)];
    if (kind === undefined || schema === undefined) throw new Error(`no kind ${type}`);
    const resource = new Resource(kind, schema, {
      view: () => new View(api, api),
      host: api.host,
      context: { directory },
      pending: new PendingNotes(() => ({ directory, workspace: "default", host: api.host })),
    });
    const importResult = await resource.import(id);
    if (importResult.state === undefined)
      throw new Error(`${address} ${id}: ${JSON.stringify(importResult.diagnostics)}`);
    const { state } = await resource.read(importResult.state);
    if (state === undefined) throw new Error(`${address}: the workspace does not have ${id}`);
    imported.set(address, { resource, state });
    resources.push({
      mode: "managed",
      type,
      name,
      instances: [{ attributes: withoutUnknown(state) as Attributes }],
    });
  }
  const desired = desiredOfStack(json, {
    directory,
    state: indexState({ version: 4, serial: 1, lineage: "x", resources }),
    variable: () => "x",
  });
  const changes: Record<string, string[]> = {};
  const creates: string[] = [];
  for (const [address, resource] of desired) {
    const importedResource = imported.get(address);
    if (importedResource === undefined) {
      creates.push(address);
      continue;
    }
    const config = conform(
      importedResource.resource.block,
      withLists(importedResource.resource.block, plain(resource.attributes)),
    );
    const { state: planned } = await importedResource.resource.plan(
      importedResource.state,
      proposeConfig(importedResource.resource.block, importedResource.state, config),
      config,
    );
    const fields = [
      ...new Set(
        differences(withSortedLists(importedResource.state), withSortedLists(planned ?? {})),
      ),
    ].filter((name) => !name.startsWith("timeouts"));
    if (fields.length > 0) changes[address] = fields;
  }
  return { imports: imported.size, creates: creates.sort(), changes, resources };
}

export interface DeployedStack {
  readonly json: SynthesizedStack["json"];
  readonly directory: string;
  readonly state: TerraformState;
}

/** Returns the part of a value that the template also sets; the rest are platform defaults. */
function partSetIn(template: unknown, value: unknown): unknown {
  if (Array.isArray(template) && Array.isArray(value))
    return value.map((item: unknown, index) =>
      index < template.length ? partSetIn(template[index], item) : item,
    );
  if (
    typeof template !== "object" ||
    typeof value !== "object" ||
    template === null ||
    value === null
  )
    return value;
  const [templateFields, valueFields] = [
    template as Readonly<Record<string, unknown>>,
    value as Readonly<Record<string, unknown>>,
  ];
  return Object.fromEntries(
    Object.entries(valueFields).map(([name, field]) => [
      name,
      isZero(templateFields[name] as never)
        ? templateFields[name]
        : partSetIn(templateFields[name], field),
    ]),
  );
}

/**
 * Lists fields that the deployed stack sets and that differ in the adopted one, by `type: field`,
 * and objects that only one stack has, by `type id: only deployed` or `type id: only adopted`.
 */
export function differentFields({
  deployed,
  adopted,
}: {
  readonly deployed: DeployedStack;
  readonly adopted: DeployedStack;
}): readonly string[] {
  const [deployedById, adoptedById] = [byId(deployed), byId(adopted)];
  return [...new Set([...deployedById.keys(), ...adoptedById.keys()])].sort().flatMap((id) => {
    const [deployedObject, adoptedObject] = [deployedById.get(id), adoptedById.get(id)];
    if (deployedObject === undefined || adoptedObject === undefined)
      return [`${id}: only ${deployedObject === undefined ? "adopted" : "deployed"}`];
    return [...new Set(differences(deployedObject, partSetIn(deployedObject, adoptedObject)))].map(
      (field) => `${id.split(" ")[0] ?? id}: ${field}`,
    );
  });
}

/** Returns the code of each object in a state, with references resolved. */
function byId({ json, directory, state }: DeployedStack): ReadonlyMap<string, DynamicObject> {
  const desired = desiredOfStack(json, {
    directory,
    state: indexState(state),
    variable: () => "x",
  });
  return new Map(
    state.resources.flatMap(({ mode, type, name, instances }) => {
      const block = schemaOf(type)?.block;
      const desiredResource = desired.get(`${type}.${name}`);
      if (mode !== "managed" || block === undefined || desiredResource === undefined) return [];
      const attributes = withListsOf(block, plain(desiredResource.attributes));
      return instances.map((instance): [string, DynamicObject] => [
        `${type} ${String(stateId(type, instance.attributes))}`,
        withSortedLists(attributes),
      ]);
    }),
  );
}

const withListsOf = (block: Block, attributes: Attributes): DynamicObject =>
  conform(block, withLists(block, attributes));

/**
 * Fills unset fields of a configuration with computed values of the state, as Terraform proposes it
 * to the provider.
 */
function proposeConfig(block: Block, state: DynamicObject, config: DynamicObject): DynamicObject {
  const proposedConfig: DynamicObject = { ...config };
  for (const [name, { computed }] of Object.entries(block.attributes))
    if (computed === true && (config[name] ?? null) === null)
      proposedConfig[name] = state[name] ?? null;
  for (const [name, nested] of Object.entries(block.blocks)) {
    const [before, after] = [state[name], config[name]];
    if (nested.nesting === "set" || !Array.isArray(before) || !Array.isArray(after)) continue;
    proposedConfig[name] = after.map((item, index) =>
      index < before.length
        ? proposeConfig(nested.block, before[index] as DynamicObject, item as DynamicObject)
        : item,
    );
  }
  return proposedConfig;
}

/**
 * Sorts tasks, clusters, environments and parameters of a job by key: their order has no meaning,
 * and the constructs sort them.
 */
function withSortedLists(state: DynamicObject): DynamicObject {
  const keys: Readonly<Record<string, string>> = {
    task: "task_key",
    job_cluster: "job_cluster_key",
    environment: "environment_key",
    parameter: "name",
  };
  const keyOf = (item: unknown, name: string): string =>
    String((item as Readonly<Record<string, unknown>>)[name]);
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => {
      const keyField = keys[name];
      return [
        name,
        keyField !== undefined && Array.isArray(value)
          ? value.toSorted((a, b) => (keyOf(a, keyField) < keyOf(b, keyField) ? -1 : 1))
          : value,
      ];
    }),
  );
}

/**
 * Returns the paths (without indices) of fields that differ. The provider treats zero and absent as
 * equal.
 */
function differences(before: unknown, after: unknown, field = ""): string[] {
  // The provider computes a field that the code does not set: Terraform shows it as known after the
  // apply.
  if (after instanceof Unknown) return [];
  if (
    sameValue(before as never, after as never) ||
    (isZero(before as never) && isZero(after as never))
  )
    return [];
  if (typeof before !== "object" || typeof after !== "object" || before === null || after === null)
    return [field];
  const [a, b] = [
    before as Readonly<Record<string, unknown>>,
    after as Readonly<Record<string, unknown>>,
  ];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((name) =>
    differences(
      a[name],
      b[name],
      /^\d+$/.test(name) ? field : field === "" ? name : `${field}.${name}`,
    ),
  );
}
