/**
 * The toolkit that the project has installed: cdktf, or its maintained fork cdktn, each with its
 * Databricks bindings. Both have the same modules under different names. `bindings.ts` imports the
 * modules of cdktf; in the package, `scripts/build.mjs` replaces each of these imports with a call
 * of {@link toolkitModule}.
 */
import Module, { createRequire } from "node:module";
import path from "node:path";
import { ModuleCache } from "../../src/module-cache";
import { installedVersion, isOlder } from "../../src/package-versions";
import { ConstructError } from "./errors";
import { projectRoot } from "./source";

/** The oldest supported bindings of each toolkit. */
export const oldestBindings = { cdktf: "15.16.1", cdktn: "18.0.0" } as const;
type Toolkit = keyof typeof oldestBindings;
const toolkits = Object.keys(oldestBindings) as readonly Toolkit[];

interface InstalledToolkit {
  readonly toolkit: Toolkit;
  /** The toolkit and its bindings with their versions: `cdktf-0.21.0-15.16.1`. */
  readonly id: string;
  readonly require: NodeJS.Require;
}

let loaded: (InstalledToolkit & { readonly cache: ModuleCache }) | undefined;

/**
 * Loads a module of the project's toolkit.
 * @param name the module's name in cdktf
 * @throws ConstructError NO_TOOLKIT, TWO_TOOLKITS, TOOLKIT_TOO_OLD
 */
export function toolkitModule(name: string): unknown {
  if (loaded === undefined) {
    const installed = installedToolkit(projectRoot());
    loaded = { ...installed, cache: new ModuleCache(installed.id) };
  }
  const { toolkit, require, cache } = loaded;
  return cache.load(() => loadModule(toolkit, require, name));
}

function loadModule(toolkit: Toolkit, require: NodeJS.Require, name: string): unknown {
  // Constructs of different copies of `constructs` cannot be in the same tree, so the toolkit's own
  // copy is loaded.
  if (name === "constructs")
    return createRequire(require.resolve(`${toolkit}/package.json`))(name) as unknown;
  const load = (): unknown => require(name.replace("cdktf", toolkit)) as unknown;
  if (name !== "cdktf") return load();
  const inToolkit = createRequire(require.resolve(`${toolkit}/package.json`));
  return lazyLibraries.reduceRight(
    (rest, library) => () => loadLazily(inToolkit, library, rest),
    load,
  )();
}

/**
 * Libraries of the toolkit that are loaded at their first use. They take half of its loading time,
 * and only `moved` blocks and the process that makes archives use them.
 */
const lazyLibraries = ["archiver", "semver"] as const;

/** Loads a module whose `require` of a library returns a stand-in for the library. */
function loadLazily(require: NodeJS.Require, library: string, load: () => unknown): unknown {
  let file: string;
  try {
    file = require.resolve(library);
  } catch {
    return load();
  }
  if (require.cache[file] !== undefined) return load();
  let libraryModule: object | undefined;
  const loaded = (): object => (libraryModule ??= require(file) as object);
  const standIn = new Module(file);
  standIn.loaded = true;
  standIn.exports = new Proxy(() => undefined, {
    apply: (_, self, parameters) =>
      Reflect.apply(loaded() as () => unknown, self, parameters) as unknown,
    get: (_, field) => Reflect.get(loaded(), field) as unknown,
  });
  require.cache[file] = standIn;
  try {
    return load();
  } finally {
    Reflect.deleteProperty(require.cache, file);
  }
}

/**
 * Returns the project's toolkit. A project without one, such as a single script, gets the toolkit
 * that is installed next to lakeform.
 */
export function installedToolkit(root: string): InstalledToolkit {
  const requires = [path.join(root, "package.json"), __filename].map((from) => createRequire(from));
  const complete = requires
    .map((require) =>
      toolkits.filter((toolkit) =>
        packagesOf(toolkit).every((name) => installedVersion(require, name) !== undefined),
      ),
    )
    .map((installed, index) => ({ installed, require: requires[index] }))
    .find(({ installed }) => installed.length > 0);
  const [toolkit, second] = complete?.installed ?? [];
  if (complete?.require === undefined || toolkit === undefined) throw noToolkit(root, requires);
  if (second !== undefined) {
    throw toolkitError(
      "TWO_TOOLKITS",
      "two toolkits are installed, and constructs of one do not work in stacks of the other",
      {
        value: `${describeToolkit(complete.require, toolkit)} and ${describeToolkit(complete.require, second)}, in ${root}`,
        allowed: "one of them",
        fix: `npm uninstall ${packagesOf("cdktf").join(" ")}, after lakeform migrate-toolkit if the code imports cdktf`,
      },
    );
  }
  const [, bindings] = packagesOf(toolkit);
  const version = installedVersion(complete.require, bindings) ?? "";
  if (isOlder(version, oldestBindings[toolkit])) {
    throw toolkitError("TOOLKIT_TOO_OLD", "the installed bindings are too old", {
      value: `${bindings} ${version}`,
      allowed: `${oldestBindings[toolkit]} or newer`,
      fix: `npm install ${bindings}@^${oldestBindings[toolkit]}`,
    });
  }
  const id = [toolkit, installedVersion(complete.require, toolkit), version].join("-");
  return { toolkit, id, require: complete.require };
}

const packagesOf = (toolkit: Toolkit): readonly [core: string, bindings: string] => [
  toolkit,
  `@${toolkit}/provider-databricks`,
];

function noToolkit(root: string, requires: readonly NodeJS.Require[]): ConstructError {
  const parts = toolkits
    .flatMap(packagesOf)
    .filter((name) => requires.some((require) => installedVersion(require, name) !== undefined));
  return toolkitError("NO_TOOLKIT", "no toolkit is installed: stacks need cdktn or cdktf", {
    value: parts.length === 0 ? root : `only ${parts.join(" and ")}, in ${root}`,
    allowed: toolkits.map((toolkit) => packagesOf(toolkit).join(" with ")).join(", or "),
    fix: `npm install ${packagesOf("cdktn").join(" ")} constructs`,
  });
}

const describeToolkit = (require: NodeJS.Require, toolkit: Toolkit): string =>
  packagesOf(toolkit)
    .map((name) => `${name} ${installedVersion(require, name) ?? ""}`)
    .join(" with ");

/**
 * Returns an error with all details in its message, because Node.js prints errors that are thrown
 * while modules load.
 */
function toolkitError(
  code: string,
  message: string,
  details: ConstructError["details"],
): ConstructError {
  const error = new ConstructError(code, message, details);
  error.message = error.format();
  return error;
}
