/**
 * Reads one target of a bundle (`databricks.yml`) as objects to adopt, with the values that
 * `databricks bundle deploy` would deploy.
 */
import { execFileSync } from "node:child_process";
import path from "node:path";
import { whoAmI } from "../../api/families/me";
import type { ReadClient } from "../../api/client";
import { LakeformError } from "../../errors";
import type { Value } from "../../resources/kind";
import { object, optionalText, type Json } from "../../resources/shape/json";
import type { AdoptedObject } from "../code/context";
import { scalar } from "../code/fields";
import type { FoundJob, LocalArtifact, Note } from "../model";
import { resolveReferences, type Scope } from "./expressions";
import { LocalPaths } from "./paths";
import { withPresets } from "./presets";
import { bundleKinds, isPlaceholder, jobOf, objectOf, ResourceIds } from "./resources";
import { badBundle, isTree, mergeListElements, mergeTrees, readTree, type Tree } from "./tree";
import { variableValues } from "./variables";

export interface BundleOptions {
  readonly api: ReadClient;
  /** Absolute path of the bundle's main file. */
  readonly file: string;
  /**
   * The name of the bundle's target. @default the target named `environment`, else the target
   * marked as default, else the only one
   */
  readonly target?: string;
  readonly environment: string;
  /** Values of variables, as `NAME=VALUE`. */
  readonly variables: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

export interface Bundle {
  readonly name: string;
  /** The name of the selected target. */
  readonly target: string;
  readonly jobs: readonly FoundJob[];
  /** The objects other than jobs. */
  readonly objects: readonly AdoptedObject[];
  /** The notebooks and files of the bundle. */
  readonly local: readonly LocalArtifact[];
  /** Fields that lakeform does not support. */
  readonly notes: readonly Note[];
}

/**
 * @throws LakeformError BAD_BUNDLE, NO_SUCH_TARGET, BUNDLE_VARIABLES, BUNDLE_REFERENCE,
 * BUNDLE_CYCLE
 */
export async function readBundle(options: BundleOptions): Promise<Bundle> {
  const notes: Note[] = [];
  const note = (added: Note): void => {
    if (!notes.some((existing) => existing.object === added.object && existing.text === added.text))
      notes.push(added);
  };
  const { api, file } = options;
  const bundleTree = readTree(file);
  const { name: target, config: selected, isResolved } = selectTarget(bundleTree, options);
  reportUnsupported(bundleTree, selected, note);
  const userName = optionalText(object(await whoAmI(api))["userName"]) ?? "unknown";
  const shortName = userName.replace(/@.*$/, "").replaceAll(/[^A-Za-z0-9]+/g, "_");
  const variables = await variableValues(
    object(selected["variables"]),
    object(selected["targetVariables"]),
    {
      api,
      assignments: options.variables,
      env: options.env,
      note,
    },
  );
  const bundle = { ...object(selected["bundle"]), target, environment: target };
  const name = optionalText(object(selected["bundle"])["name"]);
  if (name === undefined) throw badBundle(file, "bundle.name is not set");
  const workspace = workspaceOf(selected, userName, shortName, api.host);
  const git = { ...gitOf(path.dirname(file)), ...object(object(selected["bundle"])["git"]) };
  const base: Tree = { ...selected, bundle: { ...bundle, git }, workspace, variables };
  // Presets change the names of resources, and other resources refer to the changed names. So the
  // presets are resolved and applied before the references in the resources.
  const plainScope: Scope = { tree: base, resource: () => undefined };
  const prepared = {
    ...base,
    presets: resolveReferences(selected["presets"], plainScope),
    run_as: resolveReferences(selected["run_as"], plainScope),
    permissions: resolveReferences(selected["permissions"], plainScope),
  };
  const resources = isResolved
    ? supportedResources(prepared)
    : withPresets({ ...prepared, resources: supportedResources(prepared) }, shortName);
  const tree = { ...prepared, resources: { ...object(selected["resources"]), ...resources } };
  const ids = new ResourceIds(api, note);
  await findIds(resources, { tree, resource: () => undefined }, ids);
  const scope: Scope = {
    tree,
    resource: (kind, key, field, isWhole) =>
      resourceField(tree, ids, note, { kind, key, field, isWhole }),
  };
  const workspacePath = (field: string): string =>
    String(resolveReferences(`\${workspace.${field}}`, scope));
  const paths = new LocalPaths(
    {
      root: path.dirname(file),
      files: workspacePath("file_path"),
      artifacts: workspacePath("artifact_path"),
    },
    note,
  );
  const jobs: FoundJob[] = [];
  const objects: AdoptedObject[] = [];
  for (const [kind, list] of Object.entries(resources)) {
    for (const [key, resource] of Object.entries(list)) {
      const settings = resolveReferences(resource, scope, [`resources.${kind}.${key}`]);
      const identity = ids.get(kind, key) ?? { id: "", exists: false };
      if (kind === "jobs")
        jobs.push(
          jobOf(key, object(paths.withWorkspacePaths(settings, `jobs.${key}`)), identity, api.host),
        );
      else
        objects.push(
          objectOf(
            kind,
            key,
            object(paths.withWorkspacePaths(settings, `${kind}.${key}`)),
            identity,
            note,
          ),
        );
    }
  }
  checkCycles(jobs);
  return { name, target, jobs, objects, local: await paths.artifacts(api), notes };
}

interface SelectedTarget {
  readonly name: string;
  /** The bundle's configuration with the settings of the target. */
  readonly config: Tree;
  /** Whether the bundle is the output of `databricks bundle validate`, which applies presets. */
  readonly isResolved: boolean;
}

/** @throws LakeformError NO_SUCH_TARGET */
function selectTarget(
  bundleTree: Tree,
  { file, target, environment }: BundleOptions,
): SelectedTarget {
  const targets = object(bundleTree["targets"] ?? bundleTree["environments"]);
  const names = Object.keys(targets);
  const resolvedTarget = optionalText(object(bundleTree["bundle"])["target"]);
  if (names.length === 0)
    return {
      name: resolvedTarget ?? target ?? "default",
      config: withMergedJobs(bundleTree),
      isResolved: resolvedTarget !== undefined,
    };
  const defaultTargets = names.filter((name) => object(targets[name])["default"] === true);
  const name =
    target ??
    (names.includes(environment)
      ? environment
      : (defaultTargets[0] ?? (names.length === 1 ? names[0] : undefined)));
  if (name === undefined || !names.includes(name)) {
    throw new LakeformError(
      "NO_SUCH_TARGET",
      name === undefined
        ? "cannot determine which target of the bundle to adopt"
        : "the bundle has no such target",
      {
        value: name ?? file,
        allowed: names.join(", "),
        fix: `choose a target: --target ${names[0] ?? "NAME"}`,
      },
    );
  }
  const { variables, ...targetConfig } = object(targets[name]);
  return {
    name,
    config: {
      ...withMergedJobs(mergeTrees(bundleTree, targetConfig)),
      targetVariables: variables ?? {},
    },
    isResolved: false,
  };
}

/** Merges the elements with the same key in the lists of each job. */
function withMergedJobs(config: Tree): Tree {
  const resources = object(config["resources"]);
  const jobs = Object.entries(object(resources["jobs"])).map(([key, job]) => [
    key,
    mergeListElements(object(job)),
  ]);
  return {
    ...config,
    resources: { ...resources, ...(jobs.length > 0 && { jobs: Object.fromEntries(jobs) as Tree }) },
  };
}

/** Returns the resources that adopt supports, by kind and key. */
function supportedResources(config: Json): Record<string, Record<string, Tree>> {
  return Object.fromEntries(
    Object.entries(object(config["resources"])).filter(([kind]) => kind in bundleKinds),
  ) as Record<string, Record<string, Tree>>;
}

/** Returns the values of `${workspace.…}`, with the defaults of the Databricks CLI. */
function workspaceOf(config: Tree, userName: string, shortName: string, host: string): Tree {
  const settings = object(config["workspace"]);
  const home = `/Workspace/Users/${userName}`;
  const root = (
    optionalText(settings["root_path"]) ?? "~/.bundle/${bundle.name}/${bundle.target}"
  ).replace(/^~/, home);
  return {
    host,
    file_path: "${workspace.root_path}/files",
    artifact_path: "${workspace.root_path}/artifacts",
    state_path: "${workspace.root_path}/state",
    resource_path: "${workspace.root_path}/resources",
    ...settings,
    root_path:
      root.startsWith("/Users/") || root.startsWith("/Shared/") ? `/Workspace${root}` : root,
    current_user: {
      userName: userName,
      user_name: userName,
      short_name: shortName,
      domain_friendly_name: shortName.replaceAll("_", "-"),
    },
  };
}

/** Returns the values of `${bundle.git.…}`. */
function gitOf(folder: string): Tree {
  const runGit = (...args: string[]): string => {
    try {
      return execFileSync("git", args, {
        cwd: folder,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }).trim();
    } catch {
      // Without Git or a repository, a reference to this value is reported as BUNDLE_REFERENCE.
      return "";
    }
  };
  const gitValues = {
    branch: runGit("rev-parse", "--abbrev-ref", "HEAD"),
    commit: runGit("rev-parse", "HEAD"),
    origin_url: runGit("config", "remote.origin.url"),
  };
  return Object.fromEntries(Object.entries(gitValues).filter(([, value]) => value !== ""));
}

/** Looks up the id of each resource. */
async function findIds(
  resources: Readonly<Record<string, Readonly<Record<string, Tree>>>>,
  scope: Scope,
  ids: ResourceIds,
): Promise<void> {
  for (const [kind, list] of Object.entries(resources)) {
    for (const [key, resource] of Object.entries(list)) {
      const field = (name: string): string =>
        scalar(
          resolveReferences(resource[name] ?? "", scope, [
            `resources.${kind}.${key}.${name}`,
          ]) as Value,
        );
      const name = field(bundleKinds[kind]?.name ?? "name");
      if (kind === "secret_scopes" || kind === "catalogs") await ids.findNamed(kind, key, name);
      else if (kind === "schemas")
        await ids.findNamed(kind, key, `${field("catalog_name")}.${name}`);
      else if (kind === "volumes")
        await ids.findNamed(kind, key, `${field("catalog_name")}.${field("schema_name")}.${name}`);
      else await ids.find(kind, key, name);
    }
  }
}

/** A reference `${resources.<kind>.<key>.<field>}`. */
interface FieldReference {
  readonly kind: string;
  readonly key: string;
  readonly field: string;
  /** Whether the string consists of the reference only. */
  readonly isWhole: boolean;
}

/**
 * Returns the value of a resource's field that is not in the bundle: an id from the workspace, or a
 * placeholder, for which the generated code uses a handle where possible.
 * @returns undefined for an unknown resource, and for a field that the bundle contains
 */
function resourceField(
  tree: Tree,
  ids: ResourceIds,
  note: (note: Note) => void,
  { kind, key, field, isWhole }: FieldReference,
): string | undefined {
  const resource = object(object(tree["resources"])[kind])[key];
  if (resource === undefined || (isTree(resource) && field in resource)) return undefined;
  if (kind === "volumes" && field === "volume_path")
    return `/Volumes/${(ids.get(kind, key)?.id ?? "").replaceAll(".", "/")}`;
  const isId = [
    "id",
    "job_id",
    "cluster_id",
    "policy_id",
    "instance_pool_id",
    "full_name",
    "name",
  ].includes(field);
  const identity = ids.get(kind, key);
  if (identity !== undefined && isId) {
    if (!identity.exists && !isWhole && isPlaceholder(identity.id))
      note({
        object: `${kind}.${key}`,
        text: "a string contains its id, which does not exist yet: the code contains a placeholder",
      });
    return identity.id;
  }
  note({
    object: `${kind}.${key}`,
    text: `its field ${field} is used but not adopted: the code contains the placeholder "${kind}-${key}-${field}"`,
  });
  return `${kind}-${key}-${field}`;
}

/** Notes every part of the bundle that lakeform does not support. */
function reportUnsupported(bundleTree: Tree, selected: Tree, note: (note: Note) => void): void {
  for (const [kind, list] of Object.entries(object(selected["resources"])))
    if (!(kind in bundleKinds))
      for (const key of Object.keys(object(list)))
        note({
          object: `${kind}.${key}`,
          text: "adopt does not support this resource type: it stays in the bundle",
        });
  for (const [key, artifact] of Object.entries(object(selected["artifacts"]))) {
    const build = optionalText(object(artifact)["build"]);
    note({
      object: `artifact ${key}`,
      text: `lakeform does not build it${build === undefined ? "" : `: run "${build}" before a deploy`}`,
    });
  }
  const experimental = object(selected["experimental"]);
  if (
    bundleTree["python"] !== undefined ||
    experimental["python"] !== undefined ||
    experimental["pydabs"] !== undefined
  )
    note({
      object: "python",
      text: "resources and mutators in Python are not run: adopt the output of `databricks bundle validate --output json` to include them",
    });
  const unsupported: Readonly<Record<string, string>> = {
    sync: "only the notebooks and files that a resource names are uploaded (NotebookFolder takes a whole folder)",
    scripts: "not run",
  };
  for (const [name, reason] of Object.entries(unsupported))
    if (selected[name] !== undefined) note({ object: name, text: reason });
  for (const name of Object.keys(experimental))
    if (!["python", "pydabs"].includes(name))
      note({ object: `experimental.${name}`, text: "lakeform has no counterpart" });
  /** Keys that are handled, or reported elsewhere. */
  const knownKeys = [
    "bundle",
    "include",
    "workspace",
    "variables",
    "targets",
    "environments",
    "resources",
    "artifacts",
    "presets",
    "mode",
    "default",
    "run_as",
    "permissions",
    "python",
    "experimental",
    "targetVariables",
    "git",
    "cluster_id",
    "compute_id",
    ...Object.keys(unsupported),
  ];
  for (const name of Object.keys(selected))
    if (!knownKeys.includes(name) && !name.startsWith("x-"))
      note({ object: name, text: "lakeform has no counterpart" });
}

/**
 * Rejects jobs that run each other, because only one of them could refer to the other by a handle.
 * @throws LakeformError BUNDLE_CYCLE
 */
function checkCycles(jobs: readonly FoundJob[]): void {
  const byReference = new Map(jobs.map((job) => [job.reference ?? job.id, job]));
  const done = new Set<FoundJob>();
  const visit = (job: FoundJob, callers: readonly FoundJob[]): void => {
    if (callers.includes(job)) {
      throw new LakeformError("BUNDLE_CYCLE", "jobs of the bundle start each other in a cycle", {
        value: [...callers.slice(callers.indexOf(job)), job].map(({ name }) => name).join(" → "),
        fix: "adopt the deployed jobs instead of the bundle: lakeform adopt ENVIRONMENT --jobs …",
      });
    }
    for (const [, id] of JSON.stringify(job.remote.attributes).matchAll(
      /"run_job_task":\[\{[^\]]*?"job_id":"?(\d+)"?/g,
    )) {
      const next = byReference.get(id ?? "");
      if (next !== undefined && !done.has(next)) visit(next, [...callers, job]);
    }
    done.add(job);
  };
  for (const job of jobs) if (!done.has(job)) visit(job, []);
}
